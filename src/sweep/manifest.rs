//! `sweep.json`: what a folder's sweep is of, so that no other one is mixed into it.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::problem::format::{Formatted, first, refusal};

use super::points::{Choice, Shard, choices};
use super::range::{Decimal, Value as Own, Vary};
use crate::files;

/// The name of the file in the folder of a sweep.
pub const FILE: &str = "sweep.json";

/// A larger file is none.
const LARGEST_BYTES: u64 = 64 << 20;

/// What a sweep is of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Manifest {
    /// The format of the file.
    #[serde(default = "first")]
    pub format: u64,
    /// Version of the program.
    pub deepmatrix: String,
    /// Name of the network, with a hash of its file.
    pub network: Source,
    /// Name of the hardware, with a hash of its file.
    pub hardware: Source,
    /// The options that results depend on, as on the command line.
    pub options: Vec<String>,
    /// The varied fields and their values.
    pub vary: Vec<VaryEntry>,
    /// Whether one value of each field is taken at a time.
    pub paired: bool,
    /// `i/n` where it is a part of a sweep.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shard: Option<String>,
}

/// A file that the sweep starts from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Source {
    /// The name that the file gives.
    pub name: String,
    /// BLAKE3 hash of the file's text.
    pub blake3: String,
}

/// A varied field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct VaryEntry {
    /// The field.
    pub field: String,
    /// Its values.
    pub values: Vec<Value>,
}

impl VaryEntry {
    /// The entry of a varied field.
    #[must_use]
    pub fn of(vary: &Vary) -> Self {
        Self {
            field: vary.field.clone(),
            values: vary.values.iter().map(Own::json).collect(),
        }
    }

    fn vary(&self) -> Vary {
        let own = |value: &Value| match value {
            Value::String(word) => Own::Word(word.clone()),
            other => {
                let number = Decimal::parse(&other.to_string());
                number.map_or_else(|| Own::Word(other.to_string()), Own::Number)
            }
        };
        Vary {
            field: self.field.clone(),
            values: self.values.iter().map(own).collect(),
        }
    }
}

impl Manifest {
    /// Reads the manifest of a folder; `None` where there is none.
    ///
    /// # Errors
    /// It cannot be read, or is no manifest.
    pub fn read(folder: &Path) -> io::Result<Option<Self>> {
        match files::read(&folder.join(FILE), LARGEST_BYTES) {
            Ok(text) => parse(&text).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes the manifest of a folder.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        files::write(&folder.join(FILE), |out| out.write_all(&text))
    }

    /// What keeps the points of two sweeps from standing in one folder; `None` where nothing does.
    #[must_use]
    pub fn conflict(&self, other: &Self) -> Option<String> {
        let fields = |own: &Self| {
            let mut names: Vec<String> = own.vary.iter().map(|v| v.field.clone()).collect();
            names.sort();
            names.join(", ")
        };
        let pairs = [
            ("version", self.deepmatrix.clone(), other.deepmatrix.clone()),
            ("network", text(&self.network), text(&other.network)),
            ("hardware", text(&self.hardware), text(&other.hardware)),
            ("options", self.options.join(" "), other.options.join(" ")),
            ("varied fields", fields(self), fields(other)),
        ];
        let different = pairs.into_iter().find(|(_, own, other)| own != other);
        different.map(|(what, own, other)| format!("{what}: {own} there, {other} here"))
    }

    /// The same with the values that another part of the sweep had before.
    #[must_use]
    pub fn with_values_of(mut self, before: &Self) -> Self {
        if self.paired || before.paired {
            // A value more would be another pair.
            return self;
        }
        for own in &mut self.vary {
            let known = before.vary.iter().filter(|v| v.field == own.field);
            let mut values: Vec<Value> = known.flat_map(|v| v.values.clone()).collect();
            let more = own.values.iter().filter(|v| !values.contains(v));
            let more: Vec<Value> = more.cloned().collect();
            values.extend(more);
            own.values = values;
        }
        self
    }

    /// Why no point of the sweep has these values; `None` where one may.
    #[must_use]
    pub fn stranger(&self, vary: &Map<String, Value>) -> Option<String> {
        let missing = self.vary.iter().find(|own| !vary.contains_key(&own.field));
        if let Some(own) = missing {
            return Some(format!("`{}` of the sweep is not in it", own.field));
        }
        vary.iter().find_map(|(field, value)| {
            let mut own = self.vary.iter().filter(|v| v.field == *field).peekable();
            if own.peek().is_none() {
                return Some(format!("`{field}` is not varied in this sweep"));
            }
            let asked = own.any(|v| v.values.contains(value));
            (!asked).then(|| format!("`{field}` is {value}, for which the sweep was never asked"))
        })
    }

    /// All points of the whole sweep, of which this may be a shard.
    ///
    /// # Errors
    /// The manifest holds no sweep.
    pub fn choices(&self) -> Result<Vec<Choice>, String> {
        let vary: Vec<Vary> = self.vary.iter().map(VaryEntry::vary).collect();
        choices(&vary, self.paired)
    }

    /// The part of the whole sweep, if it is one.
    #[must_use]
    pub fn shard(&self) -> Option<Shard> {
        Shard::parse(self.shard.as_ref()?).ok()
    }
}

fn parse(text: &[u8]) -> io::Result<Manifest> {
    let Formatted { format } = serde_json::from_slice(text)?;
    match refusal(format) {
        None => Ok(serde_json::from_slice(text)?),
        Some(what) => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("it {what}"),
        )),
    }
}

fn text(source: &Source) -> String {
    let hash: String = source.blake3.chars().take(12).collect();
    format!("{} (file {hash})", source.name)
}

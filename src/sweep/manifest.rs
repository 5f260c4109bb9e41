//! `sweep.json`: what a folder's sweep is of, so that no other one is mixed into it.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::points::{Choice, Shard, choices};
use super::range::{Decimal, Value as Own, Vary};
use crate::files;

/// The name of the file in the folder of a sweep.
pub const FILE: &str = "sweep.json";

/// A manifest is small; a larger file is none.
const LARGEST_BYTES: u64 = 64 << 20;

/// What a sweep is of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Manifest {
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
            Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
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

fn text(source: &Source) -> String {
    let hash: String = source.blake3.chars().take(12).collect();
    format!("{} (file {hash})", source.name)
}

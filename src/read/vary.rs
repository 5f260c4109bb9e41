//! Inputs that are read many times, each time with other values in some fields.

use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::document::Document;
use super::shipped::Shipped;
use super::{NetworkOptions, ReadError, hardware, network, suggest};
use crate::problem::{Dataflow, Hardware, Network};

/// The field that restricts mappings to a dataflow.
pub const DATAFLOW: &str = "dataflow";

/// What is done with the network; no field of a file.
pub const MODE: &str = "mode";

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// The name of a dataflow.
    Dataflow,
    /// `inference` or `training`.
    Mode,
}

/// A field that can be varied.
#[derive(Clone, Debug)]
pub struct Variable {
    /// The name by which it is varied, such as `sram.capacity_bytes`.
    pub name: String,
    /// What it takes.
    pub kind: Kind,
    /// Where its value stands in the file; several places get the same one.
    places: Vec<Vec<Step>>,
}

/// A step from a value of a file to one inside it.
#[derive(Clone, Debug)]
enum Step {
    Key(&'static str),
    Item(usize),
}

/// A network or hardware file with the fields that can be varied.
pub struct Template {
    document: Document,
    variables: Vec<Variable>,
}

const NETWORK_FIELDS: [&[&str]; 5] = [
    &["batch"],
    &["precision_bits", "input"],
    &["precision_bits", "weight"],
    &["precision_bits", "output"],
    &["precision_bits", "accumulator"],
];
const HARDWARE_FIELDS: [&[&str]; 4] = [
    &["clock_mhz"],
    &["static_pj_per_cycle"],
    &["compute", "energy_pj_per_mac"],
    &["vector", "lanes"],
];
const PORTS: [&str; 3] = [
    "bandwidth_bytes_per_cycle",
    "read_bandwidth_bytes_per_cycle",
    "write_bandwidth_bytes_per_cycle",
];
const ENERGIES: [&str; 3] = [
    "energy_pj_per_byte",
    "read_energy_pj_per_byte",
    "write_energy_pj_per_byte",
];

impl Template {
    /// Opens a network file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn network(path: &Path, options: &NetworkOptions) -> Result<Self, ReadError> {
        let mut variables: Vec<Variable> = NETWORK_FIELDS.iter().map(|keys| fixed(keys)).collect();
        variables.push(Variable {
            name: MODE.to_owned(),
            kind: Kind::Mode,
            places: Vec::new(),
        });
        let document = Document::network(path, options)?;
        Ok(Self {
            document,
            variables,
        })
    }

    /// Opens a hardware file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn hardware(path: &Path) -> Result<Self, ReadError> {
        let document = Document::open(path, &[Shipped::Hardware])?;
        let mut variables: Vec<Variable> = HARDWARE_FIELDS.iter().map(|keys| fixed(keys)).collect();
        let levels = document.value().get("levels").and_then(Value::as_sequence);
        for (index, level) in levels.into_iter().flatten().enumerate() {
            variables.extend(of_memory(index, level));
            variables.extend(of_array(index, level));
        }
        variables.push(Variable {
            kind: Kind::Dataflow,
            ..fixed(&[DATAFLOW])
        });
        Ok(Self {
            document,
            variables,
        })
    }

    /// The fields that can be varied.
    #[must_use]
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> &str {
        self.document.text()
    }

    /// The network as the file stands; an imported one must do what its nodes do.
    ///
    /// # Errors
    /// All errors of the file.
    pub fn network_as_it_stands(&self, options: &NetworkOptions) -> Result<Network, ReadError> {
        self.document.network_of(options)
    }

    /// The network with these values in its fields; a batch size of the options goes before.
    ///
    /// # Errors
    /// All errors of the file with these values.
    pub fn read_network(
        &self,
        settings: &[(&str, &str)],
        options: &NetworkOptions,
    ) -> Result<Network, ReadError> {
        self.with(settings)
            .decode(|root| network::decode(root, options))
    }

    /// The hardware with these values in its fields.
    ///
    /// # Errors
    /// All errors of the file with these values.
    pub fn read_hardware(&self, settings: &[(&str, &str)]) -> Result<Hardware, ReadError> {
        self.with(settings).decode(hardware::decode)
    }

    /// The file with other values; fields that it does not have are left out.
    fn with(&self, settings: &[(&str, &str)]) -> Document {
        let mut value = self.document.value().clone();
        for (name, text) in settings {
            let own = self.variables.iter().filter(|own| own.name == *name);
            for place in own.flat_map(|own| &own.places) {
                // Every value is a number or a name, which are YAML as they stand.
                let scalar = serde_yaml::from_str(text);
                set(
                    &mut value,
                    place,
                    scalar.unwrap_or(Value::String((*text).to_owned())),
                );
            }
        }
        self.document.with_value(value)
    }
}

/// `did you mean` the nearest of these names.
#[must_use]
pub fn hint(word: &str, names: &[&str]) -> String {
    let near = suggest::nearest(word, names, 3);
    format!("did you mean {}?", suggest::list(&near))
}

/// The names of the dataflows that can be varied.
fn dataflows() -> Vec<&'static str> {
    let all = Dataflow::ALL.map(Dataflow::name);
    std::iter::once("any").chain(all).collect()
}

/// The names that a field takes; none where it takes numbers.
#[must_use]
pub fn words(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Number => Vec::new(),
        Kind::Dataflow => dataflows(),
        Kind::Mode => vec!["inference", "training"],
    }
}

fn fixed(keys: &[&'static str]) -> Variable {
    Variable {
        name: keys.join("."),
        kind: Kind::Number,
        places: vec![keys.iter().map(|key| Step::Key(key)).collect()],
    }
}

/// One variable for each number of a memory.
fn of_memory(index: usize, level: &Value) -> Vec<Variable> {
    let Some(name) = level.get("memory").and_then(Value::as_str) else {
        return Vec::new();
    };
    let separate = |keys: [&'static str; 3]| {
        let [both, one, other] = keys;
        if level.get(one).is_some() || level.get(other).is_some() {
            vec![one, other]
        } else {
            vec![both]
        }
    };
    let capacity = (index > 0).then_some("capacity_bytes");
    (capacity.into_iter())
        .chain(separate(PORTS))
        .chain(separate(ENERGIES))
        .map(|key| Variable {
            name: format!("{name}.{key}"),
            kind: Kind::Number,
            places: vec![vec![Step::Key("levels"), Step::Item(index), Step::Key(key)]],
        })
        .collect()
}

/// The size of each axis of an array, and of all its axes at once.
fn of_array(index: usize, level: &Value) -> Vec<Variable> {
    let name = level.get("array").and_then(Value::as_str);
    let axes = level.get("axes").and_then(Value::as_sequence);
    let (Some(name), Some(axes)) = (name, axes) else {
        return Vec::new();
    };
    let place = |axis: usize| {
        let (levels, level) = (Step::Key("levels"), Step::Item(index));
        let (axes, axis) = (Step::Key("axes"), Step::Item(axis));
        vec![levels, level, axes, axis, Step::Key("size")]
    };
    let own = axes.iter().enumerate().filter_map(|(number, axis)| {
        let axis = axis.get("name").and_then(Value::as_str)?;
        Some((format!("{name}.{axis}.size"), vec![place(number)]))
    });
    let all = (0..axes.len()).map(place).collect();
    std::iter::once((format!("{name}.size"), all))
        .chain(own)
        .map(|(name, places)| Variable {
            name,
            kind: Kind::Number,
            places,
        })
        .collect()
}

/// Puts a value in its place; tables on the way that are not there are made.
fn set(value: &mut Value, place: &[Step], new: Value) {
    let Some((step, rest)) = place.split_first() else {
        *value = new;
        return;
    };
    let next = match step {
        Step::Item(index) => value.get_mut(index),
        Step::Key(key) => {
            if value.is_null() {
                *value = Value::Mapping(Mapping::new());
            }
            value.as_mapping_mut().map(|table| {
                let key = Value::String((*key).to_owned());
                table.entry(key).or_insert(Value::Null)
            })
        }
    };
    if let Some(next) = next {
        set(next, rest, new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{Bytes, Level};

    fn template() -> Template {
        let path = Path::new("inputs/hardware/shared-32x32.yaml");
        Template::hardware(path).expect("a file")
    }

    #[test]
    fn values_go_where_their_names_say() {
        let settings = [
            ("sram.capacity_bytes", "4096"),
            ("registers.bandwidth_bytes_per_cycle", "0.5"),
            ("pe.size", "8"),
            ("pe.rows.size", "4"),
            ("vector.lanes", "7"),
            ("dataflow", "output_stationary"),
        ];
        let hardware = template().read_hardware(&settings).expect("hardware");
        let sram = hardware.memory(1).expect("a memory");
        assert_eq!(sram.capacity, Some(Bytes(4096)));
        let Level::Array(pe) = &hardware.levels[2] else {
            panic!("no array");
        };
        let sizes: Vec<u64> = pe.axes.iter().map(|axis| axis.size).collect();
        assert_eq!(sizes, [4, 8]);
        assert_eq!(hardware.vector_lanes, Some(7));
        assert_eq!(hardware.dataflow, [Dataflow::OutputStationary]);
    }

    #[test]
    fn a_wrong_value_is_the_file_s_error() {
        let error = template().read_hardware(&[("sram.capacity_bytes", "0")]);
        let text = error.expect_err("an error").to_string();
        assert!(text.contains("levels[1].capacity_bytes"), "{text}");
    }

    #[test]
    fn every_name_is_there_once() {
        let template = template();
        let mut names: Vec<&str> = template.variables.iter().map(|v| v.name.as_str()).collect();
        assert!(names.contains(&"pe.cols.size") && !names.contains(&"dram.capacity_bytes"));
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }
}

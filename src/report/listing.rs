//! Lists of networks and of hardware, one row for each.

use serde_json::{Value, json};

use super::numbers::{decimal, integer};
use crate::problem::{Hardware, Network, Operator};

/// A list that was asked for.
#[derive(Clone, Debug)]
pub struct Listing {
    pub(super) columns: &'static [Column],
    pub(super) rows: Vec<Vec<Entry>>,
}

/// A column: its head in a table, its name in JSON and CSV, and whether it holds numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) head: &'static str,
    pub(super) key: &'static str,
    pub(super) right: bool,
}

/// A value, and how a table and CSV show it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) value: Value,
    pub(super) shown: String,
}

const fn column(head: &'static str, key: &'static str, right: bool) -> Column {
    Column { head, key, right }
}

const NETWORK: &[Column] = &[
    column("Name", "name", false),
    column("Layers", "layers", true),
    column("MACs", "macs", true),
    column("Parameters", "parameters", true),
    column("Description", "description", false),
];

const HARDWARE: &[Column] = &[
    column("Name", "name", false),
    column("Elements", "elements", true),
    column("Clock", "clock_mhz", true),
    column("Largest", "memories", false),
    column("Description", "description", false),
];

impl Listing {
    /// Networks with the names by which they are called: MACs at their own batch sizes, padding
    /// included as papers count them, and the
    /// elements of their parameters, shared ones once.
    #[must_use]
    pub fn networks(all: &[(&str, Network)]) -> Self {
        let rows = all.iter().map(|(name, network)| {
            let macs: u128 = network
                .layers
                .iter()
                .map(|layer| layer.kind.box_macs())
                .sum();
            let parameters = parameters(network);
            vec![
                text(name),
                number(network.layers.len() as u128),
                Entry {
                    value: integer(macs),
                    shown: short(macs),
                },
                Entry {
                    value: integer(parameters),
                    shown: short(parameters),
                },
                text(network.source.as_deref().unwrap_or_default()),
            ]
        });
        Self {
            columns: NETWORK,
            rows: rows.collect(),
        }
    }

    /// Hardware with the names by which it is called.
    #[must_use]
    pub fn hardware(all: &[(&str, Hardware)]) -> Self {
        let rows = all.iter().map(|(name, hardware)| {
            let clock = hardware.clock_mhz;
            vec![
                text(name),
                number(hardware.processing_elements()),
                Entry {
                    value: clock.map_or(Value::Null, decimal),
                    shown: clock.map_or_else(String::new, |clock| format!("{clock} MHz")),
                },
                memories(hardware),
                text(hardware.source.as_deref().unwrap_or_default()),
            ]
        });
        Self {
            columns: HARDWARE,
            rows: rows.collect(),
        }
    }
}

/// The elements of a network's parameters.
fn parameters(network: &Network) -> u128 {
    let own = network.layers.iter().filter(|l| l.spec.shares.is_none());
    let elements = own.map(|layer| {
        let shapes = layer.spec.operator.parameters().into_iter();
        let mut shapes: Vec<Vec<u64>> = shapes.map(|(_, shape)| shape).collect();
        if layer.spec.operator == Operator::Parameter {
            shapes.push(layer.shape.clone());
        }
        let elements = |shape: &Vec<u64>| shape.iter().map(|&n| u128::from(n)).product::<u128>();
        shapes.iter().map(elements).sum::<u128>()
    });
    elements.sum()
}

/// All memories; a table and CSV show the largest bounded one.
fn memories(hardware: &Hardware) -> Entry {
    let all: Vec<_> = hardware.memories().collect();
    let bounded = all
        .iter()
        .filter_map(|(_, memory)| Some((memory, memory.capacity?)));
    let largest = bounded.rev().max_by_key(|(_, capacity)| *capacity);
    let shown = largest.map(|(memory, capacity)| format!("{} {}", memory.name, bytes(capacity.0)));
    let value = all.iter().map(|(_, memory)| {
        json!({"memory": memory.name, "capacity_bytes": memory.capacity.map(|bytes| bytes.0)})
    });
    Entry {
        value: value.collect(),
        shown: shown.unwrap_or_default(),
    }
}

fn text(text: &str) -> Entry {
    Entry {
        value: Value::from(text),
        shown: text.to_owned(),
    }
}

fn number(value: u128) -> Entry {
    Entry {
        value: integer(value),
        shown: value.to_string(),
    }
}

/// A count in thousands, millions or more, with three digits.
fn short(value: u128) -> String {
    const UNITS: [(u128, &str); 5] = [
        (1_000_000_000_000_000, "P"),
        (1_000_000_000_000, "T"),
        (1_000_000_000, "G"),
        (1_000_000, "M"),
        (1_000, "k"),
    ];
    let Some((size, unit)) = UNITS.into_iter().find(|(size, _)| value >= *size) else {
        return value.to_string();
    };
    // Three digits, rounded.
    let decimals = match value / size {
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    };
    let scale = 10_u128.pow(decimals);
    let rounded = (value * scale + size / 2) / size;
    if decimals == 0 {
        return format!("{rounded} {unit}");
    }
    let (whole, part) = (rounded / scale, rounded % scale);
    format!("{whole}.{part:0width$} {unit}", width = decimals as usize)
}

/// Bytes in the largest unit of 1,024 of which they are a whole number.
fn bytes(value: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let whole = |(size, _): &(u64, &str)| value >= *size && value.is_multiple_of(*size);
    match units.into_iter().find(whole) {
        Some((size, unit)) => format!("{} {unit}", value / size),
        None => format!("{value} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_short() {
        let texts = [999, 1_000, 25_557_032, 4_089_184_256, 123_456_789].map(short);
        assert_eq!(texts, ["999", "1.00 k", "25.6 M", "4.09 G", "123 M"]);
        let texts = [64, 524_288, 2_359_296, 2_097_152].map(bytes);
        assert_eq!(texts, ["64 B", "512 KiB", "2304 KiB", "2 MiB"]);
    }
}

//! The network's inputs.

use crate::read::field::Field;
use crate::read::table::Table;

use super::axes;
use super::tensor::Tensor;

/// What is known of the network's input.
#[derive(Clone)]
pub(super) enum NetworkInput {
    /// The file gives none.
    Absent,
    /// The file gives one with errors.
    Wrong,
    /// Its shape.
    Known(Tensor),
}

impl NetworkInput {
    /// Its shape, batch first, if it is known.
    pub(super) fn shape(&self) -> Option<Vec<u64>> {
        match self {
            NetworkInput::Known(tensor) => Some(tensor.shape()),
            NetworkInput::Absent | NetworkInput::Wrong => None,
        }
    }
}

/// Decodes `input`.
pub(super) fn decode(table: &Table<'_>, batch: u64) -> NetworkInput {
    match table.optional("input", HELP) {
        None => NetworkInput::Absent,
        Some(field) => match tensor(&field, batch) {
            Some(tensor) => NetworkInput::Known(tensor),
            None => NetworkInput::Wrong,
        },
    }
}

/// A further input: its name, its tensor and its width, where the file states one.
pub(super) struct FurtherInput {
    pub(super) name: String,
    pub(super) tensor: Tensor,
    pub(super) bits: Option<u32>,
}

/// Decodes `inputs`, the network's further inputs by name; `None` for one that had errors.
pub(super) fn further(table: &Table<'_>, batch: u64) -> Vec<(String, Option<FurtherInput>)> {
    let field = table.optional("inputs", FURTHER);
    let Some(table) = field.and_then(|field| field.open_table()) else {
        return Vec::new();
    };
    table.has_text_keys();
    let inputs = table.keys().filter_map(|name| {
        let field = table.optional(name, HELP)?;
        Some((name.to_owned(), further_input(name, &field, batch)))
    });
    inputs.collect()
}

fn further_input(name: &str, field: &Field<'_>, batch: u64) -> Option<FurtherInput> {
    let bits = match field.open_table()?.optional("bits", BITS) {
        Some(bits) => Some(u32::try_from(bits.integer(1, 64)?).ok()?),
        None => None,
    };
    Some(FurtherInput {
        name: name.to_owned(),
        tensor: tensor(field, batch)?,
        bits,
    })
}

const FURTHER: &str = "a table of further inputs such as `{mask: {shape: [1, 128]}}`";
const BITS: &str = "its width in bits, from 1 to 64";
const HELP: &str = "`{channels, height, width}` of an image, `{features}`, `{sequence, features}` of tokens, `{sequence}` of token numbers, or `{shape: [..]}` without the batch";
const KEYS: &[&str] = &[
    "channels",
    "height",
    "width",
    "features",
    "sequence",
    "shape",
    "with_batch",
    "bits",
];
const IMAGE: [&str; 3] = ["channels", "height", "width"];

fn tensor(field: &Field<'_>, batch: u64) -> Option<Tensor> {
    let table = field.table(KEYS)?;
    if table.has("shape") {
        return any_rank(&table, batch);
    }
    let image = IMAGE.iter().any(|key| table.has(key));
    let tokens: Vec<&str> = ["sequence", "features"]
        .into_iter()
        .filter(|key| table.has(key))
        .collect();
    if image {
        table.forbid(
            &tokens,
            "does not go with channels, height and width; remove one or the other",
        )?;
        let [channels, height, width] = IMAGE.map(|key| extent(&table, key));
        return Some(Tensor::image(batch, [channels?, height?, width?]));
    }
    if tokens.is_empty() {
        field.reject(format!("has no sizes; give {HELP}"));
        return None;
    }
    let axes: Vec<Option<u64>> = tokens.iter().map(|key| extent(&table, key)).collect();
    Some(Tensor::of(batch, axes.into_iter().collect::<Option<_>>()?))
}

/// Any axes: without the batch, or `with_batch: true` with it.
fn any_rank(table: &Table<'_>, batch: u64) -> Option<Tensor> {
    let others: Vec<&str> = (KEYS.iter().copied())
        .filter(|key| !["shape", "with_batch", "bits"].contains(key))
        .collect();
    table.forbid(&others, "does not go with `shape`; remove one or the other")?;
    let help = "`true` where `shape` counts the batch as axis 0";
    let with_batch = table.or_default("with_batch", help, false, Field::boolean);
    let sizes = axes::sizes(&table.required("shape", "its sizes without the batch")?)?;
    Some(if with_batch? {
        Tensor::of_shape(&sizes)
    } else {
        Tensor::of(batch, sizes)
    })
}

fn extent(table: &Table<'_>, key: &str) -> Option<u64> {
    table.required(key, "its size")?.extent()
}

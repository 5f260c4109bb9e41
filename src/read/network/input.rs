//! The network's input.

use crate::read::field::Field;
use crate::read::table::Table;

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

const HELP: &str = "`{channels, height, width}` of an image, `{features}`, `{sequence, features}` of tokens, or `{sequence}` of token numbers";
const IMAGE: [&str; 3] = ["channels", "height", "width"];

fn tensor(field: &Field<'_>, batch: u64) -> Option<Tensor> {
    let table = field.table(&["channels", "height", "width", "features", "sequence"])?;
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

fn extent(table: &Table<'_>, key: &str) -> Option<u64> {
    table.required(key, "its size")?.extent()
}

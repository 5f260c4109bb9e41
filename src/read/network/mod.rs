//! Network files: layers in execution order, with shapes inferred and checked.

mod axes;
mod block;
mod further;
mod input;
mod layer;
mod loss;
mod op;
mod origin;
mod precision;
mod scope;
mod sharing;
mod site;
mod tensor;
mod vector_cost;

use crate::problem::Network;

use super::field::{Field, LARGEST_EXTENT};
use super::options::NetworkOptions;
use super::table::Table;

use layer::Reader;

const KEYS: &[&str] = &[
    "name",
    "source",
    "batch",
    "precision_bits",
    "input",
    "inputs",
    "loss",
    "layers",
];

/// Decodes a network.
pub(super) fn decode(root: &Field<'_>, options: &NetworkOptions) -> Option<Network> {
    let table = root.table(KEYS)?;
    let name = table
        .required("name", "the network's name")
        .and_then(|f| f.text());
    let source = table.optional_text("source", "a citation as text");
    let batch = batch(&table, options);
    let precision = precision::of_network(&table);
    let input = input::decode(&table, batch.unwrap_or(1));
    let further = input::further(&table, batch.unwrap_or(1));
    let input_shape = input.shape();
    let items = (table.required("layers", "the list of layers"))
        .and_then(|field| field.list_of("a layer such as `{name: relu1, op: relu}`"))
        .unwrap_or_default();
    let mut reader = Reader::new(
        precision.unwrap_or(precision::STAND_IN),
        batch.unwrap_or(1),
        input,
        &items,
    );
    for (name, input) in further {
        reader.further_input(&table, &name, input);
    }
    reader.items(&items);
    let loss = loss::decode(&table, reader.names());
    precision?;
    Some(Network {
        name: name?.to_owned(),
        source,
        batch: batch?,
        input: input_shape,
        loss: loss?,
        layers: reader.layers()?,
    })
}

/// The batch size of the command line, or else of the file, or else 1.
fn batch(table: &Table<'_>, options: &NetworkOptions) -> Option<u64> {
    let of_file = table.or_default("batch", "the batch size", 1, Field::extent);
    match options.batch {
        Some(batch) if !(1..=LARGEST_EXTENT).contains(&batch) => {
            table.reject_key(
                "batch",
                format!("the batch size {batch} in place of the file's must be between 1 and {LARGEST_EXTENT}"),
            );
            None
        }
        Some(batch) => of_file.map(|_| batch),
        None => of_file,
    }
}

#[cfg(test)]
mod tests;

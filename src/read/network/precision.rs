//! `precision_bits` of the network and of single layers.

use crate::problem::Precision;
use crate::read::field::Field;
use crate::read::table::Table;

const KEYS: [&str; 4] = ["input", "weight", "output", "accumulator"];
const BITS: &str = "its width in bits, from 1 to 64";
const HELP: &str = "a table such as `{input: 8, weight: 8, output: 8, accumulator: 32}`";

/// What layers are read with where the network's own precisions have errors.
pub(super) const STAND_IN: Precision = Precision {
    input: 1,
    weight: 1,
    output: 1,
    accumulator: 64,
};

/// The network's precisions, all four.
pub(super) fn of_network(table: &Table<'_>) -> Option<Precision> {
    let field = table.required("precision_bits", HELP)?;
    let table = field.table(&KEYS)?;
    let [input, weight, output, accumulator] =
        KEYS.map(|key| table.required(key, BITS).and_then(|f| bits(&f)));
    let precision = Precision {
        input: input?,
        weight: weight?,
        output: output?,
        accumulator: accumulator?,
    };
    check(&field, precision)
}

/// The network's precisions with those that a layer states in their place.
pub(super) fn of_layer(table: &Table<'_>, network: Precision) -> Option<Precision> {
    let Some(field) = table.optional("precision_bits", HELP) else {
        return Some(network);
    };
    let table = field.table(&KEYS)?;
    let widths = [
        network.input,
        network.weight,
        network.output,
        network.accumulator,
    ];
    let mut stated = KEYS
        .into_iter()
        .zip(widths)
        .map(|(key, width)| table.or_default(key, BITS, width, bits))
        .collect::<Vec<_>>()
        .into_iter();
    let mut next = || stated.next().flatten();
    let precision = Precision {
        input: next()?,
        weight: next()?,
        output: next()?,
        accumulator: next()?,
    };
    check(&field, precision)
}

fn bits(field: &Field<'_>) -> Option<u32> {
    u32::try_from(field.integer(1, 64)?).ok()
}

fn check(field: &Field<'_>, precision: Precision) -> Option<Precision> {
    if precision.accumulator >= precision.output {
        return Some(precision);
    }
    let Precision {
        output,
        accumulator,
        ..
    } = precision;
    field.reject(format!(
        "the accumulator has {accumulator} bits, fewer than the output's {output}; give the accumulator at least {output}"
    ));
    None
}

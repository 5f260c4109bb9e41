//! One CSV record for each layer and mapper; with several networks their names come first.

use std::io::{self, Write};

use super::records::{io_error, plain_record};
use crate::problem::comparison::{Comparison, LayerComparison, ratio};
use crate::report::detail::Detail;

const HEADER: [&str; 14] = [
    "layer",
    "op",
    "same_as",
    "mapper",
    "space",
    "status",
    "cycles",
    "ratio",
    "reference_proved",
    "bound_cycles",
    "evaluations",
    "seconds",
    "stop",
    "reason",
];

/// Writes a header and the records; what there is none of stays empty.
pub(super) fn write(results: &[Comparison], _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let mut records = csv::Writer::from_writer(out);
    let is_one = results.len() == 1;
    let network = |name: &str| (!is_one).then(|| name.to_owned());
    let header = HEADER.map(str::to_owned);
    let header = network("network").into_iter().chain(header);
    records.write_record(header).map_err(io_error)?;
    for result in results {
        for layer in &result.layers {
            for index in 0..result.mappers.len() {
                let fields = fields(result, layer, index);
                let name = network(&result.network);
                plain_record(&mut records, name.into_iter().chain(fields))?;
            }
        }
    }
    records.flush()
}

/// What a mapper found for a layer.
fn fields(result: &Comparison, layer: &LayerComparison, index: usize) -> [String; 14] {
    let (reference, proved) = layer.reference(result.mappers.len());
    let mapper = &result.mappers[index];
    let outcome = layer.outcome(index);
    [
        layer.name.clone(),
        layer.op.clone(),
        layer.same_as.clone().unwrap_or_default(),
        mapper.name.to_owned(),
        mapper.space.to_owned(),
        outcome.status().name().to_owned(),
        text(outcome.cycles),
        text(ratio(outcome.cycles, reference)),
        proved.to_string(),
        text(outcome.bound_cycles),
        outcome.evaluations.to_string(),
        format!("{:.6}", outcome.seconds),
        outcome.stop.name().to_owned(),
        outcome.reason.unwrap_or_default(),
    ]
}

fn text(value: Option<impl ToString>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

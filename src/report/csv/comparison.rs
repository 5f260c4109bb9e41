//! One CSV record for each layer and mapper.

use std::io::{self, Write};

use super::records::{io_error, plain_record};
use crate::problem::comparison::{Comparison, ratio};
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
pub(super) fn write(result: &Comparison, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let mut records = csv::Writer::from_writer(out);
    records.write_record(HEADER).map_err(io_error)?;
    for layer in &result.layers {
        let (reference, proved) = layer.reference(result.mappers.len());
        for (index, mapper) in result.mappers.iter().enumerate() {
            let outcome = layer.outcome(index);
            let fields = [
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
            ];
            plain_record(&mut records, fields)?;
        }
    }
    records.flush()
}

fn text(value: Option<impl ToString>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

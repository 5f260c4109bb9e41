//! One CSV record for each point of each front.

use std::io::{self, Write};

use super::records::{io_error, plain_record};
use crate::problem::front::{FrontPoint, FrontResult, FrontRow};
use crate::report::detail::Detail;

const HEADER: [&str; 12] = [
    "name",
    "op",
    "pass",
    "status",
    "complete",
    "point",
    "cycles",
    "energy_pj",
    "proved",
    "bound_cycles",
    "bound_energy_pj",
    "same_as",
];

/// Writes a header and one record for each point; a layer without points has one with empty fields.
pub(super) fn write(result: &FrontResult, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let mut records = csv::Writer::from_writer(out);
    records.write_record(HEADER).map_err(io_error)?;
    for row in &result.layers {
        let points = row.front.points.iter().enumerate();
        let mut all: Vec<[String; 6]> = points.map(|(i, p)| point(i, p)).collect();
        if all.is_empty() {
            all.push(Default::default());
        }
        for own in all {
            plain_record(&mut records, record(row, own))?;
        }
    }
    records.flush()
}

fn record(row: &FrontRow, point: [String; 6]) -> Vec<String> {
    let mut fields = vec![
        row.name.clone(),
        row.op.clone(),
        row.pass.name().to_owned(),
        row.front.status().name().to_owned(),
        row.front.is_complete().to_string(),
    ];
    fields.extend(point);
    fields.push(row.same_as.clone().unwrap_or_default());
    fields
}

fn point(index: usize, point: &FrontPoint) -> [String; 6] {
    [
        index.to_string(),
        point.cycles.to_string(),
        point.energy_pj.to_string(),
        point.is_proved().to_string(),
        point.bound_cycles.to_string(),
        point.bound_energy_pj.to_string(),
    ]
}

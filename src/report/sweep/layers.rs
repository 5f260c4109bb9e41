//! `layers.csv`: one record for each point of a sweep and each of its layers.

use std::io;
use std::path::Path;

use super::csv::{fields, text, values};
use crate::escape::Visible;
use crate::files;
use crate::problem::sweep::{LayerResult, PointResult};
use crate::report::csv::records::plain_record;

/// The name of the file in the folder of a sweep.
pub const FILE: &str = "layers.csv";

/// Writes the file of a folder, in the order of the points and of their layers.
///
/// # Errors
/// If it cannot be written; what stood there before is then still there.
pub fn write_file(folder: &Path, points: &[PointResult]) -> io::Result<()> {
    files::write(&folder.join(FILE), |out| write(points, Visible::new(out)))
}

/// What stands behind the values of the varied fields.
const OF_LAYER: [&str; 15] = [
    "layer",
    "op",
    "pass",
    "status",
    "proof",
    "cycles",
    "planned_cycles",
    "bound_cycles",
    "lower_bound_cycles",
    "compute_cycles",
    "utilization",
    "bottleneck",
    "energy_pj",
    "planned_bottleneck",
    "planned_outer_bytes",
];

/// Writes a header and the records; what there is none of stays empty.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(points: &[PointResult], out: impl io::Write) -> io::Result<()> {
    let fields = fields(points);
    let mut records = csv::Writer::from_writer(out);
    let mut write = |record: Vec<String>| plain_record(&mut records, record);
    let header = fields.iter().copied().chain(OF_LAYER);
    write(header.map(str::to_owned).collect())?;
    for point in points {
        for layer in &point.layers {
            let own = values(point, &fields).into_iter().chain(record(layer));
            write(own.collect())?;
        }
    }
    records.flush()
}

fn record(layer: &LayerResult) -> [String; 15] {
    [
        layer.name.clone(),
        layer.op.clone(),
        layer.pass.clone(),
        layer.status.name().to_owned(),
        layer.proof.name().to_owned(),
        text(layer.cycles),
        text(layer.planned_cycles),
        layer.bound_cycles.to_string(),
        layer.lower_bound_cycles.to_string(),
        layer.compute_cycles.to_string(),
        text(layer.utilization),
        layer.bottleneck.clone(),
        text(layer.energy_pj),
        text(layer.planned_bottleneck.as_ref()),
        text(layer.planned_outer_bytes),
    ]
}

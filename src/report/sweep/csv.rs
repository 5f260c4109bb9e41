//! `points.csv`: one record for each point of a sweep. Nothing in it depends on when and where
//! the sweep ran.

use std::io;
use std::path::Path;

use serde_json::Value;

use crate::escape::Visible;
use crate::files;
use crate::problem::sweep::PointResult;
use crate::report::csv::records::plain_record;

/// The name of the file in the folder of a sweep.
pub const FILE: &str = "points.csv";

/// Writes the file of a folder, in the order of the points.
///
/// # Errors
/// If it cannot be written; what stood there before is then still there.
pub fn write_file(folder: &Path, points: &[PointResult]) -> io::Result<()> {
    files::write(&folder.join(FILE), |out| write(points, Visible::new(out)))
}

/// Writes a header and one record for each point; what there is none of stays empty.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(points: &[PointResult], out: impl io::Write) -> io::Result<()> {
    let fields = fields(points);
    let mut records = csv::Writer::from_writer(out);
    let mut write = |record: Vec<String>| plain_record(&mut records, record);
    write(header(points, &fields))?;
    for point in points {
        write(record(point, &fields))?;
    }
    records.flush()
}

/// The varied fields.
pub(super) fn fields(points: &[PointResult]) -> Vec<&str> {
    points.first().map_or_else(Vec::new, |point| {
        point.vary.keys().map(String::as_str).collect()
    })
}

/// The values of the varied fields.
pub(super) fn values(point: &PointResult, fields: &[&str]) -> Vec<String> {
    let varied = fields.iter().map(|field| match point.vary.get(*field) {
        Some(Value::String(word)) => word.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    });
    varied.collect()
}

/// What a point is of, with its name; a varied field stands among the varied ones alone.
fn origin(point: &PointResult, fields: &[&str]) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("network", point.network.clone()),
        ("hardware", point.hardware.clone()),
        ("mode", point.mode.clone()),
        ("batch", point.batch.to_string()),
        ("objective", point.objective.clone()),
    ];
    all.retain(|(name, _)| !fields.contains(name));
    all
}

/// What was found, each layer alone, and of the planned step.
const FOUND: [&str; 18] = [
    "elements",
    "status",
    "cycles",
    "bound_cycles",
    "lower_bound_cycles",
    "gap",
    "utilization",
    "energy_pj",
    "planned_status",
    "planned_cycles",
    "planned_bound_cycles",
    "planned_modes_bound_cycles",
    "planned_gap",
    "planned_utilization",
    "planned_bottleneck",
    "planned_outer_bytes",
    "planned_at",
    "milliseconds",
];

fn header(points: &[PointResult], fields: &[&str]) -> Vec<String> {
    let origin = points.first().map(|point| origin(point, fields));
    let origin = origin.into_iter().flatten().map(|own| own.0);
    let texts = fields.iter().copied().chain(origin).chain(FOUND);
    texts.map(str::to_owned).collect()
}

fn record(point: &PointResult, fields: &[&str]) -> Vec<String> {
    let mut record = values(point, fields);
    let origin = origin(point, fields).into_iter();
    record.extend(origin.map(|own| own.1));
    let planned = point.planned.as_ref();
    record.extend([
        point.elements.to_string(),
        point.status.name().to_owned(),
        text(point.cycles),
        point.bound_cycles.to_string(),
        point.lower_bound_cycles.to_string(),
        text(point.gap),
        text(point.utilization),
        text(point.energy_pj),
        text(planned.map(|own| own.status.name())),
        text(planned.map(|own| own.cycles)),
        text(planned.map(|own| own.bound_cycles)),
        text(planned.map(|own| own.modes_bound_cycles)),
        text(planned.map(|own| own.gap)),
        text(planned.map(|own| own.utilization)),
        text(planned.map(|own| &own.bottleneck)),
        text(planned.map(|own| own.outer_bytes)),
        text(planned.and_then(|own| own.taken_from.as_ref())),
        text(point.step_seconds().map(|seconds| seconds * 1e3)),
    ]);
    record
}

pub(super) fn text(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

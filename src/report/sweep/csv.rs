//! `points.csv`: one record for each point of a sweep. Nothing in it depends on when and where
//! the sweep ran.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use serde_json::Value;

use crate::escape::Visible;
use crate::files;
use crate::problem::sweep::PointResult;
use crate::report::csv::plain_record;

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
    let mut records = csv::Writer::from_writer(out);
    let layers = layer_names(points);
    let mut write = |fields: Vec<String>| plain_record(&mut records, fields);
    let fields: Vec<&str> = points.first().map_or_else(Vec::new, |point| {
        point.vary.keys().map(String::as_str).collect()
    });
    write(header(points, &fields, &layers))?;
    for point in points {
        write(record(point, &fields, &layers))?;
    }
    records.flush()
}

/// Operations of all points, in the order in which they first come.
fn layer_names(points: &[PointResult]) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let all = points.iter().flat_map(|point| &point.layers);
    all.map(|layer| layer.name.as_str())
        .filter(|name| seen.insert(*name))
        .collect()
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

const TOTALS: [&str; 8] = [
    "elements",
    "status",
    "cycles",
    "bound_cycles",
    "lower_bound_cycles",
    "gap",
    "utilization",
    "energy_pj",
];
const OF_LAYERS: [&str; 3] = ["cycles", "bound_cycles", "bottleneck"];

fn header(points: &[PointResult], fields: &[&str], layers: &[&str]) -> Vec<String> {
    let origin = points.first().map(|point| origin(point, fields));
    let origin = origin.into_iter().flatten().map(|own| own.0);
    let texts = fields.iter().copied().chain(origin).chain(TOTALS);
    let of_layers = layers
        .iter()
        .flat_map(|name| OF_LAYERS.map(|column| format!("{name}.{column}")));
    texts.map(str::to_owned).chain(of_layers).collect()
}

fn record(point: &PointResult, fields: &[&str], layers: &[&str]) -> Vec<String> {
    let varied = fields.iter().map(|field| match point.vary.get(*field) {
        Some(Value::String(word)) => word.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    });
    let mut record: Vec<String> = varied.collect();
    let origin = origin(point, fields).into_iter();
    record.extend(origin.map(|own| own.1));
    record.extend([
        point.elements.to_string(),
        point.status.name().to_owned(),
        text(point.cycles),
        point.bound_cycles.to_string(),
        point.lower_bound_cycles.to_string(),
        text(point.gap),
        text(point.utilization),
        text(point.energy_pj),
    ]);
    for name in layers {
        let own = point.layers.iter().find(|layer| layer.name == *name);
        record.extend([
            text(own.and_then(|layer| layer.cycles)),
            text(own.map(|layer| layer.bound_cycles)),
            own.map_or_else(String::new, |layer| layer.bottleneck.clone()),
        ]);
    }
    record
}

fn text(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

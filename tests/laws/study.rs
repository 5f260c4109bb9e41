//! Laws of the study of VGG-16 whose points are committed: more of anything never costs cycles.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// Fields of which more never costs cycles.
const MONOTONE: [&str; 3] = [
    "pe.size",
    "sram.capacity_bytes",
    "dram.bandwidth_bytes_per_cycle",
];

/// A record by column.
type Record = BTreeMap<String, String>;

/// The records of `points.csv` of each sweep.
fn points() -> Vec<(PathBuf, Vec<Record>)> {
    records("points.csv")
}

/// The same and those of each layer in `layers.csv`, the points of a layer together.
fn all() -> Vec<(PathBuf, Vec<Record>)> {
    let mut all = points();
    for (file, records) in records("layers.csv") {
        let mut by_layer: BTreeMap<String, Vec<Record>> = BTreeMap::new();
        for record in records {
            let layer = record.get("layer").expect("a layer").clone();
            by_layer.entry(layer).or_default().push(record);
        }
        all.extend(by_layer.into_values().map(|own| (file.clone(), own)));
    }
    all
}

fn records(name: &str) -> Vec<(PathBuf, Vec<Record>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir("results/vgg16").expect("the study") {
        let file = entry.expect("an entry").path().join(name);
        if !file.exists() {
            continue;
        }
        let mut reader = csv::Reader::from_path(&file).expect("a file");
        let rows = reader.deserialize().collect::<Result<Vec<Record>, _>>();
        all.push((file, rows.expect("records")));
    }
    assert!(!all.is_empty(), "no {name} below results/vgg16");
    all
}

fn number(record: &Record, column: &str) -> Option<f64> {
    record.get(column)?.parse().ok()
}

/// The fields that tell points apart.
fn fields() -> Vec<&'static str> {
    let all = ["dataflow", "batch", "mode"];
    all.into_iter().chain(MONOTONE).collect()
}

/// Whether two records are of points that differ in this field alone.
fn differ_in(a: &Record, b: &Record, field: &str) -> bool {
    let mut others = fields().into_iter().filter(|other| *other != field);
    others.all(|other| a.get(other) == b.get(other)) && a.get(field) != b.get(field)
}

#[test]
fn more_of_anything_never_costs_cycles() {
    let mut pairs = 0;
    for (file, records) in all() {
        for field in MONOTONE {
            for less in &records {
                let own = number(less, field).expect("a number");
                let more = records.iter().filter(|r| differ_in(r, less, field));
                for more in more.filter(|r| number(r, field) > Some(own)) {
                    let (before, after) = (number(less, "cycles"), number(more, "cycles"));
                    let Some(before) = before else { continue };
                    assert!(
                        after.is_some_and(|after| after <= before),
                        "{}: {before} -> {after:?} cycles with more {field}: {less:?}",
                        file.display()
                    );
                    pairs += 1;
                }
            }
        }
    }
    assert!(pairs > 1_000, "{pairs}");
}

/// A dataflow is a restriction: what holds for all mappings holds for those that have it.
#[test]
fn no_dataflow_is_below_the_bound_of_all() {
    let mut pairs = 0;
    for (file, records) in all() {
        for any in records
            .iter()
            .filter(|r| r.get("dataflow").is_some_and(|d| d == "any"))
        {
            for one in records.iter().filter(|r| differ_in(r, any, "dataflow")) {
                let bound = number(any, "bound_cycles");
                let Some(cycles) = number(one, "cycles") else {
                    continue;
                };
                assert!(bound <= Some(cycles), "{}: {one:?}", file.display());
                pairs += 1;
            }
        }
    }
    assert!(pairs > 1_000, "{pairs}");
}

#[test]
fn every_point_is_proved_or_has_its_gap() {
    for (file, records) in points() {
        for record in &records {
            let status = record.get("status").map(String::as_str);
            let gap = number(record, "gap");
            match status {
                Some("optimal") => assert_eq!(gap, Some(0.0), "{}", file.display()),
                Some("feasible") => assert!(gap.is_some_and(|gap| gap < 1.0), "{record:?}"),
                Some("infeasible") => assert_eq!(gap, None),
                _ => panic!("{}: {record:?}", file.display()),
            }
            let (cycles, bound) = (number(record, "cycles"), number(record, "bound_cycles"));
            assert!(cycles.is_none() || bound <= cycles, "{record:?}");
        }
    }
}

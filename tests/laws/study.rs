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

fn records() -> Vec<(PathBuf, Vec<Record>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir("results/vgg16").expect("the study") {
        let file = entry.expect("an entry").path().join("points.csv");
        if !file.exists() {
            continue;
        }
        let mut reader = csv::Reader::from_path(&file).expect("a file");
        let rows = reader.deserialize().collect::<Result<Vec<Record>, _>>();
        all.push((file, rows.expect("records")));
    }
    assert!(!all.is_empty(), "no points.csv below results/vgg16");
    all
}

fn number(record: &Record, column: &str) -> Option<f64> {
    record.get(column)?.parse().ok()
}

/// Columns of cycles: the total's and each layer's.
fn cycle_columns(record: &Record) -> Vec<&String> {
    let cycles = |name: &&String| *name == "cycles" || name.ends_with(".cycles");
    record.keys().filter(cycles).collect()
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
    for (file, records) in records() {
        for field in MONOTONE {
            for less in &records {
                let own = number(less, field).expect("a number");
                let more = records.iter().filter(|r| differ_in(r, less, field));
                for more in more.filter(|r| number(r, field) > Some(own)) {
                    for column in cycle_columns(less) {
                        let (before, after) = (number(less, column), number(more, column));
                        let Some(before) = before else { continue };
                        assert!(
                            after.is_some_and(|after| after <= before),
                            "{}: {column} {before} -> {after:?} with more {field}: {less:?}",
                            file.display()
                        );
                        pairs += 1;
                    }
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
    for (file, records) in records() {
        for any in records
            .iter()
            .filter(|r| r.get("dataflow").is_some_and(|d| d == "any"))
        {
            for one in records.iter().filter(|r| differ_in(r, any, "dataflow")) {
                for column in cycle_columns(any) {
                    let bound = number(any, &column.replace("cycles", "bound_cycles"));
                    let Some(cycles) = number(one, column) else {
                        continue;
                    };
                    assert!(
                        bound <= Some(cycles),
                        "{}: {column} of {one:?}",
                        file.display()
                    );
                    pairs += 1;
                }
            }
        }
    }
    assert!(pairs > 1_000, "{pairs}");
}

#[test]
fn every_point_is_proved_or_has_its_gap() {
    for (file, records) in records() {
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

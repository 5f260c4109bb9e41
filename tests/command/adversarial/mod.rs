//! `./x bench adversarial`: what people and machines may do to the program, by combination. Broken files
//! of every kind, odd options, huge numbers, odd names, broken caches, journals and solutions, places that
//! cannot be written, and an end by kill -9 at any time.
//!
//! No case may end in a panic or a signal, take longer than [`SLOWEST`], lose a file that was there before,
//! print a control character or fail without a message. The counts go to `results/robustness/cases.csv`.

mod files;
mod kills;
mod names;
mod options;
mod places;
mod run;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use run::{Case, Fault, Ran};

/// A case that takes longer hangs.
pub const SLOWEST: Duration = Duration::from_secs(10);
/// Cases that run at the same time.
const THREADS: usize = 2;

/// What was seen of a group of cases.
#[derive(Default)]
struct Count {
    cases: usize,
    statuses: BTreeMap<i32, usize>,
    faults: BTreeMap<Fault, usize>,
    slowest: Duration,
}

#[test]
#[ignore = "a thousand cases, some minutes; run by `./x bench adversarial`"]
fn adversarial_cases() {
    let seed = std::env::var("BENCH_SEED")
        .ok()
        .and_then(|s| s.parse().ok());
    let seed = seed.unwrap_or(0);
    let mut cases = files::cases(seed);
    cases.extend(options::cases());
    cases.extend(names::cases());
    cases.extend(places::cases());
    let only = std::env::var("BENCH_CASES").unwrap_or_default();
    cases.retain(|case| case.group.contains(&only));
    let counts = Mutex::new(BTreeMap::<&'static str, Count>::new());
    let found = Mutex::new(Vec::new());
    let next = Mutex::new(cases.into_iter());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let Some(case) = next.lock().expect("no panic").next() else {
                        return;
                    };
                    let ran = case.run();
                    record(&case, &ran, &counts, &found);
                }
            });
        }
    });
    if kills::GROUP.contains(&only) {
        for (case, ran) in kills::all(seed) {
            record(&case, &ran, &counts, &found);
        }
    }
    let counts = counts.into_inner().expect("no panic");
    let found = found.into_inner().expect("no panic");
    write(&counts).expect("writable");
    let all: usize = counts.values().map(|count| count.cases).sum();
    println!("{all} cases, {} faults", found.len());
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(!only.is_empty() || all >= 1_000, "only {all} cases");
}

fn record(
    case: &Case,
    ran: &Ran,
    counts: &Mutex<BTreeMap<&'static str, Count>>,
    found: &Mutex<Vec<String>>,
) {
    let mut counts = counts.lock().expect("no panic");
    let count = counts.entry(case.group).or_default();
    count.cases += 1;
    count.slowest = count.slowest.max(ran.took);
    *count.statuses.entry(ran.status.unwrap_or(-1)).or_default() += 1;
    for (fault, what) in &ran.faults {
        *count.faults.entry(*fault).or_default() += 1;
        let text = format!("{fault:?}: {}: {what}", case.text());
        let _ = writeln!(std::io::stderr(), "{text}");
        found.lock().expect("no panic").push(text);
    }
}

/// Writes the counts of each group.
fn write(counts: &BTreeMap<&'static str, Count>) -> std::io::Result<()> {
    let folder = std::env::var_os("BENCH_OUT").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("results/robustness"),
        PathBuf::from,
    );
    fs::create_dir_all(&folder)?;
    let mut text =
        "group,cases,exit_0,exit_1,exit_2,panics,signals,hangs,lost,control,silent,other,slowest_seconds\n"
            .to_owned();
    for (group, count) in counts {
        let status = |status: i32| count.statuses.get(&status).copied().unwrap_or(0);
        let _ = write!(
            text,
            "{group},{},{},{},{}",
            count.cases,
            status(0),
            status(1),
            status(2)
        );
        for fault in Fault::ALL {
            let _ = write!(text, ",{}", count.faults.get(&fault).copied().unwrap_or(0));
        }
        let _ = writeln!(text, ",{:.1}", count.slowest.as_secs_f64());
    }
    fs::write(folder.join("cases.csv"), text)
}

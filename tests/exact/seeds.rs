//! The seeds of long runs: those that a run names, or with `BENCH_SEED` others.

use std::ops::Range;

/// These seeds, all larger by the number that `BENCH_SEED` gives.
pub fn of_run(seeds: Range<u64>) -> Range<u64> {
    let given = std::env::var("BENCH_SEED").ok();
    let first = given.map_or(0, |text| text.parse().expect("a whole number"));
    seeds.start + first..seeds.end + first
}

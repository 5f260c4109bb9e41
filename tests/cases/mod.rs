//! How much of the long random comparisons runs: in the suite a part of the cases of each, with
//! `CASES=all` (`./x test all`) all of them.

use std::ops::Range;

/// The suite runs one of so many cases: it ends within minutes.
const PART: u64 = 12;

/// Whether all cases run.
pub fn all() -> bool {
    std::env::var("CASES").is_ok_and(|own| own == "all")
}

/// Those of these seeds that run: the first ones.
pub fn share(seeds: Range<u64>) -> Range<u64> {
    let count = seeds.end - seeds.start;
    let part = if all() { count } else { count.div_ceil(PART) };
    seeds.start..seeds.start + part
}

/// The suite tries one of so many cases that take long.
const FEW: usize = 3;

/// How many of a few cases that take long run.
pub fn few(count: usize) -> usize {
    if all() { count } else { count.div_ceil(FEW) }
}

/// Whether enough cases were not too large to be compared: more than `least` of all, or half as many
/// of those that ran.
pub fn enough(compared: impl TryInto<u64>, least: impl TryInto<u64>) -> bool {
    let count = |n: Option<u64>| n.expect("a small number");
    let (compared, least) = (
        count(compared.try_into().ok()),
        count(least.try_into().ok()),
    );
    if all() {
        compared > least
    } else {
        compared * 2 * PART > least
    }
}

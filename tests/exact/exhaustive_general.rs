//! The exhaustive search over any hierarchy agrees with the fast one where both apply.

use std::ops::Range;

use crate::cases::{enough, share};
use crate::exhaustive::features::{buffer_case, feature_case, scratchpad_case};
use crate::exhaustive::general::{Objective, optimum_of, size};
use crate::exhaustive::{Case, TileChoice, estimate, generate, optimum};
use deepmatrix::exact::infeasible::too_small;
use deepmatrix::problem::{Bytes, Hardware, Level, Memory, Overlap, RoleSet, Tiles};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

#[test]
fn general_search_agrees_with_the_fast_one() {
    let different: Vec<_> = (0..60_u64)
        .into_par_iter()
        .map(generate::small_case)
        .filter(|c| estimate(c, TileChoice::All) < 4_000)
        .filter_map(|c| {
            let fast = optimum(&c, TileChoice::All);
            let general = optimum_of(&c, TileChoice::All, Objective::Cycles).map(|b| b.cycles);
            (fast != general).then_some((c.seed, fast, general))
        })
        .collect();
    assert!(different.is_empty(), "seed, fast, general: {different:?}");
}

/// A tiny case of which the memories are about as large as the smallest tiles.
fn tight_case(seed: u64) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x717);
    let mut case = match seed % 4 {
        0 => generate::small_case(seed),
        1 => scratchpad_case(seed),
        2 => buffer_case(seed),
        _ => feature_case(seed),
    };
    for level in case.hardware.levels.iter_mut().skip(1) {
        if let Level::Memory(memory) = level {
            memory.capacity = (memory.capacity).map(|_| Bytes(rng.random_range(1..=10)));
            if rng.random_bool(0.4) {
                memory.overlap = Overlap::DoubleBuffer;
            }
        }
    }
    case
}

/// Whether the least footprints leave no mapping, and whether there is none.
fn verdicts(seeds: Range<u64>) -> Vec<(u64, bool, bool)> {
    seeds
        .into_par_iter()
        .map(tight_case)
        .filter(|case| size(case) < 40_000)
        .map(|case| {
            let refused = too_small(&case.nest, &case.hardware).is_some();
            let best = optimum_of(&case, TileChoice::All, Objective::Cycles);
            (case.seed, refused, best.is_none())
        })
        .collect()
}

#[test]
fn least_footprints_refuse_only_what_has_no_mapping_and_most_of_it() {
    let all = verdicts(share(0..900));
    let wrong: Vec<u64> = (all.iter().filter(|v| v.1 && !v.2)).map(|v| v.0).collect();
    assert!(
        wrong.is_empty(),
        "refused, but these have mappings: {wrong:?}"
    );
    let none = all.iter().filter(|v| v.2).count();
    let caught = all.iter().filter(|v| v.1).count();
    assert!(enough(all.len(), 499) && enough(none, 99) && enough(all.len() - none, 100));
    assert!(20 * caught >= 19 * none, "{caught} of {none}");
}

/// Prints in how many cases other hardware changes the optimum.
#[expect(clippy::print_stdout, reason = "it is run for these figures")]
fn matters(name: &str, cases: &[Case], objective: Objective, change: fn(&mut Hardware)) {
    let outcomes: Vec<bool> = cases
        .par_iter()
        .filter_map(|case| {
            let mut other = case.clone();
            change(&mut other.hardware);
            let best = optimum_of(case, TileChoice::All, objective)?;
            (other.hardware != case.hardware)
                .then(|| optimum_of(&other, TileChoice::All, objective) != Some(best))
        })
        .collect();
    let changed = outcomes.iter().filter(|&&c| c).count();
    println!("{name} changes {changed} of {}", outcomes.len());
}

/// Changes every memory inside the outermost.
fn inner_memories(hardware: &mut Hardware, change: fn(&mut Memory)) {
    for level in hardware.levels.iter_mut().skip(1) {
        if let Level::Memory(memory) = level {
            change(memory);
        }
    }
}

/// Puts one kind of overlap in the place of another.
fn replace(memory: &mut Memory, from: Overlap, to: Overlap) {
    if memory.overlap == from {
        memory.overlap = to;
    }
}

/// Lets all axes multicast and reduce, or forbids split dimensions.
fn arrays(hardware: &mut Hardware, joined: bool) {
    for level in &mut hardware.levels {
        if let Level::Array(array) = level {
            array.split_dims &= joined;
            for axis in &mut array.axes {
                axis.multicast |= joined;
                axis.reduce |= joined;
            }
        }
    }
}

/// Three levels at most; larger cases take the search minutes each.
fn is_small(case: &Case) -> bool {
    case.hardware.levels.len() <= 3 && case.hardware.memories().count() == 2
}

#[test]
#[ignore = "minutes; prints how often each feature changes the optimum"]
fn features_matter() {
    let cases: Vec<Case> = (0..60).map(feature_case).filter(is_small).collect();
    let objective = Objective::Cycles;
    matters("bypass", &cases, objective, |h| {
        inner_memories(h, |m| m.bypass = RoleSet::NONE);
    });
    matters("choose, not double_buffer", &cases, objective, |h| {
        inner_memories(h, |m| replace(m, Overlap::Choose, Overlap::DoubleBuffer));
    });
    matters("choose, not none", &cases, objective, |h| {
        inner_memories(h, |m| replace(m, Overlap::Choose, Overlap::None));
    });
    matters("added time", &cases, objective, |h| {
        inner_memories(h, |m| replace(m, Overlap::None, Overlap::Ideal));
    });
    matters("tiles per operand", &cases, objective, |h| {
        inner_memories(h, |m| m.tiles = Tiles::Shared);
    });
    matters("split dimensions", &cases, objective, |h| arrays(h, false));
    matters("switched-off multicast", &cases, objective, |h| {
        arrays(h, true);
    });
    matters("static energy", &cases, Objective::Energy, |h| {
        h.static_pj_per_cycle = None;
    });
}

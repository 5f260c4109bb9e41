//! Addresses: published instances, brute force on random ones, and every combination of rules.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use deepmatrix::check;
use deepmatrix::engine::Watch;
use deepmatrix::memory::addresses::{
    ORDERS, Packed, Rules, first_fit, least_capacity, pack, search,
};
use deepmatrix::problem::Bytes;
use deepmatrix::problem::packing::{Block, Packing, Unpackable};
use deepmatrix::read;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const CAPACITY: u64 = 1_048_576;

fn case(name: &str) -> Packing {
    let path = PathBuf::from(format!("tests/packing/{name}.1048576.csv"));
    Packing {
        blocks: read::blocks(Path::new(&path)).unwrap_or_else(|e| panic!("{e}")),
        capacity: Bytes(CAPACITY),
        base: 0,
        alignment: 1,
    }
}

fn within(seconds: u64) -> Watch {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    Watch::new(Some(deadline), Arc::default())
}

#[test]
fn published_instances_fit() {
    for name in ["A", "B", "C", "D"] {
        let packing = case(name);
        let Packed::Fits(offsets) = pack(&packing, &within(60)) else {
            panic!("{name} has addresses");
        };
        assert_eq!(check::packing::check(&packing, &offsets), Ok(()), "{name}");
    }
}

#[test]
fn a_capacity_below_the_peak_load_is_refused_at_once() {
    for name in ["A", "B", "C", "D"] {
        let mut packing = case(name);
        let peak = packing.peak_load().expect("blocks");
        let bytes = u64::try_from(peak.bytes).expect("a small size");
        assert!(bytes <= CAPACITY, "{name}");
        packing.capacity = Bytes(bytes - 1);
        let refused = Packed::Impossible(Unpackable::PeakLoad(peak));
        assert_eq!(pack(&packing, &within(0)), refused, "{name}");
    }
}

/// Random blocks that fill a small memory at nearly every time, so that often no offsets exist.
fn random(random: &mut ChaCha8Rng, most: usize) -> Packing {
    const TIMES: u64 = 7;
    let capacity = random.random_range(5..9);
    let mut blocks: Vec<Block> = Vec::new();
    for _ in 0..4 * most {
        let lower = random.random_range(0..TIMES);
        let upper = (lower + random.random_range(1..5)).min(TIMES);
        let alive = |time: u64| {
            blocks
                .iter()
                .filter(move |b| b.lower <= time && time < b.upper)
        };
        let load = |time| alive(time).map(|b| b.size).sum::<u64>();
        let room = (lower..upper).map(|t| capacity - load(t)).min();
        let size = room.unwrap_or(0).min(random.random_range(1..5));
        if size > 0 && blocks.len() < most {
            let id = blocks.len().to_string();
            blocks.push(Block::new(id, lower, upper, size));
        }
    }
    Packing {
        blocks,
        capacity: Bytes(capacity),
        base: 0,
        alignment: [1, 1, 1, 1, 1, 2][random.random_range(0..6)],
    }
}

/// Whether any offsets at all pass, by trying all multiples of the alignment for each block.
fn brute_force(packing: &Packing, offsets: &mut Vec<u64>) -> bool {
    let at = offsets.len();
    let part = Packing {
        blocks: packing.blocks[..at].to_vec(),
        ..packing.clone()
    };
    if check::packing::check(&part, offsets).is_err() {
        return false;
    }
    if at == packing.blocks.len() {
        return true;
    }
    let step = usize::try_from(packing.alignment).expect("small");
    (0..packing.capacity.0).step_by(step).any(|offset| {
        offsets.push(offset);
        let found = brute_force(packing, offsets);
        offsets.pop();
        found
    })
}

#[test]
fn random_blocks_fit_exactly_if_brute_force_finds_offsets() {
    let mut source = ChaCha8Rng::seed_from_u64(31);
    let (mut fit, mut unfit, mut cores) = (0, 0, 0);
    for number in 0..20_000 {
        let packing = random(&mut source, 14);
        match search(&packing, Rules::ALL, &Watch::default()) {
            Packed::Fits(offsets) => {
                assert_eq!(check::packing::check(&packing, &offsets), Ok(()));
                fit += 1;
            }
            Packed::Impossible(reason) => {
                let exists = brute_force(&packing, &mut Vec::new());
                assert!(!exists, "{number}: {packing:?} {reason:?}");
                unfit += 1;
                if let Unpackable::NoArrangement { blocks } = reason {
                    let own = |&b: &usize| packing.blocks[b].clone();
                    let core = Packing {
                        blocks: blocks.iter().map(own).collect(),
                        ..packing
                    };
                    assert!(!brute_force(&core, &mut Vec::new()), "{number}: {core:?}");
                    cores += 1;
                }
            }
            Packed::Stopped(cause) => panic!("{cause:?} without a limit"),
        }
    }
    assert!(
        fit > 10_000 && unfit > 1000 && cores > 30,
        "{fit} {unfit} {cores}"
    );
}

/// Whether a search by some rules finds offsets, which pass the check.
fn fits(packing: &Packing, rules: Rules) -> bool {
    match search(packing, rules, &Watch::default()) {
        Packed::Fits(offsets) => {
            assert_eq!(check::packing::check(packing, &offsets), Ok(()));
            true
        }
        Packed::Impossible(_) => false,
        Packed::Stopped(cause) => panic!("{cause:?} without a limit"),
    }
}

/// Whether there are offsets: all combinations of rules say the same.
fn agreed(packing: &Packing) -> bool {
    let all = fits(packing, Rules::ALL);
    for combination in 0..64 {
        let on = |bit: u32| combination >> bit & 1 == 1;
        let rules = Rules {
            canonical: on(0),
            dominance: on(1),
            sections: on(2),
            unallocated_floor: on(3),
            monotonic_floor: on(4),
            decomposition: on(5),
        };
        assert_eq!(fits(packing, rules), all, "{rules:?} {packing:?}");
    }
    all
}

#[test]
fn all_combinations_of_rules_agree() {
    let mut source = ChaCha8Rng::seed_from_u64(32);
    let mut unfit = 0;
    for _ in 0..400 {
        let packing = random(&mut source, 10);
        let all = agreed(&packing);
        unfit += usize::from(!all);
    }
    assert!(unfit > 5, "{unfit}");
}

/// Random blocks with everything that a file may say of them.
fn random_odd(source: &mut ChaCha8Rng, most: usize) -> Packing {
    let mut packing = random(source, most);
    packing.base = [0, 0, 1, 3, 4][source.random_range(0..5)];
    packing.capacity.0 += source.random_range(0..3);
    let end = packing.end();
    for block in &mut packing.blocks {
        if source.random_range(0..3) == 0 {
            block.alignment = Some(source.random_range(1..5));
        }
        if source.random_range(0..5) == 0 {
            let step = block.alignment.unwrap_or(packing.alignment);
            block.fixed = Some(source.random_range(packing.base..=end) / step * step);
        }
        if source.random_range(0..8) == 0 {
            block.size = 0;
        }
        if block.upper - block.lower > 2 && source.random_range(0..3) == 0 {
            block.gaps = vec![(block.lower + 1, block.upper - 1)];
        }
    }
    packing
}

/// Whether any addresses at all pass the check, by trying all for each block.
fn any_addresses(packing: &Packing, offsets: &mut Vec<u64>) -> bool {
    let at = offsets.len();
    let part = Packing {
        blocks: packing.blocks[..at].to_vec(),
        ..packing.clone()
    };
    if check::packing::check(&part, offsets).is_err() {
        return false;
    }
    at == packing.blocks.len()
        || (packing.base..=packing.end()).any(|offset| {
            offsets.push(offset);
            let found = any_addresses(packing, offsets);
            offsets.pop();
            found
        })
}

#[test]
fn alignments_fixed_offsets_bases_and_gaps_agree_with_brute_force() {
    let mut source = ChaCha8Rng::seed_from_u64(35);
    let (mut fit, mut unfit, mut searched) = (0, 0, 0);
    for number in 0..6_000 {
        let packing = random_odd(&mut source, 7);
        let exists = any_addresses(&packing, &mut Vec::new());
        for found in [
            search(&packing, Rules::ALL, &Watch::default()),
            pack(&packing, &Watch::default()),
        ] {
            match found {
                Packed::Fits(offsets) => {
                    assert_eq!(
                        check::packing::check(&packing, &offsets),
                        Ok(()),
                        "{number}"
                    );
                    fit += 1;
                }
                Packed::Impossible(reason) => {
                    assert!(!exists, "{number}: {packing:?} {reason:?}");
                    unfit += 1;
                    searched += usize::from(matches!(reason, Unpackable::NoArrangement { .. }));
                }
                Packed::Stopped(cause) => panic!("{cause:?} without a limit"),
            }
        }
    }
    assert!(
        fit > 2_000 && unfit > 2_000 && searched > 300,
        "{fit} {unfit} {searched}"
    );
}

#[test]
fn all_combinations_of_rules_agree_on_odd_blocks() {
    let mut source = ChaCha8Rng::seed_from_u64(36);
    let (mut fit, mut unfit) = (0, 0);
    for _ in 0..600 {
        let packing = random_odd(&mut source, 8);
        let all = agreed(&packing);
        fit += usize::from(all);
        unfit += usize::from(!all);
    }
    assert!(fit > 100 && unfit > 100, "{fit} {unfit}");
}

#[test]
fn the_least_capacity_is_that_of_brute_force() {
    let mut source = ChaCha8Rng::seed_from_u64(37);
    let (mut above_bound, mut impossible) = (0, 0);
    for number in 0..1_500 {
        let packing = Packing {
            capacity: Bytes(1 << 20),
            ..random_odd(&mut source, 6)
        };
        let smaller = |bytes: u64| Packing {
            capacity: Bytes(bytes),
            ..packing.clone()
        };
        match least_capacity(&packing, &Watch::default()) {
            Ok(least) => {
                assert_eq!(
                    (least.capacity, least.stopped),
                    (least.bound, None),
                    "{number}"
                );
                let own = smaller(least.capacity);
                assert_eq!(
                    check::packing::check(&own, &least.offsets),
                    Ok(()),
                    "{number}"
                );
                if least.capacity > 0 {
                    let below = smaller(least.capacity - 1);
                    assert!(
                        !any_addresses(&below, &mut Vec::new()),
                        "{number}: {below:?}"
                    );
                }
                let peak = packing.peak_load().map_or(0, |peak| peak.bytes);
                above_bound += usize::from(u128::from(least.capacity) > peak);
            }
            Err(packed) => {
                let together = matches!(packed.reason(), Some(Unpackable::FixedTogether { .. }));
                let outside = matches!(packed.reason(), Some(Unpackable::Outside { .. }));
                assert!(together || outside, "{number}: {packed:?}");
                impossible += 1;
            }
        }
    }
    assert!(
        above_bound > 100 && impossible > 10,
        "{above_bound} {impossible}"
    );
}

#[test]
fn published_instances_have_the_least_capacity_that_is_known() {
    for name in ["A", "B", "C", "D"] {
        let packing = case(name);
        let peak = packing.peak_load().expect("blocks").bytes;
        let least = least_capacity(&packing, &within(60)).expect("addresses");
        assert!(
            u128::from(least.bound) >= peak && least.bound <= least.capacity,
            "{name}"
        );
        assert!(least.capacity <= CAPACITY, "{name}: {}", least.capacity);
    }
}

/// A rule alone finds offsets exactly where the search without any rule does (`formulations/pruning.md`).
fn law(rule: fn(&mut Rules) -> &mut bool) {
    let mut source = ChaCha8Rng::seed_from_u64(35);
    let (mut fit, mut unfit) = (0, 0);
    for _ in 0..600 {
        let packing = random(&mut source, 8);
        let fits = |rules| fits(&packing, rules);
        let mut own = Rules::NONE;
        *rule(&mut own) = true;
        let expected = fits(Rules::NONE);
        assert_eq!(fits(own), expected, "{packing:?}");
        fit += usize::from(expected);
        unfit += usize::from(!expected);
    }
    assert!(fit > 100 && unfit > 5, "{fit} {unfit}");
}

#[test]
fn canonical_order_loses_no_arrangement() {
    law(|own| &mut own.canonical);
}

#[test]
fn dominance_loses_no_arrangement() {
    law(|own| &mut own.dominance);
}

#[test]
fn sections_that_are_just_full_fit() {
    law(|own| &mut own.sections);
}

/// The rule raises floors, which tell something together with what is above them.
#[test]
fn unallocated_floors_are_no_higher_than_their_blocks() {
    law(|own| {
        own.sections = true;
        &mut own.unallocated_floor
    });
}

#[test]
fn monotonic_floors_are_no_higher_than_the_last_offset() {
    law(|own| {
        (own.canonical, own.sections) = (true, true);
        &mut own.monotonic_floor
    });
}

#[test]
fn spans_are_each_searched() {
    law(|own| &mut own.decomposition);
}

#[test]
fn first_fit_never_overlaps() {
    let mut source = ChaCha8Rng::seed_from_u64(33);
    for _ in 0..500 {
        let packing = random(&mut source, 12);
        for order in ORDERS {
            if let Some(offsets) = first_fit(&packing, order) {
                assert_eq!(
                    check::packing::check(&packing, &offsets),
                    Ok(()),
                    "{order:?}"
                );
            }
        }
    }
}

#[test]
fn the_check_notices_every_kind_of_mistake() {
    let packing = case("A");
    let Packed::Fits(offsets) = pack(&packing, &within(60)) else {
        panic!("A has addresses");
    };
    let mut source = ChaCha8Rng::seed_from_u64(34);
    let mut noticed = 0;
    for block in 0..offsets.len() {
        let mut other = offsets.clone();
        other[block] = source.random_range(0..CAPACITY);
        noticed += usize::from(check::packing::check(&packing, &other).is_err());
    }
    assert!(noticed > offsets.len() / 2, "{noticed}");
    let text = |packing: &Packing, offsets: &[u64]| {
        check::packing::check(packing, offsets)
            .expect_err("wrong")
            .to_string()
    };
    assert_eq!(text(&packing, &offsets[1..]), "153 offsets for 154 blocks");
    let aligned = Packing {
        alignment: CAPACITY * 2,
        ..packing.clone()
    };
    assert!(text(&aligned, &offsets).contains("no multiple of"));
    let small = Packing {
        capacity: Bytes(1000),
        ..packing
    };
    assert!(text(&small, &offsets).contains("of a memory of 1000"));
}

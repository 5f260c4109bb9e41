//! Every part of the method can be switched off, in every combination, and the optimum stays the same.

use crate::cases::few;
use crate::exhaustive::features::{feature_case, scratchpad_case};
use crate::exhaustive::general::{Objective, optimum_of};
use crate::exhaustive::generate::{Case, case, small_case, uneven_case};
use crate::exhaustive::resident::any_resident_case;
use crate::exhaustive::{TileChoice, optimum};
use deepmatrix::exact::{MethodSwitches, SolveOptions, solve};
use deepmatrix::problem::goal::Measure;
use deepmatrix::problem::result::Status;
use deepmatrix::tiling::limits::WholeChains;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;

/// The columns of a search.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Whole chains of all dimensions.
    Lists,
    /// Long dimensions in two parts.
    Parts,
    /// Long dimensions in boxes.
    Boxes,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Kind::Lists, Kind::Parts, Kind::Boxes];

    fn whole(self) -> WholeChains {
        let longest = match self {
            Kind::Lists => 40,
            Kind::Parts | Kind::Boxes => 2,
        };
        WholeChains {
            longest,
            most: 0,
            boxes: matches!(self, Kind::Boxes),
        }
    }
}

/// What is asked of a case.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The columns of the search.
    pub kind: Kind,
    /// The tiles among which is chosen.
    pub tiles: TileChoice,
    /// What is minimised.
    pub measure: Measure,
}

impl Asked {
    /// The fewest cycles of all tiles, over lists.
    pub const CYCLES: Self = Self {
        kind: Kind::Lists,
        tiles: TileChoice::All,
        measure: Measure::Cycles,
    };
}

/// The least of a case with some switches on.
pub fn least(case: &Case, asked: Asked, switches: MethodSwitches) -> (Status, Option<f64>) {
    let options = SolveOptions {
        divisors_only: asked.tiles == TileChoice::Divisors,
        whole: [asked.kind.whole(); 2],
        objective: asked.measure,
        switches,
        ..SolveOptions::default()
    };
    let solution = solve(&case.nest, &case.hardware, &options);
    let value = solution.best.as_ref();
    (
        solution.status(),
        value.map(|(_, cost)| asked.measure.of(cost)),
    )
}

/// Whether two values are the same, energies to within the tolerance to which they are compared.
pub fn same(a: (Status, Option<f64>), b: (Status, Option<f64>)) -> bool {
    let near = match (a.1, b.1) {
        (Some(x), Some(y)) => (x - y).abs() <= 1e-6 * x.abs().max(y.abs()),
        (x, y) => x.is_none() && y.is_none(),
    };
    a.0 == b.0 && near
}

/// The switches of which all combinations are tried.
const TRIED: [&str; 7] = [
    "engine::filter",
    "engine::enumerate",
    "engine::chord_split",
    "engine::dominance",
    "engine::rounding",
    "exact::incumbent",
    "exact::lower_bound",
];

/// The combination of these switches of a number's bits, all others on.
fn combination(bits: u32) -> MethodSwitches {
    let mut own = MethodSwitches::default();
    for (switch, (_, name)) in own.each().zip(MethodSwitches::rules()) {
        let bit = TRIED.iter().position(|tried| *tried == name);
        *switch = bit.is_none_or(|bit| bits & (1 << bit) != 0);
    }
    own
}

/// The least of a case with every combination of these switches.
fn agree(case: &Case, tiles: TileChoice) {
    agree_on(case, tiles, optimum(case, tiles));
}

#[expect(clippy::cast_precision_loss, reason = "few cycles")]
fn real(cycles: u128) -> f64 {
    cycles as f64
}

/// Every combination finds so many cycles.
fn agree_on(case: &Case, tiles: TileChoice, expected: Option<u128>) {
    let all: Vec<MethodSwitches> = (0..1 << TRIED.len()).map(combination).collect();
    let asked = Asked {
        tiles,
        ..Asked::CYCLES
    };
    agree_with(case, asked, expected.map(real), &all);
}

/// A search with each of these switches finds the expected least.
fn agree_with(case: &Case, asked: Asked, expected: Option<f64>, all: &[MethodSwitches]) {
    let status = expected.map_or(Status::Infeasible, |_| Status::Optimal);
    let wrong: Vec<String> = all
        .par_iter()
        .filter_map(|&switches| {
            let found = least(case, asked, switches);
            (!same(found, (status, expected))).then(|| format!("{found:?} with {switches:?}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "seed {} {asked:?}: {expected:?}, but\n{}",
        case.seed,
        wrong.join("\n")
    );
}

/// Those of these seeds that run.
fn first<const COUNT: usize>(seeds: [u64; COUNT]) -> impl Iterator<Item = u64> {
    seeds.into_iter().take(few(COUNT))
}

#[test]
fn every_combination_of_switches_gives_the_same_optimum() {
    for seed in first([7, 12, 16, 19, 23, 30]) {
        agree(&case(seed), TileChoice::All);
    }
}

#[test]
fn so_it_does_where_uneven_tiles_matter_and_with_divisors() {
    for seed in first([0, 1, 2]) {
        agree(&uneven_case(seed), TileChoice::All);
    }
    for seed in first([7, 12, 16, 24, 30, 42]) {
        agree(&case(seed), TileChoice::Divisors);
    }
}

/// Operands that go around memories, chosen buffers, separate ports, three memories, two arrays.
#[test]
fn so_it_does_in_the_wide_space() {
    for seed in first([2, 14, 16, 23, 31, 34, 53, 56]) {
        let case = feature_case(seed);
        let expected = optimum_of(&case, TileChoice::All, Objective::Cycles);
        agree_on(&case, TileChoice::All, expected.map(|best| best.cycles));
    }
}

/// All switches on, but those of numbers.
fn without(off: impl Fn(usize) -> bool) -> MethodSwitches {
    let mut own = MethodSwitches::default();
    for (index, switch) in own.each().enumerate() {
        *switch = !off(index);
    }
    own
}

/// The number of the switch without which no node is closed by its bound: too slow for all but the
/// tiniest case, which `prunings` has.
fn closing() -> usize {
    let mut all = MethodSwitches::rules();
    all.position(|(_, name)| name == "engine::bound")
        .expect("a switch")
}

/// The number of a switch that was added after the random combinations were chosen: it is drawn from a source
/// of its own, so that they stay the ones of which it is known that they end.
fn added() -> usize {
    let mut all = MethodSwitches::rules();
    all.position(|(_, name)| name == "exact::local_search")
        .expect("a switch")
}

/// Each switch off, all of them off, and so many random combinations.
fn combinations(seed: u64, random: usize) -> Vec<MethodSwitches> {
    let (count, closing) = (MethodSwitches::rules().count(), closing());
    let mut source = ChaCha8Rng::seed_from_u64(seed);
    let mut own = ChaCha8Rng::seed_from_u64(!seed);
    let mut all = vec![MethodSwitches::default(), without(|i| i != closing)];
    all.extend(
        (0..count)
            .filter(|&i| i != closing)
            .map(|own| without(|i| i == own)),
    );
    all.extend((0..random).map(|_| {
        let share = source.random_range(0.1..0.9);
        let others = (1..count).map(|_| source.random_bool(share));
        let mut off: Vec<bool> = others.collect();
        off.insert(added(), own.random_bool(share));
        without(|i| off[i] && i != closing)
    }));
    all
}

/// Each switch off, all off, and random combinations, over lists, parts and boxes.
fn agree_everywhere(case: &Case, measure: Measure, random: usize) {
    for kind in Kind::ALL {
        let asked = Asked {
            kind,
            measure,
            ..Asked::CYCLES
        };
        let expected = least(case, asked, MethodSwitches::default()).1;
        agree_with(case, asked, expected, &combinations(case.seed, random));
    }
}

/// Each switch off in turn.
fn each_off() -> Vec<MethodSwitches> {
    let (count, closing) = (MethodSwitches::rules().count(), closing());
    let others = (0..count).filter(|&i| i != closing);
    others.map(|own| without(|i| i == own)).collect()
}

#[test]
fn every_rule_off_in_turn_gives_the_same_optimum() {
    for seed in [1, 6] {
        let case = small_case(seed);
        let expected = optimum(&case, TileChoice::All).map(real);
        agree_with(&case, Asked::CYCLES, expected, &each_off());
    }
}

#[test]
fn so_it_does_with_resident_operands() {
    for seed in [0, 3, 5, 6] {
        let case = any_resident_case(seed);
        let expected = optimum_of(&case, TileChoice::All, Objective::Cycles);
        let expected = expected.map(|best| real(best.cycles));
        agree_with(&case, Asked::CYCLES, expected, &each_off());
    }
}

#[test]
#[ignore = "minutes; `./x bench switches`"]
fn every_rule_off_and_random_combinations_give_the_same_optimum() {
    for seed in [1, 6] {
        agree_everywhere(&small_case(seed), Measure::Cycles, 20);
    }
    agree_everywhere(&uneven_case(1), Measure::Cycles, 20);
    agree_everywhere(&scratchpad_case(3), Measure::Energy, 60);
}

#[test]
fn so_they_do_where_energy_counts() {
    agree_everywhere(&scratchpad_case(3), Measure::Energy, 15);
}

//! The one program with the classes as variables has the optimum of branch and price.

use std::time::Duration;

use crate::cases::few;
use crate::exhaustive::generate::{Case, small_case};
use crate::exhaustive::resident::any_resident_case;
use deepmatrix::classes::class::Class;
use deepmatrix::columns::group::ColumnGroup;
use deepmatrix::columns::groups::all_columns;
use deepmatrix::cost::evaluate;
use deepmatrix::engine::judge::Judge;
use deepmatrix::engine::whole::{End, run};
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::layer::Layer;
use deepmatrix::layer::decode;
use deepmatrix::layer::monolith::{Monolith, classes, monolith};
use deepmatrix::problem::goal::FEWEST_CYCLES;
use deepmatrix::tiling::limits::WholeChains;
use deepmatrix::tiling::site::Site;
use deepmatrix::tiling::tile_space::TileSpace;
use rayon::prelude::*;

/// The largest program that a test solves, in binaries.
const LARGEST: usize = 600;

/// Keeps the fewest cycles of the mappings that the program offers.
struct Fewest<'a> {
    case: &'a Case,
    columns: &'a [ColumnGroup],
    classes: Vec<Class>,
    best: Option<u128>,
}

impl Judge for Fewest<'_> {
    #[expect(clippy::cast_precision_loss, reason = "few cycles")]
    fn target(&self) -> f64 {
        // One cycle less than the best, nothing asked for before there is one.
        match self.best {
            None => 200.0,
            Some(best) => (best as f64 - 1.0).ln(),
        }
    }

    fn offer(&mut self, origin: usize, choice: &[u32]) {
        let Case { nest, hardware, .. } = self.case;
        let class = &self.classes[origin];
        let mapping = decode::mapping(nest, hardware, self.columns, class, choice);
        if let Ok(cost) = evaluate(nest, hardware, &mapping) {
            self.best = Some(self.best.map_or(cost.cycles, |b| b.min(cost.cycles)));
        }
    }

    fn stop(&self) -> bool {
        false
    }

    fn time_left(&self) -> Option<Duration> {
        None
    }
}

/// Compares the optimum of the one program; `None` if it is too large for a test.
fn compare(case: &Case) -> Option<Result<(), String>> {
    let site = Site::new(&case.nest, &case.hardware);
    let columns = all_columns(&site, TileSpace::All, WholeChains::FEW);
    let layer = Layer {
        site: &site,
        columns: &columns,
        lower_bound: 1,
        goal: &FEWEST_CYCLES,
        energy_unit: 1.0,
        switches: deepmatrix::layer::Switches::ALL,
    };
    let all = classes(&case.nest, &case.hardware);
    if all.len() > 60 {
        return None;
    }
    let Monolith { classes, pieces } = monolith(&layer, all, true)?;
    let one = Monolith { classes, pieces };
    if one.binaries() > LARGEST {
        return None;
    }
    let mut judge = Fewest {
        case,
        columns: &columns,
        classes: one.classes,
        best: None,
    };
    let (end, _) = run(one.pieces, &mut judge);
    let expected = solve(&case.nest, &case.hardware, &SolveOptions::default());
    let expected = expected.best.map(|b| b.1.cycles);
    if end != End::Closed || judge.best != expected {
        let found = judge.best;
        return Some(Err(format!(
            "seed {}: {end:?} {found:?}, expected {expected:?}",
            case.seed
        )));
    }
    Some(Ok(()))
}

/// Compares the cases of so many seeds, of which some number is small enough.
fn compare_all(seeds: u64, draw: fn(u64) -> Case, least: usize) {
    let seeds: Vec<u64> = (0..seeds).collect();
    let count = few(seeds.len());
    let least = if count < seeds.len() {
        least / 6
    } else {
        least
    };
    let results: Vec<Result<(), String>> = seeds[..count]
        .par_iter()
        .filter_map(|&seed| compare(&draw(seed)))
        .collect();
    let failures: Vec<&String> = results.iter().filter_map(|r| r.as_ref().err()).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(
        results.len() >= least,
        "only {} programs are small enough",
        results.len()
    );
}

#[test]
fn one_program_over_all_classes_has_the_optimum() {
    compare_all(100, small_case, 30);
}

#[test]
fn so_it_has_with_resident_operands() {
    compare_all(140, any_resident_case, 10);
}

//! Of backward passes too the solver's cycles are those of an exhaustive search that assumes no
//! theorem: backward-data phase by phase and backward-weight, with stride, dilation, padding and
//! groups, with registers, sliding, and tiles per operand and shared.

use std::ops::Range;

use crate::cases::share;
use crate::exhaustive::backward::{backward_case, deep_backward_case, pass};
use crate::exhaustive::{Case, TileChoice, optimum};
use crate::seeds;
use deepmatrix::check::check;
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::problem::result::Status;
use deepmatrix::problem::{Level, LoopNest};
use deepmatrix::tiling::limits::WholeChains;
use rayon::prelude::*;

/// Solves a case and compares; an error says how to repeat it.
fn compare(case: &Case, longest: u64) -> Result<(), String> {
    let mut options = SolveOptions {
        whole: [WholeChains {
            longest,
            most: 0,
            boxes: case.seed % 4 > 1,
        }; 2],
        ..SolveOptions::default()
    };
    // Without a first mapping, pruning has to leave the optimum for the tree to find.
    options.switches.mapper.incumbent = case.seed.is_multiple_of(4);
    let solution = solve(&case.nest, &case.hardware, &options);
    let expected = optimum(case, TileChoice::All);
    let found = solution.best.as_ref().map(|(_, cost)| cost.cycles);
    let right_status = match expected {
        Some(_) => solution.status() == Status::Optimal,
        None => solution.status() == Status::Infeasible,
    };
    if found != expected || !right_status {
        return Err(format!(
            "seed {} {:?}: solver {found:?} ({:?}, bound {}), exhaustive {expected:?}",
            case.seed,
            pass(case.seed),
            solution.status(),
            solution.bound_cycles
        ));
    }
    if let Some(best) = expected.filter(|&best| best < solution.lower_bounds.best()) {
        let bounds = &solution.lower_bounds;
        return Err(format!("seed {}: {best} is below {bounds:?}", case.seed));
    }
    if let Some((mapping, cost)) = &solution.best {
        check(&case.nest, &case.hardware, mapping, cost)
            .map_err(|error| format!("seed {}: {error}", case.seed))?;
    }
    Ok(())
}

fn compare_all(seeds: Range<u64>, draw: fn(u64) -> Case, longest_whole: u64) {
    let failures: Vec<String> = seeds
        .into_par_iter()
        .filter_map(|seed| compare(&draw(seed), longest_whole).err())
        .collect();
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn solver_equals_exhaustive_search() {
    compare_all(share(0..300), backward_case, 40);
}

#[test]
fn solver_equals_exhaustive_search_in_parts() {
    compare_all(share(300..400), backward_case, 1);
}

#[test]
fn solver_equals_exhaustive_search_over_three_axes() {
    compare_all(share(0..120), deep_backward_case, 40);
    compare_all(share(120..140), deep_backward_case, 1);
}

/// Cases with registers that keep the overlap of consecutive windows.
fn sliding_registers(seed: u64) -> Option<Case> {
    let mut case = backward_case(seed);
    let Some(Level::Memory(registers)) = case.hardware.levels.get_mut(3) else {
        return None;
    };
    registers.sliding_reuse = true;
    let windowed = LoopNest::WINDOW_DIMS
        .iter()
        .any(|(p, r)| case.nest.extents[*p] > 1 && case.nest.extents[*r] > 1);
    windowed.then_some(case)
}

#[test]
fn registers_slide() {
    // Of 13889 the gradient of the kernel stays while the input slides above an outer node.
    let wrong: Vec<String> = share(0..400)
        .chain([13_889])
        .collect::<Vec<_>>()
        .into_par_iter()
        .filter_map(sliding_registers)
        .filter_map(|case| compare(&case, 40).err())
        .collect();
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
#[ignore = "minutes; run by `./x bench exactness_backward`"]
fn many_more_equal_exhaustive_search() {
    compare_all(seeds::of_run(1_000..3_000), backward_case, 40);
    compare_all(seeds::of_run(3_000..4_000), backward_case, 1);
    let wrong: Vec<String> = seeds::of_run(400..20_000)
        .into_par_iter()
        .filter_map(sliding_registers)
        .filter_map(|case| compare(&case, 40).err())
        .collect();
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

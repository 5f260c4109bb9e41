//! Every rule of the model changes the optimum of some of the generated cases, so that a solver
//! that has it wrong does not agree with the exhaustive search: a test of the cases, which says nothing
//! of the solver.

use deepmatrix::problem::{Hardware, LoopNest, Memory, Tiles};

use crate::exhaustive::{Case, Rules, TileChoice, generate, optimum, optimum_with};

/// Cases tried for each rule.
const CASES: u64 = 200;

/// The memory that feeds the array.
fn sram(hardware: &Hardware) -> Option<&Memory> {
    hardware.memories().nth(1).map(|m| m.1)
}

/// Asserts that at least so many in a hundred suitable feasible cases have another optimum
/// under the changed rules, and that it lies on the right side. Says how many.
fn matters(
    name: &str,
    cases: impl Iterator<Item = Case>,
    rules: Rules,
    suitable: impl Fn(&Case) -> bool,
    least_percent: u32,
) -> String {
    let (mut tried, mut changed) = (0, 0);
    for case in cases.filter(suitable) {
        let Some(best) = optimum(&case, TileChoice::All) else {
            continue;
        };
        let other = optimum_with(&case, TileChoice::All, rules);
        tried += 1;
        changed += u32::from(other != Some(best));
        if rules.psum_readback {
            assert!(
                other.is_none_or(|o| o >= best),
                "{name}: seed {}",
                case.seed
            );
        } else {
            assert!(
                other.is_some_and(|o| o <= best),
                "{name}: seed {}",
                case.seed
            );
        }
    }
    assert!(
        changed * 100 >= least_percent * tried && tried > 50,
        "{name} changes only {changed} of {tried}"
    );
    format!("{name} changes {changed} of {tried}")
}

fn cases() -> impl Iterator<Item = Case> {
    (0..CASES).map(generate::case)
}

#[test]
#[ignore = "minutes; run by `./x bench exhaustive_rules`"]
fn deep_reuse_matters() {
    let rules = Rules {
        deep: false,
        ..Rules::default()
    };
    let has_registers = |c: &Case| c.hardware.has_memory_below_arrays();
    println!(
        "{}",
        matters("deep reuse", cases(), rules, has_registers, 10)
    );
}

#[test]
#[ignore = "minutes; run by `./x bench exhaustive_rules`"]
fn sliding_matters() {
    let rules = Rules {
        sliding: false,
        ..Rules::default()
    };
    let slides = |c: &Case| {
        let windows = LoopNest::WINDOW_DIMS.iter().zip(&c.nest.windows);
        let overlaps = windows.into_iter().any(|(&(p, r), w)| {
            c.nest.extents[p] > 1 && (c.nest.extents[r] - 1) * w.dilation >= w.stride
        });
        overlaps && sram(&c.hardware).is_some_and(|m| m.sliding_reuse)
    };
    println!("{}", matters("sliding", cases(), rules, slides, 4));
}

#[test]
#[ignore = "minutes; run by `./x bench exhaustive_rules`"]
fn reading_partial_sums_back_matters() {
    let rules = Rules {
        psum_readback: false,
        ..Rules::default()
    };
    println!("{}", matters("partial sums", cases(), rules, |_| true, 8));
}

#[test]
#[ignore = "minutes; run by `./x bench exhaustive_rules`"]
fn tiles_per_operand_matter() {
    let rules = Rules {
        force_shared: true,
        ..Rules::default()
    };
    let per_operand = |c: &Case| sram(&c.hardware).is_some_and(|m| m.tiles == Tiles::PerOperand);
    println!(
        "{}",
        matters("tiles per operand", cases(), rules, per_operand, 8)
    );
}

#[test]
#[ignore = "minutes; run by `./x bench exhaustive_rules`"]
fn uneven_extents_matter() {
    let rules = Rules {
        ceil_extents_only: true,
        ..Rules::default()
    };
    let cases = (0..2 * CASES).map(generate::uneven_case);
    println!("{}", matters("uneven extents", cases, rules, |_| true, 3));
}

#[test]
#[ignore = "minutes; run by `./x bench exhaustive_rules`"]
fn divisors_are_some_of_all_extents() {
    let mut worse = 0;
    for case in cases() {
        let all = optimum(&case, TileChoice::All);
        let divisors = optimum(&case, TileChoice::Divisors);
        let is_worse = all.zip(divisors).map(|(a, d)| (d >= a, d > a));
        assert!(is_worse.is_none_or(|w| w.0), "seed {}", case.seed);
        assert!(all.is_some() || divisors.is_none(), "seed {}", case.seed);
        worse += u32::from(is_worse.is_some_and(|w| w.1));
    }
    println!("divisors: worse in {worse} of {CASES}");
    assert!(worse > 10);
}

//! A restriction never helps: laws of bypass, overlap, tiles, arrays and objectives on random tiny
//! problems, with the real solver.

use crate::cases::few;
use crate::exhaustive::Case;
use crate::exhaustive::features::feature_case;
use deepmatrix::exact::{SolveOptions, TieBreak, solve};
use deepmatrix::problem::goal::Measure;
use deepmatrix::problem::result::Cost;
use deepmatrix::problem::{Array, Hardware, Level, Memory, Overlap, RoleSet, Tiles};
use rayon::prelude::*;

fn best(case: &Case, hardware: &Hardware, objective: Measure) -> Option<Cost> {
    let options = SolveOptions {
        objective,
        tie_break: TieBreak::Off,
        ..SolveOptions::default()
    };
    solve(&case.nest, hardware, &options).best.map(|b| b.1)
}

/// Fewest cycles; more than any number where nothing fits.
fn cycles(case: &Case, hardware: &Hardware) -> u128 {
    best(case, hardware, Measure::Cycles).map_or(u128::MAX, |cost| cost.cycles)
}

/// The hardware with every inner memory changed.
fn with_memories(hardware: &Hardware, change: &dyn Fn(&mut Memory)) -> Hardware {
    let mut other = hardware.clone();
    for level in other.levels.iter_mut().skip(1) {
        if let Level::Memory(memory) = level {
            change(memory);
        }
    }
    other
}

/// The hardware with every array changed.
fn with_arrays(hardware: &Hardware, change: &dyn Fn(&mut Array)) -> Hardware {
    let mut other = hardware.clone();
    for level in &mut other.levels {
        if let Level::Array(array) = level {
            change(array);
        }
    }
    other
}

/// Puts an overlap in the place of every choice.
fn decided(hardware: &Hardware, overlap: Overlap) -> Hardware {
    with_memories(hardware, &|m| {
        if m.overlap == Overlap::Choose {
            m.overlap = overlap;
        }
    })
}

/// Pairs of hardware of which the second is the more restricted one.
fn restrictions(hardware: &Hardware) -> Vec<(&'static str, Hardware, Hardware)> {
    let memories = |change: &dyn Fn(&mut Memory)| with_memories(hardware, change);
    let arrays = |change: &dyn Fn(&mut Array)| with_arrays(hardware, change);
    let shared = |joined: bool| {
        arrays(&|array| {
            for axis in &mut array.axes {
                (axis.multicast, axis.reduce) = (joined, joined);
            }
        })
    };
    vec![
        (
            "bypass",
            memories(&|m| m.bypass = RoleSet::ALL),
            memories(&|m| m.bypass = RoleSet::NONE),
        ),
        (
            "choose or double_buffer",
            hardware.clone(),
            decided(hardware, Overlap::DoubleBuffer),
        ),
        (
            "choose or none",
            hardware.clone(),
            decided(hardware, Overlap::None),
        ),
        (
            "tiles per operand",
            memories(&|m| m.tiles = Tiles::PerOperand),
            memories(&|m| m.tiles = Tiles::Shared),
        ),
        (
            "split dimensions",
            arrays(&|a| a.split_dims = true),
            arrays(&|a| a.split_dims = false),
        ),
        ("multicast and reduction", shared(true), shared(false)),
    ]
}

fn failures(of: impl Fn(&Case) -> Vec<String> + Sync, seeds: std::ops::Range<u64>) -> Vec<String> {
    let all = seeds.into_par_iter().flat_map_iter(|seed| {
        let case = feature_case(seed);
        of(&case)
            .into_iter()
            .map(move |what| format!("seed {seed}: {what}"))
    });
    all.collect()
}

/// Whether a restriction costs cycles; an error where it saves some.
fn costs(case: &Case, free: &Hardware, restricted: &Hardware) -> Result<bool, String> {
    if free == restricted {
        return Ok(false);
    }
    let (free, restricted) = (cycles(case, free), cycles(case, restricted));
    if free > restricted {
        return Err(format!("{free} cycles, without {restricted}"));
    }
    Ok(free < restricted)
}

/// And each restriction costs cycles somewhere, or the law would say nothing.
#[test]
fn a_restriction_never_saves_cycles() {
    let seeds: Vec<u64> = (20_000..20_040).collect();
    let law = |seed: &u64| -> Result<Vec<&'static str>, String> {
        let case = feature_case(*seed);
        let mut costly = Vec::new();
        for (what, free, restricted) in restrictions(&case.hardware) {
            match costs(&case, &free, &restricted) {
                Ok(true) => costly.push(what),
                Ok(false) => {}
                Err(wrong) => return Err(format!("seed {seed}: {what}: {wrong}")),
            }
        }
        Ok(costly)
    };
    let run = &seeds[..few(seeds.len())];
    let (costly, wrong): (Vec<_>, Vec<_>) = run.par_iter().map(law).partition(Result::is_ok);
    let wrong: Vec<String> = wrong.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let costly: Vec<&str> = costly.into_iter().flatten().flatten().collect();
    assert!(!costly.is_empty(), "no restriction matters");
    for (what, ..) in restrictions(&feature_case(20_000).hardware) {
        let matters = run.len() < seeds.len() || costly.contains(&what);
        assert!(matters, "{what} never matters");
    }
}

#[test]
fn every_objective_is_best_at_its_own() {
    let measures = [Measure::Cycles, Measure::Energy, Measure::EnergyDelay];
    let law = |case: &Case| -> Vec<String> {
        let costs = measures.map(|m| best(case, &case.hardware, m));
        let mut wrong = Vec::new();
        for (measure, own) in measures.iter().zip(&costs) {
            for other in &costs {
                let value = |cost: &Option<Cost>| cost.as_ref().map_or(0.0, |c| measure.of(c));
                if value(own) > value(other) * (1.0 + 1e-6) {
                    wrong.push(format!(
                        "{}: {} and {} for another objective",
                        measure.name(),
                        value(own),
                        value(other)
                    ));
                }
            }
        }
        wrong
    };
    let wrong = failures(law, 21_000..21_000 + few(40) as u64);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! Laws that hold whatever the optimum is, on random tiny problems and with the real solver.

use std::fs;
use std::ops::Range;

use crate::cases::share;
use crate::exhaustive::generate::{Case, case, uneven_case};
use deepmatrix::check::check;
use deepmatrix::cost::evaluate;
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::problem::result::{Cost, Solution, Status};
use deepmatrix::problem::{
    Bandwidth, Bytes, Dim, DimSet, Hardware, Layer, LayerKind, Level, LoopNest, Mapping, Memory,
    NestId, Network, PerDim, Ports, Tiles,
};
use deepmatrix::read;
use deepmatrix::report::mapping::document;
use rayon::prelude::*;

/// Applies a law to the cases of some seeds; every failure names its seed.
fn hold(seeds: Range<u64>, law: impl Fn(&Case) -> Result<(), String> + Sync) {
    let failures: Vec<String> = seeds
        .into_par_iter()
        .flat_map_iter(|seed| [("case", case(seed)), ("uneven_case", uneven_case(seed))])
        .filter_map(|(kind, case)| {
            let what = law(&case).err()?;
            Some(format!("{kind}({}): {what}", case.seed))
        })
        .collect();
    let count = failures.len();
    assert!(
        failures.is_empty(),
        "{count} failures:\n{}",
        failures.join("\n")
    );
}

fn optimum(nest: &LoopNest, hardware: &Hardware, divisors_only: bool) -> Solution {
    let options = SolveOptions {
        divisors_only,
        ..SolveOptions::default()
    };
    solve(nest, hardware, &options)
}

/// The least cycles; a problem without a mapping takes longer than any other.
fn cycles(solution: &Solution) -> u128 {
    let best = solution.best.as_ref();
    best.map_or(u128::MAX, |(_, cost)| cost.cycles)
}

fn at_most(what: &str, less: u128, more: u128) -> Result<(), String> {
    if less <= more {
        return Ok(());
    }
    Err(format!("{what}: {less} cycles instead of {more}"))
}

/// Hardware with one more byte, twice the capacity, twice the bandwidth of one memory, or one
/// more element along one axis, each with a name.
fn larger(hardware: &Hardware) -> Vec<(String, Hardware)> {
    let mut all = Vec::new();
    for (index, level) in hardware.levels.iter().enumerate() {
        let mut add = |what: String, level: Level| {
            let mut changed = hardware.clone();
            changed.levels[index] = level;
            all.push((what, changed));
        };
        match level {
            Level::Memory(memory) => {
                for (what, larger) in larger_memories(memory) {
                    add(
                        format!("{} with {what}", memory.name),
                        Level::Memory(larger),
                    );
                }
            }
            Level::Array(array) => {
                for axis in 0..array.axes.len() {
                    let mut larger = array.clone();
                    larger.axes[axis].size += 1;
                    let what = format!("one more element along {}", larger.axes[axis].name);
                    add(what, Level::Array(larger));
                }
            }
        }
    }
    all
}

fn larger_memories(memory: &Memory) -> Vec<(&'static str, Memory)> {
    let mut faster = memory.clone();
    faster.ports = twice(memory.ports);
    let mut all = vec![("twice the bandwidth", faster)];
    if let Some(Bytes(bytes)) = memory.capacity {
        for (what, bytes) in [("one more byte", bytes + 1), ("twice the bytes", 2 * bytes)] {
            let mut larger = memory.clone();
            larger.capacity = Some(Bytes(bytes));
            all.push((what, larger));
        }
    }
    all
}

fn twice(ports: Ports) -> Ports {
    let twice = |limit: Option<Bandwidth>| limit.and_then(|b| b.plus(b));
    match ports {
        Ports::Shared(limit) => Ports::Shared(twice(limit)),
        Ports::Separate { read, write } => Ports::Separate {
            read: twice(read),
            write: twice(write),
        },
    }
}

#[test]
fn more_hardware_never_costs_cycles() {
    hold(share(0..150), |case| {
        let before = cycles(&optimum(&case.nest, &case.hardware, false));
        larger(&case.hardware)
            .iter()
            .try_for_each(|(what, hardware)| {
                at_most(what, cycles(&optimum(&case.nest, hardware, false)), before)
            })
    });
}

/// The hardware whose first bounded memory has tiles per operand, or shared ones.
fn with_tiles(hardware: &Hardware, tiles: Tiles) -> Hardware {
    let mut changed = hardware.clone();
    if let Some(Level::Memory(sram)) = changed.levels.get_mut(1) {
        sram.tiles = tiles;
    }
    changed
}

#[test]
fn tiles_of_their_own_never_cost_cycles() {
    hold(share(0..200), |case| {
        let of = |tiles| {
            let hardware = with_tiles(&case.hardware, tiles);
            cycles(&optimum(&case.nest, &hardware, false))
        };
        at_most("per operand", of(Tiles::PerOperand), of(Tiles::Shared))
    });
}

#[test]
fn all_tiles_are_no_worse_than_divisors() {
    hold(share(0..300), |case| {
        let of = |divisors| cycles(&optimum(&case.nest, &case.hardware, divisors));
        at_most("all tiles", of(false), of(true))
    });
}

/// The problem with rows and another window exchanged: P with Q or Z, R with S or T.
fn transposed(case: &Case, other: usize) -> (LoopNest, Hardware) {
    let [(p, r), (q, s)] = [0, other].map(|axis| LoopNest::WINDOW_DIMS[axis]);
    let pairs = [(p, q), (q, p), (r, s), (s, r)];
    let partner = |d: Dim| {
        pairs
            .iter()
            .find(|pair| pair.0 == d)
            .map_or(d, |pair| pair.1)
    };
    let mut nest = case.nest.clone();
    nest.extents = PerDim(Dim::ALL.map(|d| case.nest.extents[partner(d)]));
    nest.windows.swap(0, other);
    let mut hardware = case.hardware.clone();
    for level in &mut hardware.levels {
        if let Level::Array(array) = level {
            for axis in &mut array.axes {
                axis.dims = DimSet::of(&axis.dims.iter().map(partner).collect::<Vec<_>>());
            }
        }
    }
    (nest, hardware)
}

#[test]
fn rows_and_columns_are_alike() {
    hold(share(0..200), |case| exchanged(case, 1));
}

#[test]
fn rows_and_depth_are_alike() {
    hold(share(0..120), |case| exchanged(case, 2));
}

/// Whether the best mapping takes as long with rows and another window exchanged.
fn exchanged(case: &Case, other: usize) -> Result<(), String> {
    let (nest, hardware) = transposed(case, other);
    let before = cycles(&optimum(&case.nest, &case.hardware, false));
    let after = cycles(&optimum(&nest, &hardware, false));
    at_most("transposed", after, before)?;
    at_most("transposed back", before, after)
}

#[test]
fn results_keep_their_bounds() {
    hold(share(0..300), |case| {
        for divisors in [false, true] {
            let solution = optimum(&case.nest, &case.hardware, divisors);
            match &solution.best {
                Some((_, cost)) => bounded(&solution, cost)?,
                None if solution.status() == Status::Infeasible => {}
                None => return Err(format!("{:?} without a mapping", solution.status())),
            }
        }
        Ok(())
    });
}

/// Every bound of a result is below its cycles, and one that is optimal meets its own.
fn bounded(solution: &Solution, cost: &Cost) -> Result<(), String> {
    let bounds = &solution.lower_bounds;
    at_most("compute bound", bounds.compute, cost.compute_cycles)?;
    at_most("lower bound", bounds.best(), cost.cycles)?;
    at_most("bound", solution.bound_cycles, cost.cycles)?;
    at_most(
        "lower bound below the bound",
        bounds.best(),
        solution.bound_cycles,
    )?;
    at_most("compute", cost.compute_cycles, cost.cycles)?;
    for memory in &cost.memories {
        at_most("a busy port", memory.busy_cycles, cost.cycles)?;
    }
    if solution.status() != Status::Optimal {
        return Err(format!("{:?} without a limit", solution.status()));
    }
    // Optimal is within a relative 2e-6, or one cycle.
    let slack = (cost.cycles / 500_000).max(1);
    at_most(
        "the gap of an optimum",
        cost.cycles,
        solution.bound_cycles + slack,
    )
}

/// The mapping as `evaluate --mapping` reads what `solve --format json` writes.
fn written_and_read(case: &Case, mapping: &Mapping) -> Result<Mapping, String> {
    let text = document("layer", &case.nest, &case.hardware, mapping);
    let text = serde_json::to_string(&text).map_err(|e| e.to_string())?;
    let file = tempfile::NamedTempFile::new().map_err(|e| e.to_string())?;
    fs::write(file.path(), &text).map_err(|e| e.to_string())?;
    let layer = Layer {
        name: "layer".to_owned(),
        op: "conv2d".to_owned(),
        kind: LayerKind::MultiplyAccumulate(Box::new(case.nest.clone())),
        from: Vec::new(),
        shape: Vec::new(),
        spec: deepmatrix::problem::LayerSpec::default(),
    };
    let network = Network {
        name: "one".to_owned(),
        source: None,
        batch: 1,
        input: None,
        loss: deepmatrix::problem::Loss::default(),
        layers: vec![layer],
    };
    let read = read::mappings(file.path(), &network, &case.hardware);
    let mut read = read.map_err(|e| format!("{e} in {text}"))?;
    match (read.pop(), read.is_empty()) {
        (
            Some((
                NestId {
                    layer: 0,
                    phase: None,
                },
                mapping,
            )),
            true,
        ) => Ok(mapping),
        _ => Err(format!("not one mapping in {text}")),
    }
}

#[test]
fn mappings_are_what_their_documents_say() {
    hold(share(0..300), |case| {
        let solution = optimum(&case.nest, &case.hardware, false);
        let Some((mapping, cost)) = &solution.best else {
            return Ok(());
        };
        let read = written_and_read(case, mapping)?;
        for (what, mapping) in [("found", mapping), ("read", &read)] {
            let again = evaluate(&case.nest, &case.hardware, mapping)
                .map_err(|e| format!("the mapping {what}: {e}"))?;
            if again != *cost {
                return Err(format!("the mapping {what}: {again:?} instead of {cost:?}"));
            }
            check(&case.nest, &case.hardware, mapping, &again)
                .map_err(|e| format!("the mapping {what}: {e}"))?;
        }
        Ok(())
    });
}

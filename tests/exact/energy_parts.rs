//! The least energy, and the least product of energy and cycles, of layers that are long enough for
//! uneven tiles: over parts of chains, of which those that another one makes useless are never
//! listed, and over whole chains.

use crate::cases::share;
use crate::machine;
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::problem::goal::Measure;
use deepmatrix::problem::result::Status;
use deepmatrix::problem::{
    AccessEnergy, Bandwidth, Bytes, Dim, Hardware, Level, LoopNest, Memory, PerDim, Ports,
    Precision, Role, RoleSet, Tiles, Window,
};
use deepmatrix::tiling::limits::WholeChains;

/// A buffer of some bytes above two axes of elements with registers of some bytes for some operands.
fn hardware(bytes: u64, registers: u64, holds: RoleSet, sizes: [u64; 2]) -> Hardware {
    let memory = |name, capacity: Option<u64>, pj_per_byte| Memory {
        capacity: capacity.map(Bytes),
        ports: Ports::Shared(Bandwidth::new(3, 1)),
        energy: AccessEnergy::both(Some(pj_per_byte)),
        ..machine::memory(name)
    };
    let axis = |name, size| machine::axis(name, size, &[Dim::N, Dim::K, Dim::C]);
    let levels = vec![
        Level::Memory(memory("dram", None, 20.0)),
        Level::Memory(memory("sram", Some(bytes), 5.0)),
        machine::array(vec![axis("rows", sizes[0]), axis("columns", sizes[1])]),
        Level::Memory(Memory {
            tiles: Tiles::Shared,
            holds,
            ..memory("registers", Some(registers), 1.5)
        }),
    ];
    Hardware {
        energy_pj_per_mac: Some(0.2),
        ..machine::hardware("parts", levels)
    }
}

/// A linear layer.
fn linear(n: u64, k: u64, c: u64) -> LoopNest {
    let mut extents = PerDim::all(1);
    extents[Dim::N] = n;
    extents[Dim::K] = k;
    extents[Dim::C] = c;
    let precision = Precision {
        input: 8,
        weight: 8,
        output: 8,
        accumulator: 16,
    };
    LoopNest::forward(extents, [Window::NONE; Window::COUNT], precision)
}

fn least(nest: &LoopNest, hardware: &Hardware, objective: Measure, longest: u64) -> f64 {
    let mut options = SolveOptions {
        objective,
        whole: [WholeChains {
            longest,
            most: 0,
            boxes: false,
        }; 2],
        ..SolveOptions::default()
    };
    // A first mapping could be the best one, whatever the columns leave out.
    options.switches.mapper.incumbent = longest > 1;
    let solution = solve(nest, hardware, &options);
    assert_eq!(solution.status(), Status::Optimal, "{:?}", nest.extents);
    objective.of(&solution.best.expect("a mapping").1)
}

#[test]
fn parts_leave_out_no_chain_of_least_energy() {
    let layers = [(5, 11, 13), (7, 17, 6), (9, 10, 15), (3, 19, 14)];
    let weights = RoleSet::of(&[Role::Weight]);
    let machines = [
        (90, 10, RoleSet::ALL, [3, 5]),
        (60, 14, RoleSet::ALL, [4, 3]),
        (150, 8, RoleSet::ALL, [7, 2]),
        (90, 3, weights, [3, 4]),
    ];
    let most = usize::try_from(share(0..layers.len() as u64).end).expect("few layers");
    for (n, k, c) in layers.into_iter().take(most) {
        for (bytes, registers, holds, sizes) in machines {
            let nest = linear(n, k, c);
            let hardware = hardware(bytes, registers, holds, sizes);
            for objective in [Measure::Energy, Measure::EnergyDelay] {
                let whole = least(&nest, &hardware, objective, u64::MAX);
                let parts = least(&nest, &hardware, objective, 1);
                assert!(
                    (whole - parts).abs() <= 2e-6 * whole,
                    "{n} {k} {c} on {bytes} {registers} {sizes:?}: {whole} {parts}"
                );
            }
        }
    }
}

/// The outer buffer keeps one operand, the inner one the others: a dimension that the first one lacks
/// has tiles of many elements in the second.
#[test]
fn parts_have_tiles_inside_a_buffer_that_their_dimension_does_not_use() {
    let inputs = RoleSet::of(&[Role::Input]);
    let others = RoleSet::of(&[Role::Weight, Role::Output]);
    for (n, k, c) in [(5, 11, 13), (9, 10, 15), (3, 19, 14)] {
        let nest = linear(n, k, c);
        for (outer, inner, sizes) in [(20, 40, [3, 2]), (40, 90, [2, 2]), (12, 60, [2, 3])] {
            let mut hardware = hardware(outer, inner, others, sizes);
            let Some(Level::Memory(buffer)) = hardware.levels.get_mut(1) else {
                panic!("the second level is a buffer");
            };
            buffer.holds = inputs;
            hardware.levels.swap(2, 3);
            let Some(Level::Memory(buffer)) = hardware.levels.get_mut(2) else {
                panic!("the third level is a buffer");
            };
            buffer.tiles = Tiles::PerOperand;
            for objective in [Measure::Cycles, Measure::Energy, Measure::EnergyDelay] {
                let whole = least(&nest, &hardware, objective, u64::MAX);
                let parts = least(&nest, &hardware, objective, 1);
                assert!(
                    (whole - parts).abs() <= 2e-6 * whole,
                    "{objective:?} {n} {k} {c} on {outer} {inner} {sizes:?}: {whole} {parts}"
                );
            }
        }
    }
}

/// On `eyeriss-like` each memory below the array keeps one operand: of a dimension that it lacks the
/// elements have tiles of one, after the last slot of its parts.
#[test]
fn parts_know_the_elements_below_the_last_slot() {
    let path = std::path::Path::new("inputs/hardware/eyeriss-like.yaml");
    let hardware = deepmatrix::read::hardware(path).expect("a hardware file");
    let mut options = SolveOptions {
        objective: Measure::EnergyDelay,
        time_limit: Some(std::time::Duration::from_secs(2)),
        ..SolveOptions::default()
    };
    // Without a first mapping the search begins with parts.
    options.switches.mapper.incumbent = false;
    let solution = solve(&linear(48, 48, 48), &hardware, &options);
    let bound = solution.objective_bound.map_or(0.0, |bound| bound.1);
    assert!(bound > 0.0, "{:?}", solution.reason);
    assert!(solution.statistics.nodes > 0);
    if let Some((_, cost)) = solution.best {
        assert!(Measure::EnergyDelay.of(&cost) >= bound);
    }
}

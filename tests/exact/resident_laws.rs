//! Laws of operands that lie in the shared memory: what never costs, and what no bound exceeds.

use crate::cases::{enough, share};
use crate::exhaustive::general::{Objective, optimum_of};
use crate::exhaustive::resident::{resident_case, subsets};
use crate::exhaustive::{Case, TileChoice};
use crate::machine;
use deepmatrix::check::check;
use deepmatrix::cost::bound::{compulsory_bits, exchanged_bits, least_energy, lower_bounds};
use deepmatrix::cost::evaluate;
use deepmatrix::exact::infeasible::too_small;
use deepmatrix::exact::{SolveOptions, TieBreak, solve};
use deepmatrix::problem::result::{Cost, MemoryCost, Solution, Status};
use deepmatrix::problem::{
    Bandwidth, Bits, Bytes, Dim, Hardware, Level, LoopNest, Mapping, Memory, Node, PerDim, Ports,
    Precision, Role, RoleSet, Tiles, Window,
};
use rayon::prelude::*;

/// Solves a case for fewest cycles alone.
pub fn solved(case: &Case) -> Solution {
    let options = SolveOptions {
        tie_break: TieBreak::Off,
        ..SolveOptions::default()
    };
    solve(&case.nest, &case.hardware, &options)
}

/// Its fewest cycles.
pub fn cycles(solution: &Solution) -> u128 {
    let best = solution.best.as_ref();
    best.map_or(u128::MAX, |best| best.1.cycles)
}

/// The sets with one operand more than `own`.
fn larger(own: RoleSet) -> impl Iterator<Item = RoleSet> {
    let missing = Role::ALL.into_iter().filter(move |&r| !own.contains(r));
    missing.map(move |role| {
        let all: Vec<Role> = own.iter().chain([role]).collect();
        RoleSet::of(&all)
    })
}

/// What a cost must be whatever is resident.
fn obeys(nest: &LoopNest, hardware: &Hardware, cost: &Cost) {
    let bounds = lower_bounds(nest, hardware);
    assert!(bounds.compute <= cost.compute_cycles);
    for (bound, own) in bounds.memories.iter().zip(&cost.memories) {
        assert!(bound.compulsory <= own.busy_cycles, "{bound:?} {own:?}");
        assert!(bound.loomis_whitney <= own.busy_cycles, "{bound:?} {own:?}");
    }
    assert!(compulsory_bits(nest).0 <= cost.outermost_bits());
    for role in nest.resident.iter() {
        let (outer, shared) = (&cost.memories[0], &cost.memories[1]);
        let traffic = outer.traffic[role as usize];
        assert_eq!((traffic.read, traffic.write), (Bits(0), Bits(0)));
        assert_eq!(shared.occupied[role as usize], Bits(0));
        assert!(!shared.doubled[role as usize]);
        assert_eq!(shared.added_cycles[role as usize], 0);
    }
    let moved: Bits = cost.memories[1]
        .traffic
        .iter()
        .map(|t| t.read + t.write)
        .sum();
    assert!(exchanged_bits(nest, hardware, 1) <= moved);
    if nest.resident == RoleSet::ALL {
        assert_eq!(cost.outermost_bits(), 0);
    }
    if let Some(energy) = cost.energy_pj {
        assert!(least_energy(nest, hardware, cost.cycles) <= energy * (1.0 + 1e-9));
    }
}

/// A mapping with what lies in the shared memory not doubled there, and not sliding.
fn lying(nest: &LoopNest, mapping: &Mapping) -> Mapping {
    let mut own = mapping.clone();
    own.double_buffered.retain(|node| !nest.is_resident(*node));
    let (level, role) = (1, Role::Input);
    own.slides
        .retain(|s| s.0 != level || !nest.is_resident(Node { level, role }));
    own
}

/// The case of a seed with these operands resident, and none that may go around the shared memory.
fn closed_case(seed: u64, own: RoleSet) -> Case {
    let mut case = resident_case(seed, own);
    if let Some(Level::Memory(memory)) = case.hardware.levels.get_mut(1) {
        memory.bypass = RoleSet::NONE;
    }
    case
}

/// Compares a mapping with the same one where one operand more is resident.
fn costs_no_more(case: &Case, mapping: &Mapping, cost: &Cost) {
    let (nest, hardware) = (&case.nest, &case.hardware);
    let mapping = lying(nest, mapping);
    let own = evaluate(nest, hardware, &mapping).expect("it takes no more room");
    assert!(own.cycles <= cost.cycles && own.compute_cycles == cost.compute_cycles);
    for (own, before) in own.memories.iter().zip(&cost.memories) {
        assert!(own.busy_cycles <= before.busy_cycles);
        let room = |cost: &MemoryCost| cost.occupied.iter().copied().sum::<Bits>();
        assert!(room(own) <= room(before));
    }
    obeys(nest, hardware, &own);
    assert_eq!(check(nest, hardware, &mapping, &own), Ok(()));
}

/// Where no operand may go around the shared memory, one operand more in it costs nothing: no
/// mapping takes more cycles, room or time of any port, and the fewest cycles are no more. All
/// bounds hold. (What may go around it is read past its port, which a resident operand is not.)
#[test]
fn residence_never_costs() {
    let sets: Vec<RoleSet> = [RoleSet::NONE].into_iter().chain(subsets()).collect();
    let compared: usize = share(0..120)
        .into_par_iter()
        .map(|seed| {
            let cases = sets.iter().map(|&own| closed_case(seed, own));
            let all: Vec<(Case, Solution)> = cases.map(|c| (c.clone(), solved(&c))).collect();
            let mut compared = 0;
            for (case, solution) in &all {
                let Some((mapping, cost)) = &solution.best else {
                    continue;
                };
                obeys(&case.nest, &case.hardware, cost);
                let elements = case.hardware.processing_elements();
                assert!(cost.cycles * elements >= case.nest.box_macs());
                for more in larger(case.nest.resident) {
                    let found = all.iter().find(|own| own.0.nest.resident == more);
                    let (other, fewer) = found.expect("one of all sets");
                    assert!(cycles(fewer) <= cost.cycles, "seed {seed}: {more:?}");
                    costs_no_more(other, mapping, cost);
                    compared += 1;
                }
            }
            compared
        })
        .sum();
    assert!(enough(compared, 1_000), "{compared}");
}

/// A memory above one element, of so many bytes.
pub fn plain(bytes: u64, tiles: Tiles) -> Hardware {
    let memory = |name, capacity: Option<u64>| Memory {
        capacity: capacity.map(Bytes),
        ports: Ports::Shared(Bandwidth::new(1, 1)),
        sliding_reuse: true,
        ..machine::memory(name)
    };
    let sram = Memory {
        tiles,
        ..memory("sram", Some(bytes))
    };
    let levels = [memory("dram", None), sram].map(Level::Memory);
    machine::hardware("plain", levels.to_vec())
}

/// A product of two square matrices of bytes.
pub fn product(size: u64) -> LoopNest {
    let mut extents = PerDim::all(1);
    for d in [Dim::N, Dim::K, Dim::C] {
        extents[d] = size;
    }
    let precision = Precision {
        input: 8,
        weight: 8,
        output: 8,
        accumulator: 8,
    };
    LoopNest::forward(extents, [Window::NONE; Window::COUNT], precision)
}

/// Matrices of 8 x 8 bytes beside a memory of 16: 512 products with 128 bits inside move at least
/// 2 · 512 · √(512 / 128) − 256 = 1,792 bits, more than 3 · 512 that are touched. With operands that
/// lie inside nothing of the kind holds: two resident ones leave a single fetch of the third, 512 bits.
#[test]
fn what_is_resident_takes_no_part_in_the_bound_of_the_outer_boundary() {
    let (nest, hardware) = (product(8), plain(16, Tiles::PerOperand));
    let bounds = |own: RoleSet| lower_bounds(&nest.clone().with_resident(own), &hardware);
    let none = bounds(RoleSet::NONE);
    assert_eq!(
        (none.memories[0].loomis_whitney, none.memories[0].compulsory),
        (224, 192)
    );
    for own in subsets() {
        let count = own.iter().count() as u128;
        let bounds = bounds(own);
        assert_eq!(bounds.memories[0].loomis_whitney, 0, "{own:?}");
        assert_eq!(bounds.memories[0].compulsory, 64 * (3 - count));
        assert_eq!(bounds.memories[1].compulsory, 64 * (3 + 3 - count));
        assert_eq!(
            exchanged_bits(&nest.clone().with_resident(own), &hardware, 0),
            Bits(0)
        );
        let options = SolveOptions {
            tie_break: TieBreak::All,
            ..SolveOptions::default()
        };
        let solution = solve(&nest.clone().with_resident(own), &hardware, &options);
        assert_eq!(solution.status(), Status::Optimal, "{own:?}");
        if count >= 2 {
            let (_, cost) = solution.best.expect("a mapping");
            assert_eq!(cost.outermost_bits(), 512 * (3 - count));
        }
    }
}

/// A memory of 2 bytes has no room for an element of each operand, of 1 byte each, unless one of
/// them lies there anyway.
#[test]
fn what_is_resident_needs_no_room() {
    let (nest, hardware) = (product(4), plain(2, Tiles::PerOperand));
    assert!(too_small(&nest, &hardware).is_some());
    for own in subsets() {
        let case = Case {
            seed: 0,
            nest: nest.clone().with_resident(own),
            hardware: hardware.clone(),
        };
        assert_eq!(too_small(&case.nest, &case.hardware), None);
        assert_eq!(solved(&case).status(), Status::Optimal);
    }
}

/// Six outputs of three taps over eight rows, all of them in a memory of 5 bytes beside weights and
/// two partial sums: a buffer below it walks along all rows, 8 bytes, as the tile around them may be
/// larger than the memory. Beside them 3 weights and 6 outputs cross its port twice: 26 cycles.
#[test]
fn what_is_resident_may_be_larger_than_its_memory() {
    let mut hardware = plain(5, Tiles::PerOperand);
    let Some(Level::Memory(sram)) = hardware.levels.get(1) else {
        panic!("a memory");
    };
    let buffer = Memory {
        name: "buffer".to_owned(),
        capacity: Some(Bytes(16)),
        ports: Ports::Shared(None),
        ..sram.clone()
    };
    hardware.levels.push(Level::Memory(buffer));
    let mut nest = product(1).with_resident(RoleSet::of(&[Role::Input]));
    (nest.extents[Dim::P], nest.extents[Dim::R]) = (6, 3);
    nest.windows[0].rows = 8;
    let case = Case {
        seed: 0,
        nest,
        hardware,
    };
    let solution = solved(&case);
    assert_eq!(solution.status(), Status::Optimal);
    assert_eq!(cycles(&solution), 26);
    let best = optimum_of(&case, TileChoice::All, Objective::Cycles);
    assert_eq!(best.map(|best| best.cycles), Some(26));
}

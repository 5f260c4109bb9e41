//! Laws of operands that lie in the shared memory: what never costs, what no bound exceeds, what
//! is refused, and what tells two problems apart.

use crate::cases::{enough, share};
use crate::exhaustive::general::{Objective, optimum_of};
use crate::exhaustive::resident::{any_resident_case, resident_case, subsets};
use crate::exhaustive::{Case, TileChoice};
use deepmatrix::check::{CheckError, check};
use deepmatrix::cost::bound::{compulsory_bits, exchanged_bits, least_energy, lower_bounds};
use deepmatrix::cost::evaluate;
use deepmatrix::exact::infeasible::too_small;
use deepmatrix::exact::{SolveOptions, TieBreak, solve};
use deepmatrix::layer::{decode, encode, spelling};
use deepmatrix::mapper::registry;
use deepmatrix::mapper::trial::{Budget, Trial};
use deepmatrix::problem::result::{Cost, MemoryCost, Solution, Status};
use deepmatrix::problem::{
    AccessEnergy, Axis, Bandwidth, Bits, Bytes, Dim, DimSet, Hardware, Level, LoopNest, Mapping,
    Memory, Node, Overlap, PerDim, Ports, Precision, ProblemError, Role, RoleSet, Tiles, Window,
};
use deepmatrix::sweep::cache;
use deepmatrix::tiling::site::Site;
use rayon::prelude::*;

fn solved(case: &Case) -> Solution {
    let options = SolveOptions {
        tie_break: TieBreak::Off,
        ..SolveOptions::default()
    };
    solve(&case.nest, &case.hardware, &options)
}

fn cycles(solution: &Solution) -> u128 {
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
fn plain(bytes: u64, tiles: Tiles) -> Hardware {
    let memory = |name: &str, capacity: Option<u64>| {
        Level::Memory(Memory {
            name: name.to_owned(),
            capacity: capacity.map(Bytes),
            ports: Ports::Shared(Bandwidth::new(1, 1)),
            energy: AccessEnergy::ABSENT,
            holds: RoleSet::ALL,
            bypass: RoleSet::NONE,
            overlap: Overlap::Ideal,
            tiles: if name == "sram" {
                tiles
            } else {
                Tiles::PerOperand
            },
            sliding_reuse: true,
            alignment: Memory::DEFAULT_ALIGNMENT,
        })
    };
    Hardware {
        name: "plain".to_owned(),
        source: None,
        clock_mhz: None,
        levels: vec![memory("dram", None), memory("sram", Some(bytes))],
        energy_pj_per_mac: None,
        static_pj_per_cycle: None,
        vector_lanes: None,
        dataflow: Vec::new(),
    }
}

/// A product of two square matrices of bytes.
fn product(size: u64) -> LoopNest {
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

/// Whether a solution says that there is no place for resident operands.
fn is_refused(hardware: &Hardware) -> bool {
    let nest = product(2).with_resident(RoleSet::of(&[Role::Weight]));
    let case = Case {
        seed: 0,
        nest,
        hardware: hardware.clone(),
    };
    let solution = solved(&case);
    let reason = solution.reason.clone().unwrap_or_default();
    solution.status() == Status::Infeasible && reason.contains("operands are resident")
}

#[test]
fn hardware_without_a_place_for_residents_is_refused() {
    assert!(!is_refused(&plain(100, Tiles::PerOperand)));
    assert!(is_refused(&plain(100, Tiles::Shared)));
    let mut partial = plain(100, Tiles::PerOperand);
    if let Some(Level::Memory(memory)) = partial.levels.get_mut(1) {
        memory.holds = RoleSet::of(&[Role::Weight, Role::Output]);
    }
    assert!(is_refused(&partial));
    let mut cores = plain(100, Tiles::PerOperand);
    let axis = Axis {
        name: "core".to_owned(),
        size: 2,
        dims: DimSet::ALL,
        multicast: true,
        reduce: true,
    };
    cores.levels.insert(
        1,
        Level::Array(deepmatrix::problem::Array {
            name: "cores".to_owned(),
            axes: vec![axis],
            split_dims: false,
        }),
    );
    assert!(is_refused(&cores));
    let mut alone = plain(100, Tiles::PerOperand);
    alone.levels.truncate(1);
    assert!(is_refused(&alone));
}

/// Nor is a mapping that is one without residents.
#[test]
fn mappings_without_a_place_for_residents_are_refused() {
    let (nest, hardware) = (product(2), plain(100, Tiles::Shared));
    let case = Case {
        seed: 0,
        nest: nest.clone(),
        hardware: hardware.clone(),
    };
    let (mapping, cost) = solved(&case).best.expect("a mapping");
    assert_eq!(check(&nest, &hardware, &mapping, &cost), Ok(()));
    let nest = nest.with_resident(RoleSet::of(&[Role::Weight]));
    let refused = evaluate(&nest, &hardware, &mapping);
    assert!(matches!(refused, Err(ProblemError::Residence { .. })));
    let refused = check(&nest, &hardware, &mapping, &cost);
    let residence =
        |e: &CheckError| matches!(e, CheckError::Mapping(ProblemError::Residence { .. }));
    assert!(refused.is_err_and(|e| residence(&e)));
}

/// A resident operand has a node, and no buffer or walk of its own, whatever the memory lets go
/// around it.
#[test]
fn what_is_resident_may_not_go_around() {
    let mut hardware = plain(100, Tiles::PerOperand);
    if let Some(Level::Memory(memory)) = hardware.levels.get_mut(1) {
        memory.bypass = RoleSet::ALL;
        memory.overlap = Overlap::Choose;
    }
    let nest = product(4).with_resident(RoleSet::of(&[Role::Input]));
    let case = Case {
        seed: 0,
        nest: nest.clone(),
        hardware: hardware.clone(),
    };
    let (mapping, cost) = solved(&case).best.expect("a mapping");
    let node = Node {
        level: 1,
        role: Role::Input,
    };
    assert!(mapping.keeps(node));
    let place = mapping
        .order
        .iter()
        .position(|&n| n == node)
        .expect("it is kept");
    let mut around = mapping.clone();
    around.order.remove(place);
    around.extents.remove(place);
    let refused = evaluate(&nest, &hardware, &around);
    assert!(
        matches!(refused, Err(ProblemError::NotKept { .. })),
        "{refused:?}"
    );
    assert!(check(&nest, &hardware, &around, &cost).is_err());
    let mut doubled = mapping.clone();
    doubled.double_buffered = vec![node];
    let refused = evaluate(&nest, &hardware, &doubled);
    assert!(matches!(refused, Err(ProblemError::DoubleBuffered { .. })));
    assert!(check(&nest, &hardware, &doubled, &cost).is_err());
}

#[test]
fn a_known_solution_is_that_of_the_same_residents() {
    let hardware = plain(100, Tiles::PerOperand);
    let options = SolveOptions::default();
    let key = |own: RoleSet| cache::key(&product(4).with_resident(own), &hardware, &options);
    let mut keys: Vec<cache::Key> = subsets().map(key).collect();
    keys.push(key(RoleSet::NONE));
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 8);
}

/// The best mapping of a case is one of the classes that are listed, and comes back from its columns;
/// the class comes back from its name.
#[test]
fn mappings_with_residents_are_written_as_classes_and_columns() {
    for seed in 0..28 {
        let case = any_resident_case(seed);
        let (nest, hardware) = (&case.nest, &case.hardware);
        let Some((mapping, cost)) = solved(&case).best else {
            continue;
        };
        let site = Site::new(nest, hardware);
        let classes = encode::classes(nest, hardware, &mapping.order);
        assert!(!classes.is_empty(), "seed {seed}");
        let found = classes.iter().any(|class| {
            let name = deepmatrix::layer::names::class(hardware, class);
            assert_eq!(spelling::class(nest, hardware, &name).as_ref(), Some(class));
            encode::columns(&site, class, &mapping).is_some_and(|columns| {
                let choice = vec![0; columns.len()];
                let own = decode::mapping(nest, hardware, &columns, class, &choice);
                evaluate(nest, hardware, &own).is_ok_and(|own| own.cycles == cost.cycles)
            })
        });
        assert!(found, "seed {seed}: {mapping:?}");
    }
}

/// Every heuristic finds mappings with residents, none better than the best, and all are right.
#[test]
fn heuristics_map_what_has_residents() {
    let mut found = vec![0; registry::ALL.len()];
    for seed in 0..21 {
        let case = any_resident_case(seed);
        let best = solved(&case);
        if best.best.is_none() {
            continue;
        }
        for (own, mapper) in found.iter_mut().zip(registry::ALL) {
            let budget = Budget {
                evaluations: 200,
                ..Budget::default()
            };
            let mut trial = Trial::new(&case.nest, &case.hardware, &budget);
            mapper.map(&mut trial);
            if let Some((mapping, cost)) = trial.finish().best {
                assert!(
                    cost.cycles >= cycles(&best),
                    "{}, seed {seed}",
                    mapper.name()
                );
                let checked = check(&case.nest, &case.hardware, &mapping, &cost);
                assert_eq!(checked, Ok(()), "{}, seed {seed}", mapper.name());
                *own += 1;
            }
        }
    }
    let few = found.iter().filter(|&&n| n < 5).count();
    assert!(few <= 2, "{found:?}");
}

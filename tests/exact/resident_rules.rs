//! Operands that lie in the shared memory: what is refused, what tells two problems apart, how
//! mappings are written as classes and columns, and what heuristics find.

use crate::exhaustive::Case;
use crate::exhaustive::resident::{any_resident_case, subsets};
use crate::resident_laws::{cycles, plain, product, solved};
use deepmatrix::check::{CheckError, check};
use deepmatrix::cost::evaluate;
use deepmatrix::exact::SolveOptions;
use deepmatrix::layer::{decode, encode, names, spelling};
use deepmatrix::mapper::registry;
use deepmatrix::mapper::trial::{Budget, Trial};
use deepmatrix::problem::result::Status;
use deepmatrix::problem::{
    Array, Axis, DimSet, Hardware, Level, Node, Overlap, ProblemError, Role, RoleSet, Tiles,
};
use deepmatrix::sweep::cache;
use deepmatrix::tiling::site::Site;

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
        Level::Array(Array {
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
            let name = names::class(hardware, class);
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

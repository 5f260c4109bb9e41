//! The independent check of restrictions agrees with what the search goes by, on every mapping of
//! random tiny cases, under every dataflow and under random parts of mappings.

use deepmatrix::check::restrict;
use deepmatrix::cost::dataflow;
use deepmatrix::problem::{Dataflow, Fixed, Mapping};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::cases::{enough, share};
use crate::mappings::Mappings;
use crate::mappings::generate::{Case, case};
use crate::restricted::random_parts;

/// How many mappings of a case keep to a restriction, and how many do not.
fn compare(case: &Case) -> [u64; 2] {
    let mut all: Vec<Mapping> = Vec::new();
    let mappings = Mappings {
        nest: &case.nest,
        hardware: &case.hardware,
    };
    mappings.for_each(&mut |mapping, _| all.push(mapping.clone()));
    let mut rng = ChaCha8Rng::seed_from_u64(case.seed);
    let mut restrictions: Vec<(Vec<Dataflow>, Vec<Fixed>)> = Dataflow::ALL
        .iter()
        .map(|&flow| (vec![flow], Vec::new()))
        .collect();
    for share in [0.1, 0.3] {
        if !all.is_empty() {
            let of = &all[rng.random_range(0..all.len())];
            restrictions.push((Vec::new(), random_parts(case, of, share, &mut rng)));
        }
    }
    let mut numbers = [0, 0];
    for (flows, fixed) in restrictions {
        let mut hardware = case.hardware.clone();
        hardware.dataflow = flows;
        let entries: Vec<&Fixed> = fixed.iter().collect();
        for mapping in &all {
            let checked = restrict::check(&case.nest, &hardware, &entries, mapping);
            let expected = dataflow::allows(&case.nest, &hardware, &fixed, mapping);
            assert_eq!(
                checked.is_ok(),
                expected,
                "seed {}: {checked:?} {:?} {fixed:?}\n{:?}\n{:?}\n{mapping:?}",
                case.seed,
                hardware.dataflow,
                case.nest,
                hardware.levels
            );
            numbers[usize::from(!expected)] += 1;
        }
    }
    numbers
}

#[test]
fn the_check_of_restrictions_agrees_with_the_search() {
    let numbers: Vec<[u64; 2]> = share(40_000..40_150)
        .into_par_iter()
        .map(|seed| compare(&case(seed, 20_000)))
        .collect();
    for side in [0, 1] {
        let total: u64 = numbers.iter().map(|n| n[side]).sum();
        assert!(enough(total, 10_000), "only {total}");
    }
}

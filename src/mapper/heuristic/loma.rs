//! Enumeration of all orders of a bounded number of loops.
//!
//! LOMA (Symons, Mei & Verhelst 2021, AICAS, section III; the engine in `ZigZag`): the temporal
//! loops are split into prime factors; while there are more than the limit, the two smallest
//! factors of the dimension with the most of them are merged; then every order of what is left,
//! equal loops not told apart, is tried, its memories filled from the innermost out (`nest`).

use crate::problem::{ArrayMapping, Dim, DimSet};

use super::super::Mapper;
use super::super::trial::Trial;
use super::annealing::cycles_of;
use super::nest::{self, Loop};
use super::spread;

/// The mapper.
#[derive(Debug)]
pub struct Loma;

/// The most loops; 6 in the examples of `ZigZag`. More where there are more dimensions.
const LOOPS: usize = 6;
/// Spatial loops that are tried, as many as `ZigZag` generates by default.
const SPREADS: usize = 3;

impl Mapper for Loma {
    fn name(&self) -> &'static str {
        "loma"
    }

    fn description(&self) -> &'static str {
        "all orders of a bounded number of prime factors (LOMA, Symons et al. 2021, III)"
    }

    fn space(&self) -> &'static str {
        "merged prime factors, per operand"
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![
            ("loops", LOOPS.to_string()),
            ("spatial_loops", SPREADS.to_string()),
        ]
    }

    fn map(&self, trial: &mut Trial<'_>) {
        let all = spread::options(trial.operation, trial.hardware, DimSet::ALL, false, SPREADS);
        for spatial in &all {
            let mut loops = nest::prime_loops(trial.operation, spatial);
            merge(&mut loops, LOOPS);
            loops.sort_unstable();
            permute(trial, spatial, &mut Vec::new(), &mut loops);
        }
    }
}

/// Merges the two smallest factors of the dimension with the most of them until few are left, but
/// one at least of each dimension.
pub(super) fn merge(loops: &mut Vec<Loop>, most: usize) {
    while loops.len() > most {
        let count = |d: Dim| loops.iter().filter(|l| l.0 == d).count();
        let mut fullest = Dim::G;
        for d in Dim::ALL {
            if count(d) > count(fullest) {
                fullest = d;
            }
        }
        if count(fullest) < 2 {
            return;
        }
        let mut own: Vec<u64> = loops
            .iter()
            .filter(|l| l.0 == fullest)
            .map(|l| l.1)
            .collect();
        own.sort_unstable();
        loops.retain(|l| l.0 != fullest);
        loops.push((fullest, own[0] * own[1]));
        loops.extend(own[2..].iter().map(|&factor| (fullest, factor)));
    }
}

/// Tries every order that begins with the loops chosen so far; `left` is sorted.
fn permute(
    trial: &mut Trial<'_>,
    spatial: &[ArrayMapping],
    chosen: &mut Vec<Loop>,
    left: &mut Vec<Loop>,
) {
    if trial.is_over() {
        return;
    }
    if left.is_empty() {
        cycles_of(trial, spatial, chosen);
        return;
    }
    for i in 0..left.len() {
        if i > 0 && left[i] == left[i - 1] {
            continue;
        }
        let own = left.remove(i);
        chosen.push(own);
        permute(trial, spatial, chosen, left);
        chosen.pop();
        left.insert(i, own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_factors_of_the_fullest_dimension_are_merged() {
        let mut loops = vec![
            (Dim::K, 2),
            (Dim::K, 2),
            (Dim::K, 3),
            (Dim::C, 5),
            (Dim::P, 7),
        ];
        merge(&mut loops, 4);
        loops.sort_unstable();
        assert_eq!(loops, [(Dim::K, 3), (Dim::K, 4), (Dim::C, 5), (Dim::P, 7)]);
        merge(&mut loops, 2);
        loops.sort_unstable();
        assert_eq!(loops, [(Dim::K, 12), (Dim::C, 5), (Dim::P, 7)]);
    }
}

//! What solutions on other hardware of the sweep say of the one that is looked for.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::cost::monotone::{covers, scaled_bound};
use crate::problem::result::Solution;
use crate::problem::{Hardware, LoopNest, Mapping};

/// Mappings of other hardware from which a search starts, at most.
const MOST_STARTS: usize = 8;

/// A solution on one piece of hardware.
#[derive(Debug)]
struct Known {
    /// The rank of its point.
    rank: usize,
    hardware: Hardware,
    mapping: Option<Mapping>,
    cycles: u128,
    bound_cycles: u128,
}

/// Solutions by loop nest.
#[derive(Debug, Default)]
pub(super) struct AllKnown {
    of: BTreeMap<LoopNest, Vec<Known>>,
}

/// From what a search may start.
#[derive(Debug, Default)]
pub(super) struct Hints {
    /// Mappings that exist on this hardware too, best first.
    pub(super) start: Vec<Mapping>,
    /// A bound on the cycles of every mapping; 0 where there is none.
    pub(super) bound: u128,
}

impl AllKnown {
    /// Enters a solution of a point.
    pub(super) fn enter(
        &mut self,
        rank: usize,
        operation: &LoopNest,
        hardware: &Hardware,
        solution: &Solution,
    ) {
        let best = solution.best.as_ref();
        let known = Known {
            rank,
            hardware: hardware.clone(),
            mapping: best.map(|best| best.0.clone()),
            cycles: best.map_or(u128::MAX, |best| best.1.cycles),
            bound_cycles: solution.bound_cycles,
        };
        self.of.entry(operation.clone()).or_default().push(known);
    }

    /// What points of lower rank say: in whatever order those of one rank were solved, it is the same.
    pub(super) fn hints(&self, rank: usize, operation: &LoopNest, hardware: &Hardware) -> Hints {
        let all = self.of.get(operation).map_or(&[][..], Vec::as_slice);
        let lower = || all.iter().filter(|known| known.rank < rank);
        let bounds = lower().filter_map(|known| bound(known, operation, hardware));
        let mut smaller: Vec<&Known> = lower()
            .filter(|known| known.mapping.is_some())
            .filter(|known| {
                covers(operation, hardware, &known.hardware)
                    || covers(operation, &known.hardware, hardware)
            })
            .collect();
        smaller.sort_by_key(|known| (known.cycles, Reverse(known.rank), &known.mapping));
        let mut start: Vec<Mapping> = Vec::new();
        for mapping in smaller.into_iter().filter_map(|k| k.mapping.as_ref()) {
            if start.len() < MOST_STARTS && !start.contains(mapping) {
                start.push(mapping.clone());
            }
        }
        Hints {
            start,
            bound: bounds.max().unwrap_or(0),
        }
    }
}

/// What the bound on one piece of hardware says of another one.
fn bound(known: &Known, operation: &LoopNest, hardware: &Hardware) -> Option<u128> {
    let same = covers(operation, &known.hardware, hardware).then_some(known.bound_cycles);
    same.max(scaled_bound(
        operation,
        hardware,
        &known.hardware,
        known.bound_cycles,
    ))
}

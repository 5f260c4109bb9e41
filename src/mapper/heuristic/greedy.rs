//! The largest tile that fits, by reuse.
//!
//! After `SmartShuttle` (Li et al. 2018, DATE, section IV), which keeps either partial sums or
//! weights on chip, whichever is better, and gives it the largest tile that fits: here each operand
//! is kept in turn. From the outer memory in, a tile grows step by step along the dimension that
//! saves most traffic and cycles for the space that it takes, until nothing fits or saves.

use std::cmp::Reverse;

use crate::cost::bound::touched;
use crate::problem::{Dim, DimSet, Mapping, Role};

use super::super::Mapper;
use super::super::trial::{Score, Trial};
use super::candidate::Candidate;
use super::numbers::{even_extents, log};
use super::{climb, spread};

/// The mapper.
#[derive(Debug)]
pub struct Greedy;

impl Mapper for Greedy {
    fn name(&self) -> &'static str {
        "greedy"
    }

    fn description(&self) -> &'static str {
        "the largest tile that fits, by reuse (after SmartShuttle, Li et al. 2018, IV)"
    }

    fn space(&self) -> &'static str {
        "even extents, one box per memory"
    }

    fn map(&self, trial: &mut Trial<'_>) {
        let (operation, hardware) = (trial.operation, trial.hardware);
        let best = spread::options(operation, hardware, DimSet::ALL, false, 1);
        let mut smallest = Candidate::smallest(hardware);
        if let Some(spatial) = best.into_iter().next() {
            smallest.spatial = spatial;
        }
        let any = |_: &Mapping| true;
        // Spatial factors may ask for more than the memories hold: then fewer elements work.
        let smallest = loop {
            let mut fed = smallest.clone();
            fed.feed();
            if climb::offer(trial, &fed, &any).is_some() {
                break fed;
            }
            if trial.is_over() || !narrow(&mut smallest) {
                return;
            }
        };
        // The operands of most bits first: what stands first is loaded once for each of its tiles.
        let mut roles = Role::ALL;
        roles.sort_by_key(|&role| Reverse(touched(operation, role)));
        for kept in roles {
            let mut candidate = smallest.clone();
            for store in &mut candidate.stores {
                store.order.sort_by_key(|&role| role != kept);
                store.slide = Some(Dim::P);
            }
            for memory in 0..candidate.stores.len() {
                enlarge(trial, &mut candidate, memory);
            }
        }
    }
}

/// Grows the tile of a memory, each time along the dimension that saves most for the bits that it
/// takes, as far as it fits.
fn enlarge(trial: &mut Trial<'_>, candidate: &mut Candidate, memory: usize) {
    let any = |_: &Mapping| true;
    let Some(mut now) = climb::offer(trial, candidate, &any) else {
        return;
    };
    loop {
        let mut best: Option<(f64, Score, Candidate)> = None;
        for d in Dim::ALL
            .into_iter()
            .filter(|&d| trial.operation.extents[d] > 1)
        {
            let before = candidate.stores[memory].tiles[0][d];
            let extents = even_extents(trial.operation.extents[d]);
            let larger = extents.iter().copied().filter(|&e| e > before);
            // The next extent, and one about twice as large, as one step alone may save nothing.
            let twice = extents
                .iter()
                .copied()
                .find(|&e| e >= 2 * before && e > before);
            for extent in larger.take(1).chain(twice) {
                let mut next = candidate.clone();
                for store in candidate.buffer(memory) {
                    let own = candidate.stores[store].tiles[0][d];
                    next.set(store, d, own.max(extent));
                }
                let Some(after) = climb::offer(trial, &next, &any).filter(|s| *s < now) else {
                    continue;
                };
                let gain = saving(now, after) / (log(extent) - log(before));
                if best.as_ref().is_none_or(|b| gain > b.0) {
                    best = Some((gain, after, next));
                }
            }
        }
        match best {
            Some((_, after, next)) => (now, *candidate) = (after, next),
            None => return,
        }
    }
}

/// What a step saves, as a part of what there was.
#[expect(clippy::cast_precision_loss, reason = "compared as ratios")]
fn saving(before: Score, after: Score) -> f64 {
    let part = |a: u128, b: u128| (a as f64 - b as f64) / (a as f64).max(1.0);
    part(before.cycles, after.cycles) + part(before.work, after.work)
}

/// Halves the largest spatial factor; whether there was one.
fn narrow(candidate: &mut Candidate) -> bool {
    let factors = candidate.spatial.iter_mut().flat_map(|a| a.axes.iter_mut());
    let largest = factors
        .flat_map(|axis| axis.0.iter_mut())
        .max_by_key(|f| **f);
    match largest {
        Some(factor) if *factor > 1 => {
            *factor = factor.div_ceil(2);
            true
        }
        _ => false,
    }
}

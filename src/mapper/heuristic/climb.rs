//! Growing tiles step by step, each time where it helps most.

use crate::problem::{Dim, LoopNest, Mapping, Role, Tiles};

use super::super::trial::{Score, Trial};
use super::candidate::Candidate;
use super::numbers::even_extents;

/// Grows the tiles of the memories with these indices while that gives a better score: each time the one extent of
/// one memory, for all operands together or for one of them, that improves it most. Only
/// mappings that pass the test count. Returns the score reached.
pub fn grow(
    trial: &mut Trial<'_>,
    candidate: &mut Candidate,
    memories: &[usize],
    passes: &dyn Fn(&Mapping) -> bool,
) -> Option<Score> {
    let (operation, hardware) = (trial.operation, trial.hardware);
    let mut score = offer(trial, candidate, passes)?;
    loop {
        let mut best: Option<(Score, Candidate)> = None;
        for step in steps(trial, candidate, memories) {
            if trial.is_over() {
                break;
            }
            if step.mapping(operation, hardware) == candidate.mapping(operation, hardware) {
                continue;
            }
            let Some(own) = offer(trial, &step, passes) else {
                continue;
            };
            if own < score && best.as_ref().is_none_or(|b| own < b.0) {
                best = Some((own, step));
            }
        }
        match best {
            Some((own, step)) => (score, *candidate) = (own, step),
            None => return Some(score),
        }
    }
}

/// Chooses the orders and slides that score best with the tiles of a candidate, memory by memory
/// from the outside in; the score reached.
pub fn settle(trial: &mut Trial<'_>, candidate: &mut Candidate) -> Option<Score> {
    let any = |_: &Mapping| true;
    let mut best = offer(trial, candidate, &any);
    for index in 0..candidate.stores.len() {
        for stationary in candidate.stores[index].order.clone() {
            for slide in trial.operation.window_outputs() {
                let mut other = candidate.clone();
                let store = &mut other.stores[index];
                store.order.sort_by_key(|&role| role != stationary);
                store.slide = Some(slide);
                let own = offer(trial, &other, &any);
                if own.is_some_and(|own| best.is_none_or(|b| own < b)) {
                    (best, *candidate) = (own, other);
                }
            }
        }
    }
    best
}

/// Offers a candidate.
pub fn offer(
    trial: &mut Trial<'_>,
    candidate: &Candidate,
    passes: &dyn Fn(&Mapping) -> bool,
) -> Option<Score> {
    let mapping = candidate.mapping(trial.operation, trial.hardware);
    trial.offer_if(mapping, |mapping, _| passes(mapping))
}

/// Extents that are tried: those with which a dimension is cut evenly.
fn extents(operation: &LoopNest, d: Dim) -> Vec<u64> {
    even_extents(operation.extents[d])
}

/// All candidates with one extent a step larger.
fn steps(trial: &Trial<'_>, candidate: &Candidate, memories: &[usize]) -> Vec<Candidate> {
    let mut all = Vec::new();
    for &index in memories {
        let store = &candidate.stores[index];
        let memory = trial.hardware.memory(store.level);
        let own = memory.is_some_and(|m| m.tiles == Tiles::PerOperand) && store.order.len() > 1;
        for d in Dim::ALL
            .into_iter()
            .filter(|&d| trial.operation.extents[d] > 1)
        {
            let list = extents(trial.operation, d);
            let next = |now: u64| list.iter().copied().find(|&e| e > now);
            let least = Role::ALL
                .map(|role| store.tiles[role as usize][d])
                .into_iter()
                .min();
            for extent in least.into_iter().flat_map(|now| larger(&list, now)) {
                let mut together = candidate.clone();
                for store in candidate.buffer(index) {
                    for tile in &mut together.stores[store].tiles {
                        tile[d] = tile[d].max(extent);
                    }
                }
                all.push(together);
            }
            for &role in store.order.iter().filter(|_| own) {
                if let Some(extent) = next(store.tiles[role as usize][d])
                    && trial.operation.is_relevant(role, d)
                {
                    let mut alone = candidate.clone();
                    alone.stores[index].tiles[role as usize][d] = extent;
                    all.push(alone);
                }
            }
        }
    }
    all
}

/// The next extent of a list, the one that is about twice as large, and the largest.
fn larger(list: &[u64], now: u64) -> Vec<u64> {
    let mut found: Vec<u64> = Vec::new();
    found.extend(list.iter().copied().find(|&e| e > now));
    found.extend(list.iter().copied().find(|&e| e >= 2 * now && e > now));
    found.extend(list.last().copied().filter(|&e| e > now));
    found.dedup();
    found
}

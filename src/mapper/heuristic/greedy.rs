//! The largest tile that fits, by reuse.
//!
//! After `SmartShuttle` (Li et al. 2018, DATE, section IV): off-chip traffic is what counts, so
//! the operand whose reloading would cost most is kept longest, and the tiles of the outer memory
//! grow as far as they fit along the dimensions that save most of it. Memories further in follow
//! likewise inside the tiles of the one above. Nothing is tried twice: a rule, no search.

use crate::cost::bound::touched;
use crate::problem::{Dim, DimSet, Mapping, Role};

use super::super::Mapper;
use super::super::trial::Trial;
use super::candidate::Candidate;
use super::numbers::even_extents;
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
        let mut candidate = Candidate::smallest(hardware);
        if let Some(spatial) = best.into_iter().next() {
            candidate.spatial = spatial;
        }
        let any = |_: &Mapping| true;
        // Operands of most bits first: what stands first is loaded once for each of its tiles.
        let mut roles = Role::ALL;
        roles.sort_by_key(|&role| std::cmp::Reverse(touched(operation, role)));
        let dims = by_reuse(trial, &roles);
        for store in &mut candidate.stores {
            store
                .order
                .sort_by_key(|role| roles.iter().position(|r| r == role));
            store.slide = Some(Dim::P);
        }
        // Spatial factors may ask for more than the innermost memories hold: then fewer elements work.
        while climb::offer(trial, &candidate, &any).is_none() {
            if trial.is_over() || !narrow(&mut candidate) {
                return;
            }
        }
        for index in 0..candidate.stores.len() {
            for &d in &dims {
                enlarge(trial, &mut candidate, index, d);
            }
        }
    }
}

/// Dimensions in the order in which tiles grow: first the kernel's, whose rows overlap, then
/// those irrelevant to the operand of most bits, whose reloading they save, and so on.
fn by_reuse(trial: &Trial<'_>, roles: &[Role; 3]) -> Vec<Dim> {
    let operation = trial.operation;
    let mut dims: Vec<Dim> = (Dim::ALL.into_iter())
        .filter(|&d| operation.extents[d] > 1)
        .collect();
    let rank = |d: Dim| {
        roles
            .iter()
            .position(|&role| !operation.is_relevant(role, d))
    };
    dims.sort_by_key(|&d| {
        (
            !matches!(d, Dim::R | Dim::S),
            rank(d).unwrap_or(roles.len()),
        )
    });
    dims
}

/// Sets the largest extent with which a candidate is valid and no slower.
fn enlarge(trial: &mut Trial<'_>, candidate: &mut Candidate, store: usize, d: Dim) {
    let any = |_: &Mapping| true;
    let Some(before) = climb::offer(trial, candidate, &any) else {
        return;
    };
    let extents = even_extents(trial.operation.extents[d]);
    for &extent in extents.iter().rev() {
        if extent <= candidate.stores[store].tiles[0][d] || trial.is_over() {
            return;
        }
        let mut larger = candidate.clone();
        larger.set(store, d, extent);
        if climb::offer(trial, &larger, &any).is_some_and(|after| after <= before) {
            *candidate = larger;
            return;
        }
    }
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

//! The inner parts of a long dimension's chains: spatial factors and the slots below the first array.

use smallvec::smallvec;

use crate::problem::Dim;
use crate::tiling::candidates::Candidates;
use crate::tiling::chain::Chain;
use crate::tiling::limits::ColumnLimits;
use crate::tiling::site::Site;
use crate::tiling::slot::Slot;
use crate::tiling::spreads::spreads;
use crate::tiling::tile_space::TileSpace;
use crate::tiling::wanted::Wanted;

use super::found::Found;

/// All spatial factors with all extents below the array, counts at the least they can be;
/// `None` where there are too many, or if it is time to stop.
#[must_use]
pub fn inner_parts(site: &Site<'_>, d: Dim, limits: &ColumnLimits) -> Option<Vec<Chain>> {
    let slots = site.slots(d);
    let outer = site.outer_slots(d);
    let candidates = Candidates::new(site, d, TileSpace::All);
    let extent = site.extent(d);
    let mut found = Found::new(limits);
    for spread in spreads(site, d, TileSpace::All, limits)? {
        let chain = Chain {
            spread,
            extents: smallvec![1; slots.len()],
            third: None,
            counts: smallvec![1; slots.len()],
            steps: 1,
        };
        add_inner(
            slots,
            &candidates,
            extent,
            outer,
            slots.len(),
            &chain,
            &mut found,
        );
    }
    let wanted = Wanted::within(site, d, limits);
    let mut all = found.complete()?;
    all.retain(|own| {
        let has = |slot: usize, e| own.extents[slot] == e;
        wanted.is_met(slots, outer..slots.len(), has)
    });
    Some(all)
}

fn add_inner(
    slots: &[Slot],
    candidates: &Candidates,
    extent: u64,
    outer: usize,
    slot: usize,
    chain: &Chain,
    found: &mut Found<'_, Chain>,
) {
    if slot == outer {
        let mut done = chain.clone();
        for (i, own) in slots.iter().enumerate().skip(outer) {
            let wide = done.extents[i] * done.spread_above(own.level);
            done.counts[i] = extent.div_ceil(wide);
        }
        done.steps = extent.div_ceil(done.spread_above(usize::MAX));
        found.all.push(done);
        return;
    }
    let this = slot - 1;
    if slots[this].level == candidates.compute_level() {
        add_inner(slots, candidates, extent, outer, this, chain, found);
        return;
    }
    let spread = chain.spread_above(slots[this].level);
    let between = if slot < slots.len() {
        chain.spread_above(slots[slot].level) / spread
    } else {
        1
    };
    let smallest = if slot < slots.len() {
        (chain.extents[slot] - 1) * between + 1
    } else {
        1
    };
    let mut largest = extent.div_ceil(spread).min(candidates.limit(this));
    if candidates.is_never_used(this) {
        let inside = if slot < slots.len() {
            chain.wide(slots, slot)
        } else {
            1
        };
        largest = largest.min(inside.div_ceil(spread));
    }
    for own in smallest..=largest {
        if found.is_over() {
            return;
        }
        let mut next = chain.clone();
        next.extents[this] = own;
        add_inner(slots, candidates, extent, outer, this, &next, found);
    }
}

/// \[PRU12\] The least array-wide extent above the array that is worth an inner part's factors: in a
/// smaller tile one of them could be smaller without a step more. With `idle`, where factors are not
/// free, the least that leaves each element its tile.
///
/// Where steps do not tell chains apart, the factor of a single axis could be smaller without a
/// larger extent anywhere in every tile that one element less could hold: then fewer elements have
/// something to do in a visit, and as many visits have something to do.
#[must_use]
pub fn need(slots: &[Slot], outer: usize, inner: &Chain, wanted: &Wanted) -> u64 {
    let idle = wanted.leaves_idle() || !wanted.switches().factor_need;
    let spread = inner.spread_above(usize::MAX);
    let factors = inner
        .spread
        .iter()
        .map(|s| spread / s.factor * (s.factor - 1) + 1);
    let spread = factors.max().filter(|_| !idle).unwrap_or(1);
    let first = slots.get(outer).map_or(1, |s| {
        let own = inner.spread_above(s.level);
        (inner.extents[outer] - 1) * own + 1
    });
    match (inner.spread.as_slice(), inner.extents.last()) {
        ([only], Some(&own)) if wanted.has_free_steps() && !idle => {
            first.max((only.factor - 1) * own + 1)
        }
        _ => first.max(spread),
    }
}

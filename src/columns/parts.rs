//! Long dimensions in two parts: the extents above the first array, and the rest of the chain.
//!
//! A dimension of a few hundred has hundreds of thousands of chains, but only a thousand ways
//! to cut it above the array and a few hundred ways to spread it and cut it below. A program
//! over these two lists, every attribute at the least it can be, bounds the program over all
//! chains from below. It leaves few pairs, and only these are expanded into chains.

use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

use crate::engine::Watch;
use crate::engine::watch::Ticker;
use crate::problem::{Dim, Hardware, LoopNest};

use super::least_tiles::least_tiles;
use super::outer_box::{OuterBox, Split};
use crate::tiling::bypass::Optional;
use crate::tiling::candidates::Candidates;
use crate::tiling::chain::Chain;
use crate::tiling::facts::Facts;
use crate::tiling::limits::ColumnLimits;
use crate::tiling::receivers::{self, Dealt, Receivers, receivers};
use crate::tiling::slot::{Slot, first_unused, outer_slots, slots_of};
use crate::tiling::spreads::spreads;
use crate::tiling::third;
use crate::tiling::tile_space::TileSpace;
use crate::tiling::wanted::Wanted;

/// Extents that give a dimension equally many tiles when it is cut directly.
#[derive(Clone, Copy, Debug)]
struct Interval {
    low: u64,
    high: u64,
    tiles: u64,
}

/// All boxes of the extents above the array; `None` where there are too many, or if it is time
/// to stop.
#[must_use]
pub fn outer_boxes(
    operation: &LoopNest,
    hardware: &Hardware,
    d: Dim,
    limits: &ColumnLimits,
) -> Option<Vec<OuterBox>> {
    let slots = slots_of(operation, hardware, d);
    let outer = outer_slots(hardware, &slots);
    let candidates = Candidates::new(operation, hardware, d, TileSpace::All);
    let intervals = intervals(operation.extents[d]);
    let mut found = Found::new(limits);
    let empty = OuterBox {
        chain: Chain {
            spread: SmallVec::new(),
            extents: smallvec![1; slots.len()],
            third: None,
            counts: smallvec![1; slots.len()],
            steps: 1,
        },
        highest: Vec::new(),
    };
    let unused = first_unused(operation, hardware, d, &slots, outer);
    let slots_of_boxes = OuterSlots { outer, unused };
    add_boxes(&intervals, &candidates, slots_of_boxes, &empty, &mut found);
    let wanted = Wanted::within(operation, hardware, d, limits);
    let mut all = found.complete()?;
    all.retain(|own| {
        let can = |slot: usize, e| (own.chain.extents[slot]..=own.highest[slot]).contains(&e);
        wanted.is_met(&slots, 0..outer, can)
    });
    Some(all)
}

/// A list that must not grow too long.
struct Found<'a, T> {
    all: Vec<T>,
    limits: &'a ColumnLimits,
    ticker: Ticker,
}

impl<'a, T> Found<'a, T> {
    fn new(limits: &'a ColumnLimits) -> Self {
        Self {
            all: Vec::new(),
            limits,
            ticker: limits.watch.ticker(),
        }
    }

    /// Whether it is no use to go on.
    fn is_over(&self) -> bool {
        self.all.len() > self.limits.most || self.ticker.stopped()
    }

    /// The list as it was made, unless it grew too long or it was time to stop: one that was cut
    /// short must not look whole once some of it is left out.
    fn complete(self) -> Option<Vec<T>> {
        (self.all.len() <= self.limits.most && !self.limits.watch.stopped()).then_some(self.all)
    }
}

/// The number of outer slots, and the one from which on no operand uses any.
#[derive(Clone, Copy)]
struct OuterSlots {
    outer: usize,
    unused: usize,
}

/// Extends a box by its next slot.
fn add_boxes(
    intervals: &[Interval],
    candidates: &Candidates,
    own: OuterSlots,
    prefix: &OuterBox,
    found: &mut Found<'_, OuterBox>,
) {
    let OuterSlots { outer, unused } = own;
    let slot = prefix.highest.len();
    if slot == outer {
        let mut done = prefix.clone();
        // Extents never grow inward, so an outer slot is at least as large as every inner one.
        for i in (1..outer).rev() {
            done.chain.extents[i - 1] = done.chain.extents[i - 1].max(done.chain.extents[i]);
        }
        found.all.push(done);
        return;
    }
    // What no operand uses has no cut of its own: its extent is known from those around it.
    let all = [Interval {
        low: 1,
        high: candidates.extent(),
        tiles: 1,
    }];
    for interval in if slot < unused { intervals } else { &all } {
        if found.is_over() {
            return;
        }
        let high = interval
            .high
            .min(candidates.limit(slot))
            .min(prefix.highest.last().copied().unwrap_or(u64::MAX));
        if interval.low > high {
            continue;
        }
        let mut next = prefix.clone();
        next.chain.extents[slot] = interval.low;
        next.chain.counts[slot] = interval.tiles;
        next.highest.push(high);
        let low: SmallVec<[u64; 4]> = (0..=slot)
            .map(|i| next.chain.extents[i].max(interval.low))
            .collect();
        let extent = candidates.extent();
        let tiles = least_tiles(extent, &low, &next.highest, candidates.is_cut_again());
        next.chain.counts[slot] = tiles[slot];
        add_boxes(intervals, candidates, own, &next, found);
    }
}

/// Extents, and numbers of tiles, up to this are told apart one by one.
const TOLD_APART: u64 = 64;

/// The intervals of extents with equal numbers of tiles, the whole dimension first. In between
/// few and many tiles of a very long dimension, intervals an eighth wide.
fn intervals(extent: u64) -> Vec<Interval> {
    let mut all = vec![Interval {
        low: extent,
        high: extent,
        tiles: 1,
    }];
    while let Some(last) = all.last().filter(|i| i.low > 1) {
        let high = last.low - 1;
        let tiles = extent.div_ceil(high);
        let equal = extent.div_ceil(tiles);
        let low = if tiles > TOLD_APART && high > TOLD_APART {
            equal.min(high - high / 8)
        } else {
            equal
        };
        all.push(Interval { low, high, tiles });
    }
    all
}

/// All spatial factors with all extents below the array, counts at the least they can be;
/// `None` where there are too many, or if it is time to stop.
#[must_use]
pub fn inner_parts(
    operation: &LoopNest,
    hardware: &Hardware,
    d: Dim,
    limits: &ColumnLimits,
) -> Option<Vec<Chain>> {
    let slots = slots_of(operation, hardware, d);
    let outer = outer_slots(hardware, &slots);
    let candidates = Candidates::new(operation, hardware, d, TileSpace::All);
    let extent = operation.extents[d];
    let mut found = Found::new(limits);
    for spread in spreads(operation, hardware, d, TileSpace::All, limits)? {
        let chain = Chain {
            spread,
            extents: smallvec![1; slots.len()],
            third: None,
            counts: smallvec![1; slots.len()],
            steps: 1,
        };
        add_inner(
            &slots,
            &candidates,
            extent,
            outer,
            slots.len(),
            &chain,
            &mut found,
        );
    }
    let wanted = Wanted::within(operation, hardware, d, limits);
    let mut all = found.complete()?;
    all.retain(|own| {
        let has = |slot: usize, e| own.extents[slot] == e;
        wanted.is_met(&slots, outer..slots.len(), has)
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

/// The least array-wide extent above the array that is worth an inner part's factors: in a
/// smaller tile one of them could be smaller without a step more. With `idle`, where factors are not
/// free, the least that leaves each element its tile.
///
/// Where steps do not tell chains apart, the factor of a single axis could be smaller without a
/// larger extent anywhere in every tile that one element less could hold: then fewer elements have
/// something to do in a visit, and as many visits have something to do.
#[must_use]
pub fn need(slots: &[Slot], outer: usize, inner: &Chain, wanted: &Wanted) -> u64 {
    let idle = wanted.leaves_idle();
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

/// The chains of a box and an inner part: all extents of the box that are worth it. Incomplete
/// from where it is time to stop.
pub fn expand(
    dimension: &Split<'_>,
    boxed: &OuterBox,
    inner: &Chain,
    watch: &Watch,
    emit: &mut dyn FnMut(Chain),
) {
    let &Split {
        extent,
        slots,
        outer,
        irregular,
        dealt,
        optional,
        wanted,
        gaps,
        unused,
    } = dimension;
    let mut kept = BestChains {
        extent,
        slots,
        optional,
        dealt,
        free_steps: wanted.has_free_steps(),
        known: FxHashMap::default(),
    };
    let mut emit = |chain: Chain| {
        third::variants(&chain, slots, extent, gaps).for_each(&mut *emit);
        let met = wanted.is_met(slots, 0..outer, |slot, e| chain.extents[slot] == e);
        if met && (irregular || kept.adds(&chain)) {
            emit(chain);
        }
    };
    let mut chain = inner.clone();
    chain.extents[..outer].copy_from_slice(&boxed.chain.extents[..outer]);
    let unit = slots
        .get(outer)
        .map_or(1, |s| inner.extents[outer] * inner.spread_above(s.level));
    let need = need(slots, outer, inner, wanted);
    fill(
        &Expansion {
            extent,
            slots,
            outer,
            irregular: irregular || !dealt.is_empty() || !gaps.is_empty(),
            boxed,
            unit,
            need,
            unused,
            ticker: watch.ticker(),
        },
        0,
        &[extent],
        &mut chain,
        &mut emit,
    );
}

/// Chains that come with growing outermost extent, as far as none before is at least as good: of
/// those with the same inner extents and number of outermost tiles.
struct BestChains<'a> {
    extent: u64,
    slots: &'a [Slot],
    optional: &'a Optional,
    /// How tiles are dealt out to elements, where those that take part in every visit count.
    dealt: &'a [Dealt],
    /// Whether steps do not tell them apart.
    free_steps: bool,
    known: FxHashMap<SmallVec<[u64; 4]>, Vec<Kept>>,
}

/// What tells chains with the same inner extents apart: their outermost extent, tiles and steps,
/// the slots without a cut of their own, the shares of element 0, and with energy the elements that
/// take part in every visit.
struct Kept {
    outermost: Option<u64>,
    counts: SmallVec<[u64; 4]>,
    steps: u64,
    uncut: Facts,
    shares: SmallVec<[u64; 2]>,
    receivers: Receivers,
}

impl BestChains<'_> {
    /// Takes note of a chain, unless one that is known can stand for it in every class.
    fn adds(&mut self, chain: &Chain) -> bool {
        let mut all = Receivers::new();
        for &way in self.dealt {
            match receivers(chain, self.slots, self.extent, way) {
                Some(own) => all.extend(own),
                None => return true,
            }
        }
        let new = Kept {
            outermost: chain.extents.first().copied(),
            counts: chain.counts.iter().copied().collect(),
            steps: if self.free_steps { 0 } else { chain.steps },
            uncut: self.optional.uncut(self.slots, self.extent, chain),
            shares: chain.array_shares(self.slots, self.extent),
            receivers: all,
        };
        let mut key: SmallVec<[u64; 4]> = chain.extents.iter().copied().collect();
        if let (Some(first), Some(&tiles)) = (key.first_mut(), chain.counts.first()) {
            *first = tiles;
        }
        let no_more = |a: &[u64], b: &[u64]| a.iter().zip(b).all(|(a, b)| a <= b);
        let known = self.known.entry(key).or_default();
        let stands_for_it = |k: &Kept| {
            k.outermost <= new.outermost
                && k.steps <= new.steps
                && no_more(&k.counts, &new.counts)
                && k.uncut.has_all_of(&new.uncut)
                && no_more(&k.shares, &new.shares)
                && receivers::no_more(&k.receivers, &new.receivers)
        };
        if known.iter().any(stands_for_it) {
            return false;
        }
        known.push(new);
        true
    }
}

struct Expansion<'a> {
    extent: u64,
    slots: &'a [Slot],
    outer: usize,
    irregular: bool,
    boxed: &'a OuterBox,
    unit: u64,
    need: u64,
    /// The outer slot from which on no operand uses any.
    unused: usize,
    ticker: Ticker,
}

/// Chooses the extents of the outer slots from the outside in; `lengths` are the pieces to be cut.
fn fill(
    e: &Expansion<'_>,
    slot: usize,
    lengths: &[u64],
    chain: &mut Chain,
    emit: &mut dyn FnMut(Chain),
) {
    if slot == e.outer {
        // The outermost extent follows the same rule as the last one, towards the next one in.
        let next = if e.outer > 1 {
            chain.extents[1]
        } else {
            e.unit
        };
        if e.irregular || worthwhile(e.extent, chain.extents[0], next) {
            let mut done = chain.clone();
            done.recount(e.slots, e.extent);
            emit(done);
        }
        return;
    }
    let last = slot + 1 == e.outer;
    let mut low = e.boxed.chain.extents[slot].max(e.need);
    let mut high = e.boxed.highest[slot].min(lengths[0]);
    if slot >= e.unused {
        // No cut of its own.
        high = high.min(e.unit);
        low = low.max(high);
    }
    if !last && !e.irregular && slot == 0 {
        // Beyond the next multiple of the inner extent nothing is gained.
        high = high.min(e.boxed.chain.extents[0].max(e.boxed.highest[1]) + e.boxed.highest[1]);
    }
    for own in low..=high {
        if e.ticker.stopped() {
            return;
        }
        if last
            && !e.irregular
            && slot < e.unused
            && !lengths
                .iter()
                .any(|&length| worthwhile(length, own, e.unit))
        {
            continue;
        }
        chain.extents[slot] = own;
        let mut pieces: SmallVec<[u64; 8]> = smallvec![own];
        for &length in lengths {
            let rest = length % own;
            if rest > 0 && !pieces.contains(&rest) {
                pieces.push(rest);
            }
        }
        fill(e, slot + 1, &pieces, chain, emit);
    }
}

/// Whether an extent can be best for a piece: not beyond the multiple of the inner extent that
/// gives the piece the same number of tiles.
fn worthwhile(length: u64, extent: u64, unit: u64) -> bool {
    let tiles = length.div_ceil(extent);
    let least = length.div_ceil(tiles);
    extent <= least.div_ceil(unit) * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_cover_every_extent_once_with_no_more_tiles_than_it_gives() {
        for extent in [1, 2, 7, 64, 224, 1000, 25_088, 1_000_003] {
            let all = intervals(extent);
            let mut next = extent;
            for interval in &all {
                assert_eq!(interval.high, next);
                assert!(interval.low <= interval.high);
                assert_eq!(interval.tiles, extent.div_ceil(interval.high));
                next = interval.low - 1;
            }
            assert_eq!(next, 0);
            assert!(all.len() < 400, "{extent}: {}", all.len());
        }
    }

    #[test]
    fn no_chain_has_fewer_tiles_than_the_least_of_its_box() {
        let slots: Vec<Slot> = (0..3).map(|level| Slot { level, rank: 0 }).collect();
        let extent = 23;
        let all = intervals(extent);
        let within = |e: u64| all.iter().find(|i| (i.low..=i.high).contains(&e)).unwrap();
        let mut exact = 0;
        for a in 1..=extent {
            for b in 1..=a {
                for c in 1..=b {
                    let mut chain = Chain {
                        spread: SmallVec::new(),
                        extents: smallvec![a, b, c],
                        third: None,
                        counts: smallvec![0; 3],
                        steps: 0,
                    };
                    chain.recount(&slots, extent);
                    let boxed = [a, b, c].map(within);
                    let [low, high] = [boxed.map(|i| i.low), boxed.map(|i| i.high)];
                    let least = least_tiles(extent, &low, &high, false);
                    for (least, count) in least.iter().zip(&chain.counts) {
                        assert!(least <= count, "{a} {b} {c}: {least} > {count}");
                    }
                    exact += u64::from(least == chain.counts);
                    for longer in third::variants(&chain, &slots, extent, &[0, 1, 2, 3]) {
                        let least = least_tiles(extent, &low, &high, true);
                        let mut both = least.iter().zip(&longer.counts);
                        assert!(both.all(|(least, count)| least <= count), "{longer:?}");
                    }
                }
            }
        }
        assert!(exact > 500, "{exact} of 2300 are exact");
    }
}

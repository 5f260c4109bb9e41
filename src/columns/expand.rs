//! The chains of an outer and an inner part.

use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

use crate::engine::Watch;
use crate::engine::watch::Ticker;
use crate::tiling::bypass::Optional;
use crate::tiling::chain::Chain;
use crate::tiling::facts::Facts;
use crate::tiling::receivers::{self, Dealt, Receivers, receivers};
use crate::tiling::slot::Slot;
use crate::tiling::third;

use super::inner_parts::need;
use super::outer_box::{OuterBox, Split};

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
    let switches = wanted.switches();
    let mut kept = BestChains {
        extent,
        slots,
        optional,
        dealt,
        free_steps: wanted.has_free_steps(),
        known: FxHashMap::default(),
    };
    let mut emit = |chain: Chain| {
        third::variants(&chain, slots, extent, gaps, switches).for_each(&mut *emit);
        let met = wanted.is_met(slots, 0..outer, |slot, e| chain.extents[slot] == e);
        if met && (irregular || !switches.part_same_tiles || kept.adds(&chain)) {
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
            multiples: switches.part_multiples
                && !(irregular || !dealt.is_empty() || !gaps.is_empty()),
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
    /// \[PRU14\] Takes note of a chain, unless one that is known can stand for it in every class.
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
    /// Whether extents are best at no more than a multiple of the next one in.
    multiples: bool,
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
        if !e.multiples || worthwhile(e.extent, chain.extents[0], next) {
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
    if !last && e.multiples && slot == 0 {
        // Beyond the next multiple of the inner extent nothing is gained.
        high = high.min(e.boxed.chain.extents[0].max(e.boxed.highest[1]) + e.boxed.highest[1]);
    }
    for own in low..=high {
        if e.ticker.stopped() {
            return;
        }
        if last
            && e.multiples
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

/// \[PRU13\] Whether an extent can be best for a piece: not beyond the multiple of the inner extent that
/// gives the piece the same number of tiles.
fn worthwhile(length: u64, extent: u64, unit: u64) -> bool {
    let tiles = length.div_ceil(extent);
    let least = length.div_ceil(tiles);
    extent <= least.div_ceil(unit) * unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiling::chain::Spread;
    use crate::tiling::elements;
    use crate::tiling::wanted::Wanted;

    /// Every chain of a box has one among those that are listed that is nowhere larger: neither in
    /// what tiles take nor in the elements of any visit, counted piece by piece.
    #[test]
    fn a_chain_that_is_not_listed_has_one_that_stands_for_it() {
        let slots: Vec<Slot> = [(1, 0), (1, 1), (3, 0)]
            .map(|(level, rank)| Slot { level, rank })
            .into();
        let wanted = Wanted::default();
        let optional = Optional::none();
        let (mut all, mut listed) = (0, 0);
        for extent in [23, 30] {
            for (factor, inner) in [(3, 1), (2, 3), (4, 2), (5, 3)] {
                let chain = |extents: [u64; 3]| Chain {
                    spread: smallvec![Spread {
                        array: 2,
                        axis: 0,
                        factor
                    }],
                    extents: SmallVec::from_slice(&extents),
                    third: None,
                    counts: smallvec![1; 3],
                    steps: 1,
                };
                let boxed = OuterBox {
                    chain: chain([1, 1, 1]),
                    highest: vec![extent, extent],
                };
                let expanded = |irregular: bool| {
                    let split = Split {
                        extent,
                        slots: &slots,
                        outer: 2,
                        irregular,
                        dealt: &[Dealt::Tile],
                        optional: &optional,
                        wanted: &wanted,
                        gaps: &[],
                        unused: 2,
                    };
                    let mut found = Vec::new();
                    let (inner, watch) = (chain([1, 1, inner]), Watch::default());
                    expand(&split, &boxed, &inner, &watch, &mut |c| found.push(c));
                    found
                };
                let kept = expanded(false);
                let values = |c: &Chain| -> Vec<u64> {
                    let mut values = [c.extents.as_slice(), c.counts.as_slice()].concat();
                    values.push(c.steps);
                    values
                };
                let visits = |c: &Chain| -> Vec<(u64, u64)> {
                    let places = std::iter::once(None).chain((0..3).map(Some));
                    places
                        .map(|s| {
                            elements::taking_part(c, &slots, extent, s, usize::MAX, Dealt::Tile)
                        })
                        .collect()
                };
                let no_larger = |a: &Chain, b: &Chain| {
                    let fewer =
                        |(&(r, c), &(s, d)): (&(u64, u64), &(u64, u64))| c <= d && r * d <= s * c;
                    values(a).iter().zip(values(b)).all(|(x, y)| *x <= y)
                        && visits(a).iter().zip(&visits(b)).all(fewer)
                };
                for one in expanded(true) {
                    assert!(kept.iter().any(|k| no_larger(k, &one)), "{one:?}");
                    all += 1;
                }
                listed += kept.len();
            }
        }
        assert!(3 * listed < 2 * all, "{listed} of {all}");
    }
}

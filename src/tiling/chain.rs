//! A chain: one way of tiling one dimension, from the whole dimension down to one element.
//!
//! It gives the dimension's extent at every *slot* and its spatial factors. Everything that a
//! mapping costs is a product over dimensions of integers that the chain determines, so chains are
//! the columns of the layer program.

use smallvec::SmallVec;

use crate::cost::chain::Pieces;

use super::slot::Slot;

/// A spatial factor of a dimension: which axis of which array, and over how many elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spread {
    /// Level of the array.
    pub array: usize,
    /// Index of the axis.
    pub axis: usize,
    /// Number of elements, at least 2.
    pub factor: u64,
}

/// A cut that belongs to no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ThirdCut {
    /// It comes just before the slot of this number, or after all of them.
    pub gap: usize,
    /// Extent of its pieces over all elements.
    pub extent: u64,
}

/// One way of tiling a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chain {
    /// Spatial factors, outermost array first, one axis per array unless it splits dimensions.
    pub spread: SmallVec<[Spread; 1]>,
    /// Extent of one element's tile at every slot, outermost slot first.
    pub extents: SmallVec<[u64; 4]>,
    /// A cut between slots, at the node of an operand that the dimension does not index.
    pub third: Option<ThirdCut>,
    /// Number of tiles of the dimension at every slot.
    pub counts: SmallVec<[u64; 4]>,
    /// Steps of the busiest element.
    pub steps: u64,
}

impl Chain {
    /// The number of elements of the arrays above `level` over which the dimension is spread.
    #[must_use]
    pub fn spread_above(&self, level: usize) -> u64 {
        self.spread
            .iter()
            .filter(|s| s.array < level)
            .map(|s| s.factor)
            .product()
    }

    /// The factors over the arrays above `level`, one per array.
    #[must_use]
    pub fn array_factors(&self, level: usize) -> SmallVec<[u64; 2]> {
        let above: SmallVec<[Spread; 2]> = self
            .spread
            .iter()
            .copied()
            .filter(|s| s.array < level)
            .collect();
        above
            .chunk_by(|a, b| a.array == b.array)
            .map(|axes| axes.iter().map(|s| s.factor).product())
            .collect()
    }

    /// For every array but the innermost: element 0's share of the pieces above it, added up.
    #[must_use]
    pub fn array_shares(&self, slots: &[Slot], extent: u64) -> SmallVec<[u64; 2]> {
        let arrays: SmallVec<[usize; 2]> = self.spread.iter().map(|s| s.array).collect();
        let innermost = arrays.last().copied().unwrap_or(0);
        if arrays.first().is_none_or(|&first| first == innermost) {
            return SmallVec::new();
        }
        let cuts = self.pieces(slots, extent);
        arrays
            .iter()
            .filter(|&&array| array < innermost)
            .map(|&array| {
                let above = slots.iter().take_while(|s| s.level < array).count();
                let share = cuts[above].share_sum(self.spread_above(array + 1));
                u64::try_from(share).unwrap_or(u64::MAX)
            })
            .collect()
    }

    /// The extent at a slot over all elements.
    #[must_use]
    pub fn wide(&self, slots: &[Slot], slot: usize) -> u64 {
        self.extents[slot].saturating_mul(self.spread_above(slots[slot].level))
    }

    /// The extents of the cuts that stand above a slot, over all elements.
    #[must_use]
    pub fn cuts_above(&self, slots: &[Slot], slot: usize) -> SmallVec<[u64; 6]> {
        let mut cuts: SmallVec<[u64; 6]> = (0..slot).map(|s| self.wide(slots, s)).collect();
        if let Some(own) = self.third.filter(|own| own.gap <= slot) {
            cuts.insert(own.gap, own.extent);
        }
        cuts
    }

    /// The same up to the slot before, whose pieces they give.
    #[must_use]
    pub fn cuts_until(&self, slots: &[Slot], slot: usize) -> SmallVec<[u64; 6]> {
        let mut cuts = self.cuts_above(slots, slot);
        cuts.truncate(slot + usize::from(self.third.is_some_and(|own| own.gap < slot)));
        cuts
    }

    /// Counts tiles and steps anew from the extents.
    pub fn recount(&mut self, slots: &[Slot], extent: u64) {
        if self.third.is_some() {
            let cuts = self.pieces(slots, extent);
            let whole = |n: u128| u64::try_from(n).unwrap_or(u64::MAX);
            self.counts = cuts[1..=slots.len()]
                .iter()
                .map(|c| whole(c.count()))
                .collect();
            self.steps = whole(cuts[slots.len() + 1].count());
            return;
        }
        let wide: SmallVec<[u64; 6]> = (0..slots.len()).map(|s| self.wide(slots, s)).collect();
        let spread = self.spread_above(usize::MAX);
        self.counts.fill(0);
        self.steps = 0;
        count(&wide, spread, extent, 1, &mut self.counts, &mut self.steps);
    }

    /// The pieces of the dimension at every slot, the whole dimension first, the array's tiles last.
    #[must_use]
    pub fn pieces(&self, slots: &[Slot], extent: u64) -> Vec<Pieces> {
        let mut cuts = vec![Pieces::whole(extent)];
        for slot in 0..=slots.len() {
            let own = match slots.get(slot) {
                Some(_) => self.wide(slots, slot),
                None => self.spread_above(usize::MAX),
            };
            let next = match self.third.filter(|third| third.gap == slot) {
                Some(third) => cuts[slot].cut(third.extent).cut(own),
                None => cuts[slot].cut(own),
            };
            cuts.push(next);
        }
        cuts
    }
}

/// Adds the tiles at every slot, and the steps, of `times` pieces of length `length`.
fn count(wide: &[u64], spread: u64, length: u64, times: u64, counts: &mut [u64], steps: &mut u64) {
    let (Some((&extent, inner)), Some((own, inner_counts))) =
        (wide.split_first(), counts.split_first_mut())
    else {
        *steps += times * length.div_ceil(spread);
        return;
    };
    let (full, rest) = (length / extent, length % extent);
    *own += times * (full + u64::from(rest > 0));
    if full > 0 {
        count(inner, spread, extent, times * full, inner_counts, steps);
    }
    if rest > 0 {
        count(inner, spread, rest, times, inner_counts, steps);
    }
}

//! Chains: all ways of tiling one dimension, from the whole dimension down to one element.
//!
//! A chain gives the dimension's extent at every *slot* (one for each memory, or one for each
//! operand that the dimension indexes where a memory has tiles per operand) and its spatial
//! factors. Everything that a mapping costs is a product over dimensions of integers that the
//! chain determines, so chains are the columns of the layer program.

use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

use crate::cost::chain::Pieces;
use crate::engine::watch::Ticker;
use crate::problem::{Dim, Hardware, LoopNest, Role, Tiles};

use super::bypass::Optional;
use super::candidates::{Candidates, TileSpace};
use super::dominance::{and_useful, no_more, undominated};
use super::groups::ColumnLimits;
use super::spreads::{Spread, spreads};
use super::symmetry;
use super::third::{self, ThirdCut};
use super::wanted::Wanted;

/// A storage slot of a dimension: memory level and rank among the operands that it indexes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// Level of the memory.
    pub level: usize,
    /// 0 for the outermost node of the memory that the dimension is relevant to.
    pub rank: usize,
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

/// The slots of a dimension, outermost first. Where no memory lies below the arrays, the
/// compute level is a last slot, with extent 1 per element.
#[must_use]
pub fn slots_of(operation: &LoopNest, hardware: &Hardware, d: Dim) -> Vec<Slot> {
    let operands = Role::ALL
        .into_iter()
        .filter(|&r| operation.is_relevant(r, d))
        .count();
    let mut slots: Vec<Slot> = hardware
        .memories()
        .skip(1)
        .flat_map(|(level, memory)| {
            let ranks = if memory.tiles == Tiles::Shared {
                1
            } else {
                operands
            };
            (0..ranks).map(move |rank| Slot { level, rank })
        })
        .collect();
    if !hardware.has_memory_below_arrays() {
        slots.push(Slot {
            level: hardware.levels.len(),
            rank: 0,
        });
    }
    slots
}

/// Chains that are looked at for each one that may be kept, before dominated ones are dropped.
const LOOKED_AT: usize = 25;

/// All chains of a dimension that no other chain of it dominates; `None` where there are too
/// many, or if it is time to stop. With `kept`, only those without a loop between that slot and
/// the next one in.
#[must_use]
pub fn chains_within(
    operation: &LoopNest,
    hardware: &Hardware,
    d: Dim,
    space: TileSpace,
    kept: Option<usize>,
    limits: &ColumnLimits,
) -> Option<Vec<Chain>> {
    let slots = slots_of(operation, hardware, d);
    let candidates = Candidates::new(operation, hardware, d, space);
    let wanted = Wanted::within(operation, hardware, d, limits);
    let dimension = Dimension {
        operation,
        hardware,
        d,
        slots: &slots,
        optional: &Optional::new(operation, hardware, d).wanting(wanted.clone()),
        wanted: &wanted,
    };
    let all = |candidates| dimension.chains(candidates, space, kept, limits);
    let mut found = all(&candidates)?;
    let mut gaps = third::gaps_within(operation, hardware, d, &slots, &wanted);
    gaps.retain(|&gap| kept.is_none_or(|slot| gap != slot + 1));
    let mut longer = Vec::new();
    if space == TileSpace::All && !gaps.is_empty() {
        let whole = operation.extents[d];
        for chain in &all(&candidates.in_full())? {
            longer.extend(third::variants(chain, &slots, whole, &gaps));
        }
    }
    if symmetry::shares_all(hardware) {
        found = undominated(&dimension, found, &limits.watch);
        found = and_useful(&dimension, found, longer, &limits.watch);
    } else {
        found.append(&mut longer);
    }
    found.sort_by(|a, b| (&a.spread, &a.extents, a.third).cmp(&(&b.spread, &b.extents, b.third)));
    (found.len() <= limits.most && !limits.watch.stopped()).then_some(found)
}

/// A dimension of an operation whose chains are written out.
pub struct Dimension<'a> {
    /// The operation.
    pub operation: &'a LoopNest,
    /// The hardware.
    pub hardware: &'a Hardware,
    /// The dimension.
    pub d: Dim,
    /// Its slots.
    pub slots: &'a [Slot],
    /// The slots that a class may leave without a node, and what restrictions tell apart.
    pub optional: &'a Optional,
    /// What restrictions ask of its chains.
    pub wanted: &'a Wanted,
}

impl Dimension<'_> {
    /// All chains of these candidates; `None` where there are too many, or if it is time to stop.
    fn chains(
        &self,
        candidates: &Candidates,
        space: TileSpace,
        kept: Option<usize>,
        limits: &ColumnLimits,
    ) -> Option<Vec<Chain>> {
        let slots = self.slots;
        let mut found = Vec::new();
        let mut looked_at = 0;
        for spread in spreads(self.operation, self.hardware, self.d, space, limits)? {
            let mut builder = Builder {
                extent: self.operation.extents[self.d],
                slots,
                candidates,
                wanted: self.wanted,
                kept,
                optional: self.optional,
                chain: Chain {
                    spread,
                    extents: smallvec![1; slots.len()],
                    third: None,
                    counts: smallvec![0; slots.len()],
                    steps: 0,
                },
                local: FxHashMap::default(),
                ticker: &limits.watch.ticker(),
                looked_at,
                most: limits.most.saturating_mul(LOOKED_AT),
            };
            builder.choose(slots.len());
            looked_at = builder.looked_at;
            if looked_at > builder.most || limits.watch.stopped() {
                return None;
            }
            found.extend(builder.local.into_values().flatten());
        }
        Some(found)
    }
}

/// Chooses extents from the innermost slot out.
struct Builder<'a> {
    extent: u64,
    slots: &'a [Slot],
    candidates: &'a Candidates,
    wanted: &'a Wanted,
    /// The slot whose extent is no larger than the tile of the next one in over all elements.
    kept: Option<usize>,
    optional: &'a Optional,
    chain: Chain,
    /// Chains kept so far, by the extents of all slots but the outermost and its number of tiles.
    local: FxHashMap<SmallVec<[u64; 4]>, Vec<Chain>>,
    ticker: &'a Ticker,
    looked_at: usize,
    /// The most chains that may be looked at.
    most: usize,
}

impl Builder<'_> {
    /// Chooses the extents of the slots before `slot`; those from it on are chosen.
    fn choose(&mut self, slot: usize) {
        let Some(this) = slot.checked_sub(1) else {
            self.keep();
            return;
        };
        if self.slots[this].level == self.candidates.compute_level() {
            self.chain.extents[this] = 1;
            self.choose(this);
            return;
        }
        let spread = self.chain.spread_above(self.slots[this].level);
        let inner = if slot < self.slots.len() {
            self.inner_need(this)
        } else {
            1
        };
        let inner_wide = if slot < self.slots.len() {
            self.chain.wide(self.slots, slot)
        } else {
            1
        };
        let mut largest = self.extent.div_ceil(spread);
        if self.kept == Some(this) {
            largest = largest.min(inner_wide.div_ceil(spread));
        }
        let free = self
            .candidates
            .extents(this, inner, largest, inner_wide, spread);
        for extent in self.with_wanted(this, inner..=largest, spread, free) {
            if self.looked_at > self.most || self.ticker.stopped() {
                return;
            }
            self.chain.extents[this] = extent;
            self.choose(this);
        }
    }

    /// The extents at a slot with those that are fixed; those alone where no other slot of its
    /// memory is left to have them.
    fn with_wanted(
        &self,
        slot: usize,
        within: std::ops::RangeInclusive<u64>,
        spread: u64,
        mut extents: Vec<u64>,
    ) -> Vec<u64> {
        for wide in self.wanted.wide(&self.chain) {
            let own = wide.div_ceil(spread);
            let fits = within.contains(&own) && own <= self.candidates.limit(slot);
            if fits && !self.candidates.divides() && !extents.contains(&own) {
                extents.push(own);
            }
        }
        if self.slots[slot].rank == 0 {
            extents.retain(|&own| {
                let has = |s: usize, e: u64| {
                    e == if s == slot {
                        own
                    } else {
                        self.chain.extents[s]
                    }
                };
                self.wanted.is_met(self.slots, slot..self.slots.len(), has)
            });
        }
        extents
    }

    /// The smallest extent at `slot` that leaves every element of the inner arrays its tile.
    fn inner_need(&self, slot: usize) -> u64 {
        let inner = slot + 1;
        let between = self.chain.spread_above(self.slots[inner].level)
            / self.chain.spread_above(self.slots[slot].level);
        (self.chain.extents[inner] - 1) * between + 1
    }

    /// Counts tiles and steps, and keeps the chain unless one with the same inner extents and
    /// number of outermost tiles is at least as good with a smaller outermost extent, and can
    /// stand for it where memories are gone around.
    fn keep(&mut self) {
        self.looked_at += 1;
        self.chain.recount(self.slots, self.extent);
        if self.candidates.too_large(&self.chain) {
            return;
        }
        let mut key = self.chain.extents.clone();
        if let (Some(first), Some(&tiles)) = (key.first_mut(), self.chain.counts.first()) {
            *first = tiles;
        }
        let kept = self.local.entry(key).or_default();
        let uncut = self.optional.uncut(self.slots, self.extent, &self.chain);
        let shares = self.chain.array_shares(self.slots, self.extent);
        let better = |c: &Chain| {
            c.extents.first() <= self.chain.extents.first()
                && (self.wanted.has_free_steps() || c.steps <= self.chain.steps)
                && c.counts.iter().zip(&self.chain.counts).all(|(a, b)| a <= b)
                && (self.optional.uncut(self.slots, self.extent, c)).has_all_of(&uncut)
                && no_more(&c.array_shares(self.slots, self.extent), &shares)
        };
        let uneven = self.candidates.has_energy() && !self.chain.spread.is_empty();
        if uneven || self.candidates.window_irregular() || !kept.iter().any(better) {
            kept.push(self.chain.clone());
        }
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

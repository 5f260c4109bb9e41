//! All chains of one dimension that no other one makes useless.

use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

use crate::engine::watch::Ticker;
use crate::problem::Dim;

use super::bypass::Optional;
use super::candidates::Candidates;
use super::chain::Chain;
use super::dimension::Dimension;
use super::dominance::{and_useful, no_more, undominated};
use super::limits::ColumnLimits;
use super::site::Site;
use super::slot::Slot;
use super::spreads::spreads;
use super::symmetry;
use super::third;
use super::tile_space::TileSpace;
use super::tuning::LOOKED_AT;
use super::wanted::Wanted;

/// All chains of a dimension that no other chain of it dominates; `None` where there are too
/// many, or if it is time to stop. With `kept`, only those without a loop between that slot and
/// the next one in.
#[must_use]
pub fn chains_within(
    site: &Site<'_>,
    d: Dim,
    space: TileSpace,
    kept: Option<usize>,
    limits: &ColumnLimits,
) -> Option<Vec<Chain>> {
    let slots = site.slots(d);
    let candidates = Candidates::new(site, d, space);
    let wanted = Wanted::within(site, d, limits);
    let dimension = Dimension {
        site,
        d,
        optional: &Optional::new(site, d).wanting(wanted.clone()),
        wanted: &wanted,
    };
    let all = |candidates| dimension.chains(candidates, space, kept, limits);
    let mut found = all(&candidates)?;
    let mut gaps = third::gaps_within(site, d, &wanted);
    gaps.retain(|&gap| kept.is_none_or(|slot| gap != slot + 1));
    let mut longer = Vec::new();
    if space == TileSpace::All && !gaps.is_empty() {
        let whole = site.extent(d);
        for chain in &all(&candidates.in_full())? {
            longer.extend(third::variants(chain, slots, whole, &gaps, site.switches));
        }
    }
    let shared = symmetry::shares_all(&site.hardware);
    if shared && site.switches.dominance {
        found = undominated(&dimension, found, &limits.watch);
    }
    if shared && site.switches.third_cuts {
        found = and_useful(&dimension, found, longer, &limits.watch);
    } else {
        found.append(&mut longer);
    }
    found.sort_by(|a, b| (&a.spread, &a.extents, a.third).cmp(&(&b.spread, &b.extents, b.third)));
    (found.len() <= limits.most && !limits.watch.stopped()).then_some(found)
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
        let slots = self.site.slots(self.d);
        let mut found = Vec::new();
        let mut looked_at = 0;
        for spread in spreads(self.site, self.d, space, limits)? {
            let mut builder = Builder {
                extent: self.site.extent(self.d),
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
                same_tiles: self.site.switches.same_tiles,
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
    /// Whether one of them can stand for others.
    same_tiles: bool,
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

    /// \[PRU6\] Counts tiles and steps, and keeps the chain unless one with the same inner extents and
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
        let apart = uneven || self.candidates.window_irregular() || !self.same_tiles;
        if apart || !kept.iter().any(better) {
            kept.push(self.chain.clone());
        }
    }
}

//! Boxes of whole chains: for dimensions that have too many chains to be written out.
//!
//! A box holds all chains of one spread whose extents lie between a lowest and a highest one at
//! every slot. Its column has every attribute at the least that it is in any of its chains, so
//! that a program over boxes bounds the program over all chains from below. Boxes are halved where
//! prices want it (`layer::refine`); a box with a single extent everywhere is a chain.

use smallvec::{SmallVec, smallvec};

use crate::problem::Dim;
use crate::tiling::candidates::Candidates;
use crate::tiling::chain::Chain;
use crate::tiling::limits::ColumnLimits;
use crate::tiling::site::Site;
use crate::tiling::slot::Slot;
use crate::tiling::spreads::spreads;
use crate::tiling::switches::Switches;
use crate::tiling::third;
use crate::tiling::tile_space::TileSpace;
use crate::tiling::wanted::Wanted;

use super::least_tiles::least_tiles;

/// A box of chains, or a single chain where no highest extents are given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChainBox {
    /// Smallest extents, and lower bounds on tiles and steps; of a single chain its own.
    pub chain: Chain,
    /// Largest extents of one element's tile at every slot; none of a single chain.
    pub highest: Vec<u64>,
}

impl ChainBox {
    /// Whether it is a single chain.
    #[must_use]
    pub fn is_chain(&self) -> bool {
        self.highest.is_empty()
    }
}

/// The boxes of one dimension.
#[derive(Clone, Debug)]
pub struct BoxSpace {
    extent: u64,
    slots: Vec<Slot>,
    candidates: Candidates,
    never_used: Vec<bool>,
    gaps: Vec<usize>,
    switches: Switches,
    /// Whether outermost extents beyond a multiple of the next one in are never better.
    regular: bool,
}

impl BoxSpace {
    /// The boxes of a dimension.
    #[must_use]
    pub fn new(site: &Site<'_>, d: Dim) -> Self {
        let slots = site.slots(d);
        let candidates = Candidates::new(site, d, TileSpace::All);
        let gaps = third::gaps(site, d);
        let never_used = slots
            .iter()
            .map(|slot| site.is_never_used(d, *slot))
            .collect();
        Self {
            extent: site.extent(d),
            regular: site.switches.box_multiples
                && !candidates.window_irregular()
                && !candidates.has_energy()
                && gaps.is_empty(),
            switches: site.switches,
            slots: slots.to_vec(),
            candidates,
            never_used,
            gaps,
        }
    }

    /// One box for every way of spreading the dimension, all its chains in it; `None` where
    /// there are too many, or where something is fixed of the chains.
    #[must_use]
    pub fn roots(&self, site: &Site<'_>, d: Dim, limits: &ColumnLimits) -> Option<Vec<ChainBox>> {
        if Wanted::new(site, d, &limits.fixed).is_restricted() {
            return None;
        }
        let all = spreads(site, d, TileSpace::All, limits)?;
        let root = |spread| {
            let slots = self.slots.len();
            let chain = Chain {
                spread,
                extents: smallvec![1; slots],
                third: None,
                counts: smallvec![1; slots],
                steps: 1,
            };
            let highest = (0..slots)
                .map(|s| {
                    if self.slots[s].level == self.candidates.compute_level() {
                        1
                    } else {
                        self.candidates.limit(s)
                    }
                })
                .collect();
            self.within(ChainBox { chain, highest })
        };
        Some(all.into_iter().flat_map(root).collect())
    }

    /// The elements between a slot and the next one in.
    fn between(&self, chain: &Chain, slot: usize) -> u64 {
        let level = |s: usize| self.slots.get(s).map_or(usize::MAX, |own| own.level);
        chain.spread_above(level(slot + 1)) / chain.spread_above(level(slot))
    }

    /// What a box holds: nothing, itself with tighter extents and its bounds, or its only chains.
    fn within(&self, mut own: ChainBox) -> SmallVec<[ChainBox; 2]> {
        if !self.tighten(&mut own) {
            return SmallVec::new();
        }
        if own.chain.extents.as_slice() == own.highest.as_slice() {
            return self.chains(own.chain);
        }
        self.bound(&mut own);
        smallvec![own]
    }

    /// Narrows the extents to those that some chain has; whether any are left.
    fn tighten(&self, own: &mut ChainBox) -> bool {
        let ChainBox { chain, highest } = own;
        let last = self.slots.len() - 1;
        for slot in (0..last).rev() {
            let between = self.between(chain, slot);
            let need = (chain.extents[slot + 1] - 1) * between + 1;
            chain.extents[slot] = chain.extents[slot].max(need);
        }
        for slot in 0..=last {
            let spread = chain.spread_above(self.slots[slot].level);
            let mut most = self.extent.div_ceil(spread);
            if let Some(above) = slot.checked_sub(1) {
                // Where nothing fits above, the box is empty, whatever stands here.
                let above_it = highest[above].saturating_sub(1);
                most = most.min(above_it / self.between(chain, above) + 1);
            }
            highest[slot] = highest[slot].min(most);
        }
        for slot in (0..last).rev().filter(|&s| self.never_used[s]) {
            let inner = highest[slot + 1].saturating_mul(self.between(chain, slot));
            highest[slot] = highest[slot].min(inner);
        }
        let mut both = chain.extents.iter().zip(highest.iter());
        both.all(|(low, high)| low <= high)
    }

    /// Sets the least tiles and steps.
    fn bound(&self, own: &mut ChainBox) {
        let ChainBox { chain, highest } = own;
        let wide = |extents: &[u64]| -> SmallVec<[u64; 8]> {
            let slots = extents.iter().zip(&self.slots);
            let mut all: SmallVec<[u64; 8]> = slots
                .map(|(e, s)| e.saturating_mul(chain.spread_above(s.level)))
                .collect();
            all.push(chain.spread_above(usize::MAX));
            all
        };
        let (low, high) = (wide(&chain.extents), wide(highest));
        let mut least = least_tiles(self.extent, &low, &high, self.candidates.is_cut_again());
        chain.steps = least.pop().unwrap_or(1);
        chain.counts = least;
    }

    /// The chains with these extents: with and without third cuts; none that others stand for.
    fn chains(&self, mut chain: Chain) -> SmallVec<[ChainBox; 2]> {
        chain.recount(&self.slots, self.extent);
        let single = |chain| ChainBox {
            chain,
            highest: Vec::new(),
        };
        let longer = third::variants(&chain, &self.slots, self.extent, &self.gaps, self.switches);
        let mut all: SmallVec<[ChainBox; 2]> = longer.map(single).collect();
        if !self.regular || self.is_worthwhile(&chain) {
            all.push(single(chain));
        }
        all
    }

    /// \[PRU16\] Whether the outermost extent is no larger than the multiple of the next one in that gives
    /// as few tiles.
    fn is_worthwhile(&self, chain: &Chain) -> bool {
        if self.slots[0].level == self.candidates.compute_level()
            || chain.spread_above(self.slots[0].level) > 1
        {
            return true;
        }
        let unit = match self.slots.get(1) {
            Some(_) => chain.wide(&self.slots, 1),
            None => chain.spread_above(usize::MAX),
        };
        let own = chain.extents[0];
        let least = self.extent.div_ceil(self.extent.div_ceil(own));
        own <= least.div_ceil(unit) * unit
    }

    /// The slots at which a box has several extents, with the logarithm of how far they differ.
    pub fn open<'a>(&self, own: &'a ChainBox) -> impl Iterator<Item = (usize, f64)> + 'a {
        let both = own.highest.iter().zip(&own.chain.extents).enumerate();
        both.filter(|(_, (high, low))| high > low)
            .map(|(slot, (&high, &low))| (slot, ratio(high, low).ln()))
    }

    /// The two halves of a box at a slot with several extents.
    #[must_use]
    pub fn halves(&self, own: &ChainBox, slot: usize) -> Vec<ChainBox> {
        let (low, high) = (own.chain.extents[slot], own.highest[slot]);
        let spread = own.chain.spread_above(self.slots[slot].level);
        let start = self.upper_start(low, high, spread);
        let (mut below, mut above) = (own.clone(), own.clone());
        below.highest[slot] = start - 1;
        above.chain.extents[slot] = start;
        [below, above]
            .into_iter()
            .flat_map(|half| self.within(half))
            .collect()
    }

    /// Where the upper half of some extents starts: near their geometric mean, with the smallest
    /// extent of its number of tiles.
    fn upper_start(&self, low: u64, high: u64, spread: u64) -> u64 {
        let middle = (low * high).isqrt().clamp(low, high - 1) + 1;
        let tiles = self.extent.div_ceil(middle * spread);
        let least = self.extent.div_ceil(tiles).div_ceil(spread);
        if least > low { least.min(high) } else { middle }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "extents are far below 2^53; a ratio orders boxes and bounds nothing"
)]
fn ratio(high: u64, low: u64) -> f64 {
    high as f64 / low as f64
}

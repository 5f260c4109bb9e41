//! Which extents and spatial factors are worth a chain.

use crate::problem::{Dim, Role};

use super::chain::Chain;
use super::factors::{divisors, halvings};
use super::room::limits;
use super::site::Site;
use super::slot::Slot;
use super::switches::Switches;
use super::symmetry;
use super::third;
use super::tile_space::TileSpace;
use super::tuning::SHORT_KERNEL;
use super::windows::shares_depend_on_places;

/// The candidates of one dimension.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts of the dimension"
)]
pub struct Candidates {
    extent: u64,
    space: TileSpace,
    compute_level: usize,
    slots: Vec<Slot>,
    /// Largest extent of one element's tile for each slot, by capacity alone.
    limits: Vec<u64>,
    /// Slots that no operand with the dimension may use.
    never_used: Vec<bool>,
    /// All operands have the dimension, so a larger tile never saves traffic.
    never_reused: bool,
    irregular: bool,
    /// The dimension may be cut once more between its slots.
    third: bool,
    /// Energy tells chains apart by the elements that take part in every visit.
    energy: bool,
    /// A kernel dimension that is short enough to stay whole in a first mapping.
    kernel: bool,
    /// The divisors of the extent.
    divisors: Vec<u64>,
    switches: Switches,
}

impl Candidates {
    /// The candidates of `d`.
    #[must_use]
    pub fn new(site: &Site<'_>, d: Dim, space: TileSpace) -> Self {
        let slots = site.slots(d);
        let limits = limits(site, d, slots);
        let never_used = slots.iter().map(|s| site.is_never_used(d, *s)).collect();
        let irregular = shares_depend_on_places(site, d) || !symmetry::shares_all(&site.hardware);
        let third = !third::gaps(site, d).is_empty();
        Self {
            extent: site.extent(d),
            space,
            third,
            compute_level: site.hardware.levels.len(),
            slots: slots.to_vec(),
            limits,
            never_used,
            never_reused: site.switches.never_reused
                && Role::ALL
                    .into_iter()
                    .all(|r| site.operation.is_relevant(r, d)),
            irregular,
            energy: site.hardware.has_energy(),
            kernel: matches!(d, Dim::R | Dim::S | Dim::T) && site.extent(d) <= SHORT_KERNEL,
            divisors: divisors(site.extent(d)),
            switches: site.switches,
        }
    }

    /// The same, but without leaving out extents that others can stand for.
    #[must_use]
    pub fn in_full(&self) -> Self {
        Self {
            irregular: true,
            ..self.clone()
        }
    }

    /// The extent of the dimension.
    #[must_use]
    pub fn extent(&self) -> u64 {
        self.extent
    }

    /// The level index of the virtual compute slot.
    #[must_use]
    pub fn compute_level(&self) -> usize {
        self.compute_level
    }

    /// Whether only divisors are considered.
    #[must_use]
    pub fn divides(&self) -> bool {
        self.space == TileSpace::Divisors
    }

    /// The largest extent at a slot, by capacity alone.
    #[must_use]
    pub fn limit(&self, slot: usize) -> u64 {
        self.limits[slot]
    }

    /// Whether no operand with the dimension may use a slot: it has no cut of its own there.
    #[must_use]
    pub fn is_never_used(&self, slot: usize) -> bool {
        self.never_used[slot]
    }

    /// Whether the rows of tiles of equal number differ by more than their number.
    #[must_use]
    pub fn window_irregular(&self) -> bool {
        self.irregular
    }

    /// Whether the dimension may be cut once more between its slots.
    #[must_use]
    pub fn is_cut_again(&self) -> bool {
        self.third
    }

    /// Whether energy tells chains apart.
    #[must_use]
    pub fn has_energy(&self) -> bool {
        self.energy
    }

    /// Whether a tile alone exceeds a capacity.
    #[must_use]
    pub fn too_large(&self, chain: &Chain) -> bool {
        chain.extents.iter().zip(&self.limits).any(|(e, l)| e > l)
    }

    /// Extents per element at `slot`, at least `smallest` and at most `largest`, when the next
    /// slot in has array-wide extent `inner_wide` and this one is spread over `spread` elements.
    #[must_use]
    pub fn extents(
        &self,
        slot: usize,
        smallest: u64,
        largest: u64,
        inner_wide: u64,
        spread: u64,
    ) -> Vec<u64> {
        let mut largest_kept = largest.min(self.limits[slot]);
        if self.never_used[slot] {
            largest_kept = largest_kept.min(inner_wide.div_ceil(spread));
        }
        if smallest > largest_kept {
            return Vec::new();
        }
        if self.never_reused {
            // [PRU4] A tile of the inner one's array-wide extent keeps every element busy.
            let mut own = vec![
                smallest,
                inner_wide.div_ceil(spread).clamp(smallest, largest),
                largest,
            ];
            own.dedup();
            return own;
        }
        match self.space {
            TileSpace::Divisors => self.dividing(slot, inner_wide, spread, smallest, largest_kept),
            TileSpace::Starter => starters(self.extent, largest, smallest, inner_wide, spread)
                .into_iter()
                .filter(|&e| e <= largest_kept)
                .collect(),
            TileSpace::Seed | TileSpace::Balanced | TileSpace::Coarse | TileSpace::Coarsest
                if self.kernel =>
            {
                // Whole, or as much of it as fits.
                let inner = slot + 1 == self.slots.len() && self.slots.len() > 1;
                let mut own = vec![largest_kept];
                if inner && smallest < largest_kept {
                    own.insert(0, smallest);
                }
                own
            }
            TileSpace::Coarse | TileSpace::Coarsest => {
                let coarse = self.space == TileSpace::Coarse;
                let mut own: Vec<u64> = halvings(self.extent)
                    .step_by(if coarse { 2 } else { 4 })
                    .map(|wide| {
                        wide.div_ceil(inner_wide)
                            .saturating_mul(inner_wide)
                            .div_ceil(spread)
                    })
                    .chain([smallest, largest])
                    .filter(|e| (smallest..=largest_kept).contains(e))
                    .collect();
                own.sort_unstable();
                own.dedup();
                own
            }
            TileSpace::Seed | TileSpace::Balanced => {
                let halvings = halvings(self.extent)
                    .filter(|wide| wide % spread == 0)
                    .map(|wide| wide / spread);
                let mut own: Vec<u64> =
                    self.dividing(slot, inner_wide, spread, smallest, largest_kept);
                own.extend(
                    halvings
                        .chain([smallest, largest])
                        .filter(|e| (smallest..=largest_kept).contains(e)),
                );
                own.sort_unstable();
                own.dedup();
                own
            }
            TileSpace::All if self.has_best_multiples(slot, spread) => {
                self.outermost(smallest, largest_kept, inner_wide)
            }
            TileSpace::All => (smallest..=largest_kept).collect(),
        }
    }

    /// Whether an outermost extent is best at no more than a multiple of the next one in.
    fn has_best_multiples(&self, slot: usize, spread: u64) -> bool {
        let same = !self.irregular && !self.energy;
        self.switches.outermost_multiples && slot == 0 && spread == 1 && same
    }

    /// The extents whose array-wide tile divides the dimension and is a multiple of the next one in.
    fn dividing(
        &self,
        slot: usize,
        inner_wide: u64,
        spread: u64,
        smallest: u64,
        largest: u64,
    ) -> Vec<u64> {
        let unit = if slot + 1 == self.slots.len() {
            1
        } else {
            inner_wide
        };
        self.divisors
            .iter()
            .filter(|&wide| wide % spread == 0 && wide % unit == 0)
            .map(|wide| wide / spread)
            .filter(|e| (smallest..=largest).contains(e))
            .collect()
    }

    /// \[PRU5\] For each number of tiles the extents from the smallest one up to the next multiple of the
    /// inner extent: beyond that multiple all counts are already those of an undivided piece.
    fn outermost(&self, smallest: u64, largest: u64, inner_wide: u64) -> Vec<u64> {
        let mut extents = Vec::new();
        let mut tiles = 1;
        loop {
            let least = self.extent.div_ceil(tiles);
            let most = if tiles == 1 {
                self.extent
            } else {
                self.extent.div_ceil(tiles - 1) - 1
            };
            let next_multiple = least.div_ceil(inner_wide) * inner_wide;
            extents
                .extend((least.max(smallest)..=most.min(next_multiple)).filter(|&e| e <= largest));
            if least <= smallest {
                return extents;
            }
            // The next number of tiles that a smaller extent gives.
            tiles = self.extent.div_ceil(least - 1);
        }
    }
}

/// A handful of extents: halvings of the dimension, multiples of the inner tile, the inner tile itself.
fn starters(extent: u64, largest: u64, smallest: u64, inner_wide: u64, spread: u64) -> Vec<u64> {
    let mut all: Vec<u64> = halvings(extent)
        .chain([3, 7].map(|n| extent.div_ceil(n)))
        .flat_map(|part| {
            [
                part.div_ceil(spread),
                (part.div_ceil(inner_wide) * inner_wide).div_ceil(spread),
            ]
        })
        .chain([smallest, largest])
        .filter(|e| (smallest..=largest).contains(e))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

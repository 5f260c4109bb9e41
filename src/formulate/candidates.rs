//! Which extents and spatial factors are worth a chain.

use crate::problem::{Dim, Hardware, LoopNest, Role};

use super::chains::{Chain, Slot, slots_of};

/// The tile extents that are considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TileSpace {
    /// Every integer extent.
    All,
    /// Extents of which each divides the next one out.
    Divisors,
    /// A few extents, to find a first mapping.
    Starter,
    /// Very few extents: divisors and halvings, kernels whole above the array.
    Seed,
    /// As `Seed`, with every spatial factor that is the smallest for its number of steps.
    Balanced,
}

/// The candidates of one dimension.
#[derive(Debug)]
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
    /// All operands have the dimension, so a larger tile never saves traffic.
    never_reused: bool,
    irregular: bool,
    /// Energy tells chains apart by the elements that take part in every visit.
    energy: bool,
    /// A kernel dimension.
    kernel: bool,
    /// The divisors of the extent.
    divisors: Vec<u64>,
}

impl Candidates {
    /// The candidates of `d`.
    #[must_use]
    pub fn new(operation: &LoopNest, hardware: &Hardware, d: Dim, space: TileSpace) -> Self {
        let slots = slots_of(operation, hardware, d);
        let limits = slots
            .iter()
            .map(|s| capacity_limit(operation, hardware, d, *s))
            .collect();
        let irregular = LoopNest::window_of(d)
            .is_some_and(|axis| super::windows::is_irregular(operation, axis));
        Self {
            extent: operation.extents[d],
            space,
            compute_level: hardware.levels.len(),
            slots,
            limits,
            never_reused: Role::ALL.into_iter().all(|r| operation.is_relevant(r, d)),
            irregular,
            energy: hardware.has_energy(),
            kernel: matches!(d, Dim::R | Dim::S),
            divisors: divisors(operation.extents[d]),
        }
    }

    /// The level index of the virtual compute slot.
    #[must_use]
    pub fn compute_level(&self) -> usize {
        self.compute_level
    }

    /// The largest extent at a slot, by capacity alone.
    #[must_use]
    pub fn limit(&self, slot: usize) -> u64 {
        self.limits[slot]
    }

    /// Whether the rows of tiles of equal number differ by more than their number.
    #[must_use]
    pub fn window_irregular(&self) -> bool {
        self.irregular
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
        let largest_kept = largest.min(self.limits[slot]);
        if smallest > largest_kept {
            return Vec::new();
        }
        if self.never_reused {
            return if smallest == largest {
                vec![largest]
            } else {
                vec![smallest, largest]
            };
        }
        match self.space {
            TileSpace::Divisors => self.dividing(slot, inner_wide, spread, smallest, largest_kept),
            TileSpace::Starter => starters(self.extent, largest, smallest, inner_wide, spread)
                .into_iter()
                .filter(|&e| e <= largest_kept)
                .collect(),
            TileSpace::Seed | TileSpace::Balanced if self.kernel => {
                let inner = slot + 1 == self.slots.len() && self.slots.len() > 1;
                let mut own = vec![largest];
                if inner && smallest < largest {
                    own.insert(0, smallest);
                }
                own.into_iter().filter(|&e| e <= largest_kept).collect()
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
            TileSpace::All if slot == 0 && spread == 1 && !self.irregular && !self.energy => {
                self.outermost(smallest, largest_kept, inner_wide)
            }
            TileSpace::All => (smallest..=largest_kept).collect(),
        }
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

    /// For each number of tiles the extents from the smallest one up to the next multiple of the
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

/// All divisors of an extent, in increasing order.
fn divisors(extent: u64) -> Vec<u64> {
    let small = (1..)
        .take_while(|d| d * d <= extent)
        .filter(|d| extent.is_multiple_of(*d));
    let mut all: Vec<u64> = small.flat_map(|d| [d, extent / d]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The extent divided by powers of two, rounded up.
fn halvings(extent: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(1_u64), move |n| (*n < extent).then_some(n * 2))
        .map(move |n| extent.div_ceil(n))
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

/// Spatial factors of a dimension of `extent` over an axis of `size` elements, each at least 2.
#[must_use]
pub fn factors(extent: u64, size: u64, space: TileSpace) -> Vec<u64> {
    let largest = extent.min(size);
    let all = 2..=largest;
    match space {
        TileSpace::All => all.collect(),
        TileSpace::Divisors => all.filter(|f| extent.is_multiple_of(*f)).collect(),
        TileSpace::Balanced => all
            .filter(|&f| f == extent.div_ceil(extent.div_ceil(f)))
            .collect(),
        TileSpace::Seed => {
            let balanced = extent.div_ceil(extent.div_ceil(size));
            let divisor = all.clone().rfind(|f| extent.is_multiple_of(*f));
            all.filter(|&f| {
                f == largest
                    || f == balanced
                    || Some(f) == divisor
                    || divisor.is_some_and(|d| f * 2 == d)
            })
            .collect()
        }
        TileSpace::Starter => {
            let balanced = extent.div_ceil(extent.div_ceil(size));
            all.filter(|&f| {
                f == largest
                    || f == balanced
                    || (extent.is_multiple_of(f) && (f.is_power_of_two() || f * 2 > largest))
            })
            .collect()
        }
    }
}

/// The largest extent at a slot for which the smallest tiles that have the dimension still fit.
fn capacity_limit(operation: &LoopNest, hardware: &Hardware, d: Dim, slot: Slot) -> u64 {
    let Some(capacity) = hardware.memory(slot.level).and_then(|m| m.capacity) else {
        return u64::MAX;
    };
    let shared = hardware
        .memory(slot.level)
        .is_some_and(|m| m.tiles == crate::problem::Tiles::Shared);
    let mut with: Vec<u128> = Vec::new();
    let mut without = 0;
    for role in Role::ALL {
        let bits = u128::from(operation.precision.working(role));
        if !operation.is_relevant(role, d) {
            without += bits;
        } else if role == Role::Input && LoopNest::window_of(d).is_some() {
            // Rows of a clipped window can be fewer than its outputs: no limit from the input.
            with.push(0);
        } else {
            with.push(bits);
        }
    }
    let per_extent = if shared {
        with.iter().sum()
    } else {
        with.iter().copied().min().unwrap_or(0)
    };
    if per_extent == 0 {
        return u64::MAX;
    }
    let room = capacity.bits().0.saturating_sub(without);
    u64::try_from(room / per_extent).unwrap_or(u64::MAX)
}

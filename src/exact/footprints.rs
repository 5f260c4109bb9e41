//! The least that tiles take in each memory: a bound for every mapping, before any program.
//!
//! An operand takes its space twice in a double-buffered memory unless it is loaded whole, once;
//! and what is loaded whole there is whole in every memory further out that keeps it. So for each
//! operand it is tried up to which memory it is whole. What is whole takes the share of an element,
//! the extents divided by the spread of the arrays above; what is not takes one element at least.

use super::tuning::MOST_SPREADS;
use crate::cost::window::{Block, distinct_rows, is_unclipped};
use crate::problem::{
    Array, Bits, Dim, Hardware, LoopNest, Memory, Node, Overlap, PerDim, Role, Tiles, Window,
};

/// What the tiles of one memory take at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// The memory.
    pub level: usize,
    /// For each operand the space of one tile, and how many of it there are: 0 where it need not
    /// be kept.
    pub tiles: [(Bits, u128); 3],
}

impl Footprint {
    /// All of it together.
    #[must_use]
    pub fn total(&self) -> Bits {
        Bits(self.tiles.iter().map(|(bits, count)| bits.0 * count).sum())
    }
}

/// A memory that no mapping fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooSmall {
    /// The least that its tiles take.
    pub least: Footprint,
    /// Whether they could take less there, but only where they do not fit another memory.
    pub jointly: bool,
}

/// \[PRU30\] The memory that proves that there is no mapping; `None` where the least tiles fit.
#[must_use]
pub fn too_small(operation: &LoopNest, hardware: &Hardware) -> Option<TooSmall> {
    let case = Case {
        operation,
        hardware,
        memories: hardware.memories().skip(1).collect(),
    };
    let mut alone: Vec<Option<Footprint>> = vec![None; case.memories.len()];
    let mut least: Option<(Bits, Footprint)> = None;
    for spread in case.spreads() {
        for whole in case.choices() {
            let all: Vec<Footprint> = (0..case.memories.len())
                .map(|index| case.footprint(index, whole, spread.as_deref()))
                .collect();
            let mut excess = Bits(0);
            let mut first = None;
            for ((own, known), (_, memory)) in all.iter().zip(&mut alone).zip(&case.memories) {
                if known.as_ref().is_none_or(|k| own.total() < k.total()) {
                    *known = Some(own.clone());
                }
                let over = excess_of(own, memory);
                if over > Bits(0) {
                    first.get_or_insert_with(|| own.clone());
                    excess += over;
                }
            }
            let first = first?;
            if least.as_ref().is_none_or(|(known, _)| excess < *known) {
                least = Some((excess, first));
            }
        }
    }
    let single = alone
        .into_iter()
        .zip(&case.memories)
        .find_map(|(own, (_, memory))| own.filter(|own| excess_of(own, memory) > Bits(0)));
    match single {
        Some(least) => Some(TooSmall {
            least,
            jointly: false,
        }),
        None => least.map(|(_, least)| TooSmall {
            least,
            jointly: true,
        }),
    }
}

/// The bits by which a footprint exceeds the capacity.
fn excess_of(own: &Footprint, memory: &Memory) -> Bits {
    let capacity = memory.capacity.map_or(u128::MAX, |c| c.bits().0);
    Bits(own.total().0.saturating_sub(capacity))
}

/// An operation and the memories that hold tiles of it.
struct Case<'a> {
    operation: &'a LoopNest,
    hardware: &'a Hardware,
    memories: Vec<(usize, &'a Memory)>,
}

impl Case<'_> {
    /// For each operand the number of memories, from the outside in, in which it is whole.
    fn choices(&self) -> impl Iterator<Item = [usize; 3]> {
        let count = self.memories.len() + 1;
        (0..count.pow(3)).map(move |i| [i / (count * count), i / count % count, i % count])
    }

    /// The least footprint of a memory where operands are whole in so many memories, with this
    /// spread over each array, or with any.
    fn footprint(
        &self,
        index: usize,
        whole: [usize; 3],
        spread: Option<&[PerDim<u64>]>,
    ) -> Footprint {
        let (level, memory) = self.memories[index];
        // What lies in the memory has its space already.
        let kept = |role: Role| {
            let node = Node { level, role };
            !self.operation.may_bypass(memory, node) && !self.operation.is_resident(node)
        };
        let is_whole = |role: Role| whole[role as usize] > index;
        let shared = |d: Dim| {
            let mut roles = Role::ALL.into_iter().filter(|&r| kept(r) && is_whole(r));
            roles.any(|r| self.operation.is_relevant(r, d))
        };
        let tiles = Role::ALL.map(|role| {
            if !kept(role) {
                return (Bits(0), 0);
            }
            let cut = |d: Dim| !(is_whole(role) || (memory.tiles == Tiles::Shared && shared(d)));
            let own = self.operation.relevant[role as usize].iter();
            let dims: Vec<Dim> = own.filter(|&d| !cut(d)).collect();
            let elements = match spread {
                Some(spread) => self.tile(role, &dims, &self.spread_above(level, spread)),
                None => self.share(role, &dims, level),
            };
            let bits = Bits(elements * u128::from(self.operation.precision.working(role)));
            let twice = memory.overlap == Overlap::DoubleBuffer && !is_whole(role);
            (bits, if twice { 2 } else { 1 })
        });
        Footprint { level, tiles }
    }

    /// The least elements of an operand's largest tile that is whole in some dimensions, which
    /// are spread so far.
    fn tile(&self, role: Role, whole: &[Dim], spread: &PerDim<u64>) -> u128 {
        let part = |d: Dim| self.operation.extents[d].div_ceil(spread[d]);
        let plain = whole.iter().filter(|&&d| !is_windowed(role, d));
        let plain: u128 = plain.map(|&d| u128::from(part(d))).product();
        if role != Role::Input {
            return plain;
        }
        let rows = (0..Window::COUNT).map(|axis| {
            let (p, r) = LoopNest::WINDOW_DIMS[axis];
            let lengths = [p, r].map(|d| if whole.contains(&d) { part(d) } else { 1 });
            self.rows(axis, lengths)
        });
        plain * rows.product::<u128>()
    }

    /// The least distinct rows of the largest of all tiles of so many outputs and taps.
    fn rows(&self, axis: usize, [outputs, taps]: [u64; 2]) -> u128 {
        let window = &self.operation.windows[axis];
        let [p, r] = self.window_extents(axis);
        let block = |length| Block { start: 0, length };
        // All tiles together touch every row.
        let tiles = p.div_ceil(outputs).saturating_mul(r.div_ceil(taps));
        let averaged = distinct_rows(window, block(p), block(r)).div_ceil(tiles);
        if is_unclipped(window, p, r) {
            return u128::from(distinct_rows(window, block(outputs), block(taps)).max(averaged));
        }
        u128::from(averaged)
    }

    /// Outputs and taps of a window; 1 where the input lacks the dimension.
    fn window_extents(&self, axis: usize) -> [u64; 2] {
        let (p, r) = LoopNest::WINDOW_DIMS[axis];
        let extents = &self.operation.extents;
        [p, r].map(|d| {
            if self.operation.is_relevant(Role::Input, d) {
                extents[d]
            } else {
                1
            }
        })
    }

    /// The same for any spread: an element's share of all elements, where it has one.
    fn share(&self, role: Role, whole: &[Dim], level: usize) -> u128 {
        let arrays = || self.hardware.arrays().filter(|(array, _)| *array < level);
        let spreadable = |d: Dim| arrays().any(|(_, a)| a.axes.iter().any(|x| x.dims.contains(d)));
        let axes = arrays().flat_map(|(_, array)| &array.axes);
        let used = axes.filter(|axis| whole.iter().any(|&d| axis.dims.contains(d)));
        let elements: u128 = used.map(|axis| u128::from(axis.size)).product();
        let (mut shared, mut fixed) = (1_u128, 1_u128);
        let mut count = |size: u64, free: bool| {
            let product = if free { &mut shared } else { &mut fixed };
            *product = product.saturating_mul(u128::from(size));
        };
        for &d in whole.iter().filter(|&&d| !is_windowed(role, d)) {
            count(self.operation.extents[d], spreadable(d));
        }
        for axis in 0..if role == Role::Input {
            Window::COUNT
        } else {
            0
        } {
            let (p, r) = LoopNest::WINDOW_DIMS[axis];
            let own = [p, r].map(|d| whole.contains(&d) || self.operation.extents[d] == 1);
            if own == [true; 2] {
                let all = |length| Block { start: 0, length };
                let [p_extent, r_extent] = self.window_extents(axis);
                let window = &self.operation.windows[axis];
                let rows = distinct_rows(window, all(p_extent), all(r_extent));
                count(rows, spreadable(p) || spreadable(r));
            }
        }
        fixed.saturating_mul(shared.div_ceil(elements.max(1)))
    }

    /// How far each dimension is spread by the arrays above a level.
    fn spread_above(&self, level: usize, spread: &[PerDim<u64>]) -> PerDim<u64> {
        let arrays = self.hardware.arrays().zip(spread);
        let above = arrays.filter(|((array, _), _)| *array < level);
        above.fold(PerDim::all(1), |all, (_, own)| times(&all, own))
    }

    /// The spreads over all arrays of which no other is as wide in every dimension; one `None`,
    /// for any of them, where they are many.
    fn spreads(&self) -> Vec<Option<Vec<PerDim<u64>>>> {
        let mut all: Vec<Vec<PerDim<u64>>> = vec![Vec::new()];
        for (_, array) in self.hardware.arrays() {
            let Some(own) = self.widest(array) else {
                return vec![None];
            };
            if all.len() * own.len() > MOST_SPREADS {
                return vec![None];
            }
            let with = |before: &Vec<PerDim<u64>>| {
                let before = before.clone();
                own.iter()
                    .map(move |next| [before.as_slice(), &[*next]].concat())
                    .collect::<Vec<_>>()
            };
            all = all.iter().flat_map(with).collect();
        }
        all.into_iter().map(Some).collect()
    }

    /// The widest spreads over one array, if they are few.
    fn widest(&self, array: &Array) -> Option<Vec<PerDim<u64>>> {
        let mut all = vec![PerDim::all(1)];
        for axis in &array.axes {
            let mut next = Vec::new();
            for before in &all {
                let free = |d: Dim| axis.dims.contains(d) && (array.split_dims || before[d] == 1);
                for own in factors(&self.operation.extents, axis.size, &free)? {
                    next.push(times(before, &own));
                }
                if next.len() > 8 * MOST_SPREADS {
                    return None;
                }
            }
            all = next;
        }
        // A factor beyond the extent does no more than the extent.
        for own in &mut all {
            for d in Dim::ALL {
                own[d] = own[d].min(self.operation.extents[d]);
            }
        }
        all.sort_unstable();
        all.dedup();
        if all.len() > MOST_SPREADS {
            return None;
        }
        let below =
            |a: &PerDim<u64>, b: &PerDim<u64>| a != b && Dim::ALL.iter().all(|&d| a[d] <= b[d]);
        let widest = all
            .iter()
            .filter(|own| !all.iter().any(|other| below(own, other)));
        Some(widest.copied().collect())
    }
}

/// The factors of one axis whose product is no larger than its size, if they are few.
fn factors(
    extents: &PerDim<u64>,
    size: u64,
    free: &dyn Fn(Dim) -> bool,
) -> Option<Vec<PerDim<u64>>> {
    let mut all = vec![(PerDim::all(1), size)];
    for d in Dim::ALL.into_iter().filter(|&d| free(d) && extents[d] > 1) {
        let mut next = Vec::new();
        for (before, left) in &all {
            let most = extents[d].min(*left);
            if next.len() as u64 + most > MOST_SPREADS as u64 {
                return None;
            }
            for factor in 1..=most {
                let mut own = *before;
                own[d] = factor;
                next.push((own, left / factor));
            }
        }
        all = next;
    }
    Some(all.into_iter().map(|own| own.0).collect())
}

fn times(a: &PerDim<u64>, b: &PerDim<u64>) -> PerDim<u64> {
    PerDim(std::array::from_fn(|i| a.0[i].saturating_mul(b.0[i])))
}

/// Whether a dimension of the input is joined to another one by a window.
fn is_windowed(role: Role, d: Dim) -> bool {
    role == Role::Input && LoopNest::window_of(d).is_some()
}

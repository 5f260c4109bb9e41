//! Blocks of indices, and the elements of every array over which they are spread.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::problem::{Axis, Dim, Hardware, Mapping, PerDim, Role};

/// The indices `start .. start + len` of one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Block {
    /// First index.
    pub start: u64,
    /// Number of indices, at least 1.
    pub len: u64,
}

/// One interval per dimension.
pub(super) type TileBox = PerDim<Block>;

impl Block {
    /// A whole dimension.
    pub fn whole(len: u64) -> Self {
        Self { start: 0, len }
    }

    /// First index after the block.
    pub fn end(self) -> u64 {
        self.start + self.len
    }

    /// The block cut into pieces of `size` and a smaller last one.
    pub fn pieces(self, size: u64) -> impl Iterator<Item = Block> {
        (0..self.len.div_ceil(size)).map(move |i| Block {
            start: self.start + i * size,
            len: size.min(self.len - i * size),
        })
    }

    /// The pieces of `size` and the last one with how often they come: those in `alike` together by
    /// their lengths, as if each began where it does.
    pub fn piece_kinds(self, size: u64, alike: &Range<u64>) -> Vec<(Block, u128)> {
        let full = self.len / size;
        let before = alike.start.saturating_sub(self.start).div_ceil(size);
        let before = before.min(full);
        let until = (alike.end.saturating_sub(self.start) / size).min(full);
        let until = until.max(before);
        let at = |i: u64, len| Block {
            start: self.start + i * size,
            len,
        };
        let own = |block: Block| {
            let inside = block.start >= alike.start && block.end() <= alike.end;
            let start = if inside { alike.start } else { block.start };
            Block { start, ..block }
        };
        let each = (0..before).chain(until..full).map(|i| (at(i, size), 1));
        let same = (until > before).then(|| (own(at(before, size)), u128::from(until - before)));
        let rest = self.len % size;
        let rest = (rest > 0).then(|| (own(at(full, rest)), 1));
        each.chain(same).chain(rest).collect()
    }

    /// Element 0's share, the block being spread over arrays of these factors, outermost first.
    pub fn first_share(self, factors: impl Iterator<Item = u64>) -> Block {
        let len = factors.fold(self.len, u64::div_ceil);
        Block { len, ..self }
    }

    /// The shares of all elements that have one.
    pub fn shares(self, factors: impl Iterator<Item = u64>) -> Vec<Block> {
        let mut shares = vec![self];
        for factor in factors {
            shares = shares
                .iter()
                .flat_map(|b| b.pieces(b.len.div_ceil(factor)))
                .collect();
        }
        shares
    }
}

/// The spatial loops of one array.
struct Mapped {
    level: usize,
    /// Each axis, outermost first: its factors, and for each operand whether every element along
    /// it has transfers of its own (no multicast, no spatial reduction).
    axes: Vec<(PerDim<u64>, [bool; 3])>,
}

impl Mapped {
    /// The elements over which `d` is spread.
    fn factor(&self, d: Dim) -> u64 {
        self.axes.iter().map(|(factors, _)| factors[d]).product()
    }
}

/// The spatial loops of every array, outermost first.
pub(super) struct Spread(Vec<Mapped>);

impl Spread {
    /// The spatial loops of a mapping whose arrays have been checked.
    pub fn new(hardware: &Hardware, mapping: &Mapping) -> Self {
        let arrays = hardware.arrays().zip(&mapping.spatial);
        let mapped = arrays.map(|((level, array), mapped)| {
            let own = |axis: &Axis| [!axis.multicast, !axis.multicast, !axis.reduce];
            let axes = mapped.axes.iter().copied();
            Mapped {
                level,
                axes: axes.zip(array.axes.iter().map(own)).collect(),
            }
        });
        Self(mapped.collect())
    }

    /// The factors of `d` over the arrays above `level`, outermost first.
    pub fn factors(&self, level: usize, d: Dim) -> impl Iterator<Item = u64> {
        let above = self.0.iter().filter(move |a| a.level < level);
        above.map(move |a| a.factor(d))
    }

    /// The number of elements over which `d` is spread above `level`.
    pub fn product(&self, level: usize, d: Dim) -> u64 {
        self.factors(level, d).product()
    }

    /// The shares of a block on the elements between two levels, in groups that each cross the
    /// outer level's port by themselves: elements that multicast or reduction joins are together.
    pub fn groups(
        &self,
        (outer, inner): (usize, usize),
        role: Role,
        d: Dim,
        block: Block,
    ) -> Vec<Vec<Block>> {
        let mut shares = vec![(Vec::new(), block)];
        for array in self.0.iter().filter(|a| outer < a.level && a.level < inner) {
            let split = |(key, block): &(Vec<u64>, Block)| -> Vec<(Vec<u64>, Block)> {
                let pieces = block.pieces(block.len.div_ceil(array.factor(d)));
                let keyed = (0..).zip(pieces).map(|(index, piece)| {
                    let own = array.coordinates(role, d, index);
                    ([key.as_slice(), &own].concat(), piece)
                });
                keyed.collect()
            };
            shares = shares.iter().flat_map(split).collect();
        }
        let mut groups: BTreeMap<Vec<u64>, Vec<Block>> = BTreeMap::new();
        for (key, block) in shares {
            groups.entry(key).or_default().push(block);
        }
        groups.into_values().collect()
    }

    /// Whether one of these dimensions is spread along an axis without multicast.
    pub fn serves_singly(&self, dims: [Dim; 2]) -> bool {
        let axes = self.0.iter().flat_map(|array| &array.axes);
        let mut single = axes.filter(|(_, own)| own[Role::Input as usize]);
        single.any(|(factors, _)| dims.iter().any(|&d| factors[d] > 1))
    }

    /// The number of elements that the mapping uses in all.
    pub fn elements(&self) -> u128 {
        let axes = self.0.iter().flat_map(|a| &a.axes);
        axes.flat_map(|(factors, _)| factors.0)
            .map(u128::from)
            .product()
    }

    /// Element 0's share of a box at `level`.
    pub fn share(&self, level: usize, tile: &TileBox) -> TileBox {
        let mut share = *tile;
        for d in Dim::ALL {
            share[d] = tile[d].first_share(self.factors(level, d));
        }
        share
    }
}

impl Mapped {
    /// The places, along the axes without multicast or reduction of `role`, of the element with
    /// this number among those over which `d` is spread; the first axis is the outermost.
    fn coordinates(&self, role: Role, d: Dim, index: u64) -> Vec<u64> {
        let mut rest = index;
        let mut places = Vec::new();
        for (factors, own) in self.axes.iter().rev() {
            if own[role as usize] {
                places.push(rest % factors[d]);
            }
            rest /= factors[d];
        }
        places
    }
}

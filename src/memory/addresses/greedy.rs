//! First fit: blocks in a fixed order, each at the lowest offset that is free during its life.

use std::cmp::Reverse;

use crate::problem::packing::{Block, Packing};

/// An order for first fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GreedyOrder {
    /// Largest first.
    Size,
    /// Largest area (bytes × time) first.
    Area,
    /// Longest life first.
    Length,
    /// Most blocks that it meets first.
    Neighbours,
    /// Most bytes of the blocks that it meets first.
    NeighbourBytes,
    /// In the order in which they begin, the largest first at one time.
    Begin,
    /// In the order in which they end, the last first.
    End,
    /// Longest life first, in powers of two, then largest.
    LengthClass,
}

/// All orders, those first that succeed most often.
pub const ORDERS: [GreedyOrder; 8] = [
    GreedyOrder::Area,
    GreedyOrder::Size,
    GreedyOrder::Length,
    GreedyOrder::LengthClass,
    GreedyOrder::NeighbourBytes,
    GreedyOrder::Neighbours,
    GreedyOrder::Begin,
    GreedyOrder::End,
];

/// Addresses of all blocks by first fit in an order, if they stay within the capacity; those that
/// are fixed share no bytes.
#[must_use]
pub fn first_fit(packing: &Packing, order: GreedyOrder) -> Option<Vec<u64>> {
    let blocks = &packing.blocks;
    let mut offsets: Vec<Option<u64>> = vec![None; blocks.len()];
    // What is fixed lies there before anything else.
    for (offset, block) in offsets.iter_mut().zip(blocks) {
        *offset = block.fixed;
    }
    for index in sorted(blocks, order) {
        let block = &blocks[index];
        if block.fixed.is_some() {
            continue;
        }
        let mut taken: Vec<(u64, u64)> = (blocks.iter().zip(&offsets))
            .filter(|(other, _)| other.meets(block))
            .filter_map(|(other, offset)| offset.map(|o| (o, o + other.size)))
            .collect();
        taken.sort_unstable();
        let offset = lowest_gap(packing, &taken, block)?;
        offsets[index] = Some(offset);
    }
    offsets.into_iter().collect()
}

/// The lowest address that the block may have between the taken ranges.
fn lowest_gap(packing: &Packing, taken: &[(u64, u64)], block: &Block) -> Option<u64> {
    let size = block.size;
    let mut offset = packing.aligned(packing.base, block);
    for &(from, to) in taken {
        if from >= offset && from - offset >= size {
            break;
        }
        offset = offset.max(packing.aligned(to, block));
    }
    let end = offset.checked_add(size)?;
    (end <= packing.end()).then_some(offset)
}

fn sorted(blocks: &[Block], order: GreedyOrder) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..blocks.len()).collect();
    let neighbours = |b: &Block| blocks.iter().filter(|o| o.meets(b)).count() as u128;
    let bytes = |b: &Block| -> u128 {
        let met = blocks.iter().filter(|o| o.meets(b));
        met.map(|o| u128::from(o.size)).sum()
    };
    indices.sort_by_cached_key(|&index| {
        let b = &blocks[index];
        let (size, length) = (u128::from(b.size), u128::from(b.upper - b.lower));
        let key = match order {
            GreedyOrder::Size => (Reverse(size), Reverse(length)),
            GreedyOrder::Area => (Reverse(size * length), Reverse(size)),
            GreedyOrder::Length => (Reverse(length), Reverse(size)),
            GreedyOrder::Neighbours => (Reverse(neighbours(b)), Reverse(size)),
            GreedyOrder::NeighbourBytes => (Reverse(bytes(b)), Reverse(size)),
            GreedyOrder::Begin => (Reverse(u128::MAX - u128::from(b.lower)), Reverse(size)),
            GreedyOrder::End => (Reverse(u128::from(b.upper)), Reverse(size)),
            GreedyOrder::LengthClass => (Reverse(u128::from(length.ilog2())), Reverse(size)),
        };
        (key, index)
    });
    indices
}

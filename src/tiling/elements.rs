//! The elements that take part in the visits of a chain's tiles, piece by piece: where energy
//! counts, every one of them pays for its side of a transfer.

use crate::cost::chain::Pieces;
use crate::cost::window::Block;

use super::chain::Chain;
use super::receivers::Dealt;
use super::slot::Slot;

/// Receivers of a chain at a slot, and the the most active elements of a visit.
pub(crate) fn taking_part(
    chain: &Chain,
    slots: &[Slot],
    extent: u64,
    slot: Option<usize>,
    level: usize,
    way: Dealt,
) -> (u64, u64) {
    taking_part_in(&chain.pieces(slots, extent), chain, slot, level, way)
}

/// The same from the chain's cuts: those of the whole dimension, of every slot, and of the
/// arrays' tiles.
pub(crate) fn taking_part_in(
    cuts: &[Pieces],
    chain: &Chain,
    slot: Option<usize>,
    level: usize,
    way: Dealt,
) -> (u64, u64) {
    let above = &cuts[slot.map_or(0, |s| s + 1)];
    let step = usize::from(way == Dealt::Step);
    let dealt = cuts[cuts.len() - 2 + step].extent();
    let factors = chain.array_factors(level);
    let visits = above.lengths();
    visits.fold((0, 1), |(receivers, most), (length, count)| {
        let elements = active(length.min(dealt), &factors);
        (receivers + elements * count, most.max(elements))
    })
}

/// The elements that have a share of a length.
fn active(length: u64, factors: &[u64]) -> u64 {
    match factors {
        [] => 1,
        [factor] => length.div_ceil(length.div_ceil(*factor).max(1)),
        _ => {
            let block = Block { start: 0, length };
            crate::cost::chain::shares(block, factors).len() as u64
        }
    }
}

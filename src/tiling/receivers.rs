//! The elements that take part in the visits of a chain that is spread over one array, counted
//! without listing its pieces: what tells the chains of a box apart where energy counts.

use smallvec::{SmallVec, smallvec};

use crate::problem::{Hardware, Memory, Role};

use super::chain::Chain;
use super::slot::Slot;

/// For the whole dimension and every slot, and where tiles are dealt out by steps for these:
/// elements over all visits, and the most of one visit.
pub type Receivers = SmallVec<[(u64, u64); 6]>;

/// Lengths of pieces, and how many there are of each.
type Lengths = SmallVec<[(u64, u64); 8]>;

/// How much of a tile is dealt out to the elements at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dealt {
    /// As much as their innermost memory takes: it keeps all operands.
    Tile,
    /// As much as a step takes: some operand is read anew in each.
    Step,
}

impl Dealt {
    /// The ways that some class has; one of them where nothing lies below the arrays, as there
    /// they are the same, and none without energy, which alone counts elements.
    #[must_use]
    pub fn possible(hardware: &Hardware) -> SmallVec<[Self; 2]> {
        let innermost = hardware.memories().last().map(|(_, memory)| memory);
        let below = innermost.filter(|_| hardware.has_memory_below_arrays());
        let keeps_all = |memory: &Memory| Role::ALL.into_iter().all(|r| memory.may_keep(r));
        let leaves_out = |memory: &Memory| Role::ALL.into_iter().any(|r| memory.may_bypass(r));
        let ways = [
            (Self::Tile, below.is_none_or(keeps_all)),
            (Self::Step, below.is_some_and(leaves_out)),
        ];
        let energy = hardware.has_energy();
        let ways = ways.into_iter().filter(|way| energy && way.1);
        ways.map(|way| way.0).collect()
    }
}

/// What `elements::taking_part` counts at every slot, with all arrays; `None` for a chain that is
/// spread over several axes, or that has a third cut.
#[must_use]
pub fn receivers(chain: &Chain, slots: &[Slot], extent: u64, way: Dealt) -> Option<Receivers> {
    if chain.spread.len() > 1 || chain.third.is_some() {
        return None;
    }
    let factor = chain.spread_above(usize::MAX);
    let wide = |slot: usize| chain.wide(slots, slot);
    let dealt = dealt(chain, slots, extent, way);
    let mut lengths: Lengths = smallvec![(extent, 1)];
    let mut all: Receivers = smallvec![taking_part(&lengths, dealt, factor)];
    for slot in 0..slots.len() {
        lengths = cut(&lengths, wide(slot));
        all.push(taking_part(&lengths, dealt, factor));
    }
    if way == Dealt::Step {
        all.push(taking_part(&cut(&lengths, factor), dealt, factor));
    }
    Some(all)
}

/// The same for the whole dimension (`None`) or one slot; after the last one, for the arrays' tiles.
#[must_use]
pub fn receivers_at(
    chain: &Chain,
    slots: &[Slot],
    extent: u64,
    slot: Option<usize>,
    way: Dealt,
) -> Option<(u64, u64)> {
    if chain.spread.len() > 1 || chain.third.is_some() {
        return None;
    }
    let factor = chain.spread_above(usize::MAX);
    let wide = |slot: usize| {
        if slot < slots.len() {
            chain.wide(slots, slot)
        } else {
            factor
        }
    };
    let dealt = dealt(chain, slots, extent, way);
    let above = slot.map_or(0, |slot| slot + 1);
    let lengths = (0..above).fold(smallvec![(extent, 1)], |own, s| cut(&own, wide(s)));
    Some(taking_part(&lengths, dealt, factor))
}

/// The length of which each element has its share at a time.
fn dealt(chain: &Chain, slots: &[Slot], extent: u64, way: Dealt) -> u64 {
    let wide = (0..slots.len()).map(|slot| chain.wide(slots, slot));
    let tile = wide.fold(extent, u64::min);
    match way {
        Dealt::Tile => tile,
        Dealt::Step => tile.min(chain.spread_above(usize::MAX)),
    }
}

/// Whether one chain has nowhere more elements that take part in a visit at most, nor more visits
/// for each of them.
#[must_use]
pub fn no_more(own: &[(u64, u64)], others: &[(u64, u64)]) -> bool {
    own.iter().zip(others).all(|(&(r, c), &(s, d))| {
        c <= d && u128::from(r) * u128::from(d) <= u128::from(s) * u128::from(c)
    })
}

/// Every piece cut into pieces of an extent, and a smaller one.
fn cut(lengths: &Lengths, extent: u64) -> Lengths {
    let mut pieces = Lengths::new();
    for &(length, count) in lengths {
        let (full, rest) = (length / extent, length % extent);
        for (own, times) in [(extent, full * count), (rest, count)] {
            if own == 0 || times == 0 {
                continue;
            }
            match pieces.iter_mut().find(|known| known.0 == own) {
                Some(known) => known.1 += times,
                None => pieces.push((own, times)),
            }
        }
    }
    pieces
}

/// The elements over all pieces, of each of which as much as the smallest tile is dealt out at a
/// time, and the most of one piece.
fn taking_part(lengths: &Lengths, dealt: u64, factor: u64) -> (u64, u64) {
    lengths
        .iter()
        .fold((0, 1), |(all, most), &(length, count)| {
            let own = length.min(dealt);
            let elements = own.div_ceil(own.div_ceil(factor).max(1));
            (all + elements * count, most.max(elements))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiling::chain::Spread;
    use crate::tiling::elements;

    #[test]
    fn elements_are_those_of_the_pieces_listed() {
        let slots: Vec<Slot> = [(1, 0), (1, 1), (3, 0)]
            .map(|(level, rank)| Slot { level, rank })
            .into();
        let mut seen = 0;
        for extent in [7, 24, 31] {
            for (factor, inner) in [(1, 1), (1, 3), (2, 1), (3, 2), (5, 1), (4, 4)] {
                for middle in 1..=extent {
                    for outer in middle..=extent {
                        let chain = Chain {
                            spread: smallvec![Spread {
                                array: 2,
                                axis: 0,
                                factor
                            }],
                            extents: smallvec![outer, middle, inner],
                            third: None,
                            counts: smallvec![0; 3],
                            steps: 0,
                        };
                        for way in [Dealt::Tile, Dealt::Step] {
                            let all = receivers(&chain, &slots, extent, way).expect("one axis");
                            let last = 3 + usize::from(way == Dealt::Step);
                            let places = || std::iter::once(None).chain((0..last).map(Some));
                            let listed: Receivers = places()
                                .map(|s| {
                                    let all = usize::MAX;
                                    elements::taking_part(&chain, &slots, extent, s, all, way)
                                })
                                .collect();
                            assert_eq!(all, listed, "{chain:?}");
                            let one = |s| receivers_at(&chain, &slots, extent, s, way);
                            let each: Option<Receivers> = places().map(one).collect();
                            assert_eq!(Some(all), each, "{chain:?}");
                            let steps = one(Some(3)).expect("one axis");
                            let listed =
                                elements::taking_part(&chain, &slots, extent, Some(3), 9, way);
                            assert_eq!(steps, listed, "{chain:?}");
                        }
                        seen += 1;
                    }
                }
            }
        }
        assert!(seen > 1_000);
    }
}

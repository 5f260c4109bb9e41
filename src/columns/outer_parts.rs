//! Long dimensions in two parts: the extents above the first array, and the rest of the chain.
//!
//! A dimension of a few hundred has hundreds of thousands of chains, but only a thousand ways
//! to cut it above the array and a few hundred ways to spread it and cut it below. A program
//! over these two lists, every attribute at the least it can be, bounds the program over all
//! chains from below. It leaves few pairs, and only these are expanded into chains.

use smallvec::{SmallVec, smallvec};

use crate::problem::Dim;
use crate::tiling::candidates::Candidates;
use crate::tiling::chain::Chain;
use crate::tiling::limits::ColumnLimits;
use crate::tiling::site::Site;
use crate::tiling::tile_space::TileSpace;
use crate::tiling::wanted::Wanted;

use super::found::Found;
use super::least_tiles::least_tiles;
use super::outer_box::OuterBox;
use super::tuning::TOLD_APART;

/// Extents that give a dimension equally many tiles when it is cut directly.
#[derive(Clone, Copy, Debug)]
struct Interval {
    low: u64,
    high: u64,
    tiles: u64,
}

/// All boxes of the extents above the array; `None` where there are too many, or if it is time
/// to stop.
#[must_use]
pub fn outer_boxes(site: &Site<'_>, d: Dim, limits: &ColumnLimits) -> Option<Vec<OuterBox>> {
    let slots = site.slots(d);
    let outer = site.outer_slots(d);
    let candidates = Candidates::new(site, d, TileSpace::All);
    let intervals = intervals(site.extent(d));
    let mut found = Found::new(limits);
    let empty = OuterBox {
        chain: Chain {
            spread: SmallVec::new(),
            extents: smallvec![1; slots.len()],
            third: None,
            counts: smallvec![1; slots.len()],
            steps: 1,
        },
        highest: Vec::new(),
    };
    let unused = site.first_unused(d);
    let slots_of_boxes = OuterSlots { outer, unused };
    add_boxes(&intervals, &candidates, slots_of_boxes, &empty, &mut found);
    let wanted = Wanted::within(site, d, limits);
    let mut all = found.complete()?;
    all.retain(|own| {
        let can = |slot: usize, e| (own.chain.extents[slot]..=own.highest[slot]).contains(&e);
        wanted.is_met(slots, 0..outer, can)
    });
    Some(all)
}

/// The number of outer slots, and the one from which on no operand uses any.
#[derive(Clone, Copy)]
struct OuterSlots {
    outer: usize,
    unused: usize,
}

/// Extends a box by its next slot.
fn add_boxes(
    intervals: &[Interval],
    candidates: &Candidates,
    own: OuterSlots,
    prefix: &OuterBox,
    found: &mut Found<'_, OuterBox>,
) {
    let OuterSlots { outer, unused } = own;
    let slot = prefix.highest.len();
    if slot == outer {
        let mut done = prefix.clone();
        // Extents never grow inward, so an outer slot is at least as large as every inner one.
        for i in (1..outer).rev() {
            done.chain.extents[i - 1] = done.chain.extents[i - 1].max(done.chain.extents[i]);
        }
        found.all.push(done);
        return;
    }
    // What no operand uses has no cut of its own: its extent is known from those around it.
    let all = [Interval {
        low: 1,
        high: candidates.extent(),
        tiles: 1,
    }];
    for interval in if slot < unused { intervals } else { &all } {
        if found.is_over() {
            return;
        }
        let high = interval
            .high
            .min(candidates.limit(slot))
            .min(prefix.highest.last().copied().unwrap_or(u64::MAX));
        if interval.low > high {
            continue;
        }
        let mut next = prefix.clone();
        next.chain.extents[slot] = interval.low;
        next.chain.counts[slot] = interval.tiles;
        next.highest.push(high);
        let low: SmallVec<[u64; 4]> = (0..=slot)
            .map(|i| next.chain.extents[i].max(interval.low))
            .collect();
        let extent = candidates.extent();
        let tiles = least_tiles(extent, &low, &next.highest, candidates.is_cut_again());
        next.chain.counts[slot] = tiles[slot];
        add_boxes(intervals, candidates, own, &next, found);
    }
}

/// The intervals of extents with equal numbers of tiles, the whole dimension first. In between
/// few and many tiles of a very long dimension, intervals an eighth wide.
fn intervals(extent: u64) -> Vec<Interval> {
    let mut all = vec![Interval {
        low: extent,
        high: extent,
        tiles: 1,
    }];
    while let Some(last) = all.last().filter(|i| i.low > 1) {
        let high = last.low - 1;
        let tiles = extent.div_ceil(high);
        let equal = extent.div_ceil(tiles);
        let low = if tiles > TOLD_APART && high > TOLD_APART {
            equal.min(high - high / 8)
        } else {
            equal
        };
        all.push(Interval { low, high, tiles });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiling::slot::Slot;
    use crate::tiling::switches::Switches;
    use crate::tiling::third;

    #[test]
    fn intervals_cover_every_extent_once_with_no_more_tiles_than_it_gives() {
        for extent in [1, 2, 7, 64, 224, 1000, 25_088, 1_000_003] {
            let all = intervals(extent);
            let mut next = extent;
            for interval in &all {
                assert_eq!(interval.high, next);
                assert!(interval.low <= interval.high);
                assert_eq!(interval.tiles, extent.div_ceil(interval.high));
                next = interval.low - 1;
            }
            assert_eq!(next, 0);
            assert!(all.len() < 400, "{extent}: {}", all.len());
        }
    }

    #[test]
    fn no_chain_has_fewer_tiles_than_the_least_of_its_box() {
        let slots: Vec<Slot> = (0..3).map(|level| Slot { level, rank: 0 }).collect();
        let extent = 23;
        let all = intervals(extent);
        let within = |e: u64| all.iter().find(|i| (i.low..=i.high).contains(&e)).unwrap();
        let mut exact = 0;
        for a in 1..=extent {
            for b in 1..=a {
                for c in 1..=b {
                    let mut chain = Chain {
                        spread: SmallVec::new(),
                        extents: smallvec![a, b, c],
                        third: None,
                        counts: smallvec![0; 3],
                        steps: 0,
                    };
                    chain.recount(&slots, extent);
                    let boxed = [a, b, c].map(within);
                    let [low, high] = [boxed.map(|i| i.low), boxed.map(|i| i.high)];
                    let least = least_tiles(extent, &low, &high, false);
                    for (least, count) in least.iter().zip(&chain.counts) {
                        assert!(least <= count, "{a} {b} {c}: {least} > {count}");
                    }
                    exact += u64::from(least == chain.counts);
                    for longer in
                        third::variants(&chain, &slots, extent, &[0, 1, 2, 3], Switches::ALL)
                    {
                        let least = least_tiles(extent, &low, &high, true);
                        let mut both = least.iter().zip(&longer.counts);
                        assert!(both.all(|(least, count)| least <= count), "{longer:?}");
                    }
                }
            }
        }
        assert!(exact > 500, "{exact} of 2300 are exact");
    }
}

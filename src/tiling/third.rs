//! Third cuts: a dimension, cut once more at the node of the operand that it does not index
//! (`formulations/model.md`, "A third extent").
//!
//! A memory with tiles per operand has two slots for such a dimension, one for each operand that
//! it indexes. The third operand's node stands above both, between them or below both: in a *gap*
//! between slots. A cut there costs the third operand nothing, and it moves the pieces of all slots
//! further in: full tiles may come to lie at padded ends only, or one remainder less be left over.

use crate::problem::{Dim, LoopNest, Role};

use super::chain::{Chain, ThirdCut};
use super::site::Site;
use super::slot::{Slot, is_above_arrays};
use super::switches::Switches;
pub use super::tuning::LONGEST;
use super::wanted::Wanted;

/// The gaps in which a dimension may be cut; none where it has two extents only.
#[must_use]
pub fn gaps(site: &Site<'_>, d: Dim) -> Vec<usize> {
    let slots = site.slots(d);
    let extents = site.operation.extents;
    let length = match LoopNest::window_of(d).map(|axis| LoopNest::WINDOW_DIMS[axis]) {
        Some((p, r)) => extents[p].max(extents[r]),
        // Where nothing is spread, no remainder matters: pieces cost what there are of them.
        None if site.hardware.arrays().next().is_none() => return Vec::new(),
        // An extent between two that is no multiple of the inner one takes at least 3 of 4.
        None if extents[d] < 4 => return Vec::new(),
        None => extents[d],
    };
    let indexed = Role::ALL
        .into_iter()
        .filter(|&r| site.operation.is_relevant(r, d));
    if length > LONGEST || indexed.count() != 2 {
        return Vec::new();
    }
    let own = |slot: &Slot| is_above_arrays(&site.hardware, slot.level);
    let mut gaps: Vec<usize> = (0..slots.len())
        .filter(|&s| own(&slots[s]))
        .flat_map(|s| [s, s + 1])
        .collect();
    gaps.dedup();
    gaps
}

/// The same where parts of mappings may be fixed, and dataflows asked: then there are none, as
/// what is fixed and what stays loaded are told of the extents of slots.
#[must_use]
pub fn gaps_within(site: &Site<'_>, d: Dim, wanted: &Wanted) -> Vec<usize> {
    if wanted.is_restricted() {
        Vec::new()
    } else {
        gaps(site, d)
    }
}

/// \[PRU9\] A chain with one cut more, in every way that makes other pieces.
pub fn variants<'a>(
    chain: &'a Chain,
    slots: &'a [Slot],
    extent: u64,
    gaps: &'a [usize],
    switches: Switches,
) -> impl Iterator<Item = Chain> + 'a {
    gaps.iter().flat_map(move |&gap| {
        let outer = gap.checked_sub(1).map_or(extent, |s| chain.wide(slots, s));
        let inner = match slots.get(gap) {
            Some(_) => chain.wide(slots, gap),
            None => chain.spread_above(usize::MAX),
        };
        // A multiple of the next extent in leaves the pieces as they are.
        let same = move |own: &u64| switches.third_multiples && own.is_multiple_of(inner);
        let extents = (inner + 1..outer).filter(move |own| !same(own));
        extents.map(move |own| {
            let mut longer = chain.clone();
            longer.third = Some(ThirdCut { gap, extent: own });
            longer.recount(slots, extent);
            longer
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use smallvec::{SmallVec, smallvec};

    #[test]
    fn a_third_cut_moves_the_full_tiles_to_the_ends() {
        let slots: Vec<Slot> = [0, 1].map(|rank| Slot { level: 1, rank }).into();
        let mut chain = Chain {
            spread: SmallVec::new(),
            extents: smallvec![10, 4],
            third: None,
            counts: smallvec![0; 2],
            steps: 0,
        };
        chain.recount(&slots, 10);
        let lengths = |c: &Chain| -> Vec<u64> {
            let tiles = &c.pieces(&slots, 10)[2];
            tiles.blocks().iter().map(|b| b.length).collect()
        };
        assert_eq!(lengths(&chain), [4, 4, 2]);
        let longer: Vec<Chain> = variants(&chain, &slots, 10, &[1], Switches::ALL).collect();
        let extents: Vec<u64> = longer
            .iter()
            .filter_map(|c| Some(c.third?.extent))
            .collect();
        assert_eq!(extents, [5, 6, 7, 9], "8 leaves the tiles as they are");
        assert_eq!(lengths(&longer[1]), [4, 2, 4]);
        assert_eq!(longer[1].counts.as_slice(), [1, 3]);
        assert_eq!(longer[1].steps, 10);
    }
}

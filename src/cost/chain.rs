//! Nested, uneven cuts of one dimension: the pieces at every storage node.

use std::collections::BTreeMap;

use smallvec::{SmallVec, smallvec};

use super::block::{Block, parts};

/// The pieces of one dimension at some node.
///
/// Nested cuts leave few different lengths, however many pieces there are: each cut turns a
/// length into its own and one remainder. Only windows tell pieces of a length apart, and those only
/// near padding.
#[derive(Clone, Debug)]
pub struct Pieces {
    /// The block that was cut.
    all: Block,
    /// The cuts, from the outermost in.
    cuts: SmallVec<[u64; 6]>,
    /// The lengths of the pieces, the largest first, with how often they come.
    lengths: SmallVec<[(u64, u64); 6]>,
}

/// No index of a dimension.
pub const NOWHERE: (u64, u64) = (u64::MAX, 0);

impl Pieces {
    /// The whole dimension as one piece.
    #[must_use]
    pub fn whole(extent: u64) -> Self {
        Self::single(Block {
            start: 0,
            length: extent,
        })
    }

    /// One block.
    #[must_use]
    pub fn single(block: Block) -> Self {
        Self {
            all: block,
            cuts: SmallVec::new(),
            lengths: smallvec![(block.length, 1)],
        }
    }

    /// Cuts every piece into blocks of `extent`; the last block of each piece may be smaller.
    #[must_use]
    pub fn cut(&self, extent: u64) -> Self {
        if extent >= self.extent() {
            return self.clone();
        }
        let mut cuts = self.cuts.clone();
        cuts.push(extent);
        let mut lengths = SmallVec::new();
        for &(length, count) in &self.lengths {
            add(&mut lengths, extent, count * (length / extent));
            add(&mut lengths, length % extent, count);
        }
        lengths.sort_unstable_by(|a: &(u64, u64), b| b.cmp(a));
        Self {
            all: self.all,
            cuts,
            lengths,
        }
    }

    /// The lengths of the pieces, the largest first, with how often each comes.
    pub fn lengths(&self) -> impl Iterator<Item = (u64, u64)> {
        self.lengths.iter().copied()
    }

    /// The number of pieces.
    #[must_use]
    pub fn count(&self) -> u128 {
        self.lengths.iter().map(|l| u128::from(l.1)).sum()
    }

    /// The extent of the largest piece.
    #[must_use]
    pub fn extent(&self) -> u64 {
        self.lengths.first().map_or(0, |l| l.0)
    }

    /// The blocks, in order.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        let cuts = self.cuts.iter();
        cuts.fold(vec![self.all], |blocks, &extent| {
            blocks.into_iter().flat_map(|b| parts(b, extent)).collect()
        })
    }

    /// The blocks with how often each comes: those that lie in `clear`, from its first index to one
    /// past its last, count together by their lengths, as if all began where it does.
    #[must_use]
    pub fn kinds(&self, clear: (u64, u64)) -> Vec<(Block, u64)> {
        let mut kinds = BTreeMap::from([(moved(self.all, clear), 1)]);
        for &extent in &self.cuts {
            let mut next = BTreeMap::new();
            for (block, times) in kinds {
                for (part, count) in part_kinds(block, extent, clear) {
                    *next.entry(part).or_insert(0) += count * times;
                }
            }
            kinds = next;
        }
        kinds.into_iter().collect()
    }

    /// Σ over pieces of the share of element 0 when each is spread over `elements`.
    #[must_use]
    pub fn share_sum(&self, elements: u64) -> u128 {
        self.lengths
            .iter()
            .map(|&(length, count)| u128::from(length.div_ceil(elements)) * u128::from(count))
            .sum()
    }
}

/// Adds so many pieces of a length.
fn add(lengths: &mut SmallVec<[(u64, u64); 6]>, length: u64, count: u64) {
    if length == 0 || count == 0 {
        return;
    }
    match lengths.iter_mut().find(|l| l.0 == length) {
        Some(known) => known.1 += count,
        None => lengths.push((length, count)),
    }
}

/// A block at the beginning of `clear`, if it lies in it.
fn moved(block: Block, clear: (u64, u64)) -> Block {
    let lies_in = block.start >= clear.0 && block.start + block.length <= clear.1;
    let start = if lies_in { clear.0 } else { block.start };
    Block { start, ..block }
}

/// The blocks of `extent` in a block, and the rest of it, with how often each comes.
fn part_kinds(
    block: Block,
    extent: u64,
    clear: (u64, u64),
) -> impl Iterator<Item = (Block, u64)> + use<> {
    let (full, rest) = (block.length / extent, block.length % extent);
    let first = clear.0.saturating_sub(block.start).div_ceil(extent);
    let first = first.min(full);
    let end = (clear.1.saturating_sub(block.start) / extent).min(full);
    let end = end.max(first);
    let at = move |i: u64, length| Block {
        start: block.start + i * extent,
        length,
    };
    let each = (0..first).chain(end..full).map(move |i| (at(i, extent), 1));
    let inside = (end > first).then(|| (moved(at(first, extent), clear), end - first));
    let rest = (rest > 0).then(|| (moved(at(full, rest), clear), 1));
    each.chain(inside).chain(rest)
}

/// The part of a block that element `index` of `elements` takes: contiguous ceiling shares.
#[must_use]
pub fn share(block: Block, elements: u64, index: u64) -> Option<Block> {
    let size = block.length.div_ceil(elements);
    let offset = index * size;
    (offset < block.length).then(|| Block {
        start: block.start + offset,
        length: size.min(block.length - offset),
    })
}

/// All shares of a block over nested arrays with the given factors, outermost first.
#[must_use]
pub fn shares(block: Block, factors: &[u64]) -> Vec<Block> {
    factors.iter().fold(vec![block], |blocks, &factor| {
        blocks
            .into_iter()
            .flat_map(|b| (0..factor).map_while(move |i| share(b, factor, i)))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_are_nested_and_uneven() {
        let ten = Pieces::whole(10);
        let lengths = |p: &Pieces| p.blocks().iter().map(|b| b.length).collect::<Vec<_>>();
        assert_eq!(lengths(&ten.cut(6)), [6, 4]);
        assert_eq!(lengths(&ten.cut(6).cut(4)), [4, 2, 4]);
        // 6 + 4 on four elements takes three steps, 5 + 5 takes four.
        assert_eq!(ten.cut(6).share_sum(4), 3);
        assert_eq!(ten.cut(5).share_sum(4), 4);
    }

    #[test]
    fn lengths_are_those_of_the_blocks() {
        for (extent, a, b, c) in [
            (100, 37, 11, 3),
            (97, 96, 5, 4),
            (64, 32, 8, 1),
            (7, 9, 7, 1),
        ] {
            let pieces = Pieces::whole(extent).cut(a).cut(b).cut(c);
            let lengths = || pieces.blocks().into_iter().map(|block| block.length);
            assert_eq!(pieces.count(), lengths().count() as u128);
            assert_eq!(Some(pieces.extent()), lengths().max());
            assert_eq!(lengths().sum::<u64>(), extent);
            for elements in 1..5 {
                let shares = lengths().map(|l| u128::from(l.div_ceil(elements)));
                assert_eq!(pieces.share_sum(elements), shares.sum());
            }
        }
    }

    #[test]
    fn kinds_are_the_blocks() {
        for (extent, cuts) in [(100, [37, 11, 3]), (97, [96, 5, 4]), (64, [32, 8, 1])] {
            let pieces = cuts.iter().fold(Pieces::whole(extent), |p, &c| p.cut(c));
            for clear in [NOWHERE, (0, extent), (3, extent - 7), (1, 2), (50, 40)] {
                let mut expected = BTreeMap::new();
                for block in pieces.blocks() {
                    *expected.entry(moved(block, clear)).or_insert(0) += 1;
                }
                let expected: Vec<_> = expected.into_iter().collect();
                assert_eq!(pieces.kinds(clear), expected, "{extent} {cuts:?} {clear:?}");
            }
        }
        let many = Pieces::whole(1 << 40)
            .cut(1 << 20)
            .cut(3)
            .kinds((1, (1 << 40) - 1));
        assert!(many.len() < 10, "{}", many.len());
    }

    #[test]
    fn shares_are_contiguous_and_at_most_the_ceiling() {
        let block = Block {
            start: 3,
            length: 5,
        };
        let lengths: Vec<_> = shares(block, &[4]).iter().map(|b| b.length).collect();
        assert_eq!(lengths, [2, 2, 1]);
        assert_eq!(shares(block, &[2, 2]).len(), 4);
    }
}

//! Nested, uneven cuts of one dimension: the pieces at every storage node.

use super::window::Block;

/// The pieces of one dimension at some node: all blocks, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pieces {
    blocks: Vec<Block>,
    extent: u64,
}

impl Pieces {
    /// The whole dimension as one piece.
    #[must_use]
    pub fn whole(extent: u64) -> Self {
        Self {
            blocks: vec![Block {
                start: 0,
                length: extent,
            }],
            extent,
        }
    }

    /// Cuts every piece into blocks of `extent`; the last block of each piece may be smaller.
    #[must_use]
    pub fn cut(&self, extent: u64) -> Self {
        if extent >= self.extent {
            return self.clone();
        }
        let blocks = self
            .blocks
            .iter()
            .flat_map(|piece| {
                let end = piece.start + piece.length;
                (0..piece.length.div_ceil(extent)).map(move |i| {
                    let start = piece.start + i * extent;
                    Block {
                        start,
                        length: extent.min(end - start),
                    }
                })
            })
            .collect();
        Self { blocks, extent }
    }

    /// The number of pieces.
    #[must_use]
    pub fn count(&self) -> u128 {
        self.blocks.len() as u128
    }

    /// The extent of the largest piece.
    #[must_use]
    pub fn extent(&self) -> u64 {
        self.extent
    }

    /// The blocks, in order.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Σ over pieces of the share of element 0 when each is spread over `elements`.
    #[must_use]
    pub fn share_sum(&self, elements: u64) -> u128 {
        self.blocks
            .iter()
            .map(|b| u128::from(b.length.div_ceil(elements)))
            .sum()
    }
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

//! Blocks of consecutive indices of one dimension.

/// A block of consecutive indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Block {
    /// First index.
    pub start: u64,
    /// Number of indices.
    pub length: u64,
}

/// The blocks of `extent` in a block, the last of which may be smaller.
pub(super) fn parts(block: Block, extent: u64) -> impl Iterator<Item = Block> + use<> {
    (0..block.length.div_ceil(extent)).map(move |i| Block {
        start: block.start + i * extent,
        length: extent.min(block.length - i * extent),
    })
}

//! Blocks of memory with their lifetimes, to which addresses are given.

use super::units::Bytes;

/// A block of bytes that lives from one time to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its name, unique among the blocks.
    pub id: String,
    /// The first time at which it is alive.
    pub lower: u64,
    /// The first time at which it is not alive any more, after `lower`.
    pub upper: u64,
    /// Its size in bytes, at least 1.
    pub size: u64,
}

impl Block {
    /// Whether both are alive at some time.
    #[must_use]
    pub fn meets(&self, other: &Block) -> bool {
        self.lower < other.upper && other.lower < self.upper
    }
}

/// Blocks that need addresses in a memory: no two may share a byte while both are alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packing {
    /// The blocks.
    pub blocks: Vec<Block>,
    /// Capacity of the memory.
    pub capacity: Bytes,
    /// Every offset is a multiple of this many bytes, at least 1.
    pub alignment: u64,
}

/// The time at which most bytes are alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeakLoad {
    /// The first such time.
    pub time: u64,
    /// The least number of bytes that the blocks alive then need.
    pub bytes: u128,
    /// How many blocks they are.
    pub blocks: usize,
}

impl Packing {
    /// An offset or a height, moved up to the next multiple of the alignment.
    #[must_use]
    pub fn aligned(&self, height: u64) -> u64 {
        height
            .checked_next_multiple_of(self.alignment)
            .unwrap_or(u64::MAX)
    }

    /// The peak load, which no capacity may be below: at any time every block but the topmost
    /// one takes its size up to the next multiple of the alignment. `None` without blocks.
    #[must_use]
    pub fn peak_load(&self) -> Option<PeakLoad> {
        let mut times: Vec<u64> = self.blocks.iter().map(|b| b.lower).collect();
        times.sort_unstable();
        times.dedup();
        let mut best: Option<PeakLoad> = None;
        for time in times {
            let alive = self
                .blocks
                .iter()
                .filter(|b| b.lower <= time && time < b.upper);
            let (mut bytes, mut spare, mut blocks) = (0_u128, 0, 0);
            for block in alive {
                let aligned = u128::from(self.aligned(block.size));
                bytes += aligned;
                spare = spare.max(aligned - u128::from(block.size));
                blocks += 1;
            }
            let bytes = bytes - spare;
            if best.is_none_or(|b| bytes > b.bytes) {
                best = Some(PeakLoad {
                    time,
                    bytes,
                    blocks,
                });
            }
        }
        best
    }
}

/// Why blocks have no addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unpackable {
    /// More bytes are alive at once than the memory holds.
    PeakLoad(PeakLoad),
    /// The bytes fit at any time, but a search of all arrangements found none.
    NoArrangement {
        /// Indices of blocks that cannot be arranged together.
        blocks: Vec<usize>,
    },
}

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
    /// Its size in bytes.
    pub size: u64,
    /// Its address is a multiple of this many bytes, in place of the packing's alignment.
    pub alignment: Option<u64>,
    /// The address that it must have.
    pub fixed: Option<u64>,
    /// Spans of time at which it is not alive, in order, apart from each other and within its life.
    pub gaps: Vec<(u64, u64)>,
}

impl Block {
    /// A block that may lie anywhere.
    #[must_use]
    pub fn new(id: String, lower: u64, upper: u64, size: u64) -> Self {
        Self {
            id,
            lower,
            upper,
            size,
            alignment: None,
            fixed: None,
            gaps: Vec::new(),
        }
    }

    /// The spans of time at which it is alive, in order.
    pub fn spans(&self) -> impl Iterator<Item = (u64, u64)> {
        let starts = std::iter::once(self.lower).chain(self.gaps.iter().map(|gap| gap.1));
        let ends = (self.gaps.iter().map(|gap| gap.0)).chain(std::iter::once(self.upper));
        starts.zip(ends).filter(|(start, end)| start < end)
    }

    /// Whether it is alive at a time.
    #[must_use]
    pub fn is_alive(&self, time: u64) -> bool {
        self.spans().any(|(start, end)| start <= time && time < end)
    }

    /// Whether both are alive at some time.
    #[must_use]
    pub fn meets(&self, other: &Block) -> bool {
        let overlap = |a: (u64, u64), b: (u64, u64)| a.0 < b.1 && b.0 < a.1;
        self.spans()
            .any(|own| other.spans().any(|span| overlap(own, span)))
    }
}

/// Blocks that need addresses in a memory: no two may share a byte while both are alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packing {
    /// The blocks.
    pub blocks: Vec<Block>,
    /// Capacity of the memory.
    pub capacity: Bytes,
    /// The first address of the memory.
    pub base: u64,
    /// Every address is a multiple of this many bytes, at least 1, but of blocks that say otherwise.
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
    /// The byte after the last one of the memory.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.base.saturating_add(self.capacity.0)
    }

    /// What a block's address must be a multiple of.
    #[must_use]
    pub fn alignment_of(&self, block: &Block) -> u64 {
        block.alignment.unwrap_or(self.alignment)
    }

    /// An address or a height, moved up to where a block may begin.
    #[must_use]
    pub fn aligned(&self, height: u64, block: &Block) -> u64 {
        match self.alignment_of(block) {
            1 => height,
            alignment => height
                .checked_next_multiple_of(alignment)
                .unwrap_or(u64::MAX),
        }
    }

    /// The lowest address that a block can have: its fixed one, or the first in the memory.
    #[must_use]
    pub fn lowest(&self, block: &Block) -> u64 {
        let first = || self.aligned(self.base, block);
        block.fixed.unwrap_or_else(first)
    }

    /// The peak load, which no capacity may be below: all addresses are multiples of what the
    /// alignments have in common, and at any time every block but the topmost one takes its size
    /// up to the next multiple. `None` without blocks.
    #[must_use]
    pub fn peak_load(&self) -> Option<PeakLoad> {
        let starts = (self.blocks.iter()).flat_map(|block| block.spans().map(|span| span.0));
        let mut times: Vec<u64> = starts.collect();
        times.sort_unstable();
        times.dedup();
        let loads = times.into_iter().map(|time| self.load(time));
        // The first of the greatest ones.
        loads.reduce(|best, load| if load.bytes > best.bytes { load } else { best })
    }

    /// What the blocks that are alive at a time need.
    fn load(&self, time: u64) -> PeakLoad {
        let alive = || {
            self.blocks
                .iter()
                .filter(move |b| b.size > 0 && b.is_alive(time))
        };
        let common = alive()
            .map(|b| self.alignment_of(b))
            .reduce(gcd)
            .unwrap_or(1);
        let aligned = |bytes: u64| u128::from(bytes).next_multiple_of(common.into());
        let (mut bytes, mut spare, mut blocks) = (aligned(self.base) - u128::from(self.base), 0, 0);
        for block in alive() {
            let aligned = aligned(block.size);
            bytes += aligned;
            spare = spare.max(aligned - u128::from(block.size));
            blocks += 1;
        }
        let bytes = bytes - spare;
        PeakLoad {
            time,
            bytes,
            blocks,
        }
    }
}

/// The greatest common divisor.
fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Why blocks have no addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unpackable {
    /// More bytes are alive at once than the memory holds.
    PeakLoad(PeakLoad),
    /// A block with a fixed address ends beyond the memory or begins before it, or one without
    /// bytes finds no address in it.
    Outside {
        /// Index of the block.
        block: usize,
    },
    /// Two blocks with fixed addresses share a byte while both are alive.
    FixedTogether {
        /// Their indices.
        blocks: [usize; 2],
    },
    /// The bytes fit at any time, but a search of all arrangements found none.
    NoArrangement {
        /// Indices of blocks that cannot be arranged together.
        blocks: Vec<usize>,
    },
}

//! The independent check of addresses.

use thiserror::Error;

use crate::problem::packing::Packing;

/// What is wrong with addresses.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PackingError {
    /// There are more or fewer offsets than blocks.
    #[error("{offsets} offsets for {blocks} blocks")]
    Number {
        /// Blocks.
        blocks: usize,
        /// Offsets.
        offsets: usize,
    },
    /// A block ends above the capacity.
    #[error("block {block} ends at byte {end} of a memory of {capacity}")]
    Capacity {
        /// Block.
        block: String,
        /// The byte after its last one.
        end: u128,
        /// Capacity in bytes.
        capacity: u64,
    },
    /// An offset is no multiple of the alignment.
    #[error("block {block} begins at byte {offset}, no multiple of {alignment}")]
    Alignment {
        /// Block.
        block: String,
        /// Its offset.
        offset: u64,
        /// Alignment in bytes.
        alignment: u64,
    },
    /// Two blocks share a byte while both are alive.
    #[error("blocks {first} and {second} share byte {byte} at time {time}")]
    Overlap {
        /// One block.
        first: String,
        /// The other one.
        second: String,
        /// The first byte that they share.
        byte: u64,
        /// The first time at which they share it.
        time: u64,
    },
}

/// Checks that no two blocks share a byte while both are alive, and that all lie in the memory.
///
/// # Errors
/// The first thing found wrong.
pub fn check(packing: &Packing, offsets: &[u64]) -> Result<(), PackingError> {
    let blocks = &packing.blocks;
    if blocks.len() != offsets.len() {
        return Err(PackingError::Number {
            blocks: blocks.len(),
            offsets: offsets.len(),
        });
    }
    for (block, &offset) in blocks.iter().zip(offsets) {
        let end = u128::from(offset) + u128::from(block.size);
        if end > u128::from(packing.capacity.0) {
            return Err(PackingError::Capacity {
                block: block.id.clone(),
                end,
                capacity: packing.capacity.0,
            });
        }
        if offset % packing.alignment != 0 {
            return Err(PackingError::Alignment {
                block: block.id.clone(),
                offset,
                alignment: packing.alignment,
            });
        }
    }
    for (second, b) in blocks.iter().enumerate() {
        for (first, a) in blocks[..second].iter().enumerate() {
            let (time, last) = (a.lower.max(b.lower), a.upper.min(b.upper));
            let byte = offsets[first].max(offsets[second]);
            let end = (offsets[first] + a.size).min(offsets[second] + b.size);
            if time < last && byte < end {
                return Err(PackingError::Overlap {
                    first: a.id.clone(),
                    second: b.id.clone(),
                    byte,
                    time,
                });
            }
        }
    }
    Ok(())
}

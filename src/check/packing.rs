//! The independent check of addresses.

use thiserror::Error;

use crate::problem::packing::{Block, Packing};

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
    /// A block begins below the memory.
    #[error("block {block} begins at byte {offset} of a memory that begins at {base}")]
    Base {
        /// Block.
        block: String,
        /// Its address.
        offset: u64,
        /// The first address of the memory.
        base: u64,
    },
    /// A block has another address than it must have.
    #[error("block {block} begins at byte {offset}, but is fixed at {fixed}")]
    Fixed {
        /// Block.
        block: String,
        /// Its address.
        offset: u64,
        /// The one that it must have.
        fixed: u64,
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
        place(packing, block, offset)?;
    }
    for (second, b) in blocks.iter().enumerate() {
        for (first, a) in blocks[..second].iter().enumerate() {
            let byte = offsets[first].max(offsets[second]);
            let end = (offsets[first] + a.size).min(offsets[second] + b.size);
            if let Some(time) = common_time(a, b)
                && byte < end
            {
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

/// Whether one block may lie where it does.
fn place(packing: &Packing, block: &Block, offset: u64) -> Result<(), PackingError> {
    let name = || block.id.clone();
    if offset < packing.base {
        return Err(PackingError::Base {
            block: name(),
            offset,
            base: packing.base,
        });
    }
    let end = u128::from(offset - packing.base) + u128::from(block.size);
    if end > u128::from(packing.capacity.0) {
        return Err(PackingError::Capacity {
            block: name(),
            end,
            capacity: packing.capacity.0,
        });
    }
    let alignment = block.alignment.unwrap_or(packing.alignment);
    if !offset.is_multiple_of(alignment) {
        return Err(PackingError::Alignment {
            block: name(),
            offset,
            alignment,
        });
    }
    match block.fixed {
        Some(fixed) if fixed != offset => Err(PackingError::Fixed {
            block: name(),
            offset,
            fixed,
        }),
        _ => Ok(()),
    }
}

/// The first time at which both are alive: one of them begins then, or is alive again.
fn common_time(a: &Block, b: &Block) -> Option<u64> {
    let alive = |block: &Block, time: u64| {
        let inside = |(start, end): &(u64, u64)| *start <= time && time < *end;
        block.lower <= time && time < block.upper && !block.gaps.iter().any(inside)
    };
    let begins = |block: &Block| -> Vec<u64> {
        let again = block.gaps.iter().map(|gap| gap.1);
        std::iter::once(block.lower).chain(again).collect()
    };
    let times = begins(a).into_iter().chain(begins(b));
    times.filter(|&time| alive(a, time) && alive(b, time)).min()
}

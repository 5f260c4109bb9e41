//! Errors of the library: what is wrong with a mapping or a problem.

use thiserror::Error;

use super::dim::Dim;

use super::role::Role;

/// Why a mapping is not one of this operation on this hardware.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProblemError {
    /// The nodes are no memories' inside the outermost, or an operand's do not stand from the outside in.
    #[error(
        "the storage nodes must be at most one for each memory below the outermost and each operand, each operand's own from the outside in"
    )]
    Nodes,
    /// An operand goes around a memory that must keep it.
    #[error("{memory}: it must keep {role}, which may not go around it")]
    NotKept {
        /// Memory.
        memory: String,
        /// Operand.
        role: Role,
    },
    /// A memory keeps an operand that it does not hold.
    #[error("{memory}: it does not hold {role}")]
    NotHeld {
        /// Memory.
        memory: String,
        /// Operand.
        role: Role,
    },
    /// A tile is double-buffered by choice where nothing is to be chosen.
    #[error(
        "{memory}: {role} cannot be double-buffered by choice; its overlap is not `choose`, or it does not keep {role}, or {role} is listed twice"
    )]
    DoubleBuffered {
        /// Memory.
        memory: String,
        /// Operand.
        role: Role,
    },
    /// An extent is zero or larger than the dimension.
    #[error(
        "{memory}: the tile of {role} has extent {extent} in {dim}; it must be between 1 and {largest}"
    )]
    Extent {
        /// Memory.
        memory: String,
        /// Operand.
        role: Role,
        /// Dimension.
        dim: Dim,
        /// Extent given.
        extent: u64,
        /// Largest extent allowed here.
        largest: u64,
    },
    /// A shared memory has different extents for its operands.
    #[error(
        "{memory}: its tiles are shared, but {role} has another extent in {dim} than the other operands"
    )]
    NotShared {
        /// Memory.
        memory: String,
        /// Operand.
        role: Role,
        /// Dimension.
        dim: Dim,
    },
    /// The axes do not match the array.
    #[error("{array}: {what}")]
    Spatial {
        /// Array.
        array: String,
        /// What is wrong.
        what: String,
    },
    /// A node of an inner memory stands above one of an outer memory that changes its tile.
    #[error("{memory}: the tile of {role} cannot be kept while {dim} is tiled above it")]
    Deep {
        /// Inner memory.
        memory: String,
        /// Operand.
        role: Role,
        /// Dimension.
        dim: Dim,
    },
    /// Operands lie in a shared memory that the hardware does not have.
    #[error(
        "{hardware}: operands are resident, so the memory right inside the outermost one must hold all operands in tiles of their own, above all arrays"
    )]
    Residence {
        /// Name of the hardware.
        hardware: String,
    },
    /// A memory slides that may not.
    #[error("{memory}: it cannot slide along {dim}: {why}")]
    Slide {
        /// Memory.
        memory: String,
        /// Dimension.
        dim: Dim,
        /// Reason.
        why: &'static str,
    },
    /// The tiles do not fit.
    #[error("{memory}: the tiles need {need_bits} bits ({} bytes), but its capacity is {} bytes", need_bits.div_ceil(8), capacity_bits / 8)]
    Capacity {
        /// Memory.
        memory: String,
        /// Bits needed.
        need_bits: u128,
        /// Capacity in bits.
        capacity_bits: u128,
    },
}

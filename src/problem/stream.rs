//! Operations that stream their operands once.

use super::units::Bits;

/// A streamed operation: bits in and out once, and vector operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StreamOperation {
    /// Bits read.
    pub input: Bits,
    /// Bits of parameters read.
    pub weight: Bits,
    /// Bits written.
    pub output: Bits,
    /// Vector operations, one lane each.
    pub vector_operations: u128,
    /// Whether it can be applied to a producer's output as it leaves the array.
    pub fusable: bool,
}

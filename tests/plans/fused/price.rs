//! What one operation costs on a box. The stage only adds what it knows better.

/// Where an operand lies while an operation runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the shared memory, written or read by another operation of the stage.
    Internal,
    /// In the shared memory, in a buffer of the stage; or resident.
    Held,
    /// It goes through tiles of the operation's own.
    Passing,
}

/// One way to run an operation on a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Bytes of the operation's own tiles and partial sums, doubled and rounded
    /// up already.
    pub buffers: u64,
    /// Cycles of the array and of the memories inside it.
    pub cycles: u64,
    /// Bits that the array reads from the shared memory.
    pub read_bits: u64,
    /// Bits that the array writes to it, the result finished once.
    pub written_bits: u64,
    /// Bits through the outer port for each read, then for the finished result;
    /// 0 where an operand is not [`Place::Passing`].
    pub outer_bits: Vec<u64>,
    /// Partial sums that come back from outside within the box.
    pub inward_partial_bits: u64,
    /// Partial sums that go outside within the box.
    pub outward_partial_bits: u64,
}

/// The layer programs.
pub trait Prices {
    /// The ways to run `operation` on a box of these extents. `touched` and
    /// `places` are of its reads in order, then of its result.
    fn of(
        &self,
        operation: usize,
        extents: &[usize],
        touched: &[u64],
        places: &[Place],
    ) -> Vec<Price>;
}

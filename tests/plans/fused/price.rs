//! What one operation costs on a box. The stage only adds what it knows better.

use super::case::Case;

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

/// Every box takes a cycle for each multiply-accumulate or vector operation, and moves each operand
/// once, without room of its own.
pub struct Bare<'a>(pub &'a Case);

impl Prices for Bare<'_> {
    fn of(
        &self,
        operation: usize,
        extents: &[usize],
        touched: &[u64],
        places: &[Place],
    ) -> Vec<Price> {
        let own = &self.0.operations[operation];
        let accesses = own.reads.iter().chain([&own.write]);
        let bits: Vec<u64> = accesses
            .zip(touched)
            .map(|(access, elements)| elements * self.0.tensors[access.tensor].bits)
            .collect();
        let passing = bits.iter().zip(places);
        vec![Price {
            buffers: 0,
            cycles: extents.iter().map(|&e| e as u64).product(),
            read_bits: bits[..own.reads.len()].iter().sum(),
            written_bits: bits[own.reads.len()],
            outer_bits: passing
                .map(|(&bits, &place)| if place == Place::Passing { bits } else { 0 })
                .collect(),
            inward_partial_bits: 0,
            outward_partial_bits: 0,
        }]
    }
}

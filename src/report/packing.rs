//! Blocks with the addresses that were found.

use crate::problem::packing::Packing;

/// Blocks with their addresses.
#[derive(Clone, Copy, Debug)]
pub struct PackingReport<'a> {
    /// The blocks.
    pub packing: &'a Packing,
    /// The address of each.
    pub offsets: &'a [u64],
    /// What is known of the least capacity, where it was asked for.
    pub least: Option<LeastCapacity>,
}

/// What is known of the least capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeastCapacity {
    /// A capacity in which all blocks have addresses, in bytes.
    pub capacity: u64,
    /// No smaller one than this has.
    pub bound: u64,
}

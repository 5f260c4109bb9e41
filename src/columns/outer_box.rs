//! The extents of a chain above the first array, in boxes.

use crate::tiling::bypass::Optional;
use crate::tiling::chain::Chain;
use crate::tiling::receivers::Dealt;
use crate::tiling::slot::Slot;
use crate::tiling::wanted::Wanted;

/// A box of extents above the array: a chain with the smallest extents and counts, and the largest extents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OuterBox {
    /// Smallest extents, and lower bounds on the counts.
    pub chain: Chain,
    /// Largest extents of the outer slots.
    pub highest: Vec<u64>,
}

/// A dimension that is split into parts.
#[derive(Clone, Copy, Debug)]
pub struct Split<'a> {
    /// Its extent.
    pub extent: u64,
    /// Its slots.
    pub slots: &'a [Slot],
    /// How many of them lie above the first array.
    pub outer: usize,
    /// Whether the rows of its tiles depend on where they lie.
    pub irregular: bool,
    /// How tiles are dealt out to elements, where those that take part in every visit tell chains
    /// apart.
    pub dealt: &'a [Dealt],
    /// The slots that a class may leave without a node.
    pub optional: &'a Optional,
    /// What restrictions ask of its chains.
    pub wanted: &'a Wanted,
    /// Where it may be cut a third time.
    pub gaps: &'a [usize],
    /// Its slot from which on no operand uses any above the first array.
    pub unused: usize,
}

//! A dimension of which chains are written out and compared.

use crate::problem::{Dim, Hardware, LoopNest};

use super::bypass::Optional;
use super::slot::Slot;
use super::wanted::Wanted;

/// A dimension of an operation whose chains are written out.
pub struct Dimension<'a> {
    /// The operation.
    pub operation: &'a LoopNest,
    /// The hardware.
    pub hardware: &'a Hardware,
    /// The dimension.
    pub d: Dim,
    /// Its slots.
    pub slots: &'a [Slot],
    /// The slots that a class may leave without a node, and what restrictions tell apart.
    pub optional: &'a Optional,
    /// What restrictions ask of its chains.
    pub wanted: &'a Wanted,
}

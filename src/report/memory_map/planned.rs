//! What a memory map is drawn from.

use crate::problem::plan::MemoryPlan;
use crate::problem::{Hardware, LayerRow};

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Planned<'a> {
    /// The plan.
    pub plan: &'a MemoryPlan,
    /// The hardware for which it is made.
    pub hardware: &'a Hardware,
    /// The rows of the result, which know the passes and mappings of operations; others have none.
    pub rows: &'a [LayerRow],
    /// What stands above the picture.
    pub title: &'a str,
}

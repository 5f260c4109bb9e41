//! Single chains.

use super::kind::{Cell, Columns, Refinement};

/// All of a chain.
#[derive(Debug)]
struct Chains;

/// Columns of single chains.
pub const CHAINS: &dyn Columns = &Chains;

impl Columns for Chains {
    fn suffix(&self) -> &'static str {
        ""
    }

    fn refine(&self) -> Refinement {
        Refinement::Nothing
    }

    fn exact(&self, _cell: &Cell<'_>) -> bool {
        true
    }
}

//! How many chains and columns are written out, and for how long.

use std::sync::Arc;

use crate::engine::Watch;
use crate::problem::Fixed;

use super::tuning::{BOXES_CHAINS, BOXES_LONGEST, FEW_LONGEST, MANY_CHAINS};

/// Which dimensions are written out in whole chains; the others are solved in two parts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WholeChains {
    /// Dimensions up to this extent.
    pub longest: u64,
    /// Dimensions with about so many chains at most.
    pub most: u64,
    /// Whether the others come in boxes of whole chains, to be halved, in place of two parts: of
    /// energy a box knows too little.
    pub boxes: bool,
}

impl WholeChains {
    /// Every dimension.
    pub const ALL: WholeChains = WholeChains {
        longest: u64::MAX,
        most: 0,
        boxes: false,
    };
    /// What is fast for problems of which a bound over parts soon shows that nothing is better.
    pub const FEW: WholeChains = WholeChains {
        longest: FEW_LONGEST,
        most: 0,
        boxes: false,
    };
    /// What is fast for all others.
    pub const MANY: WholeChains = WholeChains {
        longest: FEW_LONGEST,
        most: MANY_CHAINS,
        boxes: false,
    };
    /// Few whole chains and boxes of all others: for hierarchies with many slots.
    pub const BOXES: WholeChains = WholeChains {
        longest: BOXES_LONGEST,
        most: BOXES_CHAINS,
        boxes: true,
    };
}

/// What the columns of an operation may be.
#[derive(Clone, Debug)]
pub struct ColumnLimits {
    /// Which dimensions are written out in whole chains; the others are split into parts.
    pub whole: WholeChains,
    /// The most columns that a group may have.
    pub most: usize,
    /// When to stop.
    pub watch: Watch,
    /// What is fixed beforehand.
    pub fixed: Arc<Vec<Fixed>>,
    /// Whether nothing that counts depends on the steps, so that chains are not told apart by them.
    pub free_steps: bool,
}

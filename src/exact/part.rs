//! What the branch and bound splits: a class with its columns.

use std::sync::Arc;

use crate::classes::class::Class;
use crate::columns::group::ColumnGroup;

/// A class with the columns from which its program chooses.
#[derive(Clone)]
pub struct Part {
    /// The class.
    pub class: Class,
    /// The columns.
    pub columns: Arc<Vec<ColumnGroup>>,
    /// Parts are to be written out in whole chains, where there are no more pairs of them than this.
    pub expand: Option<usize>,
    /// Whether the columns were made for this part alone.
    pub own: bool,
    /// Whether halving its boxes raised the bound by little only: first its class is split.
    pub stalled: bool,
}

impl Part {
    /// Whether the columns are whole chains.
    pub(super) fn is_whole(&self) -> bool {
        self.columns.iter().all(ColumnGroup::is_whole)
    }
}

//! From what a search begins: the columns of a space of tiles, and the first classes with all of them.

use std::sync::Arc;

use crate::formulate::TileSpace;
use crate::formulate::columns::ColumnGroup;
use crate::formulate::groups::{ColumnLimits, WholeChains, columns_within};

use super::space::{LayerSpace, MOST_COLUMNS, Part};

impl LayerSpace<'_> {
    /// Limits of columns: which dimensions are written out in whole chains, and at most how many
    /// columns a group has.
    pub(super) fn limits(&self, whole: WholeChains, most: usize) -> ColumnLimits {
        ColumnLimits {
            whole,
            most,
            watch: self.watch.clone(),
            fixed: Arc::clone(&self.fixed),
        }
    }

    /// All columns of a space of tiles; `None` if they are too many, or if it is time to stop.
    pub(super) fn columns(&self, tiles: TileSpace) -> Option<Arc<Vec<ColumnGroup>>> {
        let limits = self.limits(self.whole, MOST_COLUMNS);
        columns_within(self.operation, &self.planned, tiles, &limits).map(Arc::new)
    }

    /// The first classes, each with all of these columns.
    pub(super) fn root_parts(&self, columns: &Arc<Vec<ColumnGroup>>) -> Vec<Part> {
        let part = |class| Part {
            class,
            columns: Arc::clone(columns),
            expand: None,
            own: false,
            stalled: false,
        };
        self.roots().into_iter().map(part).collect()
    }
}

//! From what a search begins: the columns of a space of tiles, and the first classes with all of them.

use std::sync::Arc;

use crate::columns::group::ColumnGroup;
use crate::columns::groups::columns_within;
use crate::problem::goal::Measure;
use crate::problem::{Memory, Role};
use crate::tiling::limits::{ColumnLimits, WholeChains};
use crate::tiling::tile_space::TileSpace;

use super::part::Part;
use super::space::{LayerSpace, MOST_COLUMNS};

impl LayerSpace<'_> {
    /// Limits of columns: which dimensions are written out in whole chains, and at most how many
    /// columns a group has.
    pub(super) fn limits(&self, whole: WholeChains, most: usize) -> ColumnLimits {
        ColumnLimits {
            whole,
            most,
            watch: self.watch.clone(),
            fixed: Arc::clone(&self.fixed),
            free_steps: self.has_free_steps(),
        }
    }

    /// Whether steps count for nothing: energy alone is minimised, idle cycles cost none, and
    /// elements read all operands from a memory of their own, in every multiply-accumulate.
    fn has_free_steps(&self) -> bool {
        let innermost = self
            .site
            .hardware
            .memories()
            .last()
            .map(|(_, memory)| memory);
        let keeps_all = |memory: &Memory| !Role::ALL.iter().any(|&r| memory.may_bypass(r));
        self.goal.minimise == Measure::Energy
            && self.goal.limits.is_empty()
            && self.site.hardware.static_pj_per_cycle.unwrap_or(0.0) <= 0.0
            && self.site.hardware.has_memory_below_arrays()
            && innermost.is_some_and(keeps_all)
    }

    /// All columns of a space of tiles; `None` if they are too many, or if it is time to stop.
    pub(super) fn columns(&self, tiles: TileSpace) -> Option<Arc<Vec<ColumnGroup>>> {
        // Boxes take the place of parts that are too long, but know too little of energy.
        let longer = if self.site.hardware.has_energy() {
            2
        } else {
            1
        };
        let most = longer * MOST_COLUMNS;
        let limits = self.limits(self.whole, most);
        columns_within(&self.site, tiles, &limits).map(Arc::new)
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

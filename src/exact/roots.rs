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

    /// \[PRU34\] Whether steps count for nothing: energy alone is minimised, idle cycles cost none, and
    /// elements read all operands from a memory of their own, in every multiply-accumulate.
    fn has_free_steps(&self) -> bool {
        let innermost = self
            .site
            .hardware
            .memories()
            .last()
            .map(|(_, memory)| memory);
        let keeps_all = |memory: &Memory| !Role::ALL.iter().any(|&r| memory.may_bypass(r));
        self.switches.mapper.free_steps
            && self.goal.minimise == Measure::Energy
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

#[cfg(test)]
mod tests {
    use crate::exact::options::SolveOptions;
    use crate::exact::setup::empty_space;
    use crate::problem::goal::{Goal, Measure};
    use crate::problem::{
        AccessEnergy, Array, Axis, DimSet, Hardware, Level, LoopNest, Memory, Overlap, PerDim,
        Ports, Precision, RoleSet, Tiles, Window,
    };

    /// Two memories, an element, and registers.
    fn hardware() -> Hardware {
        let memory = |name: &str| {
            Level::Memory(Memory {
                name: name.to_owned(),
                capacity: None,
                ports: Ports::Shared(None),
                energy: AccessEnergy {
                    read_pj_per_byte: Some(1.0),
                    write_pj_per_byte: Some(1.0),
                },
                holds: RoleSet::ALL,
                bypass: RoleSet::NONE,
                overlap: Overlap::Ideal,
                tiles: Tiles::PerOperand,
                sliding_reuse: false,
                alignment: Memory::DEFAULT_ALIGNMENT,
            })
        };
        let axis = Axis {
            name: "row".to_owned(),
            size: 2,
            dims: DimSet::of(&crate::problem::Dim::ALL),
            multicast: true,
            reduce: true,
        };
        let array = Level::Array(Array {
            name: "pe".to_owned(),
            axes: vec![axis],
            split_dims: false,
        });
        Hardware {
            name: "free".to_owned(),
            source: None,
            clock_mhz: None,
            levels: vec![memory("dram"), memory("sram"), array, memory("registers")],
            energy_pj_per_mac: Some(1.0),
            static_pj_per_cycle: None,
            vector_lanes: None,
            dataflow: Vec::new(),
        }
    }

    fn are_free(hardware: &Hardware, goal: Goal, is_on: bool) -> bool {
        let precision = Precision {
            input: 8,
            weight: 8,
            output: 8,
            accumulator: 8,
        };
        let windows = [Window::NONE; Window::COUNT];
        let nest = LoopNest::forward(PerDim::all(1), windows, precision);
        let mut options = SolveOptions::default();
        options.switches.mapper.free_steps = is_on;
        let mut space = empty_space(&nest, hardware, &options, 1);
        space.set_goal(goal);
        space.has_free_steps()
    }

    fn energy() -> Goal {
        Goal {
            minimise: Measure::Energy,
            ..Goal::default()
        }
    }

    #[test]
    fn free_steps_are_free_only_where_nothing_depends_on_them() {
        assert!(are_free(&hardware(), energy(), true));
        assert!(!are_free(&hardware(), energy(), false));
        assert!(!are_free(&hardware(), Goal::default(), true));
        let limited = Goal {
            limits: vec![(Measure::Cycles, 9.0)],
            ..energy()
        };
        assert!(!are_free(&hardware(), limited, true));
        let mut idle = hardware();
        idle.static_pj_per_cycle = Some(0.5);
        assert!(!are_free(&idle, energy(), true));
        let mut bare = hardware();
        bare.levels.truncate(3);
        assert!(!are_free(&bare, energy(), true));
        let mut around = hardware();
        if let Some(Level::Memory(memory)) = around.levels.last_mut() {
            memory.bypass = RoleSet::ALL;
        }
        assert!(!are_free(&around, energy(), true));
    }
}

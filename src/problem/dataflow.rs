//! Dataflows as properties of a mapping; `formulations/dataflows.md` defines them.

use std::fmt;

use super::hardware::{Array, Hardware};
use super::mapping::{Mapping, Node};
use super::operation::{Dim, LoopNest, PerDim, Role};

/// A dataflow that mappings may be restricted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dataflow {
    /// Weights are never loaded again while their tile is in the memory outside.
    WeightStationary,
    /// Partial sums never leave before they are finished, as far as the tile outside goes.
    OutputStationary,
    /// Inputs are never loaded again while their tile is in the memory outside.
    InputStationary,
    /// Weight stationary by whole rows of the kernel, one row in each element.
    RowStationary,
}

impl Dataflow {
    /// All dataflows, in the order in which they are listed.
    pub const ALL: [Dataflow; 4] = [
        Dataflow::WeightStationary,
        Dataflow::OutputStationary,
        Dataflow::InputStationary,
        Dataflow::RowStationary,
    ];

    /// The name used in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Dataflow::WeightStationary => "weight_stationary",
            Dataflow::OutputStationary => "output_stationary",
            Dataflow::InputStationary => "input_stationary",
            Dataflow::RowStationary => "row_stationary",
        }
    }

    /// The dataflow of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Dataflow> {
        Dataflow::ALL.into_iter().find(|flow| flow.name() == text)
    }

    /// The operand that stays in the innermost storage.
    #[must_use]
    pub fn stationary(self) -> Role {
        match self {
            Dataflow::WeightStationary | Dataflow::RowStationary => Role::Weight,
            Dataflow::OutputStationary => Role::Output,
            Dataflow::InputStationary => Role::Input,
        }
    }

    /// Whether a mapping has this dataflow.
    #[must_use]
    pub fn holds(self, operation: &LoopNest, hardware: &Hardware, mapping: &Mapping) -> bool {
        is_stationary(operation, hardware, mapping, self.stationary())
            && (self != Dataflow::RowStationary || has_rows(operation, hardware, mapping))
    }

    /// All dataflows that a mapping has.
    #[must_use]
    pub fn of(operation: &LoopNest, hardware: &Hardware, mapping: &Mapping) -> Vec<Dataflow> {
        let all = Dataflow::ALL.into_iter();
        all.filter(|flow| flow.holds(operation, hardware, mapping))
            .collect()
    }
}

impl fmt::Display for Dataflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The names of dataflows as one text: `any` for none.
#[must_use]
pub fn names(dataflows: &[Dataflow]) -> String {
    let names: Vec<&str> = dataflows.iter().map(|flow| flow.name()).collect();
    if names.is_empty() {
        "any".to_owned()
    } else {
        names.join(",")
    }
}

/// Whether the memory at `level` belongs to the innermost storage: the memories below the
/// outermost that have no array between them and the innermost memory.
#[must_use]
pub fn is_innermost_storage(hardware: &Hardware, level: usize) -> bool {
    let innermost = hardware.memories().next_back().map_or(0, |(last, _)| last);
    let arrays = || hardware.arrays().map(|(array, _)| array);
    let between = arrays().any(|array| level < array && array < innermost);
    level > 0 && level <= innermost && hardware.memory(level).is_some() && !between
}

/// The array over which rows are spread: the one just above the innermost storage, else the
/// innermost one.
#[must_use]
pub fn row_array(hardware: &Hardware) -> Option<(usize, &Array)> {
    let innermost = hardware.memories().next_back().map_or(0, |(last, _)| last);
    let above = hardware.arrays().filter(|&(level, _)| level < innermost);
    above.last().or_else(|| hardware.arrays().next_back())
}

/// Whether a factor of R on an axis covers as many rows of the kernel as there are and fit.
#[must_use]
pub fn covers_rows(operation: &LoopNest, array: &Array, axis: usize, factor: u64) -> bool {
    factor == operation.extents[Dim::R].min(array.axes[axis].size)
}

/// Whether the factors spread rows as row-stationary asks: those of the kernel (R) over one axis
/// and those of the output (P) over another, as far as there are several and the axes allow it;
/// nothing along the rows (Q, S).
#[must_use]
pub fn spreads_rows(
    operation: &LoopNest,
    array: &Array,
    factor: &dyn Fn(usize, Dim) -> u64,
) -> bool {
    let axes = || 0..array.axes.len();
    let can = |axis: usize, d: Dim| {
        let own = &array.axes[axis];
        operation.extents[d] > 1 && own.size > 1 && own.dims.contains(d)
    };
    let kernel = |axis: usize| {
        can(axis, Dim::R) && covers_rows(operation, array, axis, factor(axis, Dim::R))
    };
    let output = |axis: usize| can(axis, Dim::P) && factor(axis, Dim::P) > 1;
    let pair = |of: &dyn Fn(usize) -> bool, with: &dyn Fn(usize) -> bool| {
        axes().any(|a| of(a) && axes().any(|b| a != b && with(b)))
    };
    let along_rows = axes().any(|axis| factor(axis, Dim::Q) > 1 || factor(axis, Dim::S) > 1);
    if along_rows {
        return false;
    }
    if pair(&|a| can(a, Dim::R), &|b| can(b, Dim::P)) {
        pair(&kernel, &output)
    } else if axes().any(|a| can(a, Dim::R)) {
        axes().any(kernel)
    } else {
        !axes().any(|a| can(a, Dim::P)) || axes().any(output)
    }
}

/// Whether whole rows of the kernel stay in the innermost storage, one in each element.
fn has_rows(operation: &LoopNest, hardware: &Hardware, mapping: &Mapping) -> bool {
    let own = innermost_node(hardware, mapping, Role::Weight);
    let tile = own.and_then(|index| mapping.extents.get(index));
    let whole = tile.is_some_and(|tile| tile[Dim::S] == operation.extents[Dim::S]);
    let spread = row_array(hardware).is_none_or(|(level, array)| {
        let loops = mapping.spatial.iter().find(|own| own.level == level);
        let factor = |axis: usize, d: Dim| loops.map_or(1, |own| own.axes[axis][d]);
        spreads_rows(operation, array, &factor)
    });
    whole && spread
}

/// The place in the order of an operand's last node in the innermost storage.
fn innermost_node(hardware: &Hardware, mapping: &Mapping, role: Role) -> Option<usize> {
    let own = |n: &Node| n.role == role && is_innermost_storage(hardware, n.level);
    mapping.order.iter().rposition(own)
}

/// The tile at every node over all elements, no larger than the dimension and than the tiles of
/// outer memories.
fn wide_tiles(operation: &LoopNest, mapping: &Mapping) -> Vec<PerDim<u64>> {
    let nodes = || mapping.order.iter().zip(&mapping.extents);
    let wide = |node: &Node, extents: &PerDim<u64>, d: Dim| {
        extents[d].saturating_mul(mapping.spread_above(node.level, d))
    };
    let tile = |node: &Node, own: &PerDim<u64>, d: Dim| {
        let outer = nodes().filter(|(n, _)| n.level < node.level);
        outer
            .filter(|(n, _)| operation.is_relevant(n.role, d))
            .map(|(n, extents)| wide(n, extents, d))
            .fold(wide(node, own, d).min(operation.extents[d]), u64::min)
    };
    nodes()
        .map(|(node, own)| PerDim(Dim::ALL.map(|d| tile(node, own, d))))
        .collect()
}

/// Whether an operand's innermost tile is never loaded again: no loop that it does not depend on
/// stands further out than one that it does, inside the innermost storage.
fn is_stationary(operation: &LoopNest, hardware: &Hardware, mapping: &Mapping, role: Role) -> bool {
    let Some(own) = innermost_node(hardware, mapping, role) else {
        return false;
    };
    let order = &mapping.order;
    let wide = wide_tiles(operation, mapping);
    let relevant = |i: usize, d: Dim| operation.is_relevant(order[i].role, d);
    // The tile of a dimension within the loops above and at a node.
    let tile = |end: usize, d: Dim| {
        let nodes = (0..end).filter(|&i| relevant(i, d));
        nodes
            .map(|i| wide[i][d])
            .fold(operation.extents[d], u64::min)
    };
    let changes = |i: usize| {
        let mut dims = operation.relevant[role as usize].iter();
        dims.any(|d| tile(i + 1, d) < tile(i, d))
    };
    let Some(last) = (0..=own).rfind(|&i| changes(i)) else {
        return true;
    };
    let others = Dim::ALL
        .into_iter()
        .filter(|&d| !operation.is_relevant(role, d));
    others.into_iter().all(|d| {
        let inside = |i: &usize| is_innermost_storage(hardware, order[*i].level);
        let mut above = (0..last).rev().filter(|&i| relevant(i, d));
        let nearest = above.next().filter(inside);
        nearest.is_none_or(|i| {
            let outer = (0..i).rev().filter(|&k| relevant(k, d));
            let outside = outer.into_iter().find(|k| !inside(k));
            tile(i + 1, d) >= tile(outside.map_or(0, |k| k + 1), d)
        })
    })
}

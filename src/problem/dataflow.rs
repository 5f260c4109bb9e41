//! Dataflows; `formulations/dataflows.md` defines them, `cost::dataflow` tells them of a mapping.

use super::dim::Dim;
pub use super::flow::{Dataflow, names};
use super::hardware::{Array, Hardware};
use super::operation::LoopNest;

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
    let mut above = hardware.arrays().filter(|&(level, _)| level < innermost);
    above.next_back().or_else(|| hardware.arrays().next_back())
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

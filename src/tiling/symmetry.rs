//! Mirrored mappings of which only one is looked at.

use crate::problem::{Array, Axis, Dataflow, Dim, Hardware, LoopNest, Role};

use super::chain::Spread;

/// The dimension that uses only the first of several equal axes of an array: exchanging equal
/// axes changes no cost. The longest one that no window joins to another.
#[must_use]
pub fn anchor(operation: &LoopNest) -> Option<Dim> {
    Dim::ALL
        .into_iter()
        .filter(|&d| LoopNest::window_of(d).is_none() && operation.extents[d] > 1)
        .max_by_key(|&d| operation.extents[d])
}

/// Whether every axis multicasts and reduces. Where one does not, traffic grows with the elements
/// that take part, of which the program knows only that there is one at least: then no column
/// stands for another.
#[must_use]
pub fn shares_all(hardware: &Hardware) -> bool {
    let mut axes = hardware.arrays().flat_map(|(_, array)| &array.axes);
    axes.all(|axis| axis.multicast && axis.reduce)
}

/// \[PRU2\] The largest factor of the anchor on an axis: no more than on an equal axis before it.
#[must_use]
pub fn largest_factor(array: &Array, axis: usize, level: usize, prefix: &[Spread]) -> u64 {
    let own = &array.axes[axis];
    let equal = |other: &Axis| {
        (other.size, other.dims, other.multicast, other.reduce)
            == (own.size, own.dims, own.multicast, own.reduce)
    };
    let Some(before) = array.axes[..axis].iter().rposition(equal) else {
        return u64::MAX;
    };
    prefix
        .iter()
        .find(|s| (s.array, s.axis) == (level, before))
        .map_or(1, |s| s.factor)
}

/// \[PRU21\] Whether exchanging the outputs and taps of two windows, such as P with Q and R with S, changes nothing.
#[must_use]
pub fn windows_are_equal(
    operation: &LoopNest,
    hardware: &Hardware,
    [one, other]: [usize; 2],
) -> bool {
    let ((p, r), (q, s)) = (LoopNest::WINDOW_DIMS[one], LoopNest::WINDOW_DIMS[other]);
    let same_extents = operation.extents[p] == operation.extents[q]
        && operation.extents[r] == operation.extents[s];
    let same_operands = Role::ALL.into_iter().all(|role| {
        operation.is_relevant(role, p) == operation.is_relevant(role, q)
            && operation.is_relevant(role, r) == operation.is_relevant(role, s)
    });
    let same_axes = hardware
        .arrays()
        .flat_map(|(_, array)| array.axes.iter())
        .all(|axis| {
            axis.dims.contains(p) == axis.dims.contains(q)
                && axis.dims.contains(r) == axis.dims.contains(s)
        });
    // Rows are spread and columns are not, and depth is as any other dimension.
    let rows = hardware.dataflow.contains(&Dataflow::RowStationary);
    let same_windows = operation.windows[one] == operation.windows[other];
    same_extents && same_operands && same_axes && same_windows && !rows
}

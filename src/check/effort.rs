//! How much a check goes through, before it does.

use crate::problem::{Dim, LoopNest, PerDim, Window};

use super::nest::Plan;
use super::tiles::inner_outputs;

/// Kinds of tiles of a dimension, by their lengths and across the ends of where these alone count.
const FEW_KINDS: u128 = 16;

/// The tiles of every dimension at each stop, and in a step.
fn counts(plan: &Plan) -> Vec<PerDim<u128>> {
    let mut counts = PerDim::all(1_u128);
    let mut smallest = plan.nest.extents;
    let steps = plan.step_tile().into_iter();
    let all = plan.stops.iter().map(|stop| stop.wide).chain(steps);
    let each = all.map(|wide| {
        for d in Dim::ALL {
            if wide[d] < smallest[d] {
                smallest[d] = wide[d];
                counts[d] = u128::from(plan.nest.extents[d].div_ceil(wide[d].max(1)));
            }
        }
        counts
    });
    each.collect()
}

/// The tiles, or pairs of tiles of a window that sees padding, listed one by one.
pub(super) fn listed(plan: &Plan) -> u128 {
    let counts = counts(plan);
    let many = counts.iter().flat_map(|own| own.0);
    let tiles: u128 = many.filter(|&count| count > 1).sum();
    let pairs = counts.iter().flat_map(|own| {
        let clipped = (0..Window::COUNT).filter(|&axis| is_clipped(plan.nest, axis));
        clipped.map(|axis| {
            let (p, r) = LoopNest::WINDOW_DIMS[axis];
            own[p].saturating_mul(own[r])
        })
    });
    tiles.max(pairs.max().unwrap_or(0))
}

/// The same where tiles of outputs away from padding, and of any other dimension, count together by
/// their lengths.
pub(super) fn together(plan: &Plan) -> u128 {
    let pairs = counts(plan).into_iter().flat_map(|own| {
        let clipped = (0..Window::COUNT).filter(|&axis| is_clipped(plan.nest, axis));
        clipped.map(move |axis| {
            let (p, r) = LoopNest::WINDOW_DIMS[axis];
            let (inner, extent) = (inner_outputs(plan.nest, axis), plan.nest.extents[p]);
            let near = u128::from(extent - inner.end.saturating_sub(inner.start).min(extent));
            let near = (near * own[p]).div_ceil(u128::from(extent)) + FEW_KINDS;
            near.min(own[p]).saturating_mul(own[r])
        })
    });
    pairs.max().unwrap_or(FEW_KINDS)
}

/// Rows of which sets have to be made: where both outputs and taps skip rows, walks forget some, or
/// elements are served one by one.
pub(super) fn rows(plan: &Plan) -> u128 {
    let needed = (0..Window::COUNT).filter(|&axis| {
        let (window, (p, r)) = (plan.nest.windows[axis], LoopNest::WINDOW_DIMS[axis]);
        let dilated = window.dilation > 1 && plan.nest.extents[r] > 1;
        let walked = plan.stops.iter().any(|stop| plan.slide(stop) == Some(p));
        dilated && (window.stride > 1 || walked) || plan.spread.serves_singly([p, r])
    });
    let all = needed.map(|axis| {
        let (p, r) = LoopNest::WINDOW_DIMS[axis];
        u128::from(plan.nest.extents[p]).saturating_mul(u128::from(plan.nest.extents[r]))
    });
    all.max().unwrap_or(0)
}

/// Whether an output of a window sees padding.
fn is_clipped(nest: &LoopNest, axis: usize) -> bool {
    let inner = inner_outputs(nest, axis);
    inner != (0..nest.extents[LoopNest::WINDOW_DIMS[axis].0])
}

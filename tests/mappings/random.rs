//! Random spatial loops and tiles, for mappings that no solver chose.

use deepmatrix::problem::{ArrayMapping, Hardware, LoopNest, Mapping, PerDim};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Random spatial loops: one dimension per axis, no dimension on two axes of an array, which has
/// at most two.
pub fn spatial(rng: &mut ChaCha8Rng, nest: &LoopNest, hardware: &Hardware) -> Vec<ArrayMapping> {
    let (arrays, dims) = (hardware.arrays(), nest.dims());
    arrays
        .map(|(level, array)| {
            let mut axes = vec![PerDim::all(1); array.axes.len()];
            let first = rng.random_range(0..dims.len());
            let second = (first + rng.random_range(1..dims.len())) % dims.len();
            for ((factors, d), axis) in axes.iter_mut().zip([first, second]).zip(&array.axes) {
                factors[dims[d]] = rng.random_range(1..=axis.size);
            }
            ArrayMapping { level, axes }
        })
        .collect()
}

/// Random tiles for all nodes of a mapping's order: in a share `keeps` of the cases as large as
/// they can be. Some cut dimensions irrelevant to a node, which may be what a node above keeps.
pub fn cut(
    rng: &mut ChaCha8Rng,
    nest: &LoopNest,
    hardware: &Hardware,
    mapping: &mut Mapping,
    keeps: f64,
) {
    let mut current = nest.extents;
    for node in mapping.order.clone() {
        let mut tile = PerDim::all(1);
        let above = hardware.arrays().all(|(array, _)| node.level < array);
        for &d in nest.dims() {
            let relevant = nest.is_relevant(node.role, d);
            if !(relevant || above && rng.random_bool(0.1)) {
                continue;
            }
            let elements = mapping.spread_above(node.level, d);
            let largest = current[d].div_ceil(elements);
            tile[d] = if rng.random_bool(keeps) {
                largest
            } else {
                rng.random_range(1..=largest)
            };
            if relevant || tile[d] > 1 {
                current[d] = current[d].min(tile[d] * elements);
            }
        }
        mapping.extents.push(tile);
    }
}

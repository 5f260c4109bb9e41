//! Ways of spreading dimensions over arrays that leave few elements idle.

use crate::problem::{Array, ArrayMapping, Dim, DimSet, Hardware, LoopNest, PerDim};

use super::candidate::Candidate;

/// The factor with which `size` elements take an extent in the fewest steps; of those the
/// smallest, or with `divisors` the largest one that divides it.
#[must_use]
pub fn factor(extent: u64, size: u64, divisors: bool) -> u64 {
    let most = size.min(extent).max(1);
    if divisors {
        return (1..=most)
            .rev()
            .find(|f| extent.is_multiple_of(*f))
            .unwrap_or(1);
    }
    extent.div_ceil(extent.div_ceil(most))
}

/// Steps of one element, were there no tiles: the product of the ceiling shares.
#[must_use]
pub fn steps(operation: &LoopNest, spatial: &[ArrayMapping]) -> u128 {
    let of = |d: Dim| {
        let factors = spatial.iter().flat_map(|a| &a.axes).map(|axis| axis[d]);
        u128::from(operation.extents[d].div_ceil(factors.product()))
    };
    Dim::ALL.into_iter().map(of).product()
}

/// Spatial loops with one dimension of `allowed` on every axis, or none, and what is left of an
/// axis filled with another; the ones of fewest steps first, at most `most` of them.
#[must_use]
pub fn options(
    operation: &LoopNest,
    hardware: &Hardware,
    allowed: DimSet,
    divisors: bool,
    most: usize,
) -> Vec<Vec<ArrayMapping>> {
    let mut all = vec![Candidate::smallest(hardware).spatial];
    for (number, (_, array)) in hardware.arrays().enumerate() {
        for axis in 0..array.axes.len() {
            let mut next = Vec::new();
            for spatial in &all {
                next.push(spatial.clone());
                for d in array.axes[axis]
                    .dims
                    .iter()
                    .filter(|&d| allowed.contains(d))
                {
                    next.extend(with(operation, array, spatial, (number, axis), d, divisors));
                }
            }
            // Whatever few steps are left to now, more axes do not need all ways to it.
            next.sort_by_key(|spatial| steps(operation, spatial));
            next.dedup();
            next.truncate(WIDTH);
            all = next;
        }
    }
    for spatial in &mut all {
        fill(operation, hardware, spatial, allowed, divisors);
    }
    all.sort_by_key(|spatial| steps(operation, spatial));
    all.dedup();
    all.truncate(most);
    all
}

/// Ways that are kept from one axis to the next.
const WIDTH: usize = 64;

/// Spreads one more dimension over an axis, if there is anything to spread and it may.
fn with(
    operation: &LoopNest,
    array: &Array,
    spatial: &[ArrayMapping],
    (number, axis): (usize, usize),
    d: Dim,
    divisors: bool,
) -> Option<Vec<ArrayMapping>> {
    let axes = &spatial[number].axes;
    let elsewhere = axes
        .iter()
        .enumerate()
        .any(|(a, own)| a != axis && own[d] > 1);
    if axes[axis][d] > 1 || (elsewhere && !array.split_dims) {
        return None;
    }
    let used: u64 = axes[axis].0.iter().product();
    let spread: u64 = spatial
        .iter()
        .flat_map(|a| &a.axes)
        .map(|own| own[d])
        .product();
    let left = operation.extents[d].div_ceil(spread);
    let own = factor(left, array.axes[axis].size / used, divisors);
    if own < 2 {
        return None;
    }
    let mut next = spatial.to_vec();
    next[number].axes[axis][d] = own;
    Some(next)
}

/// Fills what is left of the axes, each time with the dimension that saves most steps.
pub fn fill(
    operation: &LoopNest,
    hardware: &Hardware,
    spatial: &mut Vec<ArrayMapping>,
    allowed: DimSet,
    divisors: bool,
) {
    loop {
        let mut best = (steps(operation, spatial), None);
        for (number, (_, array)) in hardware.arrays().enumerate() {
            for axis in 0..array.axes.len() {
                for d in array.axes[axis]
                    .dims
                    .iter()
                    .filter(|&d| allowed.contains(d))
                {
                    let next = with(operation, array, spatial, (number, axis), d, divisors);
                    if let Some(next) = next
                        && steps(operation, &next) < best.0
                    {
                        best = (steps(operation, &next), Some(next));
                    }
                }
            }
        }
        match best.1 {
            Some(next) => *spatial = next,
            None => return,
        }
    }
}

/// Elements over which each dimension is spread by all arrays together.
#[must_use]
pub fn spread(spatial: &[ArrayMapping]) -> PerDim<u64> {
    let of = |d: Dim| {
        spatial
            .iter()
            .flat_map(|a| &a.axes)
            .map(|axis| axis[d])
            .product()
    };
    PerDim(Dim::ALL.map(of))
}

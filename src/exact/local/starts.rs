//! Where runs start: mappings whose spatial loops take the fewest steps.

use std::collections::BTreeSet;

use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::problem::{ArrayMapping, Dim, Mapping, PerDim};

use super::super::tuning::LOCAL_DRAWN as DRAWN;
use super::extents::{align, feed};
use super::ground::Ground;
use super::settle::{settle, spreads};

/// Different spatial loops, those of fewest steps first.
pub(super) fn few_steps(
    ground: &Ground<'_>,
    rng: &mut ChaCha8Rng,
    most: usize,
) -> Vec<Vec<ArrayMapping>> {
    let mut all = BTreeSet::new();
    for _ in 0..DRAWN {
        let spatial = drawn(ground, rng);
        all.insert((steps(ground, &spatial), spatial));
    }
    all.into_iter().map(|own| own.1).take(most).collect()
}

/// Steps of the busiest element, were there no tiles.
fn steps(ground: &Ground<'_>, spatial: &[ArrayMapping]) -> u128 {
    let of = |&d: &Dim| {
        let factors = spatial.iter().flat_map(|a| &a.axes).map(|axis| axis[d]);
        u128::from(ground.extent(d).div_ceil(factors.product()))
    };
    ground.dims.iter().map(of).product()
}

/// Random spatial loops: one dimension after the other takes what is left of an axis, in as few
/// steps as it can with the fewest elements for these.
fn drawn(ground: &Ground<'_>, rng: &mut ChaCha8Rng) -> Vec<ArrayMapping> {
    let mut spatial = Vec::new();
    let mut left = ground.operation.extents;
    for (level, array) in ground.hardware.arrays() {
        let mut axes = vec![PerDim::all(1_u64); array.axes.len()];
        let mut order: Vec<usize> = (0..axes.len()).collect();
        order.shuffle(rng);
        let mut free = ground.dims.clone();
        for axis in order {
            free.shuffle(rng);
            let mut size = array.axes[axis].size;
            let mut taken = Vec::new();
            for &d in &free {
                if size < 2 || left[d] < 2 || !array.axes[axis].dims.contains(d) {
                    continue;
                }
                let most = size.min(left[d]);
                let mut factor = left[d].div_ceil(left[d].div_ceil(most));
                if rng.random_range(0..4) == 0 {
                    factor = rng.random_range(1..=most);
                    factor = left[d].div_ceil(left[d].div_ceil(factor));
                }
                axes[axis][d] = factor;
                size /= factor;
                left[d] = left[d].div_ceil(factor);
                taken.push(d);
            }
            if !array.split_dims {
                free.retain(|d| !taken.contains(d));
            }
        }
        spatial.push(ArrayMapping { level, axes });
    }
    spatial
}

/// A mapping with other spatial loops: its tiles as they are over all elements, as far as they are
/// multiples of what these take at once.
pub(super) fn with_spread(
    ground: &Ground<'_>,
    mapping: &Mapping,
    spatial: &[ArrayMapping],
) -> Mapping {
    let old = spreads(mapping);
    let mut next = mapping.clone();
    next.spatial = spatial.to_vec();
    let new = spreads(&next);
    for &d in &ground.dims {
        for i in 0..next.order.len() {
            let wide = next.extents[i][d].saturating_mul(old[i][d]);
            next.extents[i][d] = wide.div_ceil(new[i][d]);
        }
        feed(ground, &mut next, d);
        align(ground, &mut next, d, false);
    }
    settle(ground, &mut next);
    next
}

/// The smallest tiles that keep all elements busy.
pub(super) fn smallest(ground: &Ground<'_>, mapping: &Mapping) -> Mapping {
    let mut next = mapping.clone();
    next.extents = vec![PerDim::all(1); next.order.len()];
    for &d in &ground.dims {
        feed(ground, &mut next, d);
    }
    settle(ground, &mut next);
    next
}

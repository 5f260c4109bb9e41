//! Moves that change what is spread over the arrays.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::problem::{Array, Dim, Mapping, PerDim};

use super::draw::pick;
use super::extents::{align, feed};
use super::ground::Ground;
use super::settle::spreads;

/// Changes the factors of one array; tiles follow.
pub(super) fn change(ground: &Ground<'_>, rng: &mut ChaCha8Rng, mapping: &mut Mapping) {
    let arrays: Vec<(usize, &Array)> = ground.hardware.arrays().collect();
    if arrays.is_empty() {
        return;
    }
    let number = rng.random_range(0..arrays.len());
    let (level, array) = arrays[number];
    let Some(own) = mapping.spatial.iter().position(|own| own.level == level) else {
        return;
    };
    let before = (mapping.clone(), spreads(mapping));
    let axes = &mut mapping.spatial[own].axes;
    match rng.random_range(0..10) {
        0..5 => factor(ground, rng, array, axes),
        5..8 => replace(ground, rng, array, axes),
        _ => exchange(rng, array, axes),
    }
    follow(ground, rng, mapping, &before);
}

/// Elements of an axis that its factors use, those of one dimension left aside.
fn used(factors: &PerDim<u64>, but: Dim) -> u64 {
    let others = Dim::ALL.into_iter().filter(|&d| d != but);
    others.map(|d| factors[d]).product::<u64>().max(1)
}

/// An axis and a dimension that may be spread over it.
fn place(ground: &Ground<'_>, rng: &mut ChaCha8Rng, array: &Array) -> Option<(usize, Dim)> {
    if array.axes.is_empty() {
        return None;
    }
    let axis = rng.random_range(0..array.axes.len());
    let dims = ground.dims.iter().copied();
    let own: Vec<Dim> = dims
        .filter(|&d| array.axes[axis].dims.contains(d))
        .collect();
    Some((axis, pick(rng, &own)?))
}

/// Changes one factor to another one for which there is room.
fn factor(ground: &Ground<'_>, rng: &mut ChaCha8Rng, array: &Array, axes: &mut [PerDim<u64>]) {
    let Some((axis, d)) = place(ground, rng, array) else {
        return;
    };
    clear_elsewhere(array, axes, (axis, d));
    let whole = ground.extent(d);
    let most = (array.axes[axis].size / used(&axes[axis], d))
        .min(whole)
        .max(1);
    let old = axes[axis][d];
    let balanced = |f: u64| whole.div_ceil(whole.div_ceil(f.max(1)));
    axes[axis][d] = match rng.random_range(0..6) {
        0 => most,
        1 => balanced(most),
        2 => balanced(rng.random_range(1..=most)),
        3 => old + 1,
        4 => old - 1,
        _ => pick(rng, ground.divisors(d)).unwrap_or(1),
    }
    .clamp(1, most);
}

/// A dimension that may sit on one axis alone leaves the others.
fn clear_elsewhere(array: &Array, axes: &mut [PerDim<u64>], (axis, d): (usize, Dim)) {
    if array.split_dims {
        return;
    }
    for (other, factors) in axes.iter_mut().enumerate() {
        if other != axis {
            factors[d] = 1;
        }
    }
}

/// Spreads one dimension over an axis, as far as it goes, and another one over what is left.
fn replace(ground: &Ground<'_>, rng: &mut ChaCha8Rng, array: &Array, axes: &mut [PerDim<u64>]) {
    let Some((axis, first)) = place(ground, rng, array) else {
        return;
    };
    let kept = if rng.random_bool(0.5) {
        pick(rng, &ground.dims)
    } else {
        None
    };
    for d in Dim::ALL {
        if Some(d) != kept {
            axes[axis][d] = 1;
        }
    }
    let second = pick(rng, &ground.dims).filter(|&d| array.axes[axis].dims.contains(d));
    for d in [Some(first), second].into_iter().flatten() {
        clear_elsewhere(array, axes, (axis, d));
        let whole = ground.extent(d);
        let most = (array.axes[axis].size / used(&axes[axis], d))
            .min(whole)
            .max(1);
        let steps = whole.div_ceil(most) + rng.random_range(0..3_u64) / 2;
        axes[axis][d] = whole.div_ceil(steps).min(most);
    }
}

/// Moves a part of one factor to another one, on one axis or between two.
fn exchange(rng: &mut ChaCha8Rng, array: &Array, axes: &mut [PerDim<u64>]) {
    let all = (0..axes.len()).flat_map(|axis| Dim::ALL.map(|d| (axis, d)));
    let all: Vec<(usize, Dim)> = all.collect();
    let spread: Vec<(usize, Dim)> = (all.iter().copied())
        .filter(|&(axis, d)| axes[axis][d] > 1)
        .collect();
    let (Some(one), Some(other)) = (pick(rng, &spread), pick(rng, &spread)) else {
        return;
    };
    if one == other {
        return;
    }
    let (a, b) = (axes[one.0][one.1], axes[other.0][other.1]);
    let fits = |axes: &[PerDim<u64>]| {
        let mut both = axes.iter().zip(&array.axes);
        both.all(|(own, axis)| own.0.iter().product::<u64>() <= axis.size)
    };
    let before = axes.to_vec();
    if one.0 == other.0 {
        let part = rng.random_range(2..4_u64);
        axes[one.0][one.1] = a.div_ceil(part);
        axes[other.0][other.1] = b * part;
    } else {
        // The dimensions change places.
        let may = |axis: usize, d: Dim| array.axes[axis].dims.contains(d);
        if !may(one.0, other.1) || !may(other.0, one.1) {
            return;
        }
        axes[one.0][one.1] = 1;
        axes[other.0][other.1] = 1;
        axes[one.0][other.1] = b;
        axes[other.0][one.1] = a;
    }
    if !fits(axes) {
        axes.copy_from_slice(&before);
    }
}

/// Lets tiles follow changed factors: extents of one element are such that those of all stay, and
/// outer tiles keep all elements busy.
fn follow(
    ground: &Ground<'_>,
    rng: &mut ChaCha8Rng,
    mapping: &mut Mapping,
    (before, old): &(Mapping, Vec<PerDim<u64>>),
) {
    let new = spreads(mapping);
    let rescaled = rng.random_bool(0.7);
    let fed = rng.random_bool(0.9);
    let aligned = rng.random_bool(0.5);
    for &d in &ground.dims {
        if mapping.spread_above(usize::MAX, d) == before.spread_above(usize::MAX, d) {
            continue;
        }
        for i in 0..mapping.order.len() {
            if rescaled {
                let wide = mapping.extents[i][d].saturating_mul(old[i][d]);
                mapping.extents[i][d] = wide.div_ceil(new[i][d]);
            }
        }
        if fed {
            feed(ground, mapping, d);
        }
        if aligned {
            align(ground, mapping, d, false);
        }
    }
}

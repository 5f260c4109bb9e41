//! Makes a changed mapping a mapping again.

use crate::problem::{ArrayMapping, Dim, Mapping, Node, Overlap, PerDim, Role};

use super::ground::{Ground, slots};

/// Cuts extents to the tiles around them, makes those of a shared memory equal, enters what is fixed,
/// and leaves out slides and buffers that may not be. The exact evaluator has the last word.
pub fn settle(ground: &Ground<'_>, mapping: &mut Mapping) {
    impose(ground, mapping);
    if ground.divides {
        divide_factors(ground, &mut mapping.spatial);
    }
    cut(ground, mapping);
    slide_and_double(ground, mapping);
}

/// Enters the factors, tiles and slides that are fixed.
fn impose(ground: &Ground<'_>, mapping: &mut Mapping) {
    for fixed in ground.fixed {
        for array in &fixed.arrays {
            let mut own = mapping.spatial.iter_mut();
            if let Some(own) = own.find(|own| own.level == array.level) {
                for &(axis, d, factor) in &array.factors {
                    own.axes[axis][d] = factor;
                }
            }
        }
        for memory in &fixed.memories {
            for &(of, d, extent) in &memory.tiles {
                for (node, own) in mapping.order.iter().zip(&mut mapping.extents) {
                    let meant = of.is_none_or(|of| of == node.role);
                    if node.level == memory.level && meant {
                        own[d] = extent;
                    }
                }
            }
            if let Some(d) = memory.slide {
                mapping.slides.retain(|slide| slide.0 != memory.level);
                mapping.slides.push((memory.level, d));
            }
        }
    }
}

/// Lowers spatial factors until those of every dimension divide it.
fn divide_factors(ground: &Ground<'_>, spatial: &mut [ArrayMapping]) {
    for &d in &ground.dims {
        let mut left = ground.extent(d);
        for factors in spatial.iter_mut().flat_map(|array| &mut array.axes) {
            while !left.is_multiple_of(factors[d]) {
                factors[d] -= 1;
            }
            left /= factors[d];
        }
    }
}

/// For every node the elements over which each dimension is spread above it.
pub(super) fn spreads(mapping: &Mapping) -> Vec<PerDim<u64>> {
    let above = |node: &Node| {
        let mut own = PerDim::all(1_u64);
        let arrays = mapping.spatial.iter().filter(|a| a.level < node.level);
        for axis in arrays.flat_map(|array| &array.axes) {
            for (own, factor) in own.0.iter_mut().zip(axis.0) {
                *own = own.saturating_mul(factor);
            }
        }
        own
    };
    mapping.order.iter().map(above).collect()
}

/// Cuts every extent to the tiles around it.
fn cut(ground: &Ground<'_>, mapping: &mut Mapping) {
    let (slots, spreads) = (slots(mapping), spreads(mapping));
    for d in Dim::ALL {
        let indexed = |i: usize| ground.is_relevant(mapping.order[i].role, d);
        let own: Vec<usize> = slots.iter().copied().filter(|&i| indexed(i)).collect();
        for i in 0..mapping.order.len() {
            if !indexed(i) || ground.extent(d) == 1 {
                mapping.extents[i][d] = 1;
            }
        }
        if ground.extent(d) > 1 {
            cut_dimension(ground, mapping, (d, &own), &spreads);
        }
    }
}

/// The same in one dimension, whose nodes stand from the outermost slot in.
fn cut_dimension(
    ground: &Ground<'_>,
    mapping: &mut Mapping,
    (d, own): (Dim, &[usize]),
    spreads: &[PerDim<u64>],
) {
    let total = mapping.spread_above(usize::MAX, d);
    let mut room = ground.extent(d);
    let mut rest = own;
    while let Some((&first, after)) = rest.split_first() {
        let level = mapping.order[first].level;
        let box_size = if ground.is_shared(level) {
            let same = after
                .iter()
                .take_while(|&&j| mapping.order[j].level == level);
            1 + same.count()
        } else {
            1
        };
        let (tile, others) = rest.split_at(box_size);
        rest = others;
        let spread = spreads[first][d];
        let deep = tile
            .iter()
            .map(|&i| kept_across(mapping, spreads, (i, d), own));
        let deep = deep.min().unwrap_or(u64::MAX);
        let mut extent = mapping.extents[first][d].min(deep / spread).max(1);
        extent = extent.min(room.div_ceil(spread));
        if ground.divides {
            extent =
                divisor_within(ground, d, (room, total), extent.saturating_mul(spread)) / spread;
        }
        for &i in tile {
            mapping.extents[i][d] = extent.max(1);
        }
        room = room.min(extent.saturating_mul(spread)).max(1);
    }
}

/// The largest array-wide extent of node `i` over which the tiles of inner memories that stand above
/// it can be kept: they are no smaller.
fn kept_across(
    mapping: &Mapping,
    spreads: &[PerDim<u64>],
    (i, d): (usize, Dim),
    own: &[usize],
) -> u64 {
    let level = mapping.order[i].level;
    let above = own
        .iter()
        .filter(|&&j| j < i && mapping.order[j].level > level);
    let wide = above.map(|&j| mapping.extents[j][d].saturating_mul(spreads[j][d]));
    wide.min().unwrap_or(u64::MAX)
}

/// The largest divisor of `room` up to `wide` that is a multiple of the spread; the smallest one if
/// none is.
fn divisor_within(ground: &Ground<'_>, d: Dim, (room, spread): (u64, u64), wide: u64) -> u64 {
    let all = ground.divisors(d).iter().copied();
    let mut fitting = all.filter(|own| room.is_multiple_of(*own) && own.is_multiple_of(spread));
    let first = fitting.next().unwrap_or(room);
    fitting
        .take_while(|&own| own <= wide)
        .last()
        .unwrap_or(first)
}

/// Leaves out slides and buffers that may not be.
fn slide_and_double(ground: &Ground<'_>, mapping: &mut Mapping) {
    let slides = std::mem::take(&mut mapping.slides);
    let may = |&(level, d): &(usize, Dim)| {
        let role = Role::Input;
        let memory = ground.hardware.memory(level);
        memory.is_some_and(|memory| memory.sliding_reuse)
            && ground.is_relevant(role, d)
            && mapping.keeps(Node { level, role })
            && mapping.may_slide_inside(level, d)
    };
    let mut kept: Vec<(usize, Dim)> = slides.into_iter().filter(may).collect();
    kept.sort_unstable();
    mapping.slides = kept;
    let doubled = std::mem::take(&mut mapping.double_buffered);
    let may = |node: &Node| {
        let memory = ground.hardware.memory(node.level);
        memory.is_some_and(|memory| memory.overlap == Overlap::Choose) && mapping.keeps(*node)
    };
    let mut kept: Vec<Node> = doubled.into_iter().filter(may).collect();
    kept.sort_unstable();
    kept.dedup();
    mapping.double_buffered = kept;
}

//! The mapping of smallest tiles: it fits if any does.

use crate::classes::class::Class;
use crate::problem::dataflow::{row_array, spreads_rows};
use crate::problem::{Array, ArrayMapping, Dataflow, Dim, Mapping, PerDim, Role};

use super::space::LayerSpace;

/// Offers tiles of one element, or of one row where rows must stay, in the first class and in the
/// last one, which keeps least; of every dataflow where mappings are restricted.
pub(super) fn offer(space: &mut LayerSpace<'_>) {
    let roots = space.roots();
    for of_flow in roots.chunk_by(|a, b| a.dataflow == b.dataflow) {
        let first = of_flow.first().map(|c| last_leaf(space, c.clone()));
        let mut last = of_flow.last().cloned();
        while let Some(next) = last.as_ref().and_then(|c| space.split_class(c)) {
            last = next.into_iter().next_back();
        }
        for class in first.into_iter().chain(last) {
            offer_in(space, class);
        }
    }
}

/// Offers the smallest tiles in a class.
fn offer_in(space: &mut LayerSpace<'_>, class: Class) {
    let ones = |array: &Array| vec![PerDim::all(1); array.axes.len()];
    let arrays = space.hardware.arrays();
    let mut spatial: Vec<ArrayMapping> = arrays
        .map(|(level, array)| ArrayMapping {
            level,
            axes: ones(array),
        })
        .collect();
    let mut tile = PerDim::all(1);
    if class.dataflow == Some(Dataflow::RowStationary) {
        if space.operation.is_relevant(Role::Weight, Dim::S) {
            tile[Dim::S] = space.operation.extents[Dim::S];
        }
        if let Some((level, axes)) = rows(space) {
            for own in spatial.iter_mut().filter(|own| own.level == level) {
                own.axes.clone_from(&axes);
            }
        }
    }
    let mut mapping = Mapping {
        extents: Vec::new(),
        order: class.order,
        spatial,
        slides: Vec::new(),
        double_buffered: Vec::new(),
    };
    for node in &mapping.order {
        let mut own = PerDim::all(1);
        for d in Dim::ALL {
            if space.operation.is_relevant(node.role, d) {
                let all = mapping.spread_above(usize::MAX, d);
                own[d] = tile[d] * (all / mapping.spread_above(node.level, d));
            }
        }
        mapping.extents.push(own);
    }
    space.offer(mapping);
}

/// The least factors that spread rows as row stationary asks, over the array at a level.
fn rows(space: &LayerSpace<'_>) -> Option<(usize, Vec<PerDim<u64>>)> {
    let (level, array) = row_array(space.hardware)?;
    let (extents, count) = (space.operation.extents, array.axes.len());
    // No axis of the kernel's rows, or of the output's, is the number of axes.
    let pairs = (0..=count).flat_map(|r| (0..=count).map(move |p| (r, p)));
    let mut spreads = pairs.map(|(r, p)| {
        let mut axes = vec![PerDim::all(1); count];
        for (axis, d, most) in [(r, Dim::R, u64::MAX), (p, Dim::P, 2)] {
            if let Some(own) = array.axes.get(axis).filter(|own| own.dims.contains(d)) {
                axes[axis][d] = extents[d].min(own.size).min(most);
            }
        }
        axes
    });
    let fits = |axes: &[PerDim<u64>]| {
        let used = |own: &PerDim<u64>| own.0.iter().product::<u64>();
        (axes.iter().zip(&array.axes)).all(|(own, axis)| used(own) <= axis.size)
    };
    let spread =
        |axes: &[PerDim<u64>]| spreads_rows(space.operation, array, &|axis, d| axes[axis][d]);
    let axes = spreads.find(|axes| fits(axes) && spread(axes))?;
    Some((level, axes))
}

/// The last class to which splitting leads: with every operand in tiles, which asks least of
/// them. Memories that are not decided keep all that they may.
pub(super) fn last_leaf(space: &LayerSpace<'_>, mut class: Class) -> Class {
    while let Some(mut parts) = space.split_class(&class) {
        let keeping = parts
            .first()
            .is_some_and(|p| p.keeps.len() > class.keeps.len());
        let next = if keeping && parts.iter().all(|p| p.order == class.order) {
            Some(parts.swap_remove(0))
        } else {
            let last = parts.iter().rposition(|p| space.stands_well(p));
            last.map(|i| parts.swap_remove(i)).or_else(|| parts.pop())
        };
        match next {
            Some(next) => class = next,
            None => break,
        }
    }
    class
}

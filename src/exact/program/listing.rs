//! Classes and columns, listed.

use std::sync::Arc;

use crate::classes::class::Class;
use crate::classes::roots::roots;
use crate::classes::split::split;
use crate::columns::group::ColumnGroup;
use crate::engine::linear::Active;
use crate::exact::space::LayerSpace;
use crate::exact::survey::ClassColumns;
use crate::exact::tuning::MOST_CLASSES;
use crate::problem::{Hardware, LoopNest};

/// All single classes, as far as they are counted.
pub(super) fn all_classes(operation: &LoopNest, hardware: &Hardware) -> Vec<Class> {
    let mut found = Vec::new();
    let mut open = roots(operation, hardware);
    open.reverse();
    while let Some(next) = open.pop() {
        if found.len() > MOST_CLASSES {
            break;
        }
        match split(operation, hardware, &next) {
            Some(parts) => open.extend(parts.into_iter().rev()),
            None => found.push(next),
        }
    }
    found
}

pub(super) fn all_of(columns: &[ColumnGroup]) -> Active {
    let all = |g: &ColumnGroup| {
        let count = u32::try_from(g.columns.len()).unwrap_or(u32::MAX);
        Arc::new((0..count).collect())
    };
    columns.iter().map(all).collect()
}

/// The groups of columns of a class.
pub(super) fn groups(space: &LayerSpace<'_>, own: &ClassColumns) -> Vec<ColumnGroup> {
    let groups = own.groups.iter().map(|(dims, columns)| {
        let index = |i: usize| u32::try_from(i).unwrap_or(u32::MAX);
        let chains =
            (0..dims.len()).map(|p| Arc::new(columns.iter().map(|c| c[p].clone()).collect()));
        let pairs =
            (0..columns.len()).map(|i| [index(i), if dims.len() > 1 { index(i) } else { 0 }]);
        ColumnGroup::new(&space.site, dims.clone(), chains.collect(), pairs.collect())
    });
    groups.collect()
}

//! The layers that an entry of a constraints file is for.

use crate::problem::{Dim, LoopNest};
use crate::read::field::quote;
use crate::read::table::Table;

/// A layer that an entry is for.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) name: &'a str,
    pub(super) nest: &'a LoopNest,
}

/// Whether an extent or a factor is no larger than the dimension in any of the layers.
pub(super) fn within(
    table: &Table<'_>,
    d: Dim,
    value: u64,
    subjects: &[Subject<'_>],
) -> Option<()> {
    let Some(short) = subjects.iter().find(|s| s.nest.extents[d] < value) else {
        return Some(());
    };
    let (name, extent) = (quote(short.name), short.nest.extents[d]);
    table.reject_key(
        d.name(),
        format!("{d} has extent {extent} in the layer {name}; fix at most that, or say for which `layers`"),
    );
    None
}

/// A layer without overlapping windows along a dimension, if there is one.
pub(super) fn without_window<'a>(subjects: &[Subject<'a>], d: Dim) -> Option<&'a str> {
    let (p, r) = LoopNest::WINDOW_DIMS[LoopNest::window_of(d)?];
    let short = |s: &&Subject<'_>| s.nest.extents[p] == 1 || s.nest.extents[r] == 1;
    subjects.iter().find(short).map(|s| s.name)
}

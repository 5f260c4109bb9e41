//! What a dataflow leaves of a class and its columns (`formulations/dataflows.md`).

use crate::columns::attribute::Attribute;
use crate::columns::group::ColumnGroup;
use crate::engine::linear::{Active, retain};
use crate::problem::dataflow::{is_innermost_storage, row_array, spreads_rows};
use crate::problem::{Array, Dataflow, Dim, Hardware, LoopNest, Node, Role};

use super::class::Class;
use super::slots::SlotMap;

/// A dimension, a slot, and another one with as many tiles, or `None` for a single tile.
pub(crate) type Equal = (Dim, usize, Option<usize>);

/// Whether a class can still keep the operand that its dataflow holds in the innermost storage.
pub(crate) fn is_possible(hardware: &Hardware, class: &Class) -> bool {
    class.dataflow.is_none_or(|flow| {
        let role = flow.stationary();
        let mut levels = hardware.memories().map(|(level, _)| level);
        levels.any(|level| {
            is_innermost_storage(hardware, level)
                && class.keeps(hardware, Node { level, role }) != Some(false)
        })
    })
}

/// The dataflow's operand is never loaded again: along a dimension irrelevant to it, the nearest
/// node above its innermost one has as many tiles as the one above its node outside the innermost
/// storage, or where it has none there, as the nearest node outside. Where no other operand has a
/// node in the innermost storage, nothing is asked.
pub(crate) fn equal(
    operation: &LoopNest,
    hardware: &Hardware,
    class: &Class,
    slots: &SlotMap<'_>,
) -> Vec<Equal> {
    let order = &class.order;
    let inside = |n: &Node| is_innermost_storage(hardware, n.level);
    let own = class.dataflow.and_then(|flow| {
        let role = flow.stationary();
        let node = order.iter().rposition(|n| n.role == role && inside(n))?;
        let alone = !order.iter().any(|n| n.role != role && inside(n));
        Some((role, node)).filter(|_| class.is_ordered(hardware) && !alone)
    });
    let Some((role, own)) = own else {
        return Vec::new();
    };
    let parent = order[..own].iter().rfind(|n| n.role == role && !inside(n));
    let tiled = |&d: &Dim| operation.extents[d] > 1 && !operation.is_relevant(role, d);
    let pair = |d: Dim| {
        let nearest = slots.above(order[own], d)?;
        let outside = |n: &&Node| operation.is_relevant(n.role, d) && !inside(n);
        let around = match parent {
            Some(parent) => slots.above(*parent, d),
            None => order[..own]
                .iter()
                .rfind(outside)
                .and_then(|n| slots.own(*n, d)),
        };
        (around != Some(nearest)).then_some((d, nearest, around))
    };
    Dim::ALL
        .into_iter()
        .filter(tiled)
        .filter_map(pair)
        .collect()
}

/// Whether the node that a dataflow holds stands before those of all other operands, as far as
/// the nodes of the innermost storage are placed: then nothing of it is loaded again there.
#[must_use]
pub fn leads(hardware: &Hardware, class: &Class) -> bool {
    let Some(role) = class.dataflow.map(Dataflow::stationary) else {
        return true;
    };
    let inside = |n: &&Node| is_innermost_storage(hardware, n.level);
    let first = class.order.iter().find(inside);
    let parent = class
        .order
        .iter()
        .rposition(|n| n.role == role && !inside(&n));
    let own = class
        .order
        .iter()
        .position(|n| n.role == role && inside(&n));
    let close = match (parent, own) {
        (Some(parent), Some(own)) => own == parent + 1,
        _ => true,
    };
    close && first.is_none_or(|n| n.role == role)
}

/// Row stationary: drops the columns that spread rows otherwise, or cut them in the innermost
/// storage.
pub(crate) fn restrict_rows(
    operation: &LoopNest,
    hardware: &Hardware,
    class: &Class,
    columns: &[ColumnGroup],
    active: &mut Active,
) {
    if class.dataflow != Some(Dataflow::RowStationary) {
        return;
    }
    let slots = SlotMap::new(operation, hardware, class);
    let weight = class
        .order
        .iter()
        .rfind(|n| n.role == Role::Weight && is_innermost_storage(hardware, n.level));
    let whole = weight
        .filter(|_| class.is_ordered(hardware) && operation.is_relevant(Role::Weight, Dim::S))
        .and_then(|n| slots.own(*n, Dim::S));
    for (group, active) in columns.iter().zip(active) {
        let is_window = group.dims.len() == 2;
        if let Some((level, array)) = row_array(hardware)
            && is_window
            && group.kind.has_steps()
        {
            retain(active, |j| {
                spreads(operation, group, (level, array), j as usize)
            });
        }
        let extent = operation.extents[Dim::S];
        if let Some(slot) = whole
            && group.has(Attribute::Extent(Dim::S, slot))
            && group.kind.has_steps()
        {
            let own = Attribute::Extent(Dim::S, slot);
            retain(active, |j| group.integer(own, j as usize) == extent);
        }
    }
}

/// Whether a window's column spreads its dimensions as row stationary asks.
fn spreads(
    operation: &LoopNest,
    group: &ColumnGroup,
    (level, array): (usize, &Array),
    column: usize,
) -> bool {
    let factor = |axis: usize, d: Dim| group.integer(Attribute::Spread(d, level, axis), column);
    if group.dims.contains(&Dim::P) {
        return spreads_rows(operation, array, &factor);
    }
    (0..array.axes.len()).all(|axis| factor(axis, Dim::Q) == 1 && factor(axis, Dim::S) == 1)
}

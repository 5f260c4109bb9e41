//! The dataflows that a mapping has (`formulations/dataflows.md`).

use crate::problem::dataflow::{is_innermost_storage, row_array, spreads_rows};
use crate::problem::{Dataflow, Dim, Fixed, Hardware, LoopNest, Mapping, Role};

use super::reuse::{Listed, normalised};

/// All dataflows that a mapping has.
#[must_use]
pub fn of(operation: &LoopNest, hardware: &Hardware, mapping: &Mapping) -> Vec<Dataflow> {
    let all = Dataflow::ALL.into_iter();
    all.filter(|&flow| has(operation, hardware, mapping, flow))
        .collect()
}

/// Whether a mapping has a dataflow.
#[must_use]
pub fn has(
    operation: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
    dataflow: Dataflow,
) -> bool {
    let nodes = normalised(operation, mapping);
    is_stationary(operation, hardware, &nodes, dataflow.stationary())
        && (dataflow != Dataflow::RowStationary || has_rows(operation, hardware, mapping, &nodes))
}

/// Whether a mapping may be used: it has one of the hardware's dataflows, if these are
/// restricted, and keeps to all that is fixed.
#[must_use]
pub fn allows(
    operation: &LoopNest,
    hardware: &Hardware,
    fixed: &[Fixed],
    mapping: &Mapping,
) -> bool {
    let mut flows = hardware.dataflow.iter();
    let flows =
        hardware.dataflow.is_empty() || flows.any(|&flow| has(operation, hardware, mapping, flow));
    flows && fixed.iter().all(|own| own.holds(operation, mapping))
}

/// The place of an operand's last node in the innermost storage.
fn innermost_node(hardware: &Hardware, nodes: &[Listed], role: Role) -> Option<usize> {
    let own = |n: &Listed| n.node.role == role && is_innermost_storage(hardware, n.node.level);
    nodes.iter().rposition(own)
}

/// Whether an operand is the only one in the innermost storage, or its innermost tile is never
/// loaded again while the tile around it stays outside: no loop over a dimension that it does not depend on stands between its node outside
/// the innermost storage and its innermost one. One that comes straight from the outermost memory
/// is compared with the nearest node outside that depends on the dimension.
fn is_stationary(operation: &LoopNest, hardware: &Hardware, nodes: &[Listed], role: Role) -> bool {
    let Some(own) = innermost_node(hardware, nodes, role) else {
        return false;
    };
    let inside = |i: &usize| is_innermost_storage(hardware, nodes[*i].node.level);
    if !(0..nodes.len()).any(|i| inside(&i) && nodes[i].node.role != role) {
        return true;
    }
    let parent = (0..own).rfind(|i| nodes[*i].node.role == role && !inside(i));
    let mut others = Dim::ALL
        .into_iter()
        .filter(|&d| !operation.is_relevant(role, d));
    others.all(|d| {
        let relevant = |i: &usize| operation.is_relevant(nodes[*i].node.role, d);
        // The tile within the loops above a place.
        let tile = |end: usize| {
            let wide = (0..end).filter(relevant).map(|i| nodes[i].wide[d]);
            wide.fold(operation.extents[d], u64::min)
        };
        let outside = || (0..own).rfind(|k| relevant(k) && !inside(k));
        let around = parent.unwrap_or_else(|| outside().map_or(0, |k| k + 1));
        tile(own) >= tile(around)
    })
}

/// Whether whole rows of the kernel stay in the innermost storage, one in each element.
fn has_rows(
    operation: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
    nodes: &[Listed],
) -> bool {
    let own = innermost_node(hardware, nodes, Role::Weight);
    let whole = own.is_some_and(|index| {
        !operation.is_relevant(Role::Weight, Dim::S)
            || nodes[index].extents[Dim::S] == operation.extents[Dim::S]
    });
    let spread = row_array(hardware).is_none_or(|(level, array)| {
        let loops = mapping.spatial.iter().find(|own| own.level == level);
        let factor = |axis: usize, d: Dim| loops.map_or(1, |own| own.axes[axis][d]);
        spreads_rows(operation, array, &factor)
    });
    whole && spread
}

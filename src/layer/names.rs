//! Names of classes, groups and columns in exported programs; `spelling` reads them back.

use std::fmt::Write;

use crate::classes::class::{Buffering, Class, Slide};
use crate::columns::group::ColumnGroup;
use crate::columns::kinds::Refinement;
use crate::engine::named::valid;
use crate::engine::piece::Labels;
use crate::problem::{Dataflow, Hardware, Node};

/// The longest name of an axis within another name.
const AXIS: usize = 16;

/// Names for all groups and columns.
#[must_use]
pub fn labels(hardware: &Hardware, columns: &[ColumnGroup]) -> Labels {
    Labels {
        groups: columns.iter().map(group).collect(),
        columns: columns
            .iter()
            .map(|own| {
                let all = 0..own.columns.len();
                all.map(|j| column(hardware, own, j)).collect()
            })
            .collect(),
    }
}

/// A group's dimensions, and which part of them it describes: `K`, `PR`, `K_outer`.
#[must_use]
pub fn group(columns: &ColumnGroup) -> String {
    let dims: String = columns.dims.iter().map(|d| d.name()).collect();
    dims + columns.kind.suffix()
}

/// A column's chains: each dimension with its extents from the outside in, a third cut, then its
/// spatial factors. `K_4_2_rows2` has tiles of 4 and of 2 elements and is spread over two rows;
/// `P_6_2_cut1x4` is cut once more into pieces of 4, after its first extent.
#[must_use]
pub fn column(hardware: &Hardware, group: &ColumnGroup, column: usize) -> String {
    let axes = axes(hardware);
    let boxes = group.refinement() == Refinement::Halve;
    let dims = group.dims.iter().enumerate().map(|(position, d)| {
        let chain = group.chain(column, position);
        let (slots, outer) = (&group.slots[position], group.outer[position]);
        let shown = (0..slots.len()).filter(|&s| group.kind.has_slot(s, outer));
        let mut name = d.name().to_owned();
        // The compute level's single element says nothing.
        for slot in shown.filter(|&s| slots[s].level < hardware.levels.len()) {
            let _ = write!(name, "_{}", chain.extents[slot]);
            let (low, high) = group.cell(column, position).wide_range(slot);
            if boxes && high > low {
                let _ = write!(name, "to{}", high / chain.spread_above(slots[slot].level));
            }
        }
        if let Some(third) = chain.third {
            let _ = write!(name, "_cut{}x{}", third.gap, third.extent);
        }
        for spread in &chain.spread {
            let axis = axes
                .iter()
                .find(|a| (a.array, a.axis) == (spread.array, spread.axis));
            if let Some(axis) = axis {
                let _ = write!(name, "_{}{}", axis.name, spread.factor);
            }
        }
        name
    });
    // A box shows by its extents.
    let suffix = if boxes { "" } else { group.kind.suffix() };
    dims.collect::<Vec<_>>().join("_") + suffix
}

/// An axis with its name in columns, which ends with no digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AxisName {
    /// Level of the array.
    pub array: usize,
    /// Index of the axis.
    pub axis: usize,
    /// Its name, no other axis's.
    pub name: String,
}

/// The axes of all arrays with their names. A long name is cut, one that two axes have is given up
/// for their places, and after a digit stands an `x`.
#[must_use]
pub fn axes(hardware: &Hardware) -> Vec<AxisName> {
    let all = hardware.arrays().flat_map(|(array, own)| {
        own.axes.iter().enumerate().map(move |(axis, own)| {
            let mut name: String = valid(&own.name).chars().take(AXIS).collect();
            if name.ends_with(|c: char| c.is_ascii_digit()) {
                name.push('x');
            }
            AxisName { array, axis, name }
        })
    });
    let given: Vec<AxisName> = all.collect();
    let place = |own: &AxisName| {
        let same = given.iter().filter(|a| a.name == own.name).count();
        let reserved = own.name.starts_with("cut");
        if same == 1 && !reserved {
            own.name.clone()
        } else {
            format!("axis{}_{}x", own.array, own.axis)
        }
    };
    let named = given.iter().map(|own| AxisName {
        name: place(own),
        ..own.clone()
    });
    named.collect()
}

/// A node: its operand's initial, and the level of its memory where there are several.
#[must_use]
pub fn node(hardware: &Hardware, node: Node) -> String {
    let initial = node.role.name()[..1].to_uppercase();
    if hardware.memories().count() > 2 {
        format!("{initial}{}", node.level)
    } else {
        initial
    }
}

/// A class: its nodes from the outside in (each operand's initial and its memory where there are
/// several; what goes around a memory is missing), what slides along what, which operands are
/// loaded whole or have a single buffer, and its dataflow: `IWO_P_wholeI_singleW`. Of an operation
/// on hardware no two classes have the same name.
#[must_use]
pub fn class(hardware: &Hardware, class: &Class) -> String {
    let mut name: String = class.order.iter().map(|n| node(hardware, *n)).collect();
    if name.is_empty() {
        name.push_str("direct");
    }
    for (_, slide) in &class.slides {
        if let Slide::Along(d) = slide {
            let _ = write!(name, "_{}", d.name());
        }
    }
    for (buffering, word) in [(Buffering::Whole, "whole"), (Buffering::Single, "single")] {
        let nodes = class.buffering.iter().filter(|b| b.1 == buffering);
        let own: String = nodes.map(|b| node(hardware, b.0)).collect();
        if !own.is_empty() {
            let _ = write!(name, "_{word}{own}");
        }
    }
    if let Some(flow) = class.dataflow {
        let _ = write!(name, "_{}", initials(flow));
    }
    name
}

/// The initials of a dataflow.
fn initials(flow: Dataflow) -> &'static str {
    match flow {
        Dataflow::WeightStationary => "ws",
        Dataflow::OutputStationary => "os",
        Dataflow::InputStationary => "is",
        Dataflow::RowStationary => "rs",
    }
}

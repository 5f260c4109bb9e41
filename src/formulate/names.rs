//! Names of classes, groups and columns in exported programs.

use std::fmt::Write;

use crate::milp::piece::Labels;
use crate::problem::{Hardware, Level, Role};

use super::class::{Buffering, Class, Slide};
use super::columns::ColumnGroup;
use super::parts::Part;

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
    match columns.part {
        Part::Whole => dims,
        Part::Outer => format!("{dims}_outer"),
        Part::Inner => format!("{dims}_inner"),
        Part::Boxed => format!("{dims}_boxes"),
    }
}

/// A column's chains: each dimension with its extents from the outside in, then its spatial
/// factors. `K_4_2_rows2` has tiles of 4 and of 2 elements and is spread over two rows.
#[must_use]
pub fn column(hardware: &Hardware, group: &ColumnGroup, column: usize) -> String {
    let dims = group.dims.iter().enumerate().map(|(position, d)| {
        let chain = group.chain(column, position);
        let (slots, outer) = (&group.slots[position], group.outer[position]);
        let shown = match group.part {
            Part::Whole | Part::Boxed => 0..slots.len(),
            Part::Outer => 0..outer,
            Part::Inner => outer..slots.len(),
        };
        let mut name = d.name().to_owned();
        // The compute level's single element says nothing.
        for slot in shown.filter(|&s| slots[s].level < hardware.levels.len()) {
            let _ = write!(name, "_{}", chain.extents[slot]);
            let (low, high) = group.wide_range(column, position, slot);
            if group.part == Part::Boxed && high > low {
                let _ = write!(name, "to{}", high / chain.spread_above(slots[slot].level));
            }
        }
        for spread in &chain.spread {
            if let Some(Level::Array(array)) = hardware.levels.get(spread.array) {
                let axis = &array.axes[spread.axis].name;
                let _ = write!(name, "_{axis}{}", spread.factor);
            }
        }
        name
    });
    let part = match group.part {
        Part::Whole | Part::Boxed => "",
        Part::Outer => "_outer",
        Part::Inner => "_inner",
    };
    dims.collect::<Vec<_>>().join("_") + part
}

/// A class: its nodes from the outside in (each operand's initial and its memory where there are
/// several; what goes around a memory is missing), what slides along what, and which operands are
/// loaded whole or have a single buffer: `IWO_P_wholeI_singleW`.
#[must_use]
pub fn class(hardware: &Hardware, class: &Class) -> String {
    let several = hardware.memories().count() > 2;
    let node = |level: usize, role: Role| {
        let initial = role.name()[..1].to_uppercase();
        if several {
            format!("{initial}{level}")
        } else {
            initial
        }
    };
    let mut name: String = class.order.iter().map(|n| node(n.level, n.role)).collect();
    for (_, slide) in &class.slides {
        if let Slide::Along(d) = slide {
            let _ = write!(name, "_{}", d.name());
        }
    }
    for (buffering, word) in [(Buffering::Whole, "whole"), (Buffering::Single, "single")] {
        let nodes = class.buffering.iter().filter(|b| b.1 == buffering);
        let own: String = nodes.map(|b| node(b.0.level, b.0.role)).collect();
        if !own.is_empty() {
            let _ = write!(name, "_{word}{own}");
        }
    }
    name
}

//! Orders in which blocks are tried.

use std::cmp::Reverse;

use crate::problem::packing::Packing;

use super::sections::Sections;

/// Order of blocks, the first criterion first; equal blocks keep their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Most sections, then largest area (bytes × time), then largest load.
    SectionsAreaLoad,
    /// Largest load of one of its sections, then area, then sections.
    LoadAreaSections,
    /// Largest load, then sections, then area.
    LoadSectionsArea,
}

impl Order {
    /// The orders that take turns.
    pub(super) const ALL: [Order; 3] = [
        Order::SectionsAreaLoad,
        Order::LoadAreaSections,
        Order::LoadSectionsArea,
    ];

    /// Sorts blocks; `rest` holds for every section the bytes of its blocks without an offset.
    pub(super) fn sort(
        self,
        packing: &Packing,
        sections: &Sections,
        rest: &[u64],
        blocks: &mut [usize],
    ) {
        blocks.sort_by_cached_key(|&index| {
            let block = &packing.blocks[index];
            let (first, after) = sections.ranges[index];
            let load = u128::from(rest[first..after].iter().copied().max().unwrap_or(0));
            let area = u128::from(block.size) * u128::from(block.upper - block.lower);
            let width = (after - first) as u128;
            let key = match self {
                Order::SectionsAreaLoad => [width, area, load],
                Order::LoadAreaSections => [load, area, width],
                Order::LoadSectionsArea => [load, width, area],
            };
            (Reverse(key), index)
        });
    }
}

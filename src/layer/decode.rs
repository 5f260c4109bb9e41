//! From a class and a choice of columns to a mapping.

use crate::classes::class::{Buffering, Class, Slide};
use crate::classes::slots::SlotMap;
use crate::columns::group::ColumnGroup;
use crate::columns::kinds::Cell;
use crate::problem::{ArrayMapping, Dim, Hardware, LoopNest, Mapping, Node, Overlap, PerDim, Role};
use crate::tiling::chain::Chain;

/// The mapping that a choice of one column per group describes in a class whose order is decided.
#[must_use]
pub fn mapping(
    operation: &LoopNest,
    hardware: &Hardware,
    columns: &[ColumnGroup],
    class: &Class,
    choice: &[u32],
) -> Mapping {
    let slots = SlotMap::new(operation, hardware, class);
    let chain = |d: Dim| chain_of(columns, choice, d);
    let mut extents: Vec<PerDim<u64>> = class
        .order
        .iter()
        .map(|&node| {
            let mut own = PerDim::all(1);
            for d in operation.relevant[node.role as usize].iter() {
                if let (Some(chain), Some(slot)) = (chain(d), slots.own(node, d)) {
                    own[d] = chain.extents[slot];
                }
            }
            own
        })
        .collect();
    third_cuts(&slots, class, &chain, &mut extents);
    let spatial = hardware
        .arrays()
        .map(|(level, array)| ArrayMapping {
            level,
            axes: (0..array.axes.len())
                .map(|axis| {
                    PerDim(Dim::ALL.map(|d| chain(d).map_or(1, |c| factor(&c, level, axis))))
                })
                .collect(),
        })
        .collect();
    let mut mapping = Mapping {
        order: class.order.clone(),
        extents,
        spatial,
        slides: Vec::new(),
        double_buffered: double_buffered(operation, hardware, class),
    };
    mapping.slides = slides(class, &mapping);
    mapping
}

/// Enters the cuts between slots at the nodes that stand there.
fn third_cuts(
    slots: &SlotMap<'_>,
    class: &Class,
    chain: &dyn Fn(Dim) -> Option<Chain>,
    extents: &mut [PerDim<u64>],
) {
    for d in Dim::ALL {
        let Some(third) = chain(d).and_then(|c| c.third) else {
            continue;
        };
        let stands_there = |node: &Node| slots.gap(*node, d) == Some(third.gap);
        if let Some(node) = class.order.iter().position(stands_there) {
            extents[node][d] = third.extent;
        }
    }
}

/// The operands that a class doubles where that is chosen: all of them where space is unbounded,
/// but for those that lie there.
fn double_buffered(operation: &LoopNest, hardware: &Hardware, class: &Class) -> Vec<Node> {
    let mut nodes: Vec<Node> = class
        .order
        .iter()
        .copied()
        .filter(|node| {
            hardware.memory(node.level).is_some_and(|memory| {
                let doubled = match class.buffering_of(*node) {
                    None => memory.capacity.is_none(),
                    Some(own) => own == Buffering::Double,
                };
                let loaded = !operation.is_resident(*node);
                memory.overlap == Overlap::Choose && doubled && loaded
            })
        })
        .collect();
    nodes.sort_unstable();
    nodes
}

/// The slides of a class that the spatial loops of the mapping allow.
fn slides(class: &Class, mapping: &Mapping) -> Vec<(usize, Dim)> {
    class
        .slides
        .iter()
        .filter_map(|&(level, slide)| match slide {
            Slide::Along(d) => Some((level, d)),
            Slide::Open | Slide::Nothing => None,
        })
        .filter(|&(level, d)| {
            let node = Node {
                level,
                role: Role::Input,
            };
            mapping.keeps(node) && mapping.may_slide_inside(level, d)
        })
        .collect()
}

fn factor(chain: &Chain, array: usize, axis: usize) -> u64 {
    chain
        .spread
        .iter()
        .filter(|s| (s.array, s.axis) == (array, axis))
        .map(|s| s.factor)
        .product()
}

/// The chain that a choice gives a dimension. Of two parts it is one that belongs to both, if
/// there is one: the outer extents a multiple of the inner ones where the box has one.
#[must_use]
pub fn chain_of(columns: &[ColumnGroup], choice: &[u32], d: Dim) -> Option<Chain> {
    let mut found = columns
        .iter()
        .zip(choice)
        .filter_map(|(group, &column)| group.position(d).map(|p| (group, column as usize, p)));
    let (first, column, position) = found.next()?;
    let Some((second, inner_column, inner_position)) = found.next() else {
        return Some(first.chain(column, position).clone());
    };
    let mut chain = second.chain(inner_column, inner_position).clone();
    let (slots, outer) = (&first.slots[position], first.outer[position]);
    let boxed = first.chain(column, position);
    let highest = &first.highest[position][first.columns[column][position] as usize];
    let mut unit = slots.get(outer).map_or(1, |_| chain.wide(slots, outer));
    for slot in (0..outer).rev() {
        let own = Cell {
            chain: &chain,
            ..first.cell(column, position)
        };
        let least = boxed.extents[slot].max(own.need());
        let multiple = least.div_ceil(unit) * unit;
        chain.extents[slot] = if multiple <= highest[slot] {
            multiple
        } else {
            least
        };
        unit = chain.extents[slot];
    }
    chain.recount(slots, first.extents[position]);
    Some(chain)
}

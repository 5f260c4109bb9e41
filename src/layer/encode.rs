//! From a mapping to the chains that describe it in a class: the inverse of `decode`.

use crate::classes::class::Class;
use crate::classes::roots::roots;
use crate::classes::slots::SlotMap;
use crate::classes::split::split;
use crate::columns::group::ColumnGroup;
use crate::columns::groups::dimension_groups;
use crate::problem::{ArrayMapping, Dim, Hardware, LoopNest, Mapping, Node};
use crate::tiling::chain::{Chain, Spread, ThirdCut};
use crate::tiling::site::Site;

/// The single classes in which the nodes stand in this order.
#[must_use]
pub fn classes(operation: &LoopNest, hardware: &Hardware, order: &[Node]) -> Vec<Class> {
    let leads_to = |class: &Class| {
        let decided = order.iter().filter(|n| class.decided.contains(&n.level));
        decided.eq(class.order.iter())
    };
    let mut found = Vec::new();
    let mut open = roots(operation, hardware);
    open.reverse();
    while let Some(next) = open.pop() {
        if !leads_to(&next) {
            continue;
        }
        match split(operation, hardware, &next) {
            Some(parts) => open.extend(parts.into_iter().rev()),
            None => found.push(next),
        }
    }
    found
}

/// One group of columns for each group of dimensions, each with the one column that is the
/// mapping's; `None` where its nodes do not stand as the class says.
#[must_use]
pub fn columns(site: &Site<'_>, class: &Class, mapping: &Mapping) -> Option<Vec<ColumnGroup>> {
    if class.order != mapping.order {
        return None;
    }
    let slots = SlotMap::new(site.operation, &site.hardware, class);
    let groups = dimension_groups(site.operation).into_iter().map(|dims| {
        let chains: Option<Vec<Chain>> = dims
            .iter()
            .map(|&d| chain(site, &slots, mapping, d))
            .collect();
        Some(single(site, dims, chains?))
    });
    groups.collect()
}

/// A group with a single column.
#[must_use]
pub fn single(site: &Site<'_>, dims: Vec<Dim>, chains: Vec<Chain>) -> ColumnGroup {
    let chains = chains.into_iter().map(|c| vec![c].into()).collect();
    ColumnGroup::new(site, dims, chains, vec![[0, 0]])
}

/// The chain of a dimension.
fn chain(site: &Site<'_>, class: &SlotMap<'_>, mapping: &Mapping, d: Dim) -> Option<Chain> {
    let slots = site.slots(d);
    let mut chain = Chain {
        spread: mapping.spatial.iter().flat_map(|a| factors(a, d)).collect(),
        extents: slots.iter().map(|_| 0).collect(),
        third: third(class, mapping, d)?,
        counts: slots.iter().map(|_| 0).collect(),
        steps: 0,
    };
    for (node, extents) in mapping.order.iter().zip(&mapping.extents) {
        if site.operation.is_relevant(node.role, d) {
            chain.extents[class.own(*node, d)?] = extents[d];
        }
    }
    // A slot that no node uses has no cut of its own, as `allowed` asks.
    for slot in (0..slots.len()).rev() {
        if chain.extents[slot] > 0 {
            continue;
        }
        let inner = (slot + 1..slots.len()).next();
        let within = inner.map_or(chain.spread_above(usize::MAX), |s| chain.wide(slots, s));
        let outer = (0..slot).rfind(|&s| chain.extents[s] > 0);
        let around = outer.map_or(site.extent(d), |s| chain.wide(slots, s));
        let own = chain.spread_above(slots[slot].level);
        chain.extents[slot] = (within.min(around) / own).max(1);
    }
    chain.recount(slots, site.extent(d));
    Some(chain)
}

/// The spatial factors of a dimension on an array.
fn factors(array: &ArrayMapping, d: Dim) -> impl Iterator<Item = Spread> + '_ {
    let axes = array.axes.iter().enumerate();
    axes.filter(move |(_, factors)| factors[d] > 1)
        .map(move |(axis, factors)| Spread {
            array: array.level,
            axis,
            factor: factors[d],
        })
}

/// The cut of a dimension at the node of an operand that it does not index: none, or the one cut
/// that the chain can have; `None` where the class has no place for it.
#[expect(
    clippy::option_option,
    reason = "whether there is a place, and what stands there"
)]
fn third(class: &SlotMap<'_>, mapping: &Mapping, d: Dim) -> Option<Option<ThirdCut>> {
    let nodes = mapping.order.iter().zip(&mapping.extents);
    let mut cuts = nodes.filter(|(node, own)| own[d] > 1 && !class.indexes(**node, d));
    let Some((node, own)) = cuts.next() else {
        return Some(None);
    };
    let gap = class.gap(*node, d)?;
    let extent = own[d];
    cuts.next()
        .is_none()
        .then_some(Some(ThirdCut { gap, extent }))
}

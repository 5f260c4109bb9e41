//! Dataflows and fixed parts, told from the loops of a mapping and from its fields, and random parts.

use deepmatrix::problem::{
    Array, Dataflow, Dim, Fixed, FixedArray, FixedMemory, Hardware, Level, Mapping, Node, Role,
    RoleSet, Tiles,
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::mappings::generate::Case;

/// An item of the loop nest that a mapping stands for, from the outside in.
enum Item {
    /// A loop with more than one trip, and the level of the memory above whose node it stands.
    Loop(Dim, usize),
    Node(Node),
}

/// The memories next to the array, or to the innermost one with a memory below.
fn innermost_levels(hardware: &Hardware) -> Vec<usize> {
    let mut levels = Vec::new();
    for (index, level) in hardware.levels.iter().enumerate().rev() {
        match level {
            Level::Array(_) if levels.is_empty() => {}
            Level::Array(_) => break,
            Level::Memory(_) if index > 0 => levels.push(index),
            Level::Memory(_) => {}
        }
    }
    levels
}

/// The loops and nodes of a mapping.
fn items(case: &Case, mapping: &Mapping) -> Vec<Item> {
    let nest = &case.nest;
    let mut tile = nest.extents;
    let mut items = Vec::new();
    for (node, extents) in mapping.order.iter().zip(&mapping.extents) {
        for d in Dim::ALL {
            if nest.is_relevant(node.role, d) {
                // No element has more than the tiles of outer memories hold.
                let outer = mapping.order.iter().zip(&mapping.extents);
                let outer =
                    outer.filter(|(n, _)| n.level < node.level && nest.is_relevant(n.role, d));
                let room = outer
                    .map(|(n, e)| e[d] * mapping.spread_above(n.level, d))
                    .min();
                let own = extents[d] * mapping.spread_above(node.level, d);
                let own = own.min(room.unwrap_or(u64::MAX));
                if own < tile[d] {
                    items.push(Item::Loop(d, node.level));
                    tile[d] = own;
                }
            }
        }
        items.push(Item::Node(*node));
    }
    items
}

/// Whether no tile of an operand comes twice into the innermost storage while the tile that it is
/// a part of stays outside, with the loops as they stand; or, where `exchanged`, with the loops of
/// one place in the order that is best for this operand.
fn stays(case: &Case, mapping: &Mapping, role: Role, exchanged: bool) -> bool {
    let inside = innermost_levels(&case.hardware);
    let nest = &case.nest;
    let items = items(case, mapping);
    let own = items.iter().rposition(
        |item| matches!(item, Item::Node(n) if n.role == role && inside.contains(&n.level)),
    );
    let Some(own) = own else { return false };
    let others = mapping.order.iter().filter(|n| n.role != role);
    if !others.into_iter().any(|n| inside.contains(&n.level)) {
        return true;
    }
    let innermost = items[..own]
        .iter()
        .rposition(|item| matches!(item, Item::Loop(d, _) if nest.is_relevant(role, *d)));
    let place = match innermost {
        _ if !exchanged => own,
        None => return true,
        Some(innermost) => items[..=innermost]
            .iter()
            .rposition(|item| matches!(item, Item::Node(_)))
            .map_or(0, |last| last + 1),
    };
    let parent = items[..own].iter().rposition(
        |item| matches!(item, Item::Node(n) if n.role == role && !inside.contains(&n.level)),
    );
    if let Some(parent) = parent {
        let reloads = |item: &Item| matches!(item, Item::Loop(d, _) if !nest.is_relevant(role, *d));
        // The tile outside stays through loops that it does not depend on: its node may stand
        // further out.
        let above = items[..parent].iter().rev().take_while(|item| match item {
            Item::Loop(d, _) => !nest.is_relevant(role, *d),
            Item::Node(n) => n.role != role,
        });
        let place_of_loop = items[..parent - above.clone().count()].iter().rev();
        let same_place = place_of_loop.take_while(|item| matches!(item, Item::Loop(..)));
        if !exchanged && above.chain(same_place).any(reloads) {
            return false;
        }
        let between = items.get(parent..place).unwrap_or_default();
        return !between.iter().any(reloads);
    }
    let mut reloads = Vec::new();
    for item in &items[..place] {
        match *item {
            Item::Loop(d, level) if inside.contains(&level) && !nest.is_relevant(role, d) => {
                reloads.push(d);
            }
            // A tile outside changes with the loop: what comes in again is another part.
            Item::Node(n) if !inside.contains(&n.level) => {
                reloads.retain(|&d| !nest.is_relevant(n.role, d));
            }
            _ => {}
        }
    }
    reloads.is_empty()
}

/// The array that feeds the innermost storage, or the last one.
fn rows_array(hardware: &Hardware) -> Option<(usize, Array)> {
    let innermost = innermost_levels(hardware).into_iter().min();
    let arrays = hardware
        .levels
        .iter()
        .enumerate()
        .filter_map(|(i, l)| match l {
            Level::Array(a) => Some((i, a.clone())),
            Level::Memory(_) => None,
        });
    let arrays: Vec<(usize, Array)> = arrays.collect();
    let above = arrays.iter().rfind(|a| Some(a.0) < innermost);
    above.or(arrays.last()).cloned()
}

fn has_rows(case: &Case, mapping: &Mapping) -> bool {
    let inside = innermost_levels(&case.hardware);
    let extents = case.nest.extents;
    let weight = mapping.order.iter().zip(&mapping.extents);
    let mut weight = weight.filter(|(n, _)| n.role == Role::Weight && inside.contains(&n.level));
    if weight.next_back().is_none_or(|(_, e)| {
        // In the weight pass the operand in this role is the results' gradient, without taps.
        let taps = case.nest.relevant[Role::Weight as usize].contains(Dim::S);
        taps && e[Dim::S] != extents[Dim::S]
    }) {
        return false;
    }
    let Some((level, array)) = rows_array(&case.hardware) else {
        return true;
    };
    let loops = mapping
        .spatial
        .iter()
        .find(|a| a.level == level)
        .expect("its loops");
    let sum = |d: Dim| loops.axes.iter().map(|f| f[d]).product::<u64>();
    if sum(Dim::Q) * sum(Dim::S) > 1 {
        return false;
    }
    let open = |d: Dim| -> Vec<usize> {
        let all = array.axes.iter().enumerate();
        all.filter(|(_, a)| extents[d] > 1 && a.size > 1 && a.dims.contains(d))
            .map(|(i, _)| i)
            .collect()
    };
    let (for_r, for_p) = (open(Dim::R), open(Dim::P));
    let full_r = |i: usize| loops.axes[i][Dim::R] == extents[Dim::R].min(array.axes[i].size);
    let some_p = |i: usize| loops.axes[i][Dim::P] > 1;
    let pairs: Vec<(usize, usize)> = for_r
        .iter()
        .flat_map(|&r| for_p.iter().map(move |&p| (r, p)))
        .filter(|(r, p)| r != p)
        .collect();
    if !pairs.is_empty() {
        return pairs.into_iter().any(|(r, p)| full_r(r) && some_p(p));
    }
    if !for_r.is_empty() {
        return for_r.into_iter().any(full_r);
    }
    for_p.is_empty() || for_p.into_iter().any(some_p)
}

/// Whether a mapping has a dataflow, with the loops as they stand or with those of one place exchanged.
pub fn satisfies(case: &Case, mapping: &Mapping, flow: Dataflow, exchanged: bool) -> bool {
    let stays = |role| stays(case, mapping, role, exchanged);
    match flow {
        Dataflow::WeightStationary => stays(Role::Weight),
        Dataflow::OutputStationary => stays(Role::Output),
        Dataflow::InputStationary => stays(Role::Input),
        Dataflow::RowStationary => stays(Role::Weight) && has_rows(case, mapping),
    }
}

/// Whether a mapping keeps to fixed parts.
pub fn keeps_to(case: &Case, mapping: &Mapping, fixed: &Fixed) -> bool {
    for array in &fixed.arrays {
        let own = mapping
            .spatial
            .iter()
            .find(|a| a.level == array.level)
            .expect("its loops");
        if array
            .factors
            .iter()
            .any(|&(axis, d, value)| own.axes[axis][d] != value)
        {
            return false;
        }
    }
    for memory in &fixed.memories {
        let nodes: Vec<(Role, usize)> = (mapping.order.iter().enumerate())
            .filter(|(_, n)| n.level == memory.level)
            .map(|(i, n)| (n.role, i))
            .collect();
        let roles: Vec<Role> = nodes.iter().map(|n| n.0).collect();
        let same = |set: RoleSet, roles: &[Role]| {
            Role::ALL
                .iter()
                .all(|&r| set.contains(r) == roles.contains(&r))
        };
        let doubled: Vec<Role> = (mapping.double_buffered.iter())
            .filter(|n| n.level == memory.level)
            .map(|n| n.role)
            .collect();
        let slides = mapping
            .slides
            .contains(&(memory.level, memory.slide.unwrap_or(Dim::P)));
        if memory.order.as_ref().is_some_and(|order| *order != roles)
            || memory
                .stationary
                .is_some_and(|role| roles.first() != Some(&role))
            || memory.keeps.is_some_and(|set| !same(set, &roles))
            || memory
                .double_buffered
                .is_some_and(|set| !same(set, &doubled))
            || (memory.slide.is_some() && !slides)
        {
            return false;
        }
        for &(of, d, value) in &memory.tiles {
            if of.is_some_and(|of| !roles.contains(&of)) {
                return false;
            }
            for &(role, i) in &nodes {
                let meant = of.is_none_or(|of| of == role) && case.nest.is_relevant(role, d);
                if meant && mapping.extents[i][d] != value {
                    return false;
                }
            }
        }
    }
    true
}

/// Random parts of a mapping, each with a probability.
pub fn random_parts(
    case: &Case,
    mapping: &Mapping,
    share: f64,
    rng: &mut ChaCha8Rng,
) -> Vec<Fixed> {
    let mut fixed = Fixed {
        name: "random".to_owned(),
        ..Fixed::default()
    };
    for (level, memory) in case.hardware.memories().skip(1) {
        let own = random_memory(case, mapping, level, memory.tiles, share, rng);
        fixed.memories.push(own);
    }
    for spread in &mapping.spatial {
        let mut factors = Vec::new();
        for (axis, own) in spread.axes.iter().enumerate() {
            for d in Dim::ALL.into_iter().filter(|&d| case.nest.extents[d] > 1) {
                if rng.random_bool(share / 2.0) {
                    factors.push((axis, d, own[d]));
                }
            }
        }
        fixed.arrays.push(FixedArray {
            level: spread.level,
            factors,
        });
    }
    vec![fixed]
}

fn random_memory(
    case: &Case,
    mapping: &Mapping,
    level: usize,
    tiles: Tiles,
    share: f64,
    rng: &mut ChaCha8Rng,
) -> FixedMemory {
    let mut own = FixedMemory {
        level,
        ..FixedMemory::default()
    };
    let nodes = mapping.order.iter().zip(&mapping.extents);
    let nodes: Vec<_> = nodes.filter(|(n, _)| n.level == level).collect();
    let roles: Vec<Role> = nodes.iter().map(|n| n.0.role).collect();
    let chosen = case.hardware.memory(level).map(|m| m.overlap)
        == Some(deepmatrix::problem::Overlap::Choose);
    if rng.random_bool(share) {
        match tiles {
            Tiles::PerOperand => own.order = Some(roles.clone()),
            Tiles::Shared => own.stationary = roles.first().copied(),
        }
    }
    if rng.random_bool(share / 2.0) {
        own.keeps = Some(RoleSet::of(&roles));
    }
    if chosen && rng.random_bool(share) {
        let doubled = mapping.double_buffered.iter().filter(|n| n.level == level);
        own.double_buffered = Some(RoleSet::of(&doubled.map(|n| n.role).collect::<Vec<_>>()));
    }
    if rng.random_bool(share) {
        own.slide = mapping.slide(level);
    }
    for (node, extents) in nodes {
        for d in Dim::ALL {
            let tiled = case.nest.extents[d] > 1 && case.nest.is_relevant(node.role, d);
            if tiled && rng.random_bool(share / 2.0) {
                let of = (tiles == Tiles::PerOperand).then_some(node.role);
                own.tiles.push((of, d, extents[d]));
            }
        }
    }
    own
}

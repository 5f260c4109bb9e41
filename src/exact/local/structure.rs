//! Moves that change the order of nodes, what goes around a memory, what is doubled, and what slides.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::problem::{Dim, Mapping, Node, Overlap, Role};

use super::draw::pick;
use super::ground::Ground;

/// Changes one thing.
pub(super) fn change(ground: &Ground<'_>, rng: &mut ChaCha8Rng, mapping: &mut Mapping) {
    match rng.random_range(0..10) {
        0..3 => swap(ground, rng, mapping),
        3..5 => shift(rng, mapping),
        5..7 => go_around(ground, rng, mapping),
        7..8 => double(ground, rng, mapping),
        _ => slide(ground, rng, mapping),
    }
}

/// Exchanges two nodes of one memory, or of others that stand next to each other. Extents stay with
/// the operand, or with the place.
fn swap(ground: &Ground<'_>, rng: &mut ChaCha8Rng, mapping: &mut Mapping) {
    let count = mapping.order.len();
    if count < 2 {
        return;
    }
    let i = rng.random_range(0..count - 1);
    let level = mapping.order[i].level;
    let same = (i + 1..count).filter(|&j| mapping.order[j].level == level);
    let same: Vec<usize> = same.collect();
    let j = match pick(rng, &same) {
        Some(j) if rng.random_bool(0.7) => j,
        _ => i + 1,
    };
    let mut next = mapping.clone();
    next.order.swap(i, j);
    next.extents.swap(i, j);
    if !stands(&next) {
        return;
    }
    if rng.random_bool(0.5) {
        let (one, other) = (next.order[i].role, next.order[j].role);
        let both = |d: &Dim| ground.is_relevant(one, *d) && ground.is_relevant(other, *d);
        for d in ground.dims.iter().copied().filter(both) {
            let (a, b) = (next.extents[i][d], next.extents[j][d]);
            (next.extents[i][d], next.extents[j][d]) = (b, a);
        }
    }
    *mapping = next;
}

/// Takes a node out and puts it in at another place.
fn shift(rng: &mut ChaCha8Rng, mapping: &mut Mapping) {
    let count = mapping.order.len();
    if count < 2 {
        return;
    }
    let (from, to) = (rng.random_range(0..count), rng.random_range(0..count));
    let mut next = mapping.clone();
    let (node, extents) = (next.order.remove(from), next.extents.remove(from));
    next.order.insert(to, node);
    next.extents.insert(to, extents);
    if stands(&next) {
        *mapping = next;
    }
}

/// Whether each operand's nodes stand from the outside in.
fn stands(mapping: &Mapping) -> bool {
    Role::ALL.into_iter().all(|role| {
        let own = mapping.order.iter().filter(|n| n.role == role);
        own.is_sorted_by(|a, b| a.level < b.level)
    })
}

/// Leaves a node out, or puts one in that is left out.
fn go_around(ground: &Ground<'_>, rng: &mut ChaCha8Rng, mapping: &mut Mapping) {
    let memories = ground.hardware.memories().skip(1);
    let all = memories.flat_map(|(level, memory)| {
        let kept = Role::ALL.into_iter().filter(|&role| memory.may_keep(role));
        kept.map(move |role| Node { level, role })
    });
    let open: Vec<Node> = all.filter(|node| ground.may_go_around(*node)).collect();
    let Some(node) = pick(rng, &open) else {
        return;
    };
    if let Some(place) = mapping.order.iter().position(|n| *n == node) {
        mapping.order.remove(place);
        mapping.extents.remove(place);
        return;
    }
    let own = |n: &Node| n.role == node.role;
    let outer = |n: &Node| own(n) && n.level < node.level;
    let inner = |n: &Node| own(n) && n.level > node.level;
    let after = mapping.order.iter().rposition(outer);
    let before = mapping.order.iter().position(inner);
    let first = after.map_or(0, |i| i + 1);
    let last = before.unwrap_or(mapping.order.len());
    let place = rng.random_range(first..=last.max(first));
    let like = if rng.random_bool(0.5) {
        before.or(after)
    } else {
        after.or(before)
    };
    let extents = like.map_or(ground.operation.extents, |i| mapping.extents[i]);
    mapping.order.insert(place, node);
    mapping.extents.insert(place, extents);
}

/// Overlaps the transfers of a node at twice the space, or does so no longer.
fn double(ground: &Ground<'_>, rng: &mut ChaCha8Rng, mapping: &mut Mapping) {
    let chosen = |node: &Node| {
        let memory = ground.hardware.memory(node.level);
        memory.is_some_and(|memory| memory.overlap == Overlap::Choose)
    };
    let open: Vec<Node> = mapping.order.iter().copied().filter(chosen).collect();
    let Some(node) = pick(rng, &open) else {
        return;
    };
    match mapping.double_buffered.iter().position(|n| *n == node) {
        Some(place) => {
            mapping.double_buffered.remove(place);
        }
        None => mapping.double_buffered.push(node),
    }
}

/// Changes what a memory slides along.
fn slide(ground: &Ground<'_>, rng: &mut ChaCha8Rng, mapping: &mut Mapping) {
    let levels: Vec<usize> = (ground.hardware.memories().skip(1))
        .filter(|(_, memory)| memory.sliding_reuse)
        .map(|(level, _)| level)
        .collect();
    let Some(level) = pick(rng, &levels).filter(|_| !ground.slides.is_empty()) else {
        return;
    };
    mapping.slides.retain(|slide| slide.0 != level);
    if rng.random_range(0..4) > 0
        && let Some(d) = pick(rng, &ground.slides)
    {
        mapping.slides.push((level, d));
    }
}

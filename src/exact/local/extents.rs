//! Moves that change extents.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::problem::{Dim, Mapping};

use super::draw::pick;
use super::ground::{Ground, slots};
use super::settle::spreads;

/// A node, and a dimension on which its operand depends.
type Place = (usize, Dim);

fn place(ground: &Ground<'_>, rng: &mut ChaCha8Rng, mapping: &Mapping) -> Option<Place> {
    if mapping.order.is_empty() {
        return None;
    }
    let i = rng.random_range(0..mapping.order.len());
    Some((i, dim_of(ground, rng, mapping, i)?))
}

fn dim_of(ground: &Ground<'_>, rng: &mut ChaCha8Rng, mapping: &Mapping, i: usize) -> Option<Dim> {
    let role = mapping.order[i].role;
    let dims = ground.dims.iter().copied();
    let own: Vec<Dim> = dims.filter(|&d| ground.is_relevant(role, d)).collect();
    pick(rng, &own)
}

/// The array-wide extents around a node in one dimension.
struct Around {
    /// Elements above the node.
    spread: u64,
    /// Of the next node in, or of one step of all elements.
    inner: u64,
    /// Of the next node out, or the whole dimension.
    outer: u64,
}

impl Around {
    fn of(ground: &Ground<'_>, mapping: &Mapping, (i, d): Place) -> Self {
        let (slots, spreads) = (slots(mapping), spreads(mapping));
        let wide = |j: usize| mapping.extents[j][d].saturating_mul(spreads[j][d]);
        let own = slots.iter().position(|&j| j == i).unwrap_or(0);
        let indexed = |j: &&usize| ground.is_relevant(mapping.order[**j].role, d);
        let outer = slots[..own].iter().rfind(indexed).map(|&j| wide(j));
        let inner = slots[own + 1..].iter().find(indexed).map(|&j| wide(j));
        let outer = outer.unwrap_or(u64::MAX).min(ground.extent(d));
        let step = mapping.spread_above(usize::MAX, d);
        Self {
            spread: spreads[i][d],
            inner: inner.unwrap_or(step).clamp(1, outer),
            outer,
        }
    }
}

/// Changes one extent, and those around it where they would not be nested any more.
pub(super) fn change(ground: &Ground<'_>, rng: &mut ChaCha8Rng, mapping: &mut Mapping) {
    let Some(place) = place(ground, rng, mapping) else {
        return;
    };
    let around = Around::of(ground, mapping, place);
    let old = mapping.extents[place.0][place.1];
    let extent = drawn(ground, rng, (&around, place.1), old);
    set(ground, mapping, place, extent, rng.random_bool(0.5));
}

/// Another extent: a neighbour, a divisor, a balanced part, a multiple of the inner tile, or the tile
/// around.
fn drawn(ground: &Ground<'_>, rng: &mut ChaCha8Rng, (around, d): (&Around, Dim), old: u64) -> u64 {
    let whole = ground.extent(d);
    let inner = around.inner;
    let wide = old.saturating_mul(around.spread).clamp(1, whole);
    let few = rng.random_range(1..4_u64);
    let part = |of: u64, count: u64| of.div_ceil(count.max(1));
    let near = |count: u64, more: bool| {
        if more {
            count + few
        } else {
            count.saturating_sub(few).max(1)
        }
    };
    let wide = match rng.random_range(0..10) {
        0 => return old + 1,
        1 => return old.saturating_sub(1),
        2 => wide * 2,
        3 => part(wide, 2),
        4 => pick(rng, ground.divisors(d)).unwrap_or(wide),
        5 => part(whole, near(part(whole, wide), rng.random_bool(0.5))),
        6 => inner * near(part(wide, inner), rng.random_bool(0.5)),
        7 => inner,
        8 => part(around.outer, few),
        _ => part(whole, part(whole, rng.random_range(1..=whole))),
    };
    wide.div_ceil(around.spread)
}

/// Sets an extent, with those of the tiles around it that would not hold it and of the nodes that must
/// have the same; with `tied` of all nodes that had the same extent over all elements.
pub(super) fn set(
    ground: &Ground<'_>,
    mapping: &mut Mapping,
    (i, d): Place,
    extent: u64,
    tied: bool,
) {
    let spreads = spreads(mapping);
    let extent = extent.clamp(1, ground.extent(d).div_ceil(spreads[i][d]));
    let wide = |j: usize, own: u64| own.saturating_mul(spreads[j][d]);
    let old = wide(i, mapping.extents[i][d]);
    let new = wide(i, extent);
    let level = mapping.order[i].level;
    let slots = slots(mapping);
    let place = slots.iter().position(|&j| j == i).unwrap_or(0);
    for (at, &j) in slots.iter().enumerate() {
        let node = mapping.order[j];
        if !ground.is_relevant(node.role, d) {
            continue;
        }
        let own = wide(j, mapping.extents[j][d]);
        let in_box = node.level == level && ground.is_shared(level);
        let holds = at < place && own < new;
        // A tile that is kept while another one changes is as large.
        let deep = (node.level > level && j < i) || (node.level < level && j > i);
        if j == i || in_box || holds || deep || (tied && own == old) {
            mapping.extents[j][d] = new.div_ceil(spreads[j][d]);
        }
    }
}

/// Makes a tile larger in one dimension and smaller in another one.
pub(super) fn exchange(ground: &Ground<'_>, rng: &mut ChaCha8Rng, mapping: &mut Mapping) {
    let Some((i, grown)) = place(ground, rng, mapping) else {
        return;
    };
    let Some(shrunk) = dim_of(ground, rng, mapping, i).filter(|&d| d != grown) else {
        return;
    };
    let factor = rng.random_range(2..5_u64);
    let tied = rng.random_bool(0.5);
    let (small, large) = (mapping.extents[i][shrunk], mapping.extents[i][grown]);
    set(ground, mapping, (i, shrunk), small.div_ceil(factor), tied);
    set(
        ground,
        mapping,
        (i, grown),
        large.saturating_mul(factor),
        tied,
    );
}

/// Makes a tile of the memory at a level smaller.
pub(super) fn shrink(
    ground: &Ground<'_>,
    rng: &mut ChaCha8Rng,
    mapping: &mut Mapping,
    level: usize,
) {
    let nodes = (0..mapping.order.len()).filter(|&i| mapping.order[i].level == level);
    let places = nodes.flat_map(|i| ground.dims.iter().map(move |&d| (i, d)));
    let large = |&(i, d): &Place| mapping.extents[i][d] > 1;
    let places: Vec<Place> = places.filter(large).collect();
    let Some((i, d)) = pick(rng, &places) else {
        return;
    };
    let around = Around::of(ground, mapping, (i, d));
    let own = mapping.extents[i][d];
    let wide = own.saturating_mul(around.spread).min(ground.extent(d));
    let less = match rng.random_range(0..4) {
        0 => own / 2,
        1 => own - 1,
        2 => (wide - 1) / around.inner * around.inner / around.spread,
        _ => {
            let more = ground.extent(d).div_ceil(wide) + 1;
            ground.extent(d).div_ceil(more).div_ceil(around.spread)
        }
    };
    let tied = rng.random_bool(0.5);
    set(ground, mapping, (i, d), less.clamp(1, own - 1), tied);
}

/// Rounds the tiles of some dimension to multiples of the inner ones over all elements.
pub(super) fn align_some(ground: &Ground<'_>, rng: &mut ChaCha8Rng, mapping: &mut Mapping) {
    if let Some(d) = pick(rng, &ground.dims) {
        align(ground, mapping, d, rng.random_bool(0.5));
    }
}

/// Rounds the tiles of one dimension up, or down, to multiples of the inner ones over all elements: then
/// no piece but the last leaves elements idle.
pub(super) fn align(ground: &Ground<'_>, mapping: &mut Mapping, d: Dim, up: bool) {
    let spreads = spreads(mapping);
    let mut unit = mapping.spread_above(usize::MAX, d);
    for &i in slots(mapping).iter().rev() {
        if !ground.is_relevant(mapping.order[i].role, d) {
            continue;
        }
        let wide = mapping.extents[i][d].saturating_mul(spreads[i][d]);
        let count = if up { wide.div_ceil(unit) } else { wide / unit };
        let own = count.max(1).saturating_mul(unit).div_ceil(spreads[i][d]);
        mapping.extents[i][d] = own;
        unit = own.saturating_mul(spreads[i][d]).max(1);
    }
}

/// Enlarges the tiles of one dimension to what all elements take at once: else they would idle.
pub(super) fn feed(ground: &Ground<'_>, mapping: &mut Mapping, d: Dim) {
    let spreads = spreads(mapping);
    let all = mapping.spread_above(usize::MAX, d).min(ground.extent(d));
    for (i, spread) in spreads.iter().enumerate() {
        let wide = mapping.extents[i][d].saturating_mul(spread[d]);
        if ground.is_relevant(mapping.order[i].role, d) && wide < all {
            set(ground, mapping, (i, d), all.div_ceil(spread[d]), false);
        }
    }
}

//! From parts to chains: only the pairs that prices leave are expanded.

use std::sync::Arc;

use crate::classes::class::Class;
use crate::classes::slots::SlotMap;
use crate::columns::attribute::Attribute;
use crate::columns::expander::Expander;
use crate::columns::group::ColumnGroup;
use crate::columns::groups::fit_together;
use crate::columns::kinds::Refinement;
use crate::engine::{Cause, Program};
use crate::layer;
use crate::problem::Dim;
use crate::tiling::chain::Chain;

use super::tuning::{MOST_COLUMNS, MOST_LOOKED_AT};
use super::{Layer, split_pins};

/// What a relaxation over parts leaves.
pub struct Left<'a> {
    /// Active columns of every group.
    pub active: &'a [Arc<Vec<u32>>],
    /// The price of every active column above its group's smallest.
    pub excess: &'a [Vec<f64>],
    /// The weight of every term.
    pub weights: &'a [f64],
    /// For each group the smallest price.
    pub smallest: &'a [f64],
    /// What all excesses together may be at most.
    pub room: f64,
}

/// Replaces pairs of parts by the chains that the prices leave, in every group that has no more
/// than `limit` pairs of columns, or where energy counts no more than so many chains in them;
/// `None` if there is no such group.
#[must_use]
pub fn whole_columns(
    layer: &Layer<'_>,
    class: &Class,
    left: &Left<'_>,
    limit: usize,
) -> Option<Vec<ColumnGroup>> {
    let expanded = within(layer, class, left, limit);
    if !expanded.contains(&true) {
        return None;
    }
    let slots = SlotMap::new(layer.site.operation, &layer.site.hardware, class);
    let pins = split_pins(&slots, layer.columns);
    let mut groups = Vec::new();
    let mut cheapest = Vec::new();
    let mut index = 0;
    while index < layer.columns.len() {
        let own = &layer.columns[index];
        if !expanded[index] {
            groups.push(kept(layer, own, &left.active[index]));
            cheapest.push(f64::NEG_INFINITY);
            index += 1;
            continue;
        }
        groups.push(joined(layer, &pins, index, left));
        cheapest.push(left.smallest[index] + left.smallest[index + 1]);
        index += 2;
    }
    Some(priced_out(layer, class, left, groups, &cheapest))
}

/// The groups of which the prices leave at most `limit` pairs of columns, or chains in them.
fn within(layer: &Layer<'_>, class: &Class, left: &Left<'_>, limit: usize) -> Vec<bool> {
    let slots = SlotMap::new(layer.site.operation, &layer.site.hardware, class);
    let pins = split_pins(&slots, layer.columns);
    let few = |index: usize| pairs_in_room(layer, left, &pins, index, limit) <= limit;
    (0..layer.columns.len())
        .map(|g| layer.columns[g].refinement() == Refinement::Expand && few(g))
        .collect()
}

/// Whether the prices leave at most `limit` pairs of columns, or chains in them, in some group.
#[must_use]
pub fn fits(layer: &Layer<'_>, class: &Class, left: &Left<'_>, limit: usize) -> bool {
    within(layer, class, left, limit).contains(&true)
}

/// The number of pairs of parts `index` and `index + 1` that fit together and in the room, where
/// energy counts with all chains that each of them may have; counted up to `limit`.
fn pairs_in_room(
    layer: &Layer<'_>,
    left: &Left<'_>,
    pins: &[Pin],
    index: usize,
    limit: usize,
) -> usize {
    let mut pairs = 0_usize;
    let mut seen = 0;
    each_pair(layer, left, pins, index, &mut |fits| {
        seen += 1;
        let own = fits.map_or(0, |(boxed, _)| {
            if layer.site.hardware.has_energy() {
                chains_in(&layer.columns[index], boxed)
            } else {
                1
            }
        });
        pairs = pairs.saturating_add(own);
        pairs <= limit && (limit == usize::MAX || seen <= MOST_LOOKED_AT)
    });
    if limit < usize::MAX && seen > MOST_LOOKED_AT {
        return usize::MAX;
    }
    pairs
}

/// The combinations of extents in a box of an outer part.
fn chains_in(outer: &ColumnGroup, boxed: u32) -> usize {
    let own = outer.columns[boxed as usize];
    let of = |position: usize| {
        let number = own[position] as usize;
        let low = &outer.chains[position][number].extents;
        let high = &outer.highest[position][number];
        let widths = low
            .iter()
            .zip(high)
            .map(|(l, h)| (h + 1).saturating_sub(*l));
        widths.fold(1, u64::saturating_mul)
    };
    let all = (0..outer.dims.len()).map(of).fold(1, u64::saturating_mul);
    usize::try_from(all).unwrap_or(usize::MAX).max(1)
}

/// Calls `with` for all pairs of parts `index` and `index + 1` in the room, with the pair where
/// the two fit together, until it says no.
fn each_pair(
    layer: &Layer<'_>,
    left: &Left<'_>,
    pins: &[Pin],
    index: usize,
    with: &mut dyn FnMut(Option<(u32, u32)>) -> bool,
) {
    let (outer, inner) = (&layer.columns[index], &layer.columns[index + 1]);
    let mut order: Vec<usize> = (0..left.active[index + 1].len()).collect();
    order.sort_by(|&a, &b| left.excess[index + 1][a].total_cmp(&left.excess[index + 1][b]));
    for (i, &boxed) in left.active[index].iter().enumerate() {
        for &k in &order {
            // [PRU18] Inner parts come by their prices: those after this one are dearer.
            let price = left.excess[index][i] + left.excess[index + 1][k];
            if layer.switches.pair_prices && price > left.room {
                break;
            }
            let part = left.active[index + 1][k];
            let fits = !layer.switches.couplings
                || compatible(outer, inner, pins, boxed as usize, part as usize);
            if !with(fits.then_some((boxed, part))) {
                return;
            }
        }
    }
}

/// A group with some of its columns.
fn kept(layer: &Layer<'_>, group: &ColumnGroup, active: &[u32]) -> ColumnGroup {
    let columns = active.iter().map(|&j| group.columns[j as usize]).collect();
    group.with_columns(layer.site, columns)
}

/// The chains of the pairs of parts `index` and `index + 1` that fit in the room.
fn joined(layer: &Layer<'_>, pins: &[Pin], index: usize, left: &Left<'_>) -> ColumnGroup {
    let (outer, inner) = (&layer.columns[index], &layer.columns[index + 1]);
    let mut pairs = Vec::new();
    let ticker = outer.watch().ticker();
    each_pair(layer, left, pins, index, &mut |pair| {
        pairs.extend(pair);
        !ticker.stopped()
    });
    let mut expander = Expander::new(layer.site, outer, inner);
    let mut columns: Vec<[u32; 2]> = Vec::new();
    for (boxed, part) in pairs {
        if columns.len() > MOST_COLUMNS {
            outer.watch().stop(Cause::Memory);
        }
        if outer.watch().stopped() {
            break;
        }
        let lists: Vec<Vec<u32>> = (0..outer.dims.len())
            .map(|p| {
                expander.chains(
                    p,
                    outer.columns[boxed as usize][p],
                    inner.columns[part as usize][p],
                )
            })
            .collect();
        for &first in &lists[0] {
            match lists.get(1) {
                None => columns.push([first, 0]),
                Some(second) => columns.extend(second.iter().map(|&other| [first, other])),
            }
        }
    }
    columns.sort_unstable();
    columns.dedup();
    let chains: Vec<Arc<Vec<Chain>>> = expander.found.into_iter().map(Arc::new).collect();
    columns.retain(|c| {
        chains.len() < 2
            || fit_together(
                layer.site,
                &chains[0][c[0] as usize],
                &chains[1][c[1] as usize],
            )
    });
    ColumnGroup::new(layer.site, outer.dims.clone(), chains, columns).watched(outer.watch())
}

/// A dimension, an outer and an inner slot of it between which a class has no loop.
type Pin = (Dim, usize, usize);

/// \[PRU17\] Whether a box has room for an inner part in every dimension, and holds no more than it where
/// no loop lies between.
fn compatible(
    outer: &ColumnGroup,
    inner: &ColumnGroup,
    pins: &[Pin],
    boxed: usize,
    part: usize,
) -> bool {
    let room = (0..outer.dims.len()).all(|p| {
        inner.integer(Attribute::Need(inner.dims[p]), part)
            <= outer.integer(Attribute::Room(outer.dims[p]), boxed)
    });
    let mut own = pins.iter().filter(|pin| outer.dims.contains(&pin.0));
    room && own.all(|&(d, above, below)| {
        outer.integer(Attribute::Extent(d, above), boxed)
            <= inner.integer(Attribute::PerWide(d, below), part)
    })
}

/// \[PRU19\] Drops the columns whose exact price exceeds the room.
fn priced_out(
    layer: &Layer<'_>,
    class: &Class,
    left: &Left<'_>,
    groups: Vec<ColumnGroup>,
    cheapest: &[f64],
) -> Vec<ColumnGroup> {
    if !layer.switches.chain_prices {
        return groups;
    }
    let whole = Layer {
        columns: &groups,
        ..*layer
    };
    let program = layer::program(&whole, class);
    let keep: Vec<Option<Vec<u32>>> = groups
        .iter()
        .enumerate()
        .map(|(g, group)| {
            cheapest[g].is_finite().then(|| {
                let priced = prices(&program, left, g, group);
                (0u32..)
                    .zip(priced)
                    .filter(|(_, p)| p - cheapest[g] <= left.room)
                    .map(|(j, _)| j)
                    .collect()
            })
        })
        .collect();
    groups
        .into_iter()
        .zip(keep)
        .map(|(group, keep)| match keep {
            Some(columns) => kept(layer, &group, &columns),
            None => group,
        })
        .collect()
}

/// The exact price of every column of a group, the coupling of its parts included.
fn prices(program: &Program, left: &Left<'_>, g: usize, group: &ColumnGroup) -> Vec<f64> {
    let mut sums = vec![0.0; group.columns.len()];
    // The terms of both programs are the same, but for the couplings at the end of the split one.
    for (term, &weight) in left.weights.iter().enumerate().filter(|&(_, &w)| w > 0.0) {
        let values = if term < program.terms.len() {
            program.groups[g].terms[term].clone()
        } else {
            None
        };
        if let Some(values) = values {
            sums.iter_mut()
                .zip(values.iter())
                .for_each(|(s, v)| *s += weight * v);
        }
    }
    // Chords are left out: they hold for the visits that parts promise, and chains may have more.
    // So are the rows that couple the parts: a chain keeps them, and its price only grows without.
    sums
}

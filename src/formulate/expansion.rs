//! From parts to chains: only the pairs that prices leave are expanded.

use rustc_hash::FxHashMap;
use std::sync::Arc;

use crate::milp::Program;
use crate::problem::{Dim, LoopNest};

use super::chains::Chain;
use super::class::Class;
use super::columns::{Attribute, ColumnGroup};
use super::groups::fit_together;
use super::layer::{self, Layer};
use super::parts::{OuterBox, Part, Split, expand, need};
use super::windows::is_irregular;

/// What a relaxation over parts leaves.
pub struct Left<'a> {
    /// Active columns of every group.
    pub active: &'a [Vec<u32>],
    /// The price of every active column above its group's smallest.
    pub excess: &'a [Vec<f64>],
    /// The weight of every term.
    pub weights: &'a [f64],
    /// For each group the smallest price.
    pub smallest: &'a [f64],
    /// What all excesses together may be at most.
    pub room: f64,
}

/// Replaces every pair of parts by the chains that the prices leave; `None` if there are more
/// than `limit` pairs of columns in a group.
#[must_use]
pub fn whole_columns(
    layer: &Layer<'_>,
    class: &Class,
    program: &Program,
    left: &Left<'_>,
    limit: usize,
) -> Option<Vec<ColumnGroup>> {
    let outer = (0..layer.columns.len()).filter(|&g| layer.columns[g].part == Part::Outer);
    for index in outer {
        if pairs_in_room(left, index, limit) > limit {
            return None;
        }
    }
    let mut groups = Vec::new();
    let mut cheapest = Vec::new();
    let mut index = 0;
    while index < layer.columns.len() {
        let own = &layer.columns[index];
        if own.part == Part::Whole {
            groups.push(kept(layer, own, &left.active[index]));
            cheapest.push(f64::NEG_INFINITY);
            index += 1;
            continue;
        }
        groups.push(joined(layer, index, left));
        cheapest.push(left.smallest[index] + left.smallest[index + 1]);
        index += 2;
    }
    Some(priced_out(layer, class, program, left, groups, &cheapest))
}

/// The number of pairs of parts `index` and `index + 1` that fit in the room, counted up to `limit`.
fn pairs_in_room(left: &Left<'_>, index: usize, limit: usize) -> usize {
    let mut inner = left.excess[index + 1].clone();
    inner.sort_by(f64::total_cmp);
    let mut pairs = 0;
    for &outer in &left.excess[index] {
        pairs += inner.partition_point(|&k| outer + k <= left.room);
        if pairs > limit {
            break;
        }
    }
    pairs
}

/// A group with some of its columns.
fn kept(layer: &Layer<'_>, group: &ColumnGroup, active: &[u32]) -> ColumnGroup {
    let columns = active.iter().map(|&j| group.columns[j as usize]).collect();
    group.with_columns(layer.operation, layer.hardware, columns)
}

/// The chains of the pairs of parts `index` and `index + 1` that fit in the room.
fn joined(layer: &Layer<'_>, index: usize, left: &Left<'_>) -> ColumnGroup {
    let (outer, inner) = (&layer.columns[index], &layer.columns[index + 1]);
    let mut order: Vec<usize> = (0..left.active[index + 1].len()).collect();
    order.sort_by(|&a, &b| left.excess[index + 1][a].total_cmp(&left.excess[index + 1][b]));
    let mut pairs = Vec::new();
    for (i, &boxed) in left.active[index].iter().enumerate() {
        for &k in &order {
            if left.excess[index][i] + left.excess[index + 1][k] > left.room {
                break;
            }
            let part = left.active[index + 1][k];
            if compatible(outer, inner, boxed as usize, part as usize) {
                pairs.push((boxed, part));
            }
        }
    }
    let mut expander = Expander::new((layer.operation, layer.hardware.has_energy()), outer, inner);
    let mut columns: Vec<[u32; 2]> = Vec::new();
    for (boxed, part) in pairs {
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
                layer.hardware,
                &chains[0][c[0] as usize],
                &chains[1][c[1] as usize],
            )
    });
    ColumnGroup::new(
        layer.operation,
        layer.hardware,
        outer.dims.clone(),
        chains,
        columns,
    )
}

/// Whether a box has room for an inner part in every dimension.
fn compatible(outer: &ColumnGroup, inner: &ColumnGroup, boxed: usize, part: usize) -> bool {
    (0..outer.dims.len()).all(|p| {
        inner.integer(Attribute::Need(inner.dims[p]), part)
            <= outer.integer(Attribute::Room(outer.dims[p]), boxed)
    })
}

/// Chains of pairs of parts, written out once for all nodes of a tree.
#[derive(Debug, Default)]
pub struct ChainBank {
    pairs: FxHashMap<(usize, u32, u32), Arc<[u32]>>,
    numbers: [FxHashMap<Chain, u32>; 2],
    chains: [Vec<Chain>; 2],
}

impl ChainBank {
    /// The numbers of the chains of a box and an inner part of one dimension of a group.
    fn pair(
        &mut self,
        (operation, energy): (&LoopNest, bool),
        outer: &ColumnGroup,
        inner: &ColumnGroup,
        position: usize,
        boxed: u32,
        part: u32,
    ) -> Arc<[u32]> {
        if let Some(known) = self.pairs.get(&(position, boxed, part)) {
            return Arc::clone(known);
        }
        let d = outer.dims[position];
        let dimension = Split {
            extent: operation.extents[d],
            slots: &outer.slots[position],
            outer: outer.outer[position],
            irregular: irregular(operation, d) || energy,
        };
        let outer_box = OuterBox {
            chain: outer.chains[position][boxed as usize].clone(),
            highest: outer.highest[position][boxed as usize].clone(),
        };
        let (numbers, chains) = (&mut self.numbers[position], &mut self.chains[position]);
        let mut own = Vec::new();
        expand(
            &dimension,
            &outer_box,
            &inner.chains[position][part as usize],
            &mut |chain| {
                let number = *numbers.entry(chain).or_insert_with_key(|chain| {
                    chains.push(chain.clone());
                    u32::try_from(chains.len() - 1).unwrap_or(u32::MAX)
                });
                own.push(number);
            },
        );
        let own: Arc<[u32]> = own.into();
        self.pairs.insert((position, boxed, part), Arc::clone(&own));
        own
    }
}

/// Chains of one node, numbered anew.
struct Expander<'a> {
    operation: &'a LoopNest,
    energy: bool,
    outer: &'a ColumnGroup,
    inner: &'a ColumnGroup,
    local: Vec<FxHashMap<u32, u32>>,
    found: Vec<Vec<Chain>>,
}

impl<'a> Expander<'a> {
    fn new(
        (operation, energy): (&'a LoopNest, bool),
        outer: &'a ColumnGroup,
        inner: &'a ColumnGroup,
    ) -> Self {
        let dims = outer.dims.len();
        Self {
            operation,
            energy,
            outer,
            inner,
            local: vec![FxHashMap::default(); dims],
            found: vec![Vec::new(); dims],
        }
    }

    /// The numbers of the chains of a box and an inner part of one dimension.
    fn chains(&mut self, position: usize, boxed: u32, part: u32) -> Vec<u32> {
        let Ok(mut bank) = self.outer.bank.lock() else {
            return Vec::new();
        };
        let global = bank.pair(
            (self.operation, self.energy),
            self.outer,
            self.inner,
            position,
            boxed,
            part,
        );
        let (local, found) = (&mut self.local[position], &mut self.found[position]);
        global
            .iter()
            .map(|&number| {
                *local.entry(number).or_insert_with(|| {
                    found.push(bank.chains[position][number as usize].clone());
                    u32::try_from(found.len() - 1).unwrap_or(u32::MAX)
                })
            })
            .collect()
    }
}

fn irregular(operation: &LoopNest, d: Dim) -> bool {
    LoopNest::window_of(d).is_some_and(|axis| is_irregular(operation, axis))
}

/// Drops the columns whose exact price exceeds the room.
fn priced_out(
    layer: &Layer<'_>,
    class: &Class,
    split: &Program,
    left: &Left<'_>,
    groups: Vec<ColumnGroup>,
    cheapest: &[f64],
) -> Vec<ColumnGroup> {
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
                let priced = prices(&program, split, left, g, group);
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
fn prices(
    program: &Program,
    split: &Program,
    left: &Left<'_>,
    g: usize,
    group: &ColumnGroup,
) -> Vec<f64> {
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
    for row in split.rows.iter().filter(|r| r.name.starts_with("LAY10_")) {
        let weight = left.weights[row.terms[0]];
        let dim = row.name.strip_prefix("LAY10_").and_then(Dim::parse);
        if let (true, Some(position)) = (weight > 0.0, dim.and_then(|d| group.position(d))) {
            for (j, sum) in sums.iter_mut().enumerate() {
                let chain = group.chain(j, position);
                let (slots, outer) = (&group.slots[position], group.outer[position]);
                *sum += weight * (ln(need(slots, outer, chain)) - ln(chain.extents[outer - 1]));
            }
        }
    }
    sums
}

#[expect(clippy::cast_precision_loss, reason = "extents")]
fn ln(value: u64) -> f64 {
    (value as f64).ln()
}

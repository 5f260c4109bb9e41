//! Halves the boxes of chains on which a bound rests, cheapest first, as prices say.
//!
//! The Lagrangian bound takes the cheapest column of every group. Where that is a box, its halves
//! are priced in its place, until the cheapest are chains or the boxes that are left could not be
//! priced higher by halving them. Boxes and chains whose price exceeds the room that the bound
//! leaves cannot be part of a better mapping, and are dropped.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use crate::classes::allowed::Rules;
use crate::classes::class::Class;
use crate::columns::boxes::ChainBox;
use crate::columns::group::ColumnGroup;
use crate::columns::kinds::Refinement;
use crate::engine::watch::Ticker;
use crate::layer;

use super::Layer;
use super::expansion::Left;
use super::pricer::Pricer;

pub use super::pricer::Visits;
use super::tuning::{ROUNDING, START};

/// How far boxes are halved.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Boxes of a group that are halved at most.
    pub halvings: usize,
    /// The part of the room, of 1 at most, up to which boxes are halved above the cheapest column.
    pub depth: f64,
    /// Whether all boxes in the room are halved, also where that changes no price: those that are
    /// left are to be chains.
    pub all: bool,
}

/// Columns after halving.
#[derive(Debug)]
pub struct Refined {
    /// The groups with the columns that the prices leave.
    pub columns: Vec<ColumnGroup>,
    /// For every group some of the cheapest columns.
    pub start: Vec<(usize, u32)>,
    /// How far the bound rose.
    pub gain: f64,
    /// Boxes that were halved.
    pub halved: usize,
}

/// Whether a group has a box among its active columns.
#[must_use]
pub fn has_box(group: &ColumnGroup, active: &[u32]) -> bool {
    group.refinement() == Refinement::Halve && active.iter().any(|&j| !group.is_exact(j as usize))
}

/// Halves the boxes of every group; all columns are those of the class.
#[must_use]
pub fn refine(
    layer: &Layer<'_>,
    class: &Class,
    left: &Left<'_>,
    visits: &Visits,
    effort: Effort,
) -> Refined {
    let outline = layer::outline(layer, class);
    let rules = Rules::new(layer.site.operation, &layer.site.hardware, class);
    let mut refined = Refined {
        columns: Vec::new(),
        start: Vec::new(),
        gain: 0.0,
        halved: 0,
    };
    let mut lists: Vec<Option<Halving>> = Vec::new();
    for (g, group) in layer.columns.iter().enumerate() {
        if !has_box(group, &left.active[g]) {
            lists.push(None);
            continue;
        }
        let pricer = Pricer::new(group, &outline, left.weights, visits, g);
        let mut halving = Halving::new(group, pricer, &rules, left, g);
        halving.run(effort, left.room - refined.gain);
        refined.gain += (halving.smallest() - left.smallest[g] - ROUNDING).max(0.0);
        refined.halved += halving.halved;
        lists.push(Some(halving));
    }
    let room = left.room - refined.gain;
    for (g, (group, list)) in layer.columns.iter().zip(lists).enumerate() {
        let Some(list) = list else {
            let columns = left.active[g].iter().map(|&j| group.columns[j as usize]);
            let same = left.active[g].len() == group.columns.len()
                && group.refinement() != Refinement::Halve;
            refined.columns.push(if same {
                group.shared()
            } else {
                group.with_columns(layer.site, columns.collect())
            });
            continue;
        };
        let (own, start) = list.finish(layer, room);
        refined.start.extend(start.into_iter().map(|j| (g, j)));
        refined.columns.push(own);
    }
    refined
}

/// A box that may be halved, with its price; the cheapest first.
struct Open {
    price: f64,
    column: u32,
    position: usize,
    slot: usize,
}

impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Open {}
impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        let price = other.price.total_cmp(&self.price);
        price.then(other.column.cmp(&self.column))
    }
}

/// The halving of one group's boxes.
struct Halving<'a> {
    original: &'a ColumnGroup,
    /// All boxes and chains made so far; not all of its columns stay.
    group: ColumnGroup,
    numbers: Vec<FxHashMap<ChainBox, u32>>,
    pricer: Pricer,
    rules: &'a Rules,
    open: BinaryHeap<Open>,
    /// Columns that are not halved any more, with their prices.
    settled: Vec<(f64, u32)>,
    all: bool,
    room: f64,
    least_settled: f64,
    halved: usize,
    ticker: Ticker,
}

impl<'a> Halving<'a> {
    fn new(
        original: &'a ColumnGroup,
        pricer: Pricer,
        rules: &'a Rules,
        left: &Left<'_>,
        g: usize,
    ) -> Self {
        let mut own = Self {
            group: original.emptied(),
            numbers: vec![FxHashMap::default(); original.dims.len()],
            original,
            pricer,
            rules,
            open: BinaryHeap::new(),
            settled: Vec::new(),
            all: false,
            room: left.room,
            least_settled: f64::INFINITY,
            halved: 0,
            ticker: original.watch().ticker(),
        };
        for (&j, excess) in left.active[g].iter().zip(&left.excess[g]) {
            let boxes = (0..original.dims.len()).map(|p| original.box_of(j as usize, p));
            let boxes: Vec<ChainBox> = boxes.collect();
            let column = own.column(&boxes);
            own.settled.push((left.smallest[g] + excess, column));
        }
        own
    }

    /// Halves boxes in the order of their prices.
    fn run(&mut self, effort: Effort, room: f64) {
        self.all = effort.all;
        self.room = room;
        for (price, column) in std::mem::take(&mut self.settled) {
            self.add(price, column);
        }
        let depth = if effort.all {
            room + ROUNDING
        } else {
            effort.depth * room.min(1.0)
        };
        while self.halved < effort.halvings && !self.ticker.stopped() {
            let Some(next) = self.open.pop() else { break };
            if next.price > self.least_settled + depth {
                self.open.push(next);
                break;
            }
            self.halved += 1;
            self.halve(&next);
        }
    }

    /// The least price of all columns.
    fn smallest(&self) -> f64 {
        let open = self.open.peek().map_or(f64::INFINITY, |own| own.price);
        open.min(self.least_settled)
    }

    fn halve(&mut self, own: &Open) {
        let parts = self.group.columns[own.column as usize];
        let boxed = self.group.box_of(own.column as usize, own.position);
        for half in self.original.boxes[own.position].halves(&boxed, own.slot) {
            let mut parts = parts;
            parts[own.position] = self.number(own.position, half);
            let column = self.push(parts);
            if self.rules.allow(&self.group, column) {
                let price = self.pricer.price(&self.group, column as usize);
                // A bound on the box holds for its halves too.
                self.add(price.max(own.price), column);
            } else {
                self.group.columns.pop();
            }
        }
    }

    /// The number of a box of a dimension, new or known.
    fn number(&mut self, position: usize, own: ChainBox) -> u32 {
        if let Some(&known) = self.numbers[position].get(&own) {
            return known;
        }
        let number = self.group.push_box(position, &own);
        self.numbers[position].insert(own, number);
        number
    }

    fn column(&mut self, boxes: &[ChainBox]) -> u32 {
        let mut parts = [0; 2];
        for (position, own) in boxes.iter().enumerate() {
            parts[position] = self.number(position, own.clone());
        }
        self.push(parts)
    }

    fn push(&mut self, parts: [u32; 2]) -> u32 {
        self.group.columns.push(parts);
        u32::try_from(self.group.columns.len() - 1).unwrap_or(u32::MAX)
    }

    /// Files a column among those that are still to be halved, or not.
    fn add(&mut self, price: f64, column: u32) {
        let mut best: Option<(f64, usize, usize)> = None;
        for position in 0..self.group.dims.len() {
            let own = self.group.box_of(column as usize, position);
            for (slot, width) in self.original.boxes[position].open(&own) {
                let weight = self.pricer.slots[position][slot] + if self.all { 1e-3 } else { 0.0 };
                let score = width * weight;
                if score > 1e-9 && best.is_none_or(|b| score > b.0) {
                    best = Some((score, position, slot));
                }
            }
        }
        if let Some((_, position, slot)) = best {
            self.open.push(Open {
                price,
                column,
                position,
                slot,
            });
        } else {
            self.least_settled = self.least_settled.min(price);
            self.settled.push((price, column));
        }
    }

    /// \[PRU20\] The group with the columns that fit in the room, and the cheapest of them.
    fn finish(mut self, layer: &Layer<'_>, room: f64) -> (ColumnGroup, Vec<u32>) {
        let most = self.smallest() + room + ROUNDING;
        let open = self.open.drain().map(|own| (own.price, own.column));
        let mut kept: Vec<(f64, u32)> = self.settled.iter().copied().chain(open).collect();
        kept.retain(|own| own.0 <= most || !layer.switches.box_prices);
        kept.sort_unstable_by_key(|own| own.1);
        let dims = self.group.dims.len();
        let mut boxes: Vec<Vec<ChainBox>> = vec![Vec::new(); dims];
        let mut numbers: Vec<FxHashMap<u32, u32>> = vec![FxHashMap::default(); dims];
        let columns = kept.iter().map(|&(_, column)| {
            let mut parts = [0; 2];
            for position in 0..dims {
                let old = self.group.columns[column as usize][position];
                let own = &mut boxes[position];
                parts[position] = *numbers[position].entry(old).or_insert_with(|| {
                    own.push(self.group.box_of(column as usize, position));
                    u32::try_from(own.len() - 1).unwrap_or(u32::MAX)
                });
            }
            parts
        });
        let columns: Vec<[u32; 2]> = columns.collect();
        let mut order: Vec<u32> = (0..).take(columns.len()).collect();
        order.sort_by(|&a, &b| kept[a as usize].0.total_cmp(&kept[b as usize].0));
        order.truncate(START);
        let group = self.original.with_boxes(layer.site, boxes, columns);
        (group, order)
    }
}

//! All nests of a tiny operation, judged by the replay.
//!
//! Enumerated, from the outside in: every spread of the dimensions over the axes (each dimension
//! on at most one axis of an array, unless it may be split); every order of the storage nodes in
//! which an operand's own stand from the outermost memory in; and between two nodes every set of
//! loops in every order, at most one of a dimension, with every integer step. So every node has
//! every tile extent in every dimension, those irrelevant to it included.
//!
//! Nothing is left out beyond what the definition excludes or what changes no count:
//! * Below the last node stands one loop for each dimension, down to a step of the array, in one
//!   order: with no node below, nothing is reused, and the counts do not depend on the order.
//! * A node slides along the innermost relevant loop above it if that is P or Q: sliding never
//!   adds traffic or space, and along any other loop it keeps nothing.
//! * A dimension is not cut down to fewer than the elements that it is dealt out to: the others
//!   would never work, as with a smaller spread.
//! * A node of an inner memory may stand above one of an outer memory only if no loop of a
//!   dimension relevant to it comes before the last such node; and in a memory with one box for
//!   all operands the nodes agree in every dimension that they share.
//! * A nest is given up half-way when its nodes so far take more space than there is, or as many
//!   cycles as the best nest so far: what follows only adds to both.

use std::collections::HashMap;

use deepmatrix::problem::{Array, Dim, Hardware, Level, LoopNest, PerDim, Role, Tiles};

use super::boundaries::View;
use super::counts::Counts;
use super::events::{Event, Events, Spread, events};
use super::feed::{Boundary, Flow, Keeping, count};
use super::least::{boundaries, least};
use super::parse::{Item, Nest};
use super::replay::evaluate;

/// A nest of least cycles.
#[derive(Clone, Debug)]
pub struct Best {
    /// Its cycles.
    pub cycles: u128,
    /// The nest.
    pub nest: Nest,
}

/// The fewest cycles of all nests of the operation; none if no nest fits.
pub fn search(operation: &LoopNest, hardware: &Hardware) -> Option<Best> {
    let mut best = None;
    for parallel in all_spreads(operation, hardware) {
        let items = Nest { items: parallel };
        let spreads = super::events::spreads(&items);
        let mut search = Search {
            operation,
            hardware,
            spreads: &spreads,
            parallel: &items.items,
            flows: HashMap::new(),
            early: counts_early(hardware),
            least_steps: least_steps(operation, &spreads),
            least: least_flows(operation, hardware, &spreads),
            best: best.take(),
        };
        search.extend(&State::new(operation, hardware));
        best = search.best;
    }
    best
}

/// Whether the boundary above a node can be counted before what stands below it is known: not if
/// elements without work matter, that is if copies are sent one by one to memories below an array.
fn counts_early(hardware: &Hardware) -> bool {
    let multicast = |(_, array): (usize, &Array)| array.axes.iter().all(|a| a.multicast);
    hardware.arrays().all(multicast) || !hardware.has_memory_below_arrays()
}

/// Steps that every nest with this spread takes: each dimension's share, rounded up.
fn least_steps(operation: &LoopNest, spreads: &[Spread]) -> u128 {
    let steps = |d: Dim| {
        let all = spreads.iter().filter(|s| s.dim == d).map(|s| s.factor);
        u128::from(operation.extents[d].div_ceil(all.product()))
    };
    Dim::ALL.into_iter().map(steps).product()
}

/// The least that crosses each boundary above the arrays.
fn least_flows(
    operation: &LoopNest,
    hardware: &Hardware,
    spreads: &[Spread],
) -> Vec<(Boundary, Flow)> {
    let of = |role: Role| {
        let all = boundaries(hardware, role).into_iter();
        all.map(move |levels| least(operation, spreads, role, levels))
    };
    Role::ALL.into_iter().flat_map(of).collect()
}

/// Every way to spread the dimensions, as lines of a nest.
fn all_spreads(operation: &LoopNest, hardware: &Hardware) -> Vec<Vec<Item>> {
    let mut all = vec![Vec::new()];
    for (level, array) in hardware.arrays() {
        for (axis, description) in array.axes.iter().enumerate() {
            let mut more = Vec::new();
            for before in &all {
                let free = |d: Dim| {
                    let taken = |item: &Item| {
                        matches!(item, Item::Parallel { level: l, factors, .. }
                            if *l == level && factors[d] > 1)
                    };
                    let reduced = !operation.is_relevant(Role::Output, d);
                    description.dims.contains(d)
                        && (description.reduce || !reduced)
                        && (array.split_dims || !before.iter().any(taken))
                };
                for factors in factors(operation, description.size, &free) {
                    let mut items: Vec<Item> = before.clone();
                    items.push(Item::Parallel {
                        level,
                        axis,
                        factors,
                    });
                    more.push(items);
                }
            }
            all = more;
        }
    }
    all
}

/// The factors of all dimensions whose product is at most `size`.
fn factors(operation: &LoopNest, size: u64, free: &dyn Fn(Dim) -> bool) -> Vec<PerDim<u64>> {
    let mut all = vec![PerDim::all(1)];
    for d in Dim::ALL.into_iter().filter(|&d| free(d)) {
        for index in 0..all.len() {
            let used: u64 = all[index].0.iter().product();
            for factor in 2..=operation.extents[d].min(size / used) {
                let mut more = all[index];
                more[d] = factor;
                all.push(more);
            }
        }
    }
    all
}

/// A nest as far as it is built.
#[derive(Clone)]
struct State {
    items: Vec<Item>,
    /// The tile of the whole array.
    tile: PerDim<u64>,
    /// Dimensions with a loop since the last node.
    looped: PerDim<bool>,
    /// The nodes still to come of each operand, outermost first.
    nodes: [Vec<usize>; 3],
}

impl State {
    fn new(operation: &LoopNest, hardware: &Hardware) -> Self {
        let nodes = |role: Role| {
            let held = hardware
                .memories()
                .skip(1)
                .filter(|(_, m)| m.may_keep(role));
            held.map(|(level, _)| level).collect()
        };
        Self {
            items: Vec::new(),
            tile: operation.extents,
            looped: PerDim::all(false),
            nodes: Role::ALL.map(nodes),
        }
    }

    /// Whether a node deeper than one still to come keeps an operand with this dimension.
    fn is_held_fast(&self, operation: &LoopNest, d: Dim) -> bool {
        let outermost = self.nodes.iter().flatten().min();
        self.items.iter().any(|item| match item {
            Item::Keep { level, role, .. } => {
                outermost.is_some_and(|o| o < level) && operation.is_relevant(*role, d)
            }
            _ => false,
        })
    }
}

struct Search<'a> {
    operation: &'a LoopNest,
    hardware: &'a Hardware,
    spreads: &'a [Spread],
    parallel: &'a [Item],
    /// The boundaries counted so far, with this spread.
    flows: HashMap<Boundary, Flow>,
    early: bool,
    least_steps: u128,
    /// The least across boundaries, by operand.
    least: Vec<(Boundary, Flow)>,
    best: Option<Best>,
}

impl Search<'_> {
    fn extend(&mut self, state: &State) {
        if state.nodes.iter().all(Vec::is_empty) {
            return self.finish(state);
        }
        for role in Role::ALL {
            if let Some(next) = self.with_node(state, role) {
                self.extend(&next);
            }
        }
        for d in Dim::ALL {
            if state.looped[d] || state.is_held_fast(self.operation, d) {
                continue;
            }
            let share = self.share(state, d);
            let least = self.least_step(d);
            for step in (least..state.tile[d])
                .rev()
                .filter(|step| step % share == 0)
            {
                let mut next = state.clone();
                next.cut(d, step);
                self.extend(&next);
            }
        }
    }

    /// The smallest tile worth dealing out: a smaller one is that of a smaller spread.
    fn least_step(&self, d: Dim) -> u64 {
        let mut spreads = self.spreads.iter().filter(|s| s.dim == d);
        match (spreads.next(), spreads.next()) {
            (Some(only), None) => only.factor,
            _ => 1,
        }
    }

    /// The elements over which a dimension is dealt out so far.
    fn share(&self, state: &State, d: Dim) -> u64 {
        let dealt = |spread: &&Spread| {
            let below = |item: &Item| {
                matches!(item, Item::Keep { level, role, .. }
                    if *level > spread.level && self.operation.is_relevant(*role, d))
            };
            spread.dim == d && state.items.iter().any(below)
        };
        self.spreads
            .iter()
            .filter(dealt)
            .map(|s| s.factor)
            .product()
    }

    /// The nest with the next node of an operand, if there is one and it is worth going on.
    fn with_node(&mut self, state: &State, role: Role) -> Option<State> {
        let mut next = state.clone();
        let level =
            (!next.nodes[role as usize].is_empty()).then(|| next.nodes[role as usize].remove(0))?;
        next.looped = PerDim::all(false);
        next.items.push(Item::Keep {
            level,
            role,
            tile: PerDim::all(1),
            slide: self.slide(state, role),
        });
        let tile = self.element(&next, level, role);
        if self.disagrees(&next, level, role, &tile) {
            return None;
        }
        if let Some(Item::Keep { tile: printed, .. }) = next.items.last_mut() {
            *printed = tile;
        }
        if self.early {
            let counts = self.counts(&next.items, false);
            let cycles = counts.cycles.max(self.least_steps);
            let better = self.best.as_ref().is_none_or(|b| cycles < b.cycles);
            return (counts.fits && better).then_some(next);
        }
        Some(next)
    }

    /// The innermost relevant loop above, if windows move along it.
    fn slide(&self, state: &State, role: Role) -> Option<Dim> {
        let loops = state.items.iter().rev().filter_map(|item| match item {
            Item::Loop { dim, .. } => Some(*dim),
            _ => None,
        });
        let mut relevant = loops.filter(|&d| self.operation.is_relevant(role, d));
        relevant.next().filter(|d| matches!(d, Dim::P | Dim::Q))
    }

    /// The tile of an element at the last node, 1 where the operand has no such dimension.
    fn element(&self, state: &State, level: usize, role: Role) -> PerDim<u64> {
        let mut tile = PerDim::all(1);
        for d in Dim::ALL {
            if self.operation.is_relevant(role, d) {
                let above = self
                    .spreads
                    .iter()
                    .filter(|s| s.level < level && s.dim == d);
                tile[d] = state.tile[d].div_ceil(above.map(|s| s.factor).product());
            }
        }
        tile
    }

    /// Whether another node of a memory with one box for all has another extent.
    fn disagrees(&self, state: &State, level: usize, role: Role, tile: &PerDim<u64>) -> bool {
        let memory = self.hardware.memory(level);
        let shared = memory.is_some_and(|m| m.tiles == Tiles::Shared);
        let (_, before) = state.items.split_last().expect("the node itself");
        shared
            && before.iter().any(|item| match item {
                Item::Keep {
                    level: l,
                    role: r,
                    tile: other,
                    ..
                } if *l == level => {
                    let common = |d: &Dim| {
                        self.operation.is_relevant(role, *d) && self.operation.is_relevant(*r, *d)
                    };
                    Dim::ALL
                        .into_iter()
                        .filter(common)
                        .any(|d| tile[d] != other[d])
                }
                _ => false,
            })
    }

    /// One loop for each dimension down to the array's step, and what the whole nest costs.
    fn finish(&mut self, state: &State) {
        let mut state = state.clone();
        for d in Dim::ALL {
            let all = self.spreads.iter().filter(|s| s.dim == d).map(|s| s.factor);
            let step = all.product();
            if step < state.tile[d] {
                if state.looped[d] {
                    return;
                }
                state.cut(d, step);
            }
        }
        let counts = self.counts(&state.items, true);
        let better = self.best.as_ref().is_none_or(|b| counts.cycles < b.cycles);
        if counts.fits && better {
            let mut items = state.items;
            items.extend_from_slice(self.parallel);
            self.best = Some(Best {
                cycles: counts.cycles,
                nest: Nest { items },
            });
        }
    }

    /// The least across the boundaries still to come.
    fn ahead(&self, items: &[Item]) -> Vec<(Boundary, Flow)> {
        let placed = |feed: &Boundary| {
            (items.iter()).any(|item| {
                matches!(item, Item::Keep { level, role, .. }
                    if (*level, *role) == (feed.level, feed.role))
            })
        };
        let ahead = self.least.iter().filter(|(feed, _)| !placed(feed));
        ahead.cloned().collect()
    }

    fn counts(&mut self, items: &[Item], complete: bool) -> Counts {
        let nest = Nest {
            items: items.to_vec(),
        };
        let events: Events = events(self.operation, self.spreads, &nest).expect("shares divide");
        let view = View {
            operation: self.operation,
            hardware: self.hardware,
            nest: &nest,
            spreads: self.spreads,
            events: &events,
        };
        let ahead = (!complete).then(|| self.ahead(items));
        let counts = evaluate(&view, ahead.as_deref(), &mut |feed| {
            let feed = plain(self.operation, feed);
            let flow = self.flows.entry(feed);
            *flow.or_insert_with_key(|feed| count(self.operation, feed, &view.elements(feed)))
        });
        counts.expect("nodes from the outside in")
    }
}

impl State {
    fn cut(&mut self, d: Dim, step: u64) {
        self.items.push(Item::Loop {
            dim: d,
            extent: self.tile[d],
            step,
        });
        self.tile[d] = step;
        self.looped[d] = true;
    }
}

/// The boundary without what changes no count of it: below the loops that end a tile's reuse only
/// the first pieces of other dimensions matter, and at a boundary without reuse the order of the
/// loops of different dimensions does not.
fn plain(operation: &LoopNest, feed: &Boundary) -> Boundary {
    let mut plain = feed.clone();
    let dim = |e: &Event| match *e {
        Event::Cut { dim, .. } | Event::First { dim, .. } | Event::Deal { dim, .. } => dim,
    };
    match feed.keeping {
        Keeping::Steps | Keeping::Registers => plain.events.sort_by_key(dim),
        Keeping::Tile { loops, .. } => {
            plain.events.clear();
            plain.first.clear();
            let mut seen = 0;
            for event in &feed.events {
                let cut = matches!(event, Event::Cut { .. });
                if seen < loops || operation.is_relevant(feed.role, dim(event)) {
                    plain.events.push(*event);
                } else {
                    plain.first.push(match *event {
                        Event::Cut { dim, step } => Event::First { dim, step },
                        other => other,
                    });
                }
                seen += usize::from(cut);
            }
            plain.first.extend_from_slice(&feed.first);
        }
    }
    plain
}

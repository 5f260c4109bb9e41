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

use deepmatrix::problem::{Array, Dim, Hardware, LoopNest, Role};

use super::boundaries::View;
use super::counts::Counts;
use super::events::{Event, Spread, loops};
use super::feed::{Boundary, Flow, Keeping, count};
use super::least::{boundaries, least};
use super::parse::{Item, Nest};
use super::replay::{evaluate, lies_in};
use super::space::{Space, State, all_spreads};

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
    search_below(operation, hardware, u128::MAX)
}

/// The same among the nests of fewer cycles than `limit`.
pub fn search_below(operation: &LoopNest, hardware: &Hardware, limit: u128) -> Option<Best> {
    let mut best = None;
    for parallel in all_spreads(operation, hardware) {
        let spreads = super::events::spreads(&Nest {
            items: parallel.clone(),
        });
        let mut search = Search {
            flows: HashMap::new(),
            early: counts_early(hardware),
            least_steps: least_steps(operation, &spreads),
            least: least_flows(operation, hardware, &spreads),
            limit,
            best: best.take(),
            space: Space {
                operation,
                hardware,
                parallel,
                spreads,
            },
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
        let crossed = all.filter(move |&[_, level]| !lies_in(operation, level, role));
        crossed.map(move |levels| least(operation, spreads, role, levels))
    };
    Role::ALL.into_iter().flat_map(of).collect()
}

struct Search<'a> {
    space: Space<'a>,
    /// The boundaries counted so far, with this spread.
    flows: HashMap<Boundary, Flow>,
    early: bool,
    least_steps: u128,
    /// The least across boundaries, by operand.
    least: Vec<(Boundary, Flow)>,
    /// Only nests of fewer cycles are of interest.
    limit: u128,
    best: Option<Best>,
}

impl Search<'_> {
    fn extend(&mut self, state: &State) {
        if state.has_all_nodes() {
            return self.finish(state);
        }
        for next in self.space.next(state) {
            if self.is_worth(&next) {
                self.extend(&next);
            }
        }
    }

    /// Whether a nest that begins like this may fit in fewer cycles than the best so far; known
    /// where the last line is a node.
    fn is_worth(&mut self, state: &State) -> bool {
        if !self.early || !matches!(state.items.last(), Some(Item::Keep { .. })) {
            return true;
        }
        let nest = Nest {
            items: state.items.clone(),
        };
        let counts = self.counts(&nest, false);
        let cycles = counts.cycles.max(self.least_steps);
        counts.fits && self.is_better(cycles)
    }

    fn is_better(&self, cycles: u128) -> bool {
        cycles < self.best.as_ref().map_or(self.limit, |b| b.cycles)
    }

    fn finish(&mut self, state: &State) {
        let nest = self.space.completed(state);
        let counts = self.counts(&nest, true);
        if counts.fits && self.is_better(counts.cycles) {
            self.best = Some(Best {
                cycles: counts.cycles,
                nest,
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

    fn counts(&mut self, nest: &Nest, complete: bool) -> Counts {
        let Space {
            operation,
            hardware,
            spreads,
            ..
        } = &self.space;
        let view = View {
            operation,
            hardware,
            nest,
            spreads,
            loops: &loops(nest),
        };
        let ahead = (!complete).then(|| self.ahead(&nest.items));
        let counts = evaluate(&view, ahead.as_deref(), &mut |feed| {
            let feed = plain(operation, feed);
            let flow = self.flows.entry(feed);
            *flow.or_insert_with_key(|feed| count(operation, feed, &view.elements(feed)))
        });
        counts.expect("nodes from the outside in")
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

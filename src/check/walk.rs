//! A walk of the whole nest, loop by loop, that counts what every port moves.

use std::collections::{BTreeSet, HashSet};

use crate::problem::result::Cost;
use crate::problem::{Dim, LoopNest, PerDim, Role, Window};

use super::error::{CheckError, same_total};
use super::nest::{Loop, Plan, Stop};
use super::spread::{Block, TileBox};
use super::tally::{Tallies, Visits};
use super::tiles::joint_rows;

/// Walks the nest and compares everything it counts with the stated cost.
pub(super) fn check(plan: &Plan, cost: &Cost) -> Result<(), CheckError> {
    let mut walk = Walk::new(plan);
    let whole = TileBox::all(Block::whole(1));
    let mut tile = whole;
    for d in Dim::ALL {
        tile[d] = Block::whole(plan.nest.extents[d]);
    }
    walk.descend(0, tile)?;
    walk.compare(cost)
}

/// One line of the nest, from the outside in.
enum Line {
    /// A loop, and the place in `Walk::slides` of the node directly below that slides along it.
    Loop(Loop, Option<usize>),
    /// The storage node of this number.
    Node(usize),
    /// The loops that remain are those of one step of the arrays, or run inside an element.
    Inside,
}

/// The walk of one window operand along the dimension in which its node slides.
#[derive(Default)]
struct Slide {
    /// The walked extent.
    base: Option<Block>,
    /// The rows of the tile before in this walk, seen from the parent (for each group of elements
    /// that one transfer serves) and from the child.
    held: [Vec<BTreeSet<u64>>; Window::COUNT],
}

/// State of the walk.
struct Walk<'a> {
    plan: &'a Plan<'a>,
    stops: Vec<Stop>,
    lines: Vec<Line>,
    slides: Vec<Slide>,
    /// For each node, and last for the steps, the output tiles already visited.
    visited: Vec<HashSet<[u64; Dim::COUNT]>>,
    tallies: Tallies,
    steps: u128,
    executed: Vec<bool>,
}

impl<'a> Walk<'a> {
    /// A walk that has not begun.
    fn new(plan: &'a Plan<'a>) -> Self {
        let stops = plan.normalised();
        let macs = usize::try_from(plan.nest.box_macs()).unwrap_or(usize::MAX);
        Self {
            lines: lines(plan, &stops),
            slides: stops.iter().map(|_| Slide::default()).collect(),
            visited: vec![HashSet::new(); stops.len() + 1],
            tallies: Tallies::new(plan),
            steps: 0,
            executed: vec![false; macs],
            plan,
            stops,
        }
    }

    /// Executes the nest from a line inwards on one tile.
    fn descend(&mut self, line: usize, tile: TileBox) -> Result<(), CheckError> {
        match self.lines[line] {
            Line::Loop(Loop { dim, piece }, slide) => {
                if let Some(node) = slide {
                    self.slides[node] = Slide {
                        base: Some(tile[dim]),
                        ..Slide::default()
                    };
                }
                for part in tile[dim].pieces(piece) {
                    let mut inner = tile;
                    inner[dim] = part;
                    self.descend(line + 1, inner)?;
                }
                Ok(())
            }
            Line::Node(node) => {
                self.visit(node, &tile);
                self.descend(line + 1, tile)
            }
            Line::Inside => self.inside(&tile),
        }
    }

    /// A node's memory gets a tile: fetches an input or weight, or visits an output tile, unless
    /// all of the operand lies there.
    fn visit(&mut self, number: usize, tile: &TileBox) {
        let node = self.stops[number].node;
        let child = self.plan.memory_index(node.level);
        if self.plan.lies_in(child, node.role) {
            return;
        }
        let parent = self.plan.parent(node);
        let first = self.is_first(number, node.role, tile);
        for (side, memory) in [parent, child].into_iter().enumerate() {
            let between = (self.plan.memories[memory].0, node.level);
            let elements = self.fetched(number, side, between, tile);
            let visits = self.visits(node.role, elements, first, (between, tile));
            if side == 0 {
                self.tallies.inside(parent, Some(child), node.role, visits);
            } else {
                self.tallies.outside(child, node.role, visits);
            }
        }
    }

    /// The elements that cross a port once when a node gets a tile: those of element 0 at the
    /// outer level, without the rows that it still has from the tile before.
    fn fetched(
        &mut self,
        number: usize,
        side: usize,
        between: (usize, usize),
        tile: &TileBox,
    ) -> u128 {
        let stop = &self.stops[number];
        let (role, plan) = (stop.node.role, self.plan);
        let mut share = plan.spread.share(between.0, tile);
        let walked = plan
            .slide(stop)
            .and_then(|d| Some((d, LoopNest::window_of(d)?)));
        let Some((dim, axis)) = walked else {
            return volume(plan, role, between, &share);
        };
        let slide = &mut self.slides[number];
        let (_, kernel) = LoopNest::WINDOW_DIMS[axis];
        if let Some(base) = slide.base {
            let own = base.first_share(plan.spread.factors(between.0, dim));
            let turn = (tile[dim].start - base.start) / stop.wide[dim];
            let start = own.start + turn * stop.extents[dim];
            let len = stop.extents[dim].min(own.end().saturating_sub(start));
            share[dim] = Block { start, len };
        }
        let window = plan.nest.windows[axis];
        let groups = plan.spread.groups(between, role, kernel, share[kernel]);
        let held = &mut slide.held[side];
        held.resize(groups.len().max(held.len()), BTreeSet::new());
        let mut new = 0;
        for (before, taps) in held.iter_mut().zip(&groups) {
            let rows = joint_rows(window, &[share[dim]], taps);
            new += rows.difference(before).count() as u128;
            *before = rows;
        }
        let others = (0..Window::COUNT).filter(|&other| other != axis);
        let others = others.map(|other| window_rows(plan, other, between, &share));
        plain(plan, Role::Input, &share) * new * others.product::<u128>()
    }

    /// Notes the visit of a tile by a node (or a step): whether it is the first one of it.
    fn is_first(&mut self, number: usize, role: Role, tile: &TileBox) -> bool {
        let mut key = [0; Dim::COUNT];
        for d in self.plan.relevant(role) {
            key[d as usize] = tile[d].start;
        }
        self.visited[number].insert(key)
    }

    /// The visits of so many elements by one tile: for inputs and weights one for each group of
    /// elements that no multicast joins, for the output one for each that no reduction joins.
    fn visits(
        &self,
        role: Role,
        elements: u128,
        first: bool,
        (between, tile): ((usize, usize), &TileBox),
    ) -> Visits {
        let mut active = *tile;
        for d in Dim::ALL {
            active[d] = self.plan.active(d, tile[d]);
        }
        let share = self.plan.spread.share(between.0, &active);
        let irrelevant = Dim::ALL
            .into_iter()
            .filter(|&d| !self.plan.nest.is_relevant(role, d));
        let copies: u128 = irrelevant
            .map(|d| self.plan.spread.groups(between, role, d, share[d]).len() as u128)
            .product();
        let once = u128::from(first);
        Visits {
            first: elements * once,
            further: elements * (copies - once),
        }
    }

    /// The work below all nodes: steps, the innermost memory's ports, and every
    /// multiply-accumulate of the tile.
    fn inside(&mut self, tile: &TileBox) -> Result<(), CheckError> {
        let steps = busiest_steps(self.plan, tile);
        self.steps += steps;
        let last = self.plan.memories.len() - 1;
        for role in Role::ALL {
            if self.plan.kept_inside(role) {
                self.tallies.steps(last, role, steps);
            } else {
                self.array_tile(role, tile);
            }
        }
        execute(&mut self.executed, &self.plan.nest.extents, tile)
    }

    /// One step of the arrays that reads an operand from the innermost memory that keeps it.
    fn array_tile(&mut self, role: Role, tile: &TileBox) {
        let memory = self.plan.innermost_keeper(role);
        let between = (self.plan.memories[memory].0, usize::MAX);
        let share = self.plan.spread.share(between.0, tile);
        let elements = volume(self.plan, role, between, &share);
        let first = role == Role::Output && self.is_first(self.stops.len(), role, tile);
        let visits = self.visits(role, elements, first, (between, tile));
        self.tallies.inside(memory, None, role, visits);
    }

    /// Compares all that was counted with the stated cost.
    fn compare(&self, cost: &Cost) -> Result<(), CheckError> {
        if let Some(index) = self.executed.iter().position(|&e| !e) {
            let times = "never";
            return Err(CheckError::Executed { index, times });
        }
        same_total("compute cycles", cost.compute_cycles, self.steps)?;
        self.tallies.compare(self.plan, cost)
    }
}

/// The number of elements of `role` in a box, outside the windows of the input.
fn plain(plan: &Plan, role: Role, tile: &TileBox) -> u128 {
    let windowed = |d: Dim| role == Role::Input && LoopNest::window_of(d).is_some();
    let dims = plan.relevant(role).filter(|&d| !windowed(d));
    dims.map(|d| u128::from(tile[d].len)).product()
}

/// The rows of one window of a box that cross the outer level's port: the distinct ones of each
/// group of elements that one transfer serves.
fn window_rows(plan: &Plan, axis: usize, between: (usize, usize), tile: &TileBox) -> u128 {
    let (output, kernel) = LoopNest::WINDOW_DIMS[axis];
    let groups = |d: Dim| plan.spread.groups(between, Role::Input, d, tile[d]);
    let window = plan.nest.windows[axis];
    let (outputs, taps) = (groups(output), groups(kernel));
    let pairs = outputs
        .iter()
        .flat_map(|p| taps.iter().map(move |r| (p, r)));
    pairs
        .map(|(p, r)| joint_rows(window, p, r).len() as u128)
        .sum()
}

/// The number of elements of `role` in a box that cross the outer level's port.
fn volume(plan: &Plan, role: Role, between: (usize, usize), tile: &TileBox) -> u128 {
    let plain = plain(plan, role, tile);
    if role == Role::Input {
        let rows = |axis| window_rows(plan, axis, between, tile);
        plain * (0..Window::COUNT).map(rows).product::<u128>()
    } else {
        plain
    }
}

/// The lines of the nest, from the outside in.
fn lines(plan: &Plan, stops: &[Stop]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut current = plan.nest.extents;
    for (number, stop) in stops.iter().enumerate() {
        let slide = plan.slide(stop);
        for &l in &stop.loops {
            let slides = Some(l.dim) == slide;
            lines.push(Line::Loop(l, slides.then_some(number)));
            current[l.dim] = l.piece;
        }
        lines.push(Line::Node(number));
        for &l in &stop.below {
            lines.push(Line::Loop(l, None));
            current[l.dim] = l.piece;
        }
    }
    if let Some(step) = plan.step_tile() {
        for dim in Dim::ALL.into_iter().filter(|&d| step[d] < current[d]) {
            let piece = step[dim];
            lines.push(Line::Loop(Loop { dim, piece }, None));
        }
    }
    lines.push(Line::Inside);
    lines
}

/// The steps of the busiest element on an innermost tile: the largest share in every dimension.
fn busiest_steps(plan: &Plan, tile: &TileBox) -> u128 {
    let largest = |d: Dim| {
        let shares = tile[d].shares(plan.spread.factors(usize::MAX, d));
        shares.iter().map(|s| u128::from(s.len)).max().unwrap_or(0)
    };
    Dim::ALL.into_iter().map(largest).product()
}

/// Marks every multiply-accumulate of a tile as executed; none may have been before.
fn execute(executed: &mut [bool], extents: &PerDim<u64>, tile: &TileBox) -> Result<(), CheckError> {
    let mut rows = vec![0_u64];
    for d in Dim::ALL {
        let inner = tile[d].start..tile[d].end();
        let below = |&row: &u64| inner.clone().map(move |i| row * extents[d] + i);
        rows = rows.iter().flat_map(below).collect();
    }
    for index in rows {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        match executed.get_mut(index) {
            Some(done) if !*done => *done = true,
            _ => {
                let times = "twice";
                return Err(CheckError::Executed { index, times });
            }
        }
    }
    Ok(())
}

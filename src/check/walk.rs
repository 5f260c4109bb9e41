//! A walk of the whole nest, loop by loop, that counts what every port moves.

use std::collections::{BTreeSet, HashSet};

use crate::problem::result::Cost;
use crate::problem::{Dim, LoopNest, PerDim, Role};

use super::nest::{Loop, Plan, Stop};
use super::tally::{Tallies, Visits};
use super::tiles::{Block, Box8, Volume, rows};
use super::{CheckError, same_total};

/// Walks the nest and compares everything it counts with the stated cost.
pub(super) fn check(plan: &Plan, cost: &Cost) -> Result<(), CheckError> {
    let mut walk = Walk::new(plan);
    let whole = Box8::all(Block::whole(1));
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
    /// Rows already fetched in this walk, seen from the parent and from the child.
    seen: [BTreeSet<u64>; 2],
}

/// State of the walk.
struct Walk<'a> {
    plan: &'a Plan<'a>,
    stops: Vec<Stop>,
    lines: Vec<Line>,
    volume: Volume<'a>,
    slides: Vec<Slide>,
    /// For each node, and last for the steps, the output tiles already visited.
    visited: Vec<HashSet<[u64; 8]>>,
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
            volume: Volume::new(plan.nest),
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
    fn descend(&mut self, line: usize, tile: Box8) -> Result<(), CheckError> {
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

    /// A node's memory gets a tile: fetches an input or weight, or visits an output tile.
    fn visit(&mut self, number: usize, tile: &Box8) {
        let node = self.stops[number].node;
        let child = self.plan.memory_index(node.level);
        let parent = child - 1;
        let mut elements = [0; 2];
        for (side, memory) in [parent, child].into_iter().enumerate() {
            elements[side] = self.fetched(number, side, self.plan.memories[memory].0, tile);
        }
        if node.role == Role::Output {
            let [outside, inside] = self.visits(number, tile, elements);
            self.tallies.output_inside(parent, outside);
            self.tallies.output_outside(child, inside);
        } else {
            self.tallies.read(parent, node.role, elements[0]);
            self.tallies.fill(child, node.role, elements[1]);
        }
    }

    /// The elements that cross a port when a node gets a tile: those of element 0 at `level`,
    /// without the rows that it still has from the tile before.
    fn fetched(&mut self, number: usize, side: usize, level: usize, tile: &Box8) -> u128 {
        let stop = &self.stops[number];
        let mut share = self.plan.spread.share(level, tile);
        let Some(dim) = self.plan.slide(stop) else {
            return self.volume.of(stop.node.role, &share);
        };
        let slide = &mut self.slides[number];
        let axis = usize::from(dim == Dim::Q);
        let (_, kernel) = LoopNest::WINDOW_DIMS[axis];
        if let Some(base) = slide.base {
            let own = base.first_share(self.plan.spread.factors(level, dim));
            let turn = (tile[dim].start - base.start) / stop.wide[dim];
            let start = own.start + turn * stop.extents[dim];
            let len = stop.extents[dim].min(own.end().saturating_sub(start));
            share[dim] = Block { start, len };
        }
        let before = slide.seen[side].len();
        let window = self.plan.nest.windows[axis];
        slide.seen[side].extend(rows(window, share[dim], share[kernel]));
        let new = (slide.seen[side].len() - before) as u128;
        let other = self.volume.rows(1 - axis, &share);
        self.volume.plain(Role::Input, &share) * new * other
    }

    /// Notes the visit of an output tile by a node (or a step): its first one or a further one.
    fn visits<const N: usize>(
        &mut self,
        number: usize,
        tile: &Box8,
        elements: [u128; N],
    ) -> [Visits; N] {
        let mut key = [0; 8];
        for d in self.plan.relevant(Role::Output) {
            key[d as usize] = tile[d].start;
        }
        let first = self.visited[number].insert(key);
        elements.map(|all| Visits {
            first: if first { all } else { 0 },
            further: if first { 0 } else { all },
        })
    }

    /// The work below all nodes: steps, the innermost memory's ports, and every
    /// multiply-accumulate of the tile.
    fn inside(&mut self, tile: &Box8) -> Result<(), CheckError> {
        let steps = busiest_steps(self.plan, tile);
        self.steps += steps;
        let last = self.plan.memories.len() - 1;
        if self.plan.step_tile().is_some() {
            self.array_tile(last, tile);
        } else {
            self.tallies.steps(last, steps);
        }
        execute(&mut self.executed, &self.plan.nest.extents, tile)
    }

    /// One step of the arrays that reads its operands from the memory above them.
    fn array_tile(&mut self, memory: usize, tile: &Box8) {
        let share = self.plan.spread.share(self.plan.memories[memory].0, tile);
        for role in [Role::Input, Role::Weight] {
            let elements = self.volume.of(role, &share);
            self.tallies.read(memory, role, elements);
        }
        let elements = self.volume.of(Role::Output, &share);
        let [inside] = self.visits(self.stops.len(), tile, [elements]);
        self.tallies.output_inside(memory, inside);
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
fn busiest_steps(plan: &Plan, tile: &Box8) -> u128 {
    let largest = |d: Dim| {
        let shares = tile[d].shares(plan.spread.factors(usize::MAX, d));
        shares.iter().map(|s| u128::from(s.len)).max().unwrap_or(0)
    };
    Dim::ALL.into_iter().map(largest).product()
}

/// Marks every multiply-accumulate of a tile as executed; none may have been before.
fn execute(executed: &mut [bool], extents: &PerDim<u64>, tile: &Box8) -> Result<(), CheckError> {
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

//! The counts of a nest: every boundary of every operand, and what follows from them.

use deepmatrix::problem::{
    Bits, Dim, Hardware, Level, LoopNest, Memory, Overlap, PerDim, Ports, Role,
};

use super::events::{Event, Events, Spread, events, first_pieces, spreads};
use super::feed::{Element, Feed, Flow, Keeping, count};
use super::parse::{Item, Nest, parse};
use super::tensor::{LIMIT, size};

/// Bits that a memory moves across one of its boundaries for one operand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Read from the memory.
    pub reads: u128,
    /// Written to the memory.
    pub writes: u128,
}

/// One memory (element 0 of those below arrays), operands as in [`Role::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryCounts {
    /// Its level.
    pub level: usize,
    /// Exchanged with the level inside.
    pub inner: [Moved; 3],
    /// Exchanged with the level outside.
    pub outer: [Moved; 3],
    /// Bits of the largest tile.
    pub footprint: [u128; 3],
    /// Tiles loaded.
    pub loads: [u128; 3],
    /// Bits occupied, twice the footprint where double-buffered.
    pub occupied: u128,
    /// Whether that is within the capacity.
    pub fits: bool,
    /// Busy cycles of its busiest port.
    pub busy: u128,
}

/// What a nest costs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Compute cycles.
    pub steps: u128,
    /// The memories, outermost first.
    pub memories: Vec<MemoryCounts>,
    /// Steady-state cycles: the most of the steps and of every port's busy time.
    pub cycles: u128,
    /// Whether every tile fits.
    pub fits: bool,
}

impl Counts {
    /// The memory of this level.
    pub fn memory(&self, level: usize) -> &MemoryCounts {
        let found = self.memories.iter().find(|m| m.level == level);
        found.expect("a memory of this level")
    }
}

/// Replays a printed nest.
///
/// # Panics
/// With the reason if the text is no nest of this operation on this hardware, or not covered.
pub fn replay(operation: &LoopNest, hardware: &Hardware, text: &str) -> Counts {
    let nest = parse(&operation.extents, hardware, text);
    let counts = nest.and_then(|nest| replay_nest(operation, hardware, &nest));
    counts.unwrap_or_else(|reason| panic!("{reason}\n{text}"))
}

/// Replays a nest.
///
/// # Errors
/// Why it is no nest of this operation on this hardware, or not covered.
pub fn replay_nest(
    operation: &LoopNest,
    hardware: &Hardware,
    nest: &Nest,
) -> Result<Counts, String> {
    let spreads = spreads(nest);
    check_covered(operation, hardware, &spreads)?;
    let events = events(operation, &spreads, nest)?;
    let view = View {
        operation,
        hardware,
        nest,
        spreads: &spreads,
        events: &events,
    };
    view.check_tiles()?;
    let mut totals = Totals::new(hardware);
    for role in Role::ALL {
        let mut parent = 0;
        for (position, level) in view.nodes(role) {
            if level <= parent {
                return Err(format!("{role}: a node of level {level} below {parent}"));
            }
            let feed = view.node(role, position, parent, level);
            totals.node(operation, &feed, &count(operation, &feed), parent, level);
            parent = level;
        }
        let feed = view.compute(role, parent);
        totals.compute(&feed, &count(operation, &feed), parent);
    }
    Ok(totals.finish(hardware))
}

fn check_covered(
    operation: &LoopNest,
    hardware: &Hardware,
    spreads: &[Spread],
) -> Result<(), String> {
    if Role::ALL.iter().any(|&r| size(operation, r) > LIMIT) {
        return Err(format!("a tensor of more than {LIMIT} elements"));
    }
    for (_, memory) in hardware.memories() {
        if !matches!(memory.overlap, Overlap::Ideal | Overlap::DoubleBuffer) {
            return Err(format!("{}: transfers that take time", memory.name));
        }
    }
    for spread in spreads {
        let Some(Level::Array(array)) = hardware.levels.get(spread.level) else {
            return Err("a spread over no array".to_owned());
        };
        let axis = &array.axes[spread.axis];
        let reduced = !operation.is_relevant(Role::Output, spread.dim);
        if reduced && !axis.reduce {
            return Err(format!("{}: partial sums of several elements", axis.name));
        }
        let same = |s: &&Spread| (s.level, s.axis) == (spread.level, spread.axis);
        if spreads
            .iter()
            .filter(same)
            .map(|s| s.factor)
            .product::<u64>()
            > axis.size
        {
            return Err(format!("{}: more than {} elements", axis.name, axis.size));
        }
    }
    Ok(())
}

/// A nest with all that is needed to find its boundaries.
pub struct View<'a> {
    /// The operation.
    pub operation: &'a LoopNest,
    /// The accelerator.
    pub hardware: &'a Hardware,
    /// The nest.
    pub nest: &'a Nest,
    /// Its spreads.
    pub spreads: &'a [Spread],
    /// Its events.
    pub events: &'a Events,
}

impl View<'_> {
    /// Position and level of the nodes of an operand, outermost first.
    pub fn nodes(&self, role: Role) -> Vec<(usize, usize)> {
        let items = self.nest.items.iter().enumerate();
        let nodes = items.filter_map(|(i, item)| match item {
            Item::Keep { level, role: r, .. } if *r == role => Some((i, *level)),
            _ => None,
        });
        nodes.collect()
    }

    /// The boundary above the node at this position.
    pub fn node(&self, role: Role, position: usize, parent: usize, level: usize) -> Feed {
        let until = self.events.before[position];
        let above = &self.events.all[..until];
        let loops = above.iter().filter_map(|e| match e {
            Event::Cut { dim, .. } => Some(*dim),
            _ => None,
        });
        let loops: Vec<Dim> = loops.collect();
        // "The first relevant loop with more than one trip ends the reuse": no other loop is printed.
        let relevant = |d: &Dim| self.operation.is_relevant(role, *d);
        let last = loops.iter().rposition(relevant);
        let slides = last.is_some_and(|last| self.slides(position, last, loops[last], parent));
        let keeping = Keeping::Tile {
            loops: last.map_or(0, |last| last + 1),
            slides,
        };
        self.feed(role, until, [parent, level], keeping)
    }

    /// The boundary between the innermost memory of an operand and the multiply-accumulates.
    pub fn compute(&self, role: Role, parent: usize) -> Feed {
        let arrays = self.hardware.arrays().map(|(level, _)| level);
        let keeping = match arrays.max() {
            Some(array) if parent > array => Keeping::Registers,
            _ => Keeping::Steps,
        };
        self.feed(role, self.events.all.len(), [parent, usize::MAX], keeping)
    }

    /// Whether the node keeps what its tile shares with the tile before along `d`, the loop
    /// number `last`: "with R whole inside the tile", "only along a loop below its parent's node",
    /// and below an array "only if no array between it and its parent spreads P or R".
    fn slides(&self, position: usize, last: usize, d: Dim, parent: usize) -> bool {
        let Item::Keep {
            level, role, slide, ..
        } = &self.nest.items[position]
        else {
            return false;
        };
        let Some(axis) = LoopNest::window_of(d).filter(|_| *slide == Some(d)) else {
            return false;
        };
        let (output, tap) = LoopNest::WINDOW_DIMS[axis];
        let window = [output, tap];
        let above = &self.events.all[..self.events.before[position]];
        let whole = above.iter().all(|e| match e {
            Event::Cut { dim, .. } | Event::First { dim, .. } | Event::Deal { dim, .. } => {
                *dim != tap
            }
        });
        let between = |s: &Spread| s.level > parent && s.level < *level;
        let spread = (self.spreads.iter()).any(|s| between(s) && window.contains(&s.dim));
        let nodes = self.nodes(*role);
        let above_parent = nodes.iter().find(|n| n.1 == parent).map_or(0, |n| {
            let before = &self.events.all[..self.events.before[n.0]];
            let cuts = before.iter().filter(|e| matches!(e, Event::Cut { .. }));
            cuts.count()
        });
        let memory = self.hardware.memory(*level);
        d == output
            && window.iter().all(|&d| self.operation.is_relevant(*role, d))
            && memory.is_some_and(|m| m.sliding_reuse)
            && whole
            && !spread
            && last >= above_parent
    }

    fn feed(
        &self,
        role: Role,
        until: usize,
        [parent, level]: [usize; 2],
        keeping: Keeping,
    ) -> Feed {
        let first = first_pieces(self.spreads, &self.events.all, until, level);
        let mut dealt = PerDim::all(0);
        for event in self.events.all[..until].iter().chain(&first) {
            if let Event::Deal { dim, .. } = event {
                dealt[*dim] += 1;
            }
        }
        Feed {
            role,
            events: self.events.all[..until].to_vec(),
            first,
            elements: self.elements(&dealt, parent, level),
            keeping,
        }
    }

    /// The elements between two levels, below element 0 of the outer one; of each dimension the
    /// first `dealt` spreads are dealt out.
    fn elements(&self, dealt: &PerDim<usize>, parent: usize, level: usize) -> Vec<Element> {
        let start = Element {
            blocks: std::array::from_fn(|_| vec![0]),
            group: 0,
        };
        let mut all = vec![start];
        let mut seen = PerDim::all(0);
        for spread in self.spreads {
            let d = spread.dim as usize;
            seen[spread.dim] += 1;
            if seen[spread.dim] > dealt[spread.dim] {
                continue;
            }
            let factor = usize::try_from(spread.factor).expect("a small array");
            let multicast = match &self.hardware.levels[spread.level] {
                Level::Array(array) => array.axes[spread.axis].multicast,
                Level::Memory(_) => true,
            };
            let digits: Vec<Vec<usize>> = if spread.level < parent {
                vec![vec![0]]
            } else if spread.level > level {
                vec![(0..factor).collect()]
            } else {
                (0..factor).map(|i| vec![i]).collect()
            };
            all = all
                .iter()
                .flat_map(|e| digits.iter().map(move |digit| (e, digit)))
                .map(|(element, digit)| {
                    let mut next = element.clone();
                    let blocks = element.blocks[d].iter();
                    next.blocks[d] = blocks
                        .flat_map(|b| digit.iter().map(move |i| b * factor + i))
                        .collect();
                    next.group = element.group * factor + if multicast { 0 } else { digit[0] };
                    next
                })
                .collect();
        }
        all
    }

    /// A printed tile is what the loops below the node touch: the largest share of an element.
    fn check_tiles(&self) -> Result<(), String> {
        for (position, item) in self.nest.items.iter().enumerate() {
            let Item::Keep {
                level, role, tile, ..
            } = item
            else {
                continue;
            };
            let mut share = self.operation.extents;
            let mut spread = PerDim::all(1);
            for event in &self.events.all[..self.events.before[position]] {
                match *event {
                    Event::Cut { dim, step } | Event::First { dim, step } => {
                        share[dim] = share[dim].min(step);
                    }
                    Event::Deal { dim, factor } => {
                        share[dim] = share[dim].div_ceil(factor);
                        spread[dim] *= factor;
                    }
                }
            }
            for d in Dim::ALL {
                if self.operation.is_relevant(*role, d) && spread[d] == 1 && share[d] != tile[d] {
                    return Err(format!(
                        "level {level} keeps {role}: {d} {} is touched",
                        share[d]
                    ));
                }
                if self.operation.is_relevant(*role, d) && share[d] > tile[d] {
                    return Err(format!(
                        "level {level} keeps {role}: {d} {} is touched",
                        share[d]
                    ));
                }
            }
        }
        Ok(())
    }
}

/// The counts as they are added up.
#[derive(Clone, Debug)]
pub struct Totals {
    steps: u128,
    memories: Vec<MemoryCounts>,
}

impl Totals {
    /// Nothing yet.
    pub fn new(hardware: &Hardware) -> Self {
        let of = |(level, _): (usize, &Memory)| MemoryCounts {
            level,
            ..MemoryCounts::default()
        };
        Self {
            steps: 0,
            memories: hardware.memories().map(of).collect(),
        }
    }

    fn at(&mut self, level: usize) -> &mut MemoryCounts {
        let found = self.memories.iter_mut().find(|m| m.level == level);
        found.expect("nodes stand in memories")
    }

    fn inside(&mut self, feed: &Feed, flow: &Flow, parent: usize) {
        let moved = &mut self.at(parent).inner[feed.role as usize];
        moved.reads += flow.parent_reads;
        moved.writes += flow.parent_writes;
    }

    /// Adds the boundary above a node.
    pub fn node(
        &mut self,
        operation: &LoopNest,
        feed: &Feed,
        flow: &Flow,
        parent: usize,
        level: usize,
    ) {
        self.inside(feed, flow, parent);
        let role = feed.role as usize;
        let memory = self.at(level);
        memory.outer[role] = Moved {
            reads: flow.child_reads,
            writes: flow.child_writes,
        };
        memory.footprint[role] = flow.largest * u128::from(operation.precision.working(feed.role));
        memory.loads[role] = flow.loads;
    }

    /// Adds the boundary to the multiply-accumulates.
    pub fn compute(&mut self, feed: &Feed, flow: &Flow, parent: usize) {
        self.inside(feed, flow, parent);
        self.steps = flow.visits;
    }

    /// The cycles so far: further boundaries only add to them.
    pub fn finish(mut self, hardware: &Hardware) -> Counts {
        for ((_, memory), counts) in hardware.memories().zip(&mut self.memories) {
            occupy(memory, counts);
        }
        let busy = self.memories.iter().map(|m| m.busy).max().unwrap_or(0);
        Counts {
            steps: self.steps,
            cycles: self.steps.max(busy),
            fits: self.memories.iter().all(|m| m.fits),
            memories: self.memories,
        }
    }
}

/// Space and busy cycles of a memory.
fn occupy(memory: &Memory, counts: &mut MemoryCounts) {
    let doubled = memory.overlap == Overlap::DoubleBuffer;
    let space = |role: usize| {
        // "each operand of which more than one tile is ever loaded takes twice its footprint"
        let buffers = if doubled && counts.loads[role] > 1 {
            2
        } else {
            1
        };
        buffers * counts.footprint[role]
    };
    counts.occupied = (0..3).map(space).sum();
    counts.fits = (memory.capacity).is_none_or(|c| counts.occupied <= c.bits().0);
    let all = || counts.inner.iter().chain(&counts.outer);
    let reads: u128 = all().map(|m| m.reads).sum();
    let writes: u128 = all().map(|m| m.writes).sum();
    let cycles = |bandwidth: Option<deepmatrix::problem::Bandwidth>, bits: u128| {
        bandwidth.map_or(0, |b| b.cycles(Bits(bits)))
    };
    counts.busy = match memory.ports {
        Ports::Shared(bandwidth) => cycles(bandwidth, reads + writes),
        Ports::Separate { read, write } => cycles(read, reads).max(cycles(write, writes)),
    };
}

//! What a nest costs: the flows of all boundaries added up.

use deepmatrix::problem::{Bandwidth, Bits, Hardware, LoopNest, Memory, Overlap, Ports};

use super::feed::{Boundary, Flow};

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

    fn inside(&mut self, feed: &Boundary, flow: &Flow) {
        let moved = &mut self.at(feed.parent).inner[feed.role as usize];
        moved.reads += flow.parent_reads;
        moved.writes += flow.parent_writes;
    }

    /// Adds the boundary above a node.
    pub fn node(&mut self, operation: &LoopNest, feed: &Boundary, flow: &Flow) {
        self.inside(feed, flow);
        let role = feed.role as usize;
        let memory = self.at(feed.level);
        memory.outer[role] = Moved {
            reads: flow.child_reads,
            writes: flow.child_writes,
        };
        memory.footprint[role] = flow.largest * u128::from(operation.precision.working(feed.role));
        memory.loads[role] = flow.loads;
    }

    /// Adds the boundary to the multiply-accumulates.
    pub fn compute(&mut self, feed: &Boundary, flow: &Flow) {
        self.inside(feed, flow);
        self.steps = flow.visits;
    }

    /// Adds traffic across a boundary that is still to come.
    pub fn ahead(&mut self, feed: &Boundary, flow: &Flow) {
        self.inside(feed, flow);
        if let Some(memory) = self.memories.iter_mut().find(|m| m.level == feed.level) {
            memory.outer[feed.role as usize] = Moved {
                reads: flow.child_reads,
                writes: flow.child_writes,
            };
        }
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
    let cycles =
        |bandwidth: Option<Bandwidth>, bits: u128| bandwidth.map_or(0, |b| b.cycles(Bits(bits)));
    counts.busy = match memory.ports {
        Ports::Shared(bandwidth) => cycles(bandwidth, reads + writes),
        Ports::Separate { read, write } => cycles(read, reads).max(cycles(write, writes)),
    };
}

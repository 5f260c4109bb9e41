//! Depth-first search of canonical arrangements: blocks in the order of their offsets, each at
//! the lowest offset above those that it meets and that have theirs already.
//!
//! Any arrangement can be pushed down until every block lies at 0 or on one that it meets, and
//! among these there is one whose offsets have the least sum. Its blocks, by offset and then by
//! the order of trial, are a path of this search that no rule cuts (`formulations/addresses.md`).

use std::thread;

use crate::engine::switches::switches;
use crate::engine::watch::Ticker;
use crate::engine::{Cause, Watch};
use crate::problem::packing::{Packing, Unpackable};

use super::Packed;
use super::orders::Order;
use super::sections::Sections;

switches! {
    /// Rules by which branches are left out; none of them changes whether offsets are found.
    Rules {
        /// Offsets never decrease from one block to the next, equal ones keep the order of trial.
        "PRU37" canonical;
        /// No block is put where another one would fit below it.
        "PRU38" dominance;
        /// A section's bytes without an offset lie above its floor, within the capacity.
        "PRU39" sections;
        /// A section's floor is no lower than the least offset that one of its blocks can have.
        "PRU40" unallocated_floor;
        /// The floor of every section rises to the last offset.
        "PRU41" monotonic_floor;
        /// Spans of time that no block without an offset connects are searched one by one.
        "PRU42" decomposition;
    }
}

/// How the search of a branch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Found,
    /// Nothing is there.
    Exhausted,
    /// The limit of nodes was met.
    Limit,
    Stopped(Cause),
}

/// Stack of the search: it descends by one call for every block.
const STACK_BYTES: usize = 64 << 20;
const STACK_BYTES_PER_BLOCK: usize = 2048;

/// Offsets for some blocks, or that there are none. The orders of trial take turns, each with
/// twice as many nodes as in the round before; the first one to end decides.
pub(super) fn solve(
    packing: &Packing,
    sections: &Sections,
    part: &[usize],
    rules: Rules,
    watch: &Watch,
) -> Packed {
    let stack = STACK_BYTES + STACK_BYTES_PER_BLOCK * part.len();
    thread::scope(|scope| {
        let search = move || rounds(packing, sections, part, rules, watch);
        let builder = thread::Builder::new().stack_size(stack);
        match builder
            .spawn_scoped(scope, search)
            .map(thread::ScopedJoinHandle::join)
        {
            Ok(Ok(packed)) => packed,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => Packed::Stopped(Cause::Memory),
        }
    })
}

fn rounds(
    packing: &Packing,
    sections: &Sections,
    part: &[usize],
    rules: Rules,
    watch: &Watch,
) -> Packed {
    let mut nodes = 2 * part.len() as u64;
    loop {
        for order in Order::ALL {
            let mut search = Search::new(packing, sections, rules, order, watch);
            search.nodes_left = nodes;
            match search.part(part.to_vec(), sections.span(part), 0) {
                End::Found => return Packed::Fits(search.solution),
                End::Exhausted => {
                    let blocks = part.to_vec();
                    return Packed::Impossible(Unpackable::NoArrangement { blocks });
                }
                End::Stopped(cause) => return Packed::Stopped(cause),
                End::Limit => {}
            }
        }
        nodes *= 2;
    }
}

/// A block on trial.
#[derive(Clone, Copy)]
struct Trial {
    offset: u64,
    rank: usize,
    block: usize,
}

/// For every block those with a fixed address that it meets; empty where nothing is fixed.
fn fixed(packing: &Packing, sections: &Sections) -> Vec<Vec<usize>> {
    let is_fixed = |&&block: &&usize| packing.blocks[block].fixed.is_some();
    if packing.blocks.iter().all(|block| block.fixed.is_none()) {
        return Vec::new();
    }
    let met = sections.neighbours.iter();
    met.map(|all| all.iter().filter(is_fixed).copied().collect())
        .collect()
}

struct Search<'a> {
    packing: &'a Packing,
    sections: &'a Sections,
    rules: Rules,
    order: Order,
    watch: &'a Watch,
    ticker: Ticker,
    nodes_left: u64,
    /// Whether a block has its offset.
    placed: Vec<bool>,
    /// A block's address, or the lowest one that it can have.
    offset: Vec<u64>,
    /// For every block those with a fixed address that it meets; empty where nothing is fixed.
    fixed: Vec<Vec<usize>>,
    /// No block without an offset lies lower in the section.
    floor: Vec<u64>,
    /// Bytes of the blocks without an offset.
    rest: Vec<u64>,
    /// Blocks without an offset that span the border to the next section.
    crossings: Vec<u32>,
    solution: Vec<u64>,
}

/// What a step changed, to be taken back.
struct Undo {
    offsets: Vec<(usize, u64)>,
    floors: Vec<(usize, u64)>,
}

impl<'a> Search<'a> {
    fn new(
        packing: &'a Packing,
        sections: &'a Sections,
        rules: Rules,
        order: Order,
        watch: &'a Watch,
    ) -> Self {
        let (blocks, number) = (packing.blocks.len(), sections.members.len());
        let bytes = |own: &Vec<usize>| own.iter().map(|&b| packing.blocks[b].size).sum();
        Self {
            packing,
            sections,
            rules,
            order,
            watch,
            ticker: watch.ticker(),
            nodes_left: u64::MAX,
            placed: vec![false; blocks],
            offset: (packing.blocks.iter())
                .map(|block| packing.lowest(block))
                .collect(),
            fixed: fixed(packing, sections),
            floor: vec![packing.base; number],
            rest: sections.members.iter().map(bytes).collect(),
            crossings: sections.crossings(),
            solution: vec![0; blocks],
        }
    }

    /// Searches blocks without an offset that meet no others without one.
    fn part(&mut self, mut blocks: Vec<usize>, range: (usize, usize), least: u64) -> End {
        self.order
            .sort(self.packing, self.sections, &self.rest, &mut blocks);
        self.node(&blocks, range, (least, 0))
    }

    /// Searches all ways to go on: `blocks` in the order of trial, offsets from `from` on.
    fn node(&mut self, blocks: &[usize], range: (usize, usize), from: (u64, usize)) -> End {
        if self.nodes_left == 0 {
            return End::Limit;
        }
        self.nodes_left -= 1;
        if self.ticker.stopped() {
            return End::Stopped(self.watch.cause().unwrap_or(Cause::Time));
        }
        let trials = self.trials(blocks);
        if trials.is_empty() {
            for &block in blocks {
                self.solution[block] = self.offset[block];
            }
            return End::Found;
        }
        let height = |t: &Trial| t.offset + self.packing.blocks[t.block].size;
        let free = trials.iter().filter(|trial| !self.is_blocked(trial.block));
        let lowest_top = free.map(height).min().unwrap_or(u64::MAX);
        for trial in trials {
            if self.rules.dominance && trial.offset >= lowest_top {
                break;
            }
            if self.rules.canonical && (trial.offset, trial.rank) < from {
                continue;
            }
            let end = self.step(blocks, range, trial);
            if end != End::Exhausted {
                return end;
            }
        }
        End::Exhausted
    }

    /// The blocks without an offset by the lowest one that they can have.
    fn trials(&self, blocks: &[usize]) -> Vec<Trial> {
        let open = blocks.iter().enumerate().filter(|&(_, &b)| !self.placed[b]);
        let mut trials: Vec<Trial> = open
            .map(|(rank, &block)| Trial {
                offset: self.offset[block],
                rank,
                block,
            })
            .collect();
        trials.sort_unstable_by_key(|t| (t.offset, t.rank));
        trials
    }

    /// Gives a block its offset, searches on, and takes it back.
    fn step(&mut self, blocks: &[usize], range: (usize, usize), trial: Trial) -> End {
        if self.is_blocked(trial.block) {
            return End::Exhausted;
        }
        let undo = self.place(trial.block);
        let end = if !self.possible(range, trial.offset) {
            End::Exhausted
        } else if self.rules.decomposition {
            self.decompose(blocks, range, trial)
        } else {
            self.node(blocks, range, (trial.offset, trial.rank))
        };
        self.take_back(trial.block, undo);
        end
    }

    fn place(&mut self, block: usize) -> Undo {
        let size = self.packing.blocks[block].size;
        let height = self.offset[block] + size;
        let mut undo = Undo {
            offsets: Vec::new(),
            floors: Vec::new(),
        };
        self.placed[block] = true;
        let (packing, sections) = (self.packing, self.sections);
        for section in sections.alive(block) {
            undo.floors.push((section, self.floor[section]));
            self.floor[section] = height;
            self.rest[section] -= size;
        }
        for &other in &sections.neighbours[block] {
            // What lies no lower than the height lies no lower than the next aligned address either,
            // and what is fixed lies above, or the block could not be here.
            if self.placed[other] || self.offset[other] >= height {
                continue;
            }
            let own = &packing.blocks[other];
            if own.fixed.is_none() {
                undo.offsets.push((other, self.offset[other]));
                self.offset[other] = packing.aligned(height, own);
            }
        }
        if self.rules.unallocated_floor {
            self.raise_floors(&mut undo);
        }
        undo
    }

    /// Raises the floors of sections of which a block's lowest offset changed.
    fn raise_floors(&mut self, undo: &mut Undo) {
        let changed = undo.offsets.iter().map(|&(block, _)| self.range(block));
        let (first, after) = changed.fold((usize::MAX, 0), |(first, after), own| {
            (first.min(own.start), after.max(own.end))
        });
        for section in first..after {
            let members = self.sections.members[section].iter();
            let open = members.filter(|&&b| !self.placed[b]);
            if let Some(least) = open.map(|&b| self.offset[b]).min()
                && self.floor[section] < least
            {
                undo.floors.push((section, self.floor[section]));
                self.floor[section] = least;
            }
        }
    }

    fn take_back(&mut self, block: usize, undo: Undo) {
        for (section, floor) in undo.floors.into_iter().rev() {
            self.floor[section] = floor;
        }
        for (other, offset) in undo.offsets {
            self.offset[other] = offset;
        }
        let size = self.packing.blocks[block].size;
        for section in self.sections.alive(block) {
            self.rest[section] += size;
        }
        self.placed[block] = false;
    }

    /// Whether a block would share bytes with one that has a fixed address and is not placed yet.
    fn is_blocked(&self, block: usize) -> bool {
        let Some(fixed) = self.fixed.get(block) else {
            return false;
        };
        let (from, to) = (
            self.offset[block],
            self.offset[block] + self.packing.blocks[block].size,
        );
        fixed.iter().any(|&other| {
            let size = self.packing.blocks[other].size;
            !self.placed[other] && self.offset[other] < to && from < self.offset[other] + size
        })
    }

    fn range(&self, block: usize) -> std::ops::Range<usize> {
        let (first, after) = self.sections.ranges[block];
        first..after
    }

    /// Whether every section can still be filled within the capacity.
    fn possible(&self, (first, after): (usize, usize), offset: u64) -> bool {
        (first..after).all(|section| {
            let open = self.rest[section] > 0;
            let mut top = self.floor[section];
            if self.rules.monotonic_floor && open {
                top = top.max(offset);
            }
            if self.rules.sections {
                top += self.rest[section];
            }
            top <= self.packing.end()
        })
    }

    /// Goes on in each span of time that the last block's offset has cut off.
    fn decompose(&mut self, blocks: &[usize], range: (usize, usize), trial: Trial) -> End {
        let own = self.range(trial.block);
        let mut borders = vec![range.0];
        for section in own.start..own.end - 1 {
            self.crossings[section] -= 1;
            if self.crossings[section] == 0 {
                borders.push(section + 1);
            }
        }
        let end = if borders.len() == 1 {
            self.solution[trial.block] = trial.offset;
            self.node(blocks, range, (trial.offset, trial.rank))
        } else {
            borders.push(range.1);
            for &block in blocks.iter().filter(|&&b| self.placed[b]) {
                self.solution[block] = self.offset[block];
            }
            self.spans(blocks, &borders, trial.offset)
        };
        for section in own.start..own.end - 1 {
            self.crossings[section] += 1;
        }
        end
    }

    fn spans(&mut self, blocks: &[usize], borders: &[usize], offset: u64) -> End {
        for pair in borders.windows(2) {
            let (first, after) = (pair[0], pair[1]);
            let inside = |&b: &usize| {
                let own = self.range(b);
                !self.placed[b] && first <= own.start && own.end <= after
            };
            let open: Vec<usize> = blocks.iter().copied().filter(inside).collect();
            let end = self.part(open, (first, after), offset);
            if end != End::Found {
                return end;
            }
        }
        End::Found
    }
}

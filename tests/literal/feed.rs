//! What crosses between a memory and the next one further in (or the multiply-accumulate units)
//! for one operand, counted tile by tile.

use deepmatrix::problem::{Dim, LoopNest, Role};

use super::events::{Blocks, Event, walk};
use super::tensor::{Set, Tile, touched};

/// When what is inside is loaded anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keeping {
    /// A storage node: the tile stays as long as the first `loops` loops do not move. With
    /// `slides`, what the tile before holds is kept when only the last of them moves.
    Tile {
        /// The loops as far in as the first relevant one with more than one trip.
        loops: usize,
        /// Whether it slides along that one.
        slides: bool,
    },
    /// No memory below the array: every step reads and writes.
    Steps,
    /// The registers of an element, which every multiply-accumulate reads, and for the output writes.
    Registers,
}

/// One element below the parent: in each dimension its block, or its blocks where arrays further
/// in have dealt it out already.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Element {
    /// The indices of its blocks.
    pub blocks: [Vec<usize>; Dim::COUNT],
    /// Elements of one group receive what they share by one transfer.
    pub group: usize,
}

/// A boundary between two levels for one operand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Boundary {
    /// The operand.
    pub role: Role,
    /// Level of the outer memory.
    pub parent: usize,
    /// Level of the inner one; that of the multiply-accumulates is the largest number.
    pub level: usize,
    /// Everything above the inner side.
    pub events: Vec<Event>,
    /// What deals out the remaining dimensions, by first pieces.
    pub first: Vec<Event>,
    /// What is kept inside.
    pub keeping: Keeping,
}

/// Bits across a boundary and what they fill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Bits read from the outer memory.
    pub parent_reads: u128,
    /// Bits written to the outer memory.
    pub parent_writes: u128,
    /// Bits that element 0 reads from its inner memory to write them further out.
    pub child_reads: u128,
    /// Bits written to element 0's inner memory.
    pub child_writes: u128,
    /// Elements of the largest tile in any element's memory.
    pub largest: u128,
    /// Tiles that were loaded, empty ones included.
    pub loads: u128,
    /// Tiles that were loaded and hold anything.
    pub filled: u128,
    /// Visits: steps, where the inside is the multiply-accumulate.
    pub visits: u128,
}

struct Walker<'a> {
    operation: &'a LoopNest,
    feed: &'a Boundary,
    /// The elements below element 0 of the parent; the first is number 0.
    elements: &'a [Element],
    /// Reduction iterations of a finished output.
    complete: u64,
    /// Reduction iterations so far of each output.
    done: Vec<u64>,
    /// The tiles of the elements and the counters with which they were loaded.
    held: Option<(Vec<Set>, Vec<u64>)>,
    flow: Flow,
}

/// Counts a boundary; the first of the elements is number 0.
pub fn count(operation: &LoopNest, feed: &Boundary, elements: &[Element]) -> Flow {
    let reduced = |d: &Dim| !operation.is_relevant(Role::Output, *d);
    let complete = Dim::ALL.into_iter().filter(reduced);
    let mut walker = Walker {
        operation,
        feed,
        elements,
        complete: complete.map(|d| operation.extents[d]).product(),
        done: vec![0; 512],
        held: None,
        flow: Flow::default(),
    };
    let mut blocks: Blocks = std::array::from_fn(|d| vec![(0, operation.extents.0[d])]);
    let mut counters = Vec::new();
    walk(&feed.events, &mut blocks, &mut counters, &mut |b, c| {
        walker.visit(b, c);
    });
    walker.drop_tile();
    walker.flow
}

impl Walker<'_> {
    fn visit(&mut self, blocks: &Blocks, counters: &[u64]) {
        self.flow.visits += 1;
        let key = match self.feed.keeping {
            Keeping::Tile { loops, .. } => &counters[..loops],
            Keeping::Steps | Keeping::Registers => counters,
        };
        let stays = match (&self.held, self.feed.keeping) {
            (Some((_, last)), Keeping::Tile { .. }) => last == key,
            _ => false,
        };
        if !stays {
            self.load(blocks, key);
        }
        if self.feed.role == Role::Output {
            self.accumulate(blocks);
        }
    }

    /// Drops the tile that is held and loads the one of this visit.
    fn load(&mut self, blocks: &Blocks, key: &[u64]) {
        let kept = self.slid(key);
        self.drop_tile();
        let tiles = self.tiles(blocks);
        self.flow.loads += 1;
        self.flow.filled += u128::from(union(&tiles).len() > 0);
        self.flow.largest = tiles
            .iter()
            .map(Set::len)
            .fold(self.flow.largest, u128::max);
        let bits = u128::from(self.operation.precision.working(self.feed.role));
        if self.feed.role == Role::Output {
            let registers = self.feed.keeping == Keeping::Registers;
            let begun = |o: &usize| registers || self.done[*o] > 0;
            let back = |tile: &Set| tile.iter().filter(begun).count() as u128;
            self.flow.parent_reads += bits * back(&union(&tiles));
            self.flow.child_writes += bits * back(&tiles[0]);
        } else {
            let fetched: Vec<Set> = match &kept {
                Some(kept) => tiles.iter().zip(kept).map(|(t, k)| t.without(k)).collect(),
                None => tiles.clone(),
            };
            // "every MAC reads input and weight": also where the window lies in the padding.
            let sent = match self.feed.keeping {
                Keeping::Registers => 1,
                _ => self.sent(&fetched),
            };
            self.flow.parent_reads += bits * sent;
            self.flow.child_writes += bits * fetched[0].len();
        }
        self.held = Some((tiles, key.to_vec()));
    }

    /// What the tile before leaves for this one, if the walk goes on.
    fn slid(&self, key: &[u64]) -> Option<Vec<Set>> {
        let (tiles, last) = self.held.as_ref()?;
        let slides = matches!(self.feed.keeping, Keeping::Tile { slides: true, .. });
        let (now, outer) = key.split_last()?;
        let (before, outer_before) = last.split_last()?;
        (slides && outer == outer_before && *now == before + 1).then(|| tiles.clone())
    }

    /// The tile of each element.
    fn tiles(&self, blocks: &Blocks) -> Vec<Set> {
        let mut blocks: Blocks = blocks.clone();
        let mut tiles = Vec::new();
        walk(
            &self.feed.first,
            &mut blocks,
            &mut Vec::new(),
            &mut |b, _| {
                let tile = |element: &Element| {
                    let coordinates: Tile = std::array::from_fn(|d| {
                        let ranges = element.blocks[d].iter().map(|&i| b[d][i]);
                        ranges.flat_map(|(from, to)| from..to).collect()
                    });
                    // An element without work in any dimension receives nothing.
                    touched(self.operation, self.feed.role, &coordinates)
                };
                tiles = self.elements.iter().map(tile).collect();
            },
        );
        tiles
    }

    /// Elements that cross the parent's port: once for each group.
    fn sent(&self, fetched: &[Set]) -> u128 {
        let mut groups: Vec<(usize, Set)> = Vec::new();
        for (element, set) in self.elements.iter().zip(fetched) {
            match groups.iter_mut().find(|(g, _)| *g == element.group) {
                Some((_, all)) => *all = all.union(set),
                None => groups.push((element.group, *set)),
            }
        }
        groups.iter().map(|(_, all)| all.len()).sum()
    }

    /// Writes back what is held: at the output's width where it is finished.
    fn drop_tile(&mut self) {
        let Some((tiles, _)) = self.held.take() else {
            return;
        };
        if self.feed.role != Role::Output {
            return;
        }
        let precision = self.operation.precision;
        let registers = self.feed.keeping == Keeping::Registers;
        let width = |o: usize| {
            let finished = self.done[o] == self.complete && !registers;
            u128::from(if finished {
                precision.output
            } else {
                precision.accumulator
            })
        };
        let bits = |tile: &Set| tile.iter().map(width).sum::<u128>();
        self.flow.parent_writes += bits(&union(&tiles));
        self.flow.child_reads += bits(&tiles[0]);
    }

    /// Everything below this visit is done: the outputs held are that much further.
    fn accumulate(&mut self, blocks: &Blocks) {
        let Some((tiles, _)) = &self.held else {
            return;
        };
        let length = |d: Dim| blocks[d as usize].iter().map(|(a, b)| b - a).sum::<u64>();
        let reduced = |d: &Dim| !self.operation.is_relevant(Role::Output, *d);
        let volume: u64 = Dim::ALL.into_iter().filter(reduced).map(length).product();
        for o in union(tiles).iter() {
            self.done[o] += volume;
        }
    }
}

fn union(tiles: &[Set]) -> Set {
    tiles.iter().fold(Set::default(), |all, t| all.union(t))
}

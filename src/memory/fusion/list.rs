//! The columns of a stage: loops, tiles and choices, without those than which another one is nowhere
//! worse.
//!
//! A stage is one operation to the rest of the step: what else is in the memory while it runs does
//! not change, and transfers overlap with all of it. So three kinds of numbers decide: the bytes of
//! its blocks, the time of its iterations, and what moves through each port.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::nest::{Blocks, Choice, Loop, Nest, OperationBox};
use super::price::{InMemory, Price, Prices};
use super::stage::Stage;
use super::walk::{Walk, walk};
use crate::memory::tuning::ONLINE_LOOPS;
use crate::problem::port::{Direction, Moved};
use crate::problem::schedule::Schedule;
use crate::problem::stage::StageWay;

/// What is listed, and how far.
#[derive(Clone, Copy)]
pub(super) struct Listing<'a> {
    /// The schedule.
    pub(super) schedule: &'a Schedule,
    /// How blocks are made.
    pub(super) blocks: Blocks,
    /// Loops of a stage at most.
    pub(super) loops: usize,
    /// Whether tiles of all extents are listed, or for each number of tiles the smallest alone.
    pub(super) all_tiles: bool,
}

/// What decides between columns with the same residents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// Bytes of blocks.
    pub(super) bytes: u64,
    /// Units of time of the iterations.
    pub(super) units: u128,
    /// Bits times slices through every port.
    pub(super) ports: SmallVec<[u128; 3]>,
    /// Bits times slices across the outer boundary.
    pub(super) outer: u128,
}

impl Facts {
    /// Whether it is nowhere worse.
    fn covers(&self, other: &Facts) -> bool {
        self.bytes <= other.bytes
            && self.units <= other.units
            && self.outer <= other.outer
            && self.ports.iter().zip(&other.ports).all(|(a, b)| a <= b)
    }
}

/// A way to run a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// Axes with their tiles, outermost first.
    pub(super) loops: SmallVec<[(usize, u64); 3]>,
    /// For every external tensor of the stage its choice, in their order.
    pub(super) choices: Vec<Choice>,
    /// What decides.
    pub(super) facts: Facts,
    /// Whether the numbers are those of mappings; else nothing is below them.
    pub(super) exact: bool,
}

impl Column {
    /// Whether it needs a tensor all of which is in the memory.
    pub(super) fn has_residents(&self) -> bool {
        self.residents().contains(&true)
    }

    /// For every external tensor whether all of it is in the memory.
    pub(super) fn residents(&self) -> Vec<bool> {
        let ways = self.choices.iter().map(|choice| choice.way);
        ways.map(|way| way == StageWay::Resident).collect()
    }
}

/// The columns of one stage.
pub(super) fn columns(listing: Listing<'_>, stage: &Stage, prices: &mut Prices<'_>) -> Vec<Column> {
    let walks = walks(stage, listing.all_tiles);
    let mut found = Found::new(listing, stage, prices.whole(stage));
    let loops = if stage.is_online() {
        listing.loops.max(ONLINE_LOOPS)
    } else {
        listing.loops
    };
    for order in orders(stage.axes.len(), loops) {
        let tiles: Vec<Vec<u64>> = (order.iter())
            .map(|&axis| tiles(stage.axes[axis].extent, listing.all_tiles))
            .collect();
        let mut at = vec![0; order.len()];
        loop {
            let loops = order.iter().zip(&at).zip(&tiles).enumerate();
            let loops: Option<Vec<Loop<'_>>> = loops
                .map(|(place, ((&axis, &at), tiles))| {
                    let innermost = place + 1 == order.len();
                    let walk = walks.get(&(axis, tiles[at], innermost))?;
                    Some(Loop {
                        axis,
                        extent: tiles[at],
                        walk,
                    })
                })
                .collect();
            if let Some(loops) = loops {
                found.add(&Nest { stage, loops }, prices);
            }
            if !next(&mut at, &tiles) {
                break;
            }
        }
    }
    found.kept.into_values().flatten().collect()
}

/// The walks of the loops of a column.
pub(super) fn walks_of(stage: &Stage, column: &Column) -> Vec<Walk> {
    let last = column.loops.len().saturating_sub(1);
    let loops = column.loops.iter().enumerate();
    loops
        .map(|(place, &(axis, tile))| walk(stage, &stage.axes[axis], tile, place == last))
        .collect()
}

/// All axes in tiles.
fn walks(stage: &Stage, all: bool) -> FxHashMap<(usize, u64, bool), Walk> {
    let mut walks = FxHashMap::default();
    for (number, axis) in stage.axes.iter().enumerate() {
        for extent in tiles(axis.extent, all) {
            for innermost in [false, true] {
                let own = walk(stage, axis, extent, innermost);
                walks.insert((number, extent, innermost), own);
            }
        }
    }
    walks
}

/// The extents of tiles of an axis, the largest first: the smallest for each number of tiles, or all.
fn tiles(extent: u64, all: bool) -> Vec<u64> {
    let mut balanced: Vec<u64> = (2..=extent).map(|count| extent.div_ceil(count)).collect();
    balanced.dedup();
    if all {
        // Others are mostly seen to be worse at once where the balanced ones are known.
        let known = |own: &u64| balanced.binary_search_by(|b| own.cmp(b)).is_ok();
        let others: Vec<u64> = (1..extent).rev().filter(|own| !known(own)).collect();
        balanced.extend(others);
    }
    balanced
}

/// Ordered lists of up to so many axes.
fn orders(axes: usize, most: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    let mut last = 0;
    for _ in 0..most.min(axes) {
        let longer: Vec<Vec<usize>> = all[last..]
            .iter()
            .flat_map(|order| {
                let free = (0..axes).filter(|axis| !order.contains(axis));
                free.map(|axis| [order.as_slice(), &[axis]].concat())
                    .collect::<Vec<_>>()
            })
            .collect();
        last = all.len();
        all.extend(longer);
    }
    all.retain(|order| !order.is_empty());
    all
}

/// The next combination of tiles.
fn next(at: &mut [usize], tiles: &[Vec<u64>]) -> bool {
    for (own, all) in at.iter_mut().zip(tiles) {
        if *own + 1 < all.len() {
            *own += 1;
            return true;
        }
        *own = 0;
    }
    false
}

/// The tensors that stay resident, by bits in the order of external tensors.
type Residents = u32;

/// The columns so far.
struct Found<'a> {
    listing: Listing<'a>,
    /// The external tensors of the stage.
    external: Vec<usize>,
    /// Whether each may be resident.
    may_stay: Vec<bool>,
    /// Units that the operations take at least, however they are cut.
    whole: u128,
    kept: std::collections::BTreeMap<Residents, Vec<Column>>,
}

/// Choices for the first tensors, one each.
#[derive(Clone)]
struct Partial {
    choices: Vec<Choice>,
    /// Which of them pass by.
    passing: Residents,
    resident: Residents,
    bytes: u64,
    moved: u64,
}

/// A nest with what its columns have in common.
struct Base<'n> {
    nest: &'n Nest<'n>,
    /// Bytes of the blocks of internal tensors while the fullest operation runs.
    bytes: u64,
    /// Units of the iterations while nothing passes by.
    units: u128,
    boxes: Vec<Vec<OperationBox>>,
    /// Bits that internal tensors move that are needed outside.
    stored: u64,
}

impl<'a> Found<'a> {
    fn new(listing: Listing<'a>, stage: &Stage, whole: u128) -> Self {
        let external: Vec<usize> = stage.external().collect();
        let may_stay = external
            .iter()
            .map(|&number| {
                let own = &stage.tensors[number];
                own.touched_outside && !own.beside
            })
            .collect();
        Self {
            listing,
            external,
            may_stay,
            whole,
            kept: std::collections::BTreeMap::new(),
        }
    }

    fn facts(&self, bytes: u64, units: u128, moved: &Moved) -> Facts {
        let ports = self.listing.schedule.ports.iter();
        Facts {
            bytes,
            units,
            ports: ports.map(|port| moved.through(port)).collect(),
            outer: moved.outer(),
        }
    }

    /// Whether whatever has these residents and is no better than this is known to be worse.
    fn is_worse(&self, residents: Residents, facts: &Facts) -> bool {
        let known = self.kept.get(&residents);
        known.is_some_and(|all| all.iter().any(|own| own.facts.covers(facts)))
    }

    /// Adds the columns of a nest.
    fn add(&mut self, nest: &Nest<'_>, prices: &mut Prices<'_>) {
        let (stage, blocks) = (nest.stage, self.listing.blocks);
        let Some(internal) = internal(nest, blocks) else {
            return;
        };
        let bytes = peak(&internal, stage.operations.len());
        if bytes > self.listing.schedule.capacity.0 {
            return;
        }

        // ---- What the best choice would have, without looking at boxes ----
        let ways: Vec<Vec<Choice>> = (self.external.iter().zip(&self.may_stay))
            .map(|(&number, &may_stay)| {
                if stage.tensors[number].writer.is_some() {
                    nest.writing(number, blocks, may_stay)
                } else {
                    nest.reading(number, blocks, may_stay)
                }
            })
            .collect();
        let stored = stored(nest);
        if self.all_worse(bytes, self.whole, &ways, stored) {
            return;
        }

        // ---- The same with the time of the boxes ----
        let boxes: Vec<Vec<OperationBox>> = (0..stage.operations.len())
            .map(|place| nest.boxes(place))
            .collect();
        let places = 0..stage.operations.len();
        let macs = places
            .clone()
            .map(|place| prices.macs(stage, place, &boxes[place]));
        if self.all_worse(bytes, macs.sum(), &ways, stored) {
            return;
        }
        let units = places
            .map(|place| prices.compute(stage, place, &boxes[place]))
            .sum();
        if self.all_worse(bytes, units, &ways, stored) {
            return;
        }
        let base = Base {
            nest,
            bytes,
            units,
            boxes,
            stored,
        };
        self.choose(&base, &ways, prices);
    }

    /// Whether for all residents the best of every number is worse than something known.
    fn all_worse(&self, bytes: u64, units: u128, ways: &[Vec<Choice>], stored: u64) -> bool {
        let slices = u128::from(self.listing.schedule.slices);
        let staying: Vec<usize> = (0..ways.len()).filter(|&n| self.may_stay[n]).collect();
        (0..1_u32 << staying.len()).all(|subset| {
            let mut residents = 0;
            for (bit, &number) in staying.iter().enumerate() {
                residents |= (subset >> bit & 1) << number;
            }
            let (mut least, mut moved) = (bytes, Moved::default());
            moved.add(Direction::Outward, u128::from(stored) * slices);
            for (number, own) in ways.iter().enumerate() {
                let resident = residents >> number & 1 == 1;
                let own = own
                    .iter()
                    .filter(|c| (c.way == StageWay::Resident) == resident);
                let (mut some, mut inward, mut outward) = (u64::MAX, u64::MAX, u64::MAX);
                for choice in own {
                    some = some.min(choice.bytes);
                    inward = inward.min(choice.inward + choice.passing_in);
                    outward = outward.min(choice.outward + choice.passing_out);
                }
                if some == u64::MAX {
                    // No such way.
                    return true;
                }
                least += some;
                moved.add(Direction::Inward, u128::from(inward) * slices);
                moved.add(Direction::Outward, u128::from(outward) * slices);
            }
            least > self.listing.schedule.capacity.0
                || self.is_worse(residents, &self.facts(least, units, &moved))
        })
    }

    /// The columns of a nest for all choices.
    fn choose(&mut self, base: &Base<'_>, ways: &[Vec<Choice>], prices: &mut Prices<'_>) {
        let capacity = self.listing.schedule.capacity.0;
        let mut partial = vec![Partial {
            choices: Vec::new(),
            passing: 0,
            resident: 0,
            bytes: base.bytes,
            moved: 0,
        }];
        for (number, own) in ways.iter().enumerate() {
            let longer = partial.iter().flat_map(|one| {
                own.iter().map(move |choice| {
                    let mut next = one.clone();
                    next.choices.push(*choice);
                    next.bytes += choice.bytes;
                    next.moved += choice.moved();
                    next.passing |= u32::from(choice.way == StageWay::Passing) << number;
                    next.resident |= u32::from(choice.way == StageWay::Resident) << number;
                    next
                })
            });
            partial = undominated(longer.filter(|next| next.bytes <= capacity).collect());
        }
        let mut known: FxHashMap<(usize, InMemory), Price> = FxHashMap::default();
        for one in partial {
            let column = self.column(base, one, (prices, &mut known));
            if let Some((residents, column)) = column {
                self.keep(residents, column);
            }
        }
    }

    fn column(
        &self,
        base: &Base<'_>,
        one: Partial,
        (prices, known): (&mut Prices<'_>, &mut FxHashMap<(usize, InMemory), Price>),
    ) -> Option<(Residents, Column)> {
        let stage = base.nest.stage;
        let slices = u128::from(self.listing.schedule.slices);
        let mut moved = Moved::default();
        moved.add(Direction::Outward, u128::from(base.stored) * slices);
        let [read, written] = base.nest.beside();
        moved.add(Direction::Read, u128::from(read) * slices);
        moved.add(Direction::Written, u128::from(written) * slices);
        for choice in &one.choices {
            moved.add(Direction::Inward, u128::from(choice.inward) * slices);
            moved.add(Direction::Outward, u128::from(choice.outward) * slices);
        }
        let mut units = 0;
        for place in 0..stage.operations.len() {
            let lies = lies(stage, &self.external, &one.choices, place);
            let price = known
                .entry((place, lies))
                .or_insert_with_key(|(place, lies)| {
                    prices.least(stage, *place, &base.boxes[*place], lies)
                });
            units += price.units;
            moved.add_all(&price.moved);
        }
        let facts = self.facts(one.bytes, units.max(base.units), &moved);
        (!self.is_worse(one.resident, &facts)).then(|| {
            let loops = base.nest.loops.iter().map(|own| (own.axis, own.extent));
            let column = Column {
                loops: loops.collect(),
                choices: one.choices,
                facts,
                exact: false,
            };
            (one.resident, column)
        })
    }

    fn keep(&mut self, residents: Residents, column: Column) {
        let own = self.kept.entry(residents).or_default();
        own.retain(|other| !column.facts.covers(&other.facts));
        own.push(column);
    }
}

/// Which operands of an operation lie in the shared memory: what it reads, then its result.
pub(super) fn lies(
    stage: &Stage,
    external: &[usize],
    choices: &[Choice],
    place: usize,
) -> InMemory {
    let operation = &stage.operations[place];
    let inside = |tensor: usize| {
        let own = external
            .iter()
            .position(|&n| stage.tensors[n].tensor == tensor);
        own.is_none_or(|own| choices[own].way != StageWay::Passing)
    };
    let all = operation.reads.iter().chain(operation.result());
    all.map(|access| inside(access.tensor)).collect()
}

/// The blocks of what is written and read inside; `None` where one is needed outside and not all of
/// it is computed.
pub(super) fn internal(nest: &Nest<'_>, blocks: Blocks) -> Option<SmallVec<[StageBlock; 6]>> {
    let stage = nest.stage;
    let mut all = SmallVec::new();
    for (number, tensor) in stage.tensors.iter().enumerate() {
        let (true, Some((writer, _))) = (tensor.is_internal(), tensor.writer) else {
            continue;
        };
        if nest.passes_over(number) || tensor.needed_outside && !nest.covers(number) {
            return None;
        }
        let (bytes, retained) = nest.internal(number, blocks);
        let last = tensor.readers.iter().map(|r| r.0).max().unwrap_or(writer);
        let (from, to) = if retained {
            (0, stage.operations.len() - 1)
        } else {
            (writer, last)
        };
        all.push(StageBlock {
            number,
            bytes,
            from,
            to,
            accumulators: false,
        });
        if let Some(bytes) = nest.accumulators(number, blocks) {
            all.push(StageBlock {
                number,
                bytes,
                from: 0,
                to: stage.operations.len() - 1,
                accumulators: true,
            });
        }
    }
    Some(all)
}

/// A block of a stage: while these of its operations run, in each iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StageBlock {
    /// The tensor that it holds, by its place in the stage.
    pub(super) number: usize,
    /// Its size.
    pub(super) bytes: u64,
    /// The first operation.
    pub(super) from: usize,
    /// The last operation.
    pub(super) to: usize,
    /// Whether it holds the accumulators of the online softmax that makes the tensor.
    pub(super) accumulators: bool,
}

/// Bits of internal tensors that are needed outside as well, stored once.
pub(super) fn stored(nest: &Nest<'_>) -> u64 {
    let tensors = nest.stage.tensors.iter().enumerate();
    let stored = tensors.filter(|(_, tensor)| tensor.is_internal() && tensor.needed_outside);
    stored.map(|(number, _)| nest.all_bits(number)).sum()
}

/// Choices than which no other with the same that pass by and that are resident is nowhere worse.
fn undominated(mut all: Vec<Partial>) -> Vec<Partial> {
    all.sort_by_key(|one| (one.passing, one.resident, one.bytes, one.moved));
    let mut kept: Vec<Partial> = Vec::new();
    for one in all {
        let worse = kept.last().is_some_and(|last| {
            (last.passing, last.resident) == (one.passing, one.resident) && last.moved <= one.moved
        });
        if !worse {
            kept.push(one);
        }
    }
    kept
}

/// Bytes of the blocks that are there while an operation runs.
pub(super) fn at(blocks: &[StageBlock], place: usize) -> u64 {
    let own = blocks.iter().filter(|b| (b.from..=b.to).contains(&place));
    own.map(|b| b.bytes).sum()
}

/// Bytes of the blocks that are there while the fullest operation runs.
fn peak(blocks: &[StageBlock], operations: usize) -> u64 {
    (0..operations)
        .map(|place| at(blocks, place))
        .max()
        .unwrap_or(0)
}

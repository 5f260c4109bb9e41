//! A stage: consecutive operations, the tensors that they touch, and the axes that they can share.

use crate::problem::access::{AccessPlace, AccessWork, Accesses, AxisIndex};
use crate::problem::schedule::Schedule;

/// A tensor as a stage sees it.
#[derive(Clone, Debug)]
pub(super) struct StageTensor {
    /// Index in the schedule.
    pub(super) tensor: usize,
    /// The operation of the stage that writes it, by its place in the stage, and which of its writes
    /// it is.
    pub(super) writer: Option<(usize, usize)>,
    /// The operations of the stage that read it, each with which of its reads it is.
    pub(super) readers: Vec<(usize, usize)>,
    /// Whether something outside the stage needs what the stage writes.
    pub(super) needed_outside: bool,
    /// Whether an operation outside the stage touches it.
    pub(super) touched_outside: bool,
    /// Whether it only passes beside the work.
    pub(super) beside: bool,
}

impl StageTensor {
    /// Whether it is written and read inside.
    pub(super) fn is_internal(&self) -> bool {
        self.writer.is_some() && !self.readers.is_empty()
    }
}

/// An axis that all operations of a stage share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StageAxis {
    /// For every operation its dimension.
    pub(super) dims: Vec<usize>,
    /// For every operation whether it reduces the axis.
    pub(super) reduces: Vec<bool>,
    /// The extent in all sinks.
    pub(super) extent: u64,
    /// For every operation whether it is an online softmax whose rows the axis cuts.
    pub(super) online: Vec<Option<Online>>,
}

/// An online softmax whose rows are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Online {
    /// Bits of an accumulator.
    pub(super) bits: u64,
    /// Elements that are scaled for each row: its accumulators, and those of the sums over the row.
    pub(super) scaled: u64,
}

impl Online {
    /// Accumulators of a row: its maximum, and the sum of its exponentials.
    pub(super) const ACCUMULATORS: u64 = 2;
}

/// Consecutive operations that may run tile by tile.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    /// The first operation.
    pub(super) first: usize,
    /// The operations.
    pub(super) operations: Vec<Accesses>,
    /// Their tensors.
    pub(super) tensors: Vec<StageTensor>,
    /// The axes that can be shared, at least one.
    pub(super) axes: Vec<StageAxis>,
    /// Whether each operation is a sink: nothing in the stage reads its result.
    pub(super) sinks: Vec<bool>,
}

impl Stage {
    /// The first operation, and the number of operations.
    pub(super) fn interval(&self) -> (usize, usize) {
        (self.first, self.operations.len())
    }

    /// Whether one of its axes cuts the rows of an online softmax.
    pub(super) fn is_online(&self) -> bool {
        let mut all = self.axes.iter().flat_map(|axis| &axis.online);
        all.any(Option::is_some)
    }

    /// The tensors that something outside writes or reads, by their places.
    pub(super) fn external(&self) -> impl Iterator<Item = usize> + '_ {
        let all = self.tensors.iter().enumerate();
        all.filter(|(_, own)| !own.is_internal())
            .map(|(number, _)| number)
    }
}

/// The stage of the operations from `first` on that touch these tensors, if they are one.
pub(super) fn of(schedule: &Schedule, operations: Vec<Accesses>, first: usize) -> Option<Stage> {
    let count = operations.len();
    let tensors = tensors(schedule, &operations, first)?;
    let sinks: Vec<bool> = (0..count)
        .map(|operation| {
            let read = |t: &&StageTensor| t.writer == Some((operation, 0)) && t.is_internal();
            !tensors.iter().any(|t| read(&t))
        })
        .collect();
    let axes = axes(&operations, &tensors, &sinks);
    (!axes.is_empty()).then_some(Stage {
        first,
        operations,
        tensors,
        axes,
        sinks,
    })
}

/// The tensors that operations touch; `None` where one is written twice, or changed in place.
fn tensors(schedule: &Schedule, operations: &[Accesses], first: usize) -> Option<Vec<StageTensor>> {
    let mut all: Vec<StageTensor> = Vec::new();
    let entry = |all: &mut Vec<StageTensor>, tensor: usize, beside: bool| -> usize {
        let known = all.iter().position(|own| own.tensor == tensor);
        known.unwrap_or_else(|| {
            all.push(StageTensor {
                tensor,
                writer: None,
                readers: Vec::new(),
                needed_outside: false,
                touched_outside: false,
                beside,
            });
            all.len() - 1
        })
    };
    for (place, operation) in operations.iter().enumerate() {
        for (number, read) in operation.reads.iter().enumerate() {
            let beside = read.place == AccessPlace::Beside;
            let own = entry(&mut all, read.tensor, beside);
            all[own].beside &= beside;
            all[own].readers.push((place, number));
        }
        for (number, write) in operation.writes.iter().enumerate() {
            let beside = write.place == AccessPlace::Beside;
            let own = entry(&mut all, write.tensor, beside);
            let touched = all[own].writer.is_some() || !all[own].readers.is_empty();
            if touched || schedule.tensors[write.tensor].begins_outside {
                return None;
            }
            all[own].writer = Some((place, number));
        }
    }
    let inside = first..first + operations.len();
    for own in &mut all {
        let others = schedule.operations.iter().enumerate();
        let mut others = others.filter(|(index, _)| !inside.contains(index));
        own.touched_outside = others.any(|(_, o)| o.operands().any(|t| t == own.tensor));
    }
    for own in all.iter_mut().filter(|own| own.writer.is_some()) {
        let later = schedule.operations.iter().enumerate().skip(inside.end);
        let mut readers = later.filter(|(_, o)| o.reads.contains(&own.tensor));
        own.needed_outside = schedule.tensors[own.tensor].ends_outside || readers.next().is_some();
        // What is beside the work of one operation is not what another one computes with.
        if own.is_internal() && own.writer.is_some_and(|w| w.1 > 0) {
            return None;
        }
    }
    let mixed = |own: &StageTensor| {
        let beside = |&(place, number): &(usize, usize)| {
            operations[place].reads[number].place == AccessPlace::Beside
        };
        own.is_internal() && own.readers.iter().any(beside)
    };
    (!all.iter().any(mixed)).then_some(all)
}

/// Sets of dimensions that index the same axis.
struct Joined {
    parent: Vec<usize>,
}

impl Joined {
    fn root(&self, mut one: usize) -> usize {
        while self.parent[one] != one {
            one = self.parent[one];
        }
        one
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}

/// The axes that every operation has exactly one dimension of, none of them whole, reduced in sinks
/// alone, with one extent in all sinks.
fn axes(operations: &[Accesses], tensors: &[StageTensor], sinks: &[bool]) -> Vec<StageAxis> {
    let starts: Vec<usize> = operations
        .iter()
        .scan(0, |sum, operation| {
            let start = *sum;
            *sum += operation.dims.len();
            Some(start)
        })
        .collect();
    let count = starts.last().copied().unwrap_or(0) + operations.last().map_or(0, |o| o.dims.len());
    let mut joined = Joined {
        parent: (0..count).collect(),
    };
    let mut whole = vec![false; count];
    for (place, operation) in operations.iter().enumerate() {
        for (number, dim) in operation.dims.iter().enumerate() {
            let summed = || sum_over(operations, tensors, sinks, place).is_some();
            whole[starts[place] + number] = dim.whole && !summed();
        }
    }
    for own in tensors.iter().filter(|own| !own.beside) {
        let reads =
            (own.readers.iter()).map(|&(place, number)| (place, &operations[place].reads[number]));
        let write = own
            .writer
            .map(|(place, number)| (place, &operations[place].writes[number]));
        let all: Vec<_> = write.into_iter().chain(reads).collect();
        let Some((_, one)) = all.first() else {
            continue;
        };
        for axis in 0..one.axes.len() {
            let indices = all
                .iter()
                .map(|(place, access)| match access.axes.get(axis)?.1 {
                    AxisIndex::Dim(d) | AxisIndex::Window { outer: d, .. } => {
                        Some(starts[*place] + d)
                    }
                    AxisIndex::Whole => None,
                });
            let indices: Vec<Option<usize>> = indices.collect();
            let mut known = indices.iter().flatten();
            let Some(&first) = known.next() else { continue };
            known.for_each(|&other| joined.join(first, other));
            // Who touches all of it always leaves nothing to cut.
            if indices.contains(&None) && all.len() > 1 {
                whole[first] = true;
            }
        }
    }
    let sums: Vec<Option<Sums>> = (0..operations.len())
        .map(|place| sum_over(operations, tensors, sinks, place))
        .collect();
    shared(operations, (&starts, &joined, &whole), (sinks, &sums))
}

/// What sums over the rows of an online softmax.
#[derive(Clone, Copy)]
struct Sums {
    reader: usize,
    online: Online,
}

/// The operation that alone reads what an online softmax makes, if that is a sink on the array and
/// nothing outside needs it; with what is scaled where the rows are cut.
fn sum_over(
    operations: &[Accesses],
    tensors: &[StageTensor],
    sinks: &[bool],
    place: usize,
) -> Option<Sums> {
    let bits = operations[place].online?;
    let result = tensors.iter().find(|own| own.writer == Some((place, 0)))?;
    let &[(reader, number)] = result.readers.as_slice() else {
        return None;
    };
    let own = &operations[reader];
    let on_array = matches!(own.work, AccessWork::Array(_));
    if result.needed_outside || !sinks[reader] || !on_array {
        return None;
    }
    // What belongs to several rows cannot be scaled by one's factor.
    let softmax = &operations[place];
    let axes = softmax.result()?.axes.iter().zip(&own.reads[number].axes);
    let mixes = axes.filter(|((_, written), _)| match written {
        AxisIndex::Dim(dim) => !softmax.dims[*dim].whole,
        AxisIndex::Window { .. } | AxisIndex::Whole => true,
    });
    let keeps = |index: AxisIndex| matches!(index, AxisIndex::Dim(dim) if !own.is_reduction(dim));
    if !mixes.map(|(_, read)| read.1).all(keeps) {
        return None;
    }
    // What the sums have for each row: what indexes them, and not the rows.
    let dims = own.dims.iter().enumerate();
    let beside =
        dims.filter(|(dim, _)| !own.is_reduction(*dim) && !own.reads[number].is_indexed_by(*dim));
    let sums: u64 = beside.map(|(_, dim)| dim.extent).product();
    let scaled = Online::ACCUMULATORS + sums;
    Some(Sums {
        reader,
        online: Online { bits, scaled },
    })
}

/// The joined sets of dimensions that are axes which can be shared.
fn shared(
    operations: &[Accesses],
    (starts, joined, whole): (&[usize], &Joined, &[bool]),
    (sinks, sums): (&[bool], &[Option<Sums>]),
) -> Vec<StageAxis> {
    let count = whole.len();
    let roots: Vec<usize> = (0..count).map(|one| joined.root(one)).collect();
    let is_whole: Vec<bool> = (0..count)
        .map(|root| (0..count).any(|one| roots[one] == root && whole[one]))
        .collect();
    let mut found = Vec::new();
    for root in (0..count).filter(|&one| roots[one] == one && !is_whole[one]) {
        let own = |place: usize| -> Vec<usize> {
            let dims = 0..operations[place].dims.len();
            dims.filter(|d| roots[starts[place] + d] == root).collect()
        };
        let dims: Vec<Vec<usize>> = (0..operations.len()).map(own).collect();
        if dims.iter().any(|own| own.len() != 1) {
            continue;
        }
        let dims: Vec<usize> = dims.into_iter().flatten().collect();
        let reduces: Vec<bool> = operations
            .iter()
            .zip(&dims)
            .map(|(operation, &d)| operation.is_reduction(d))
            .collect();
        let cut = |place: usize| operations[place].dims[dims[place]].whole;
        let online: Vec<Option<Online>> = (0..operations.len())
            .map(|place| sums[place].filter(|_| cut(place)).map(|own| own.online))
            .collect();
        // What is computed part by part is summed over its parts.
        let is_summed = |place: usize| sums[place].is_some_and(|own| reduces[own.reader]);
        if (0..operations.len()).any(|place| cut(place) && !is_summed(place)) {
            continue;
        }
        let mut extents: Vec<u64> = (operations.iter().zip(&dims).zip(sinks))
            .filter(|(_, sink)| **sink)
            .map(|((operation, &d), _)| operation.dims[d].extent)
            .collect();
        extents.dedup();
        let in_sinks = reduces
            .iter()
            .zip(sinks)
            .all(|(reduces, sink)| !reduces || *sink);
        if let (&[extent], true) = (extents.as_slice(), in_sinks)
            && extent > 1
        {
            found.push(StageAxis {
                dims,
                reduces,
                extent,
                online,
            });
        }
    }
    found
}

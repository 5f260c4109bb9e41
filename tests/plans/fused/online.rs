//! Online softmax: rows that several iterations take in parts, and the accumulators that stand for
//! what was seen of them.

use std::collections::BTreeMap;

use super::geometry::Walk;
use super::set::{Elements, Interval, indices, signed};

/// Accumulators of a row: its maximum and its sum so far.
const EACH: u64 = 2;

/// What an iteration does for the rows of which it takes a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Accumulators read: of rows of which a part was taken before.
    pub read: u64,
    /// Accumulators written: of rows of which a part is left.
    pub written: u64,
    /// Vector operations that scale accumulators and what the sink has of the rows.
    pub operations: u64,
}

/// An online softmax whose axis a loop cuts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Online {
    /// For each iteration of the walk.
    pub parts: Vec<Part>,
    /// The most accumulators that are there at one time.
    pub accumulators: u64,
}

impl Online {
    /// Operation `t` under the walk; `None` if it is no online softmax or takes its rows whole.
    #[must_use]
    pub fn new(walk: &Walk, t: usize) -> Option<Self> {
        let outside = loops_outside(walk, t)?;
        let each = walk.iterations.iter().map(|i| i.computed(t));
        let rows: Vec<Elements> = each.map(|set| rows_of(walk, t, set)).collect();
        let scaled = scaled(walk, t);
        let trips = |n: usize| &walk.iterations[n].index[..outside];
        // The rows of those among some iterations that the loops outside do not part from `n`.
        let beside = |n: usize, others: std::ops::Range<usize>| {
            let mut all = nothing(walk, t);
            let own = others.filter(|&m| trips(m) == trips(n));
            own.for_each(|m| all.add(&rows[m]));
            all
        };
        let common = |a: &Elements, b: &Elements| a.count() - a.without(b).count();
        let all = 0..rows.len();
        let part = |n: usize| Part {
            read: EACH * common(&rows[n], &beside(n, 0..n)),
            written: EACH * common(&rows[n], &beside(n, n + 1..rows.len())),
            operations: rows[n].iter().map(|row| EACH + scaled[&row].count()).sum(),
        };
        let most = all.clone().map(|n| beside(n, all.clone()).count()).max();
        Some(Self {
            parts: all.clone().map(part).collect(),
            accumulators: EACH * most.unwrap_or(0),
        })
    }
}

/// How many loops are outside the first one that cuts a whole dimension of an online softmax.
fn loops_outside(walk: &Walk, t: usize) -> Option<usize> {
    let operation = &walk.stage.operations[t];
    let dim = |l: usize| walk.stage.axes[walk.nest[l].axis].dims[t];
    let mut loops = 0..walk.nest.len();
    loops.find(|&l| operation.online && operation.whole[dim(l)])
}

fn nothing(walk: &Walk, t: usize) -> Elements {
    let result = walk.stage.operations[t].write.tensor;
    Elements::none(walk.stage.case.tensors[result].size())
}

/// The rows that elements of a result are in. Elements that differ in whole dimensions alone are of
/// one row, which its first element names.
fn rows_of(walk: &Walk, t: usize, elements: &Elements) -> Elements {
    let operation = &walk.stage.operations[t];
    let shape = &walk.stage.case.tensors[operation.write.tensor].shape;
    let mut rows = nothing(walk, t);
    for element in elements.iter() {
        let (mut row, mut rest, mut step) = (0, element, 1);
        for (index, &extent) in operation.write.index.iter().zip(shape).rev() {
            if !operation.whole[index.joined()] {
                row += rest % extent * step;
            }
            rest /= extent;
            step *= extent;
        }
        rows.insert(row);
    }
    rows
}

/// For each row the elements of the sink's result that anything of the row goes into.
fn scaled(walk: &Walk, t: usize) -> BTreeMap<usize, Elements> {
    let stage = walk.stage;
    let result = stage.operations[t].write.tensor;
    let mut found: BTreeMap<usize, Elements> = BTreeMap::new();
    let Some(sink) = stage.last_reader(result) else {
        return found;
    };
    let operation = &stage.operations[sink];
    let target = stage.case.tensors[operation.write.tensor].size();
    for point in indices(&operation.extents) {
        let ends = |&p: &usize| Interval {
            from: signed(p),
            to: signed(p + 1),
        };
        let bounds: Vec<Interval> = point.iter().map(ends).collect();
        let sum = stage.touched(sink, operation.reads.len(), &bounds);
        for (operand, read) in operation.reads.iter().enumerate() {
            if read.tensor == result {
                let from = rows_of(walk, t, &stage.touched(sink, operand, &bounds));
                for row in from.iter() {
                    let own = found.entry(row).or_insert_with(|| Elements::none(target));
                    own.add(&sum);
                }
            }
        }
    }
    found
}

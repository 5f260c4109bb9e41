//! The best way to run a stage, by trying everything.

use super::cost::{Cost, Costing, Hold};
use super::geometry::{Loop, Walk};
use super::price::Prices;
use super::set::indices;
use super::stage::Stage;
use super::tiles::{reduced_loops, relevant_loops};

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The most loops of a stage.
    pub most_loops: usize,
    /// Partial sums of a sink that a loop reduces may go out and come back in each iteration.
    pub sums_pass: bool,
}

/// One stage of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    pub first: usize,
    pub last: usize,
    /// Loops over the axes of the stage, from the outermost in.
    pub nest: Vec<Loop>,
    /// For each tensor of the case; those that the stage does not use pass by.
    pub holds: Vec<Hold>,
    pub cost: Cost,
}

/// The best choices of one stage where nothing is resident.
#[must_use]
pub fn best_stage(stage: &Stage, prices: &dyn Prices, options: Options) -> Option<Chosen> {
    let walks = walks(stage, options);
    let costings: Vec<_> = walks.iter().map(|w| Costing::new(w, prices)).collect();
    least(stage, &costings, options)
}

/// All nests of a stage of several operations: ordered lists of axes, all extents of more than one
/// tile.
fn nests(stage: &Stage, options: Options) -> Vec<Vec<Loop>> {
    let mut all = Vec::new();
    let mut longer: Vec<Vec<Loop>> = vec![Vec::new()];
    for _ in 0..options.most_loops {
        let extend = |nest: &Vec<Loop>| {
            let nest = nest.clone();
            let unused = (0..stage.axes.len()).filter(|&a| nest.iter().all(|l| l.axis != a));
            let loops = unused.flat_map(|axis| {
                (1..stage.axes[axis].extent).map(move |extent| Loop { axis, extent })
            });
            loops
                .map(|l| [nest.as_slice(), &[l]].concat())
                .collect::<Vec<_>>()
        };
        longer = longer.iter().flat_map(extend).collect();
        all.extend(longer.iter().cloned());
    }
    all
}

fn walks<'s, 'a>(stage: &'s Stage<'a>, options: Options) -> Vec<Walk<'s, 'a>> {
    let nests = nests(stage, options);
    nests
        .iter()
        .filter_map(|n| Walk::new(stage, n).ok())
        .collect()
}

/// The best nest and choices of a stage.
fn least(stage: &Stage, costings: &[Costing], options: Options) -> Option<Chosen> {
    let mut best: Option<Chosen> = None;
    for costing in costings {
        for holds in choices(costing.walk, options) {
            let Some(cost) = costing.least(&holds, 0) else {
                continue;
            };
            if best.as_ref().is_none_or(|b| cost.time < b.cost.time) {
                best = Some(Chosen {
                    first: stage.first,
                    last: stage.first + stage.len() - 1,
                    nest: costing.walk.nest.clone(),
                    holds,
                    cost,
                });
            }
        }
    }
    best
}

/// All choices of places for the tensors of a stage under a nest.
fn choices(walk: &Walk, options: Options) -> Vec<Vec<Hold>> {
    let stage = walk.stage;
    let each: Vec<Vec<Hold>> = (0..stage.case.tensors.len())
        .map(|x| {
            if stage.external.contains(&x) {
                return operand_holds(walk, x);
            }
            let sink = stage
                .sinks
                .iter()
                .find(|&&t| stage.operations[t].write.tensor == x);
            sink.map_or(vec![Hold::Passing], |&t| result_holds(walk, t, options))
        })
        .collect();
    let limits: Vec<usize> = each.iter().map(Vec::len).collect();
    let pick = |index: Vec<usize>| index.iter().zip(&each).map(|(&i, o)| o[i]).collect();
    indices(&limits).into_iter().map(pick).collect()
}

/// Where an external operand may be held; levels with the same tiles once.
fn operand_holds(walk: &Walk, tensor: usize) -> Vec<Hold> {
    let stage = walk.stage;
    let mut holds = vec![Hold::Level(0)];
    for l in relevant_loops(walk, tensor, walk.nest.len()) {
        holds.push(Hold::Level(l + 1));
    }
    let mut reads = stage
        .operations
        .iter()
        .flat_map(|o| o.reads.iter().zip(&o.passing));
    if reads.all(|(read, &passes)| read.tensor != tensor || passes) {
        holds.push(Hold::Passing);
    }
    holds
}

/// Where a sink's result may be: held outside the loops that reduce it, or passing.
fn result_holds(walk: &Walk, sink: usize, options: Options) -> Vec<Hold> {
    let mut holds = vec![Hold::Passing];
    if let Some(&outermost) = reduced_loops(walk, sink).first() {
        if !options.sums_pass {
            holds.clear();
        }
        holds.extend((0..=outermost).map(Hold::Level));
    }
    holds
}

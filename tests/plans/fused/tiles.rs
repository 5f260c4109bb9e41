//! The tiles of operands that lie outside and are held in the shared memory.

use std::collections::BTreeMap;

use super::geometry::{Iteration, Walk};
use super::set::{Elements, Interval};
use super::stage::reach;

/// One change of a held tile.
#[derive(Clone, Debug)]
pub struct Change {
    /// The elements that are fetched or stored.
    pub moved: Elements,
    /// The whole tile.
    pub tile: Elements,
}

/// All tiles of a held operand.
#[derive(Clone, Debug)]
pub struct Tiles {
    pub changes: Vec<Change>,
    /// Elements of the largest hull of a tile.
    pub largest: u64,
}

impl Tiles {
    /// All elements that cross the outer port.
    #[must_use]
    pub fn moved(&self) -> u64 {
        self.changes.iter().map(|c| c.moved.count()).sum()
    }

    /// How often anything crosses it.
    #[must_use]
    pub fn times(&self) -> usize {
        self.changes.iter().filter(|c| !c.moved.is_empty()).count()
    }
}

/// The loops among the `level` outer ones that are relevant to `tensor`.
#[must_use]
pub fn relevant_loops(walk: &Walk, tensor: usize, level: usize) -> Vec<usize> {
    let axis = |l: &usize| &walk.stage.axes[walk.nest[*l].axis];
    (0..level)
        .filter(|l| walk.stage.relevant(axis(l), tensor))
        .collect()
}

/// The tiles of an external operand that is held under the `level` outer loops,
/// as it is fetched: it slides along the innermost of these loops that is relevant
/// to it, and is fetched anew when a loop further out steps.
#[must_use]
pub fn fetched(walk: &Walk, tensor: usize, level: usize) -> Tiles {
    let loops = relevant_loops(walk, tensor, level);
    let depth = loops.last().map_or(0, |l| l + 1);
    let mut tiles = Tiles {
        changes: Vec::new(),
        largest: 0,
    };
    let trips = |i: &Iteration| loops.iter().map(|&l| i.index[l]).collect::<Vec<_>>();
    let mut under: BTreeMap<Vec<usize>, Vec<&Iteration>> = BTreeMap::new();
    for iteration in &walk.iterations {
        under.entry(trips(iteration)).or_default().push(iteration);
    }
    tiles.largest = under
        .values()
        .map(|u| hull(walk, u, tensor))
        .max()
        .unwrap_or(0);
    let whole = |(trips, u): (_, Vec<&Iteration>)| (trips, union(walk, &u, tensor));
    let all: BTreeMap<Vec<usize>, Elements> = under.into_iter().map(whole).collect();
    for (n, iteration) in walk.iterations.iter().enumerate() {
        let (now, before) = (&iteration.index, n.checked_sub(1));
        let before = before.map(|b| &walk.iterations[b].index);
        if before.is_some_and(|b| b[..depth] == now[..depth]) {
            continue;
        }
        let tile = all[&trips(iteration)].clone();
        let slides = before.is_some_and(|b| b[..depth - 1] == now[..depth - 1]);
        let last = tiles.changes.last().filter(|_| slides);
        let moved = last.map_or_else(|| tile.clone(), |l: &Change| tile.without(&l.tile));
        tiles.changes.push(Change { moved, tile });
    }
    tiles
}

/// What is read of `tensor` in some iterations.
fn union(walk: &Walk, under: &[&Iteration], tensor: usize) -> Elements {
    let mut all = Elements::none(walk.stage.case.tensors[tensor].size());
    for iteration in under {
        all.add(&walk.read_of(iteration, tensor));
    }
    all
}

/// Elements of the hull of what is read of `tensor` in some iterations: per axis
/// the hull of each reader's coordinates, cut to the tensor; of all readers.
fn hull(walk: &Walk, under: &[&Iteration], tensor: usize) -> u64 {
    let shape = &walk.stage.case.tensors[tensor].shape;
    let mut hulls = vec![Interval::EMPTY; shape.len()];
    for (t, operation) in walk.stage.operations.iter().enumerate() {
        for read in operation.reads.iter().filter(|r| r.tensor == tensor) {
            for ((all, &axis), &extent) in hulls.iter_mut().zip(&read.index).zip(shape) {
                let reaches = under.iter().map(|i| reach(axis, &i.boxes[t]));
                let mine = reaches.fold(Interval::EMPTY, Interval::hull);
                *all = all.hull(mine.cut(extent));
            }
        }
    }
    hulls.iter().map(|h| h.len() as u64).product()
}

/// The tiles of a sink's result that is held under the `level` outer loops while
/// it is accumulated; each is stored after its last iteration.
#[must_use]
pub fn stored(walk: &Walk, sink: usize, level: usize) -> Tiles {
    let tensor = walk.stage.operations[sink].write.tensor;
    let mut tiles = Tiles {
        changes: Vec::new(),
        largest: 0,
    };
    let mut tile = Elements::none(walk.stage.case.tensors[tensor].size());
    for (n, iteration) in walk.iterations.iter().enumerate() {
        tile.add(iteration.computed(sink));
        let next = walk.iterations.get(n + 1);
        if next.is_some_and(|i| i.index[..level] == iteration.index[..level]) {
            continue;
        }
        tiles.largest = tiles.largest.max(tile.count());
        tiles.changes.push(Change {
            moved: tile.clone(),
            tile: tile.clone(),
        });
        tile = tile.without(&tile);
    }
    tiles
}

/// The loops that a sink reduces.
#[must_use]
pub fn reduced_loops(walk: &Walk, sink: usize) -> Vec<usize> {
    let dim = |l: usize| walk.stage.axes[walk.nest[l].axis].dims[sink];
    let operation = &walk.stage.operations[sink];
    (0..walk.nest.len())
        .filter(|&l| operation.reduces(dim(l)))
        .collect()
}

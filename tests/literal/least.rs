//! Traffic that no nest with a given spread goes below, to give up nests half-way.

use deepmatrix::problem::{Dim, Hardware, LoopNest, PerDim, Role};

use super::events::Spread;
use super::feed::{Boundary, Flow, Keeping};
use super::tensor::{Tile, touched};

/// The least that crosses a boundary of an operand.
///
/// Into a memory: every element that is touched once, a finished output out of it. Into the array
/// where no memory lies below it: all of that once for each block of the dimensions that the
/// operand lacks, and of a window's outputs and taps all rows for each one of those that are not
/// spread, as blocks of these hold just one.
pub fn least(
    operation: &LoopNest,
    spreads: &[Spread],
    role: Role,
    [parent, level]: [usize; 2],
) -> (Boundary, Flow) {
    let precision = operation.precision;
    let boundary = Boundary {
        role,
        parent,
        level,
        events: Vec::new(),
        first: Vec::new(),
        keeping: Keeping::Steps,
    };
    let mut flow = Flow::default();
    let once = elements(operation, role, &whole(operation));
    if level != usize::MAX {
        match role {
            Role::Output => flow.parent_writes = once * u128::from(precision.output),
            _ => flow.parent_reads = once * u128::from(precision.working(role)),
        }
        (flow.child_reads, flow.child_writes) = (flow.parent_writes, flow.parent_reads);
        return (boundary, flow);
    }
    let factor = |d: Dim| spreads.iter().filter(move |s| s.dim == d).map(|s| s.factor);
    let factors = PerDim(Dim::ALL.map(|d| factor(d).product::<u64>()));
    let lacking = Dim::ALL
        .into_iter()
        .filter(|&d| !operation.is_relevant(role, d));
    let blocks = lacking.map(|d| u128::from(operation.extents[d].div_ceil(factors[d])));
    let visits: u128 = blocks.product();
    if role == Role::Output {
        let partial = once * (visits - 1) * u128::from(precision.accumulator);
        flow.parent_reads = partial;
        flow.parent_writes = partial + once * u128::from(precision.output);
    } else {
        let rows = by_window(operation, role, &factors);
        flow.parent_reads = rows * visits * u128::from(precision.working(role));
    }
    (boundary, flow)
}

/// Elements read if of each window the outputs or taps that are not spread come one by one.
fn by_window(operation: &LoopNest, role: Role, factors: &PerDim<u64>) -> u128 {
    let mut tiles = vec![whole(operation)];
    for (output, tap) in LoopNest::WINDOW_DIMS {
        let relevant = operation.is_relevant(role, output) && operation.is_relevant(role, tap);
        let alone = [tap, output].into_iter().find(|&d| factors[d] == 1);
        let Some(alone) = alone.filter(|_| relevant) else {
            continue;
        };
        let one_by_one = |tile: &Tile| {
            let tile = tile.clone();
            (0..operation.extents[alone]).map(move |i| {
                let mut one = tile.clone();
                one[alone as usize] = vec![i];
                one
            })
        };
        tiles = tiles.iter().flat_map(one_by_one).collect();
    }
    tiles
        .iter()
        .map(|tile| elements(operation, role, tile))
        .sum()
}

fn whole(operation: &LoopNest) -> Tile {
    std::array::from_fn(|d| (0..operation.extents.0[d]).collect())
}

fn elements(operation: &LoopNest, role: Role, tile: &Tile) -> u128 {
    touched(operation, role, tile).len()
}

/// The boundaries of an operand whose outer memory lies above all arrays: between the memories
/// that it may not go around, and into the array if none of them lies below it.
pub fn boundaries(hardware: &Hardware, role: Role) -> Vec<[usize; 2]> {
    let mut all = Vec::new();
    let mut parent = 0;
    for (level, memory) in hardware.memories().skip(1) {
        if hardware.instances(parent) == 1 && memory.may_keep(role) {
            all.push([parent, level]);
            parent = level;
        }
    }
    if hardware.arrays().all(|(array, _)| array > parent) {
        all.push([parent, usize::MAX]);
    }
    all
}

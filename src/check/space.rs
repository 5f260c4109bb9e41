//! Coverage and compute steps of each dimension, and the space that the tiles take.

use crate::problem::result::Cost;
use crate::problem::{Bytes, Dim, LoopNest, Overlap, PerDim, ProblemError, Role, Window};

use super::error::{CheckError, same_operand, same_total};
use super::nest::{Plan, Stop};
use super::spread::Block;
use super::tiles::{Counted, Cut, alike, count_joint_rows};

/// Checks capacity, coverage and compute cycles; returns the number of innermost tiles.
pub(super) fn check(plan: &Plan, cost: &Cost) -> Result<u128, CheckError> {
    let mut cut = Cut::new(plan);
    let mut elements = vec![[0_u128; 3]; plan.memories.len()];
    for stop in &plan.stops {
        for d in plan.relevant(stop.node.role) {
            cut.refine(d, stop.wide[d]);
        }
        let memory = plan.memory_index(stop.node.level);
        elements[memory][stop.node.role as usize] = footprint(plan, stop, &cut);
        for l in &stop.below {
            cut.refine(l.dim, l.piece);
        }
    }
    space(plan, cost, &elements)?;
    if let Some(tile) = plan.step_tile() {
        for d in Dim::ALL {
            cut.refine(d, tile[d]);
        }
    }
    steps(plan, cost, &cut)?;
    let number = |tiles: &Counted| tiles.iter().map(|(_, times)| times).sum::<u128>();
    Ok(cut.tiles.iter().map(number).product())
}

/// The elements of the largest tile of a node.
fn footprint(plan: &Plan, stop: &Stop, cut: &Cut) -> u128 {
    let role = stop.node.role;
    let windowed = |d: &Dim| role == Role::Input && LoopNest::window_of(*d).is_some();
    let dims = plan.relevant(role).filter(|d| !windowed(d));
    let plain: u128 = dims.map(|d| u128::from(stop.extents[d])).product();
    if role == Role::Input {
        let rows = |axis| most_rows(plan, stop, cut, axis);
        plain * (0..Window::COUNT).map(rows).product::<u128>()
    } else {
        plain
    }
}

/// The most distinct rows inside the tensor that any element holds of any tile of a node.
fn most_rows(plan: &Plan, stop: &Stop, cut: &Cut, axis: usize) -> u128 {
    let (output, kernel) = LoopNest::WINDOW_DIMS[axis];
    let level = stop.node.level;
    let shares = |d: Dim| -> Vec<(Vec<Block>, u128)> {
        let tiles = cut.tiles[d as usize].iter();
        tiles
            .flat_map(|(b, _)| b.shares(plan.spread.factors(level, d)))
            .map(|share| (vec![share], 1))
            .collect()
    };
    let outputs = alike(plan.nest, axis, &shares(output));
    let taps = alike(plan.nest, axis, &shares(kernel));
    let pairs = outputs
        .iter()
        .flat_map(|(p, _)| taps.iter().map(move |(r, _)| (p, r)));
    let window = plan.nest.windows[axis];
    let counts = pairs.map(|(p, r)| count_joint_rows(window, p, r));
    counts.max().unwrap_or(0)
}

/// Compares every operand's space, and the sum of each memory with its capacity.
fn space(plan: &Plan, cost: &Cost, elements: &[[u128; 3]]) -> Result<(), CheckError> {
    let doubled = doubled(plan);
    for (i, (_, memory)) in plan.memories.iter().enumerate() {
        let stated = &cost.memories[i];
        let mut need_bits = 0;
        for role in Role::ALL {
            let r = role as usize;
            let twice = doubled[i][r];
            let (says, is) = (stated.doubled[r].into(), twice.into());
            same_operand(memory, role, "doubling (1 or 0)", says, is)?;
            let bits = if plan.lies_in(i, role) {
                0
            } else {
                u128::from(plan.nest.precision.working(role))
            };
            let found = elements[i][r] * bits * if twice { 2 } else { 1 };
            let says = stated.occupied[r].0;
            same_operand(memory, role, "occupied bits", says, found)?;
            need_bits += found;
        }
        let capacity = memory.capacity.map(|c: Bytes| c.bits().0);
        if let Some(capacity_bits) = capacity.filter(|&c| i > 0 && need_bits > c) {
            let memory = memory.name.clone();
            return Err(ProblemError::Capacity {
                memory,
                need_bits,
                capacity_bits,
            }
            .into());
        }
    }
    Ok(())
}

/// Which operands' nodes take two tiles: those loaded more than once into a memory that then
/// keeps two, or that does where the mapping says so.
fn doubled(plan: &Plan) -> Vec<[bool; 3]> {
    let mut doubled = reloaded(plan);
    for stop in &plan.stops {
        let i = plan.memory_index(stop.node.level);
        let double = match plan.memories[i].1.overlap {
            Overlap::DoubleBuffer => true,
            Overlap::Choose => plan.is_double_buffered(stop.node),
            Overlap::Ideal | Overlap::None => false,
        };
        doubled[i][stop.node.role as usize] &= double;
    }
    doubled
}

/// Which operands' transfers into each memory are not overlapped.
pub(super) fn added(plan: &Plan) -> Vec<[bool; 3]> {
    let mut added = vec![[false; 3]; plan.memories.len()];
    let reloaded = reloaded(plan);
    for stop in &plan.stops {
        let (i, role) = (plan.memory_index(stop.node.level), stop.node.role as usize);
        added[i][role] = match plan.memories[i].1.overlap {
            Overlap::None => true,
            Overlap::Choose => reloaded[i][role] && !plan.is_double_buffered(stop.node),
            Overlap::Ideal | Overlap::DoubleBuffer => false,
        };
    }
    added
}

/// Which operands are loaded more than once into each memory: those with a loop above their
/// node, once the order reuses all it can.
fn reloaded(plan: &Plan) -> Vec<[bool; 3]> {
    let mut reloaded = vec![[false; 3]; plan.memories.len()];
    let mut looped = false;
    for stop in plan.normalised() {
        looped |= !stop.loops.is_empty();
        let (memory, role) = (plan.memory_index(stop.node.level), stop.node.role);
        reloaded[memory][role as usize] = looped && !plan.lies_in(memory, role);
        looped |= !stop.below.is_empty();
    }
    reloaded
}

/// Checks that the innermost tiles and their shares cover each dimension once, and the steps.
fn steps(plan: &Plan, cost: &Cost, cut: &Cut) -> Result<(), CheckError> {
    let mut steps: PerDim<u128> = PerDim::all(0);
    for d in Dim::ALL {
        let (mut next, mut covered) = (0, 0_u128);
        for (tile, times) in &cut.tiles[d as usize] {
            let shares = tile.shares(plan.spread.factors(usize::MAX, d));
            for share in &shares {
                if cut.lists_each() {
                    covers(d, next, *share)?;
                }
                next = share.end();
                covered += u128::from(share.len) * times;
            }
            let busiest = shares.iter().map(|s| s.len).max();
            steps[d] += u128::from(busiest.unwrap_or(0)) * times;
        }
        if covered != u128::from(plan.nest.extents[d]) {
            return Err(CheckError::Coverage { dim: d, at: next });
        }
    }
    let elements = plan.spread.elements();
    let macs = plan.nest.box_macs();
    let stated = cost.compute_cycles;
    if stated.saturating_mul(elements) < macs {
        let steps = stated;
        return Err(CheckError::TooFewSteps {
            steps,
            elements,
            macs,
        });
    }
    same_total("compute cycles", stated, steps.0.iter().product())
}

/// A share must begin where the last one ended.
fn covers(dim: Dim, next: u64, share: Block) -> Result<(), CheckError> {
    if share.start == next {
        return Ok(());
    }
    let at = next.min(share.start);
    Err(CheckError::Coverage { dim, at })
}

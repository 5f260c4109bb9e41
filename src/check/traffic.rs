//! Traffic of a nest of any size, from a list of the tiles of each dimension at each node.
//!
//! Dimensions are independent but for the windows, so a node's traffic is a product of sums over
//! these lists. No formula for remainders or windows is used: tiles are cut one by one and rows
//! are counted as sets. On small nests `walk` confirms the result without the product.

use crate::problem::result::Cost;
use crate::problem::{Dim, LoopNest, Role};

use super::CheckError;
use super::nest::{Plan, Stop};
use super::tally::{Tallies, Visits};
use super::tiles::{Block, Cut, alike, count_rows, refine};

/// Compares the traffic of every memory and operand with the stated cost.
pub(super) fn check(plan: &Plan, cost: &Cost) -> Result<(), CheckError> {
    let mut tallies = Tallies::new(plan);
    let mut cut = Cut::new(plan);
    for stop in &plan.normalised() {
        let before = stop.loops.last().map(|l| cut.0[l.dim as usize].clone());
        for l in &stop.loops {
            refine(&mut cut, l.dim, l.piece);
        }
        let walked = plan.slide(stop).zip(before);
        node(plan, stop, &cut, walked.as_ref(), &mut tallies);
    }
    let last = plan.memories.len() - 1;
    if let Some(tile) = plan.step_tile() {
        for d in Dim::ALL {
            refine(&mut cut, d, tile[d]);
        }
        inside(plan, &cut, last, &mut tallies);
    } else {
        tallies.steps(last, cost.compute_cycles);
    }
    tallies.compare(plan, cost)
}

/// The dimension along which a node slides, with the extents that it walks.
type Walked = (Dim, Vec<Block>);

/// The traffic of one node.
fn node(plan: &Plan, stop: &Stop, cut: &Cut, walked: Option<&Walked>, tallies: &mut Tallies) {
    let role = stop.node.role;
    let child = plan.memory_index(stop.node.level);
    let parent = child - 1;
    let elements = |memory: usize| elements(plan, role, plan.memories[memory].0, cut, walked);
    if role == Role::Output {
        tallies.output_inside(parent, visits(plan, elements(parent), cut));
        tallies.output_outside(child, visits(plan, elements(child), cut));
    } else {
        let times = repetitions(plan, role, cut);
        tallies.read(parent, role, times * elements(parent));
        tallies.fill(child, role, times * elements(child));
    }
}

/// The steps of the arrays that read their operands from the memory above them.
fn inside(plan: &Plan, cut: &Cut, memory: usize, tallies: &mut Tallies) {
    let elements = |role: Role| elements(plan, role, plan.memories[memory].0, cut, None);
    for role in [Role::Input, Role::Weight] {
        tallies.read(memory, role, repetitions(plan, role, cut) * elements(role));
    }
    let output = elements(Role::Output);
    tallies.output_inside(memory, visits(plan, output, cut));
}

/// The first and the further visits of output elements.
fn visits(plan: &Plan, elements: u128, cut: &Cut) -> Visits {
    let times = repetitions(plan, Role::Output, cut);
    Visits {
        first: elements,
        further: elements * (times - 1),
    }
}

/// How often every tile of an operand is visited: the tiles of all irrelevant dimensions.
fn repetitions(plan: &Plan, role: Role, cut: &Cut) -> u128 {
    let irrelevant = Dim::ALL
        .into_iter()
        .filter(|&d| !plan.nest.is_relevant(role, d));
    irrelevant
        .map(|d| cut.0[d as usize].len() as u128)
        .product()
}

/// The elements of all tiles of an operand, each tile once, as element 0 at `level` sees them.
fn elements(plan: &Plan, role: Role, level: usize, cut: &Cut, walked: Option<&Walked>) -> u128 {
    let windowed = |d: Dim| role == Role::Input && LoopNest::window_of(d).is_some();
    let share = |d: Dim, tiles: &[Block]| -> Vec<Block> {
        let own = |b: &Block| b.first_share(plan.spread.factors(level, d));
        tiles.iter().map(own).collect()
    };
    let mut product = 1;
    for d in plan.relevant(role).filter(|&d| !windowed(d)) {
        let shares = share(d, &cut.0[d as usize]);
        product *= shares.iter().map(|b| u128::from(b.len)).sum::<u128>();
    }
    if role == Role::Input {
        for (axis, (output, kernel)) in LoopNest::WINDOW_DIMS.into_iter().enumerate() {
            let tiles = match walked {
                Some((dim, extents)) if *dim == output => extents,
                _ => &cut.0[output as usize],
            };
            let outputs = share(output, tiles);
            let taps = share(kernel, &cut.0[kernel as usize]);
            product *= all_rows(plan, axis, &outputs, &taps);
        }
    }
    product
}

/// The sum of the distinct rows of all pairs of tiles of one window.
fn all_rows(plan: &Plan, axis: usize, outputs: &[Block], taps: &[Block]) -> u128 {
    let window = plan.nest.windows[axis];
    let (outputs, taps) = (
        alike(plan.nest, axis, outputs),
        alike(plan.nest, axis, taps),
    );
    let pairs = outputs
        .iter()
        .flat_map(|&p| taps.iter().map(move |&r| (p, r)));
    pairs
        .map(|((p, times), (r, cuts))| count_rows(window, p, r) * times * cuts)
        .sum()
}

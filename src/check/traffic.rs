//! Traffic of a nest of any size, from a list of the tiles of each dimension at each node.
//!
//! Dimensions are independent but for the windows, so a node's traffic is a product of sums over
//! these lists. No formula for remainders or windows is used: tiles are cut one by one and rows
//! are counted as sets. On small nests `walk` confirms the result without the product.

use std::collections::BTreeSet;

use crate::problem::result::Cost;
use crate::problem::{Dim, LoopNest, Role};

use super::error::CheckError;
use super::nest::{Plan, Stop};
use super::spread::Block;
use super::tally::{Tallies, Visits};
use super::tiles::{Counted, Cut, alike, count_joint_rows, joint_rows};

/// Whose transfers are counted: those of element 0 at each level, or of all instances.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Instances {
    /// Element 0, the busiest one.
    First,
    /// All of them.
    All,
}

/// Compares the traffic of every memory and operand with the stated cost.
pub(super) fn check(plan: &Plan, cost: &Cost) -> Result<Tallies, CheckError> {
    let mut tallies = count(plan, Instances::First);
    for role in Role::ALL.into_iter().filter(|&r| plan.kept_inside(r)) {
        tallies.steps(plan.memories.len() - 1, role, cost.compute_cycles);
    }
    tallies.compare(plan, cost)?;
    Ok(tallies)
}

/// All transfers between memories, and from memories to the elements of the arrays.
pub(super) fn count(plan: &Plan, instances: Instances) -> Tallies {
    let mut tallies = Tallies::new(plan);
    let mut cut = Cut::new(plan);
    for stop in &plan.normalised() {
        let before = stop.loops.last().map(|l| cut.tiles[l.dim as usize].clone());
        for l in &stop.loops {
            cut.refine(l.dim, l.piece);
        }
        let walked = plan.slide(stop).zip(before).map(|(dim, extents)| Walked {
            dim,
            extents,
            tile: stop.extents[dim],
        });
        let walked = walked.as_ref();
        node(
            plan,
            stop,
            Tiles {
                cut: &cut,
                walked,
                instances,
            },
            &mut tallies,
        );
        for l in &stop.below {
            cut.refine(l.dim, l.piece);
        }
    }
    if let Some(tile) = plan.step_tile() {
        for d in Dim::ALL {
            cut.refine(d, tile[d]);
        }
    }
    for role in Role::ALL.into_iter().filter(|&r| !plan.kept_inside(r)) {
        let memory = plan.innermost_keeper(role);
        let tiles = Tiles {
            cut: &cut,
            walked: None,
            instances,
        };
        let between = (plan.memories[memory].0, usize::MAX);
        tallies.inside(memory, None, role, tiles.visits(plan, role, between));
    }
    tallies
}

/// A walk of a node: the dimension along which it slides, the extents that it walks, and the
/// extent of one element's tile.
#[derive(Clone, Debug)]
struct Walked {
    dim: Dim,
    extents: Counted,
    tile: u64,
}

/// The tiles that a node (or the steps) are filled with.
#[derive(Clone, Copy)]
struct Tiles<'a> {
    cut: &'a Cut,
    walked: Option<&'a Walked>,
    instances: Instances,
}

/// The traffic of one node; none where its operand lies there.
fn node(plan: &Plan, stop: &Stop, tiles: Tiles, tallies: &mut Tallies) {
    let (role, level) = (stop.node.role, stop.node.level);
    let child = plan.memory_index(level);
    if plan.lies_in(child, role) {
        return;
    }
    let parent = plan.parent(stop.node);
    let between = (plan.memories[parent].0, level);
    tallies.inside(parent, Some(child), role, tiles.visits(plan, role, between));
    tallies.outside(child, role, tiles.visits(plan, role, (level, level)));
}

impl Tiles<'_> {
    /// The element visits that the port of the outer level sees when tiles go to the inner one.
    fn visits(self, plan: &Plan, role: Role, between: (usize, usize)) -> Visits {
        let (mut times, mut copies) = (1, 1);
        for d in Dim::ALL
            .into_iter()
            .filter(|&d| !plan.nest.is_relevant(role, d))
        {
            let shares = |b: &Block| self.shares(plan, between.0, d, plan.active(d, *b));
            let groups = |b: Block| plan.spread.groups(between, role, d, b).len() as u128;
            let tiles = &self.cut.tiles[d as usize];
            let own = |b: &Block| shares(b).into_iter().map(groups).sum::<u128>();
            times *= tiles.iter().map(|(b, n)| own(b) * n).sum::<u128>();
            copies *= tiles
                .iter()
                .map(|(b, _)| shares(b).len() as u128)
                .max()
                .unwrap_or(0);
        }
        let elements = self.elements(plan, role, between);
        Visits {
            first: elements * copies,
            further: elements * (times - copies),
        }
    }

    /// The parts of a block that the counted instances at `level` work on.
    fn shares(self, plan: &Plan, level: usize, d: Dim, block: Block) -> Vec<Block> {
        let factors = plan.spread.factors(level, d);
        match self.instances {
            Instances::First => vec![block.first_share(factors)],
            Instances::All => block.shares(factors),
        }
    }

    /// The elements of all tiles of an operand, each tile once for each instance.
    fn elements(self, plan: &Plan, role: Role, between: (usize, usize)) -> u128 {
        let windowed = |d: Dim| role == Role::Input && LoopNest::window_of(d).is_some();
        let shares = |d: Dim, tiles: &[(Block, u128)]| -> Counted {
            let own = |(b, times): &(Block, u128)| {
                let (times, shares) = (*times, self.shares(plan, between.0, d, *b));
                shares.into_iter().map(move |share| (share, times))
            };
            tiles.iter().flat_map(own).collect()
        };
        let mut product = 1;
        for d in plan.relevant(role).filter(|&d| !windowed(d)) {
            let shares = shares(d, &self.cut.tiles[d as usize]);
            let elements = shares.iter().map(|(b, times)| u128::from(b.len) * times);
            product *= elements.sum::<u128>();
        }
        if role == Role::Input {
            for (axis, (output, kernel)) in LoopNest::WINDOW_DIMS.into_iter().enumerate() {
                let groups = |d: Dim, tiles: &[(Block, u128)]| -> Vec<(Vec<Block>, u128)> {
                    let of = |(b, times): (Block, u128)| {
                        let groups = plan.spread.groups(between, role, d, b).into_iter();
                        groups.map(move |group| (group, times))
                    };
                    shares(d, tiles).into_iter().flat_map(of).collect()
                };
                let taps = groups(kernel, &self.cut.tiles[kernel as usize]);
                if let Some(walked) = self.walked.filter(|walked| walked.dim == output) {
                    let walks = shares(output, &walked.extents);
                    product *= walked_rows(plan, axis, (&walks, walked.tile), &taps);
                    continue;
                }
                let outputs = groups(output, &self.cut.tiles[output as usize]);
                product *= all_rows(plan, axis, &outputs, &taps);
            }
        }
        product
    }
}

/// The sum of the distinct rows of all pairs of groups of one window.
fn all_rows(
    plan: &Plan,
    axis: usize,
    outputs: &[(Vec<Block>, u128)],
    taps: &[(Vec<Block>, u128)],
) -> u128 {
    let window = plan.nest.windows[axis];
    let (outputs, taps) = (
        alike(plan.nest, axis, outputs),
        alike(plan.nest, axis, taps),
    );
    let pairs = outputs
        .iter()
        .flat_map(|p| taps.iter().map(move |r| (p, r)));
    pairs
        .map(|((p, times), (r, cuts))| count_joint_rows(window, p, r) * times * cuts)
        .sum()
}

/// The rows that walks in tiles of so many outputs fetch for all groups of taps: those of the
/// first tile of each, and of every further one those that the tile before does not hold.
fn walked_rows(
    plan: &Plan,
    axis: usize,
    (walks, tile): (&[(Block, u128)], u64),
    taps: &[(Vec<Block>, u128)],
) -> u128 {
    let window = plan.nest.windows[axis];
    let each = walks.iter().map(|&(walk, times)| (vec![walk], times));
    let each: Vec<(Vec<Block>, u128)> = each.collect();
    if window.dilation == 1 {
        // Consecutive taps: a row that an earlier tile held is in all tiles up to the last that needs it.
        return all_rows(plan, axis, &each, taps);
    }
    let (walks, taps) = (alike(plan.nest, axis, &each), alike(plan.nest, axis, taps));
    let mut total = 0;
    for (walk, times) in &walks {
        for (taps, cuts) in &taps {
            let mut before = BTreeSet::new();
            for part in walk.iter().flat_map(|block| block.pieces(tile)) {
                let rows = joint_rows(window, &[part], taps);
                total += rows.difference(&before).count() as u128 * times * cuts;
                before = rows;
            }
        }
    }
    total
}

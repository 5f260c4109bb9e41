//! The independent checker: a mapping and its cost are right, or an error says what is not.
//!
//! It knows the problem's data and nothing else, so that no error of the evaluator, of the
//! programs or of the solver can hide in it. Two kinds of checks are made.
//!
//! * Always: the structure of the mapping (`structure`), capacity, coverage and compute steps
//!   (`space`), all traffic from the tiles of each dimension (`traffic`), and that the cycles
//!   follow from it (`ports`), with the energy of all instances (`energy`).
//! * While the nest is small enough: a walk of it, loop by loop (`walk`), with real tiles and real
//!   element sets. It counts all traffic anew without assuming that dimensions are independent,
//!   and executes every multiply-accumulate exactly once.
//!
//! Tiles too many to be listed one by one are counted together where all that counts of them is their
//! length; small nests are counted that way too, so that it is confirmed with the rest.
//!
//! Both compare with the stated cost exactly. That a mapping keeps to the restrictions under which
//! it was searched is checked beside them (`restrict`).
//!
//! # What the walk takes as given
//!
//! The problem definition leaves these points open; the checker decides them so.
//!
//! * **Array-wide extents are fixed in the mapping's own order.** A node's array-wide extent is
//!   its extent times the elements above it, cut to the extent that stands above the node. When
//!   the order is normalised for reuse these extents move with the node: at its new place a
//!   larger extent may stand above, and cutting to that one would change the tile.
//! * **Largest extent of a node.** It is the ceiling share of the array-wide extent above:
//!   anything larger would let extents grow from the outside in.
//! * **Footprint of a window tile** is that of the element with the most rows inside the tensor,
//!   over all tiles and *all* elements: element 0 may stand in the padding, while every element
//!   must hold its tile. Traffic through a port below an array is that of element 0.
//! * **Sliding below an array** (spread along that dimension by an array further out): element 0
//!   walks its own contiguous share of the walked extent, in tiles of its own extent.
//! * **Sliding needs the kernel dimension whole** array-wide; arrays above the memory that fills the
//!   sliding one, or below it, may spread it.
//! * **A loop stands above a node only if its largest tile has more than one trip**; smaller tiles
//!   of the same loop may have one, and count as visits all the same.
//! * The window's dimensions are all relevant to the input.
//! * The outermost memory states no occupied space, as it has no nodes.

mod effort;
mod energy;
mod error;
mod nest;
pub mod packing;
pub mod plan;
mod plan_error;
mod plan_form;
mod plan_ports;
mod ports;
pub mod restrict;
mod space;
mod spread;
pub mod stage;
mod structure;
mod tally;
mod tiles;
mod traffic;
mod walk;

use crate::problem::result::Cost;
use crate::problem::{Hardware, LoopNest, Mapping};

use nest::Plan;

pub use error::CheckError;

/// Nests of at most this much work are walked: multiply-accumulates plus node visits.
pub const WALK_LIMIT: u128 = 2_000_000;

/// Checks a mapping and its stated cost, energy included.
///
/// # Errors
/// The first thing found wrong, naming memory, operand and both numbers where they differ.
pub fn check(
    nest: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
    cost: &Cost,
) -> Result<(), CheckError> {
    check_within(nest, hardware, mapping, cost, WALK_LIMIT).map(|_| ())
}

/// The same, where nests of more work than this are not walked besides; the work of the walk.
///
/// # Errors
/// Those of [`check`].
pub fn check_within(
    nest: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
    cost: &Cost,
    most_walked: u128,
) -> Result<u128, CheckError> {
    structure::check(nest, hardware, mapping)?;
    listed(hardware, cost)?;
    let mut plan = Plan::new(nest, hardware, mapping);
    plan.counts_together = effort::listed(&plan) > TILES_LIMIT;
    let leaves = space::check(&plan, cost)?;
    let tallies = traffic::check(&plan, cost)?;
    ports::check(&plan, &tallies, cost)?;
    energy::check(&plan, cost)?;
    let visits = leaves.saturating_mul(plan.stops.len() as u128 + 1);
    let work = nest.box_macs().saturating_add(visits);
    if work > most_walked {
        return Ok(0);
    }
    walk::check(&plan, cost)?;
    // Small nests also confirm the way in which tiles too many to be listed are counted.
    plan.counts_together = true;
    space::check(&plan, cost)?;
    traffic::check(&plan, cost)?;
    energy::check(&plan, cost)?;
    Ok(work)
}

/// Tiles of all dimensions and nodes, and pairs of tiles of windows, up to which a check takes about
/// a second.
pub const TILES_LIMIT: u128 = 2_000_000;

/// The tiles, pairs of tiles or rows that the check of a mapping goes through, however it counts
/// them; none where its structure is wrong, which the check says.
#[must_use]
pub fn tiles(nest: &LoopNest, hardware: &Hardware, mapping: &Mapping) -> u128 {
    if structure::check(nest, hardware, mapping).is_err() {
        return 0;
    }
    let plan = Plan::new(nest, hardware, mapping);
    let listed = effort::listed(&plan);
    let counted = if listed > TILES_LIMIT {
        effort::together(&plan)
    } else {
        listed
    };
    counted.max(effort::rows(&plan) / ROWS_PER_TILE)
}

/// Rows that are collected in sets in the time of a tile.
const ROWS_PER_TILE: u128 = 5;

/// Whether the cost lists every memory of the hardware once, outermost first.
fn listed(hardware: &Hardware, cost: &Cost) -> Result<(), CheckError> {
    let listed = cost.memories.iter().map(|m| m.level);
    if hardware.memories().map(|(level, _)| level).eq(listed) {
        Ok(())
    } else {
        Err(CheckError::Memories)
    }
}

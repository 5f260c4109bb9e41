//! The stages of a search: which columns, one list after the other, and how many nodes each may take.

use crate::columns::groups;
use crate::engine::{Cause, Space, TreeStatistics, search};
use crate::problem::goal::Goal;
use crate::tiling::limits::WholeChains;
use crate::tiling::tile_space::TileSpace;

use super::options::{Method, SolveOptions};
use super::space::LayerSpace;
use super::whole::Whole;

/// Nodes of the search over divisors that looks for a better first mapping.
const SCOUT_NODES: u64 = 80;

/// Nodes of the search over boxes before a better first mapping is looked for.
const BOXES_NODES: u64 = 150;

/// Nodes of the search over divisors that then looks for it.
const FAR_SCOUT_NODES: u64 = 1_500;

/// Nodes of the search over parts before more dimensions are written out in whole chains.
const PARTS_NODES: u64 = 200;

/// Memories from which on the chains of a dimension are too many for lists, even of their parts.
const DEEP: usize = 4;

/// Builds all columns and searches the classes; a bound on what was left open.
pub(super) fn branch_and_price(
    space: &mut LayerSpace<'_>,
    options: &SolveOptions,
) -> (f64, TreeStatistics) {
    let mut total = TreeStatistics::default();
    if space.is_empty() {
        return (f64::INFINITY, total);
    }
    let tiles = options.tile_space();
    if options.switches.incumbent && tiles == TileSpace::All {
        search_tiles(space, TileSpace::Divisors, options, SCOUT_NODES, &mut total);
        if space.is_met() {
            return (f64::INFINITY, total);
        }
    }
    if tiles == TileSpace::All
        && is_deep(space)
        && let Some(open) = search_boxes(space, options, &mut total)
    {
        return (open, total);
    }
    let mut first = f64::NEG_INFINITY;
    // Where energy counts, longer lists of whole chains cost more than they save.
    if tiles == TileSpace::All
        && !space.site.hardware.has_energy()
        && groups::differ(&space.site, options.whole)
    {
        let open = search_tiles(space, tiles, options, PARTS_NODES, &mut total);
        first = open.unwrap_or(first);
        if first > space.target() || space.watch.stopped() {
            return (first, total);
        }
        space.use_whole(options.whole[1]);
        if let Some(open) = search_tiles(space, tiles, options, u64::MAX, &mut total) {
            return (open.max(first), total);
        }
        space.use_whole(options.whole[0]);
    }
    let mut open = search_tiles(space, tiles, options, u64::MAX, &mut total);
    if open.is_none() && tiles == TileSpace::All && !is_deep(space) {
        // Lists that are too long for fewer memories.
        open = search_boxes(space, options, &mut total);
    }
    if open.is_none() {
        space.watch.stop(Cause::Memory);
    }
    (open.unwrap_or(f64::NEG_INFINITY).max(first), total)
}

/// Searches all classes with boxes of whole chains for long dimensions; `None` where they were asked
/// for in the first place, where energy counts, of which a box knows too little, or if it is time to stop.
///
/// Boxes far from a good mapping are halved in vain: where a short search does not settle it, a
/// longer one over divisors looks for a better first mapping.
fn search_boxes(
    space: &mut LayerSpace<'_>,
    options: &SolveOptions,
    total: &mut TreeStatistics,
) -> Option<f64> {
    if options.whole[0].boxes || space.site.hardware.has_energy() || space.watch.stopped() {
        return None;
    }
    let with_boxes = |space: &mut LayerSpace<'_>, nodes: u64, total: &mut TreeStatistics| {
        space.use_whole(WholeChains::BOXES);
        let open = search_tiles(space, TileSpace::All, options, nodes, total);
        space.use_whole(options.whole[0]);
        open
    };
    let first = with_boxes(space, BOXES_NODES, total)?;
    if first > space.target() || space.watch.stopped() {
        return Some(first);
    }
    if options.switches.incumbent {
        search_tiles(space, TileSpace::Divisors, options, FAR_SCOUT_NODES, total);
        if space.is_met() || space.watch.stopped() {
            return Some(first);
        }
    }
    let open = with_boxes(space, u64::MAX, total);
    Some(open.map_or(first, |open| open.max(first)))
}

/// Whether long dimensions are searched in boxes of whole chains.
fn is_deep(space: &LayerSpace<'_>) -> bool {
    space.hardware.memories().count() >= DEEP && !space.site.hardware.has_energy()
}

/// Searches the classes with the columns of a tile space; `None` if these are too many, or if
/// it is time to stop.
pub(super) fn search_tiles(
    space: &mut LayerSpace<'_>,
    tiles: TileSpace,
    options: &SolveOptions,
    most_nodes: u64,
    total: &mut TreeStatistics,
) -> Option<f64> {
    search_columns(space, tiles, options, &|_| most_nodes, total)
}

/// The same with the most nodes for a number of columns.
pub(super) fn search_columns(
    space: &mut LayerSpace<'_>,
    tiles: TileSpace,
    options: &SolveOptions,
    most_nodes: &dyn Fn(usize) -> u64,
    total: &mut TreeStatistics,
) -> Option<f64> {
    let all = space.columns(tiles)?;
    space.history.complete =
        tiles == options.tile_space() && options.seeks_all() && space.goal == Goal::default();
    let most_nodes = most_nodes(all.iter().map(|group| group.columns.len()).sum());
    let roots = space.root_parts(&all).into_iter();
    let roots = roots.map(|part| space.node(part)).collect();
    let (open, statistics) = match options.method {
        Method::BranchAndPrice => search(space, roots, most_nodes),
        Method::Milp => search(&mut Whole(space), roots, most_nodes),
    };
    total.add(&statistics);
    Some(open)
}

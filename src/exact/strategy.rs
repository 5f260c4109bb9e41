//! The strategy: a list of searches, each with its columns and the nodes that it may take.

use crate::columns::groups;
use crate::engine::{Cause, Options, Space, TreeStatistics, search};
use crate::problem::goal::Goal;
use crate::tiling::limits::WholeChains;
use crate::tiling::tile_space::TileSpace;

use super::options::{Method, SolveOptions};
use super::space::LayerSpace;
use super::tuning::{BOXES_NODES, DEEP, FAR_SCOUT_NODES, PARTS_NODES, SCOUT_NODES};

/// Which columns a search chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Columns {
    /// Tiles that divide their dimensions.
    Divisors,
    /// All tiles: some dimensions in whole chains, the others in parts.
    Lists(WholeChains),
    /// All tiles: long dimensions in boxes of whole chains, of which those are halved on which the
    /// bound rests.
    Boxes,
}

/// One search of a strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stage {
    /// The columns.
    columns: Columns,
    /// The most nodes that it takes.
    nodes: u64,
    /// Whether its bound is one of the space; else it only looks for a better first mapping.
    proves: bool,
    /// Whether it is left out where the last search that proves could not make its columns.
    follows: bool,
}

impl Stage {
    fn scout(nodes: u64) -> Self {
        Self {
            columns: Columns::Divisors,
            nodes,
            proves: false,
            follows: false,
        }
    }

    fn proof(columns: Columns, nodes: u64) -> Self {
        Self {
            columns,
            nodes,
            proves: true,
            follows: false,
        }
    }

    fn following(self) -> Self {
        Self {
            follows: true,
            ..self
        }
    }
}

/// The searches, one after the other; the first that proves without a limit of nodes, and whose
/// columns can be made, is the last.
fn stages(space: &LayerSpace<'_>, options: &SolveOptions) -> Vec<Stage> {
    if options.tile_space() == TileSpace::Divisors {
        return vec![Stage::proof(Columns::Divisors, u64::MAX)];
    }
    let [short, long] = options.whole;
    let scouts = |nodes: u64| {
        options
            .switches
            .mapper
            .incumbent
            .then(|| Stage::scout(nodes))
    };
    let has_energy = space.site.hardware.has_energy();
    let mut stages: Vec<Stage> = scouts(SCOUT_NODES).into_iter().collect();

    // Boxes far from a good mapping are halved in vain: where a short search does not settle it, a
    // longer one over divisors looks for a better first mapping. Of energy a box knows too little.
    let mut boxes = Vec::new();
    if !short.boxes && !has_energy {
        boxes.push(Stage::proof(Columns::Boxes, BOXES_NODES));
        // Local search finds more in less time.
        if !options.switches.mapper.local_search {
            boxes.extend(scouts(FAR_SCOUT_NODES).map(Stage::following));
        }
        boxes.push(Stage::proof(Columns::Boxes, u64::MAX).following());
    }
    let deep = space.hardware.memories().count() >= DEEP && !has_energy;
    if deep {
        stages.append(&mut boxes);
    }

    // Where energy counts, longer lists of whole chains cost more than they save.
    if !has_energy && groups::differ(&space.site, options.whole) {
        stages.push(Stage::proof(Columns::Lists(short), PARTS_NODES));
        stages.push(Stage::proof(Columns::Lists(long), u64::MAX));
    }
    stages.push(Stage::proof(Columns::Lists(short), u64::MAX));

    // Lists that are too long for fewer memories.
    stages.append(&mut boxes);
    stages
}

/// Searches stage by stage; a bound on what was left open.
pub(super) fn branch_and_price(
    space: &mut LayerSpace<'_>,
    options: &SolveOptions,
) -> (f64, TreeStatistics) {
    let mut total = TreeStatistics::default();
    if space.is_empty() {
        return (f64::INFINITY, total);
    }
    let mut bound = f64::NEG_INFINITY;
    let mut made = true;
    for stage in stages(space, options) {
        if stage.follows && !made {
            continue;
        }
        let open = run(space, stage, options, &mut total);
        if stage.proves {
            made = open.is_some();
            bound = bound.max(open.unwrap_or(bound));
            let is_last = made && stage.nodes == u64::MAX;
            if is_last || bound > space.target() {
                return (bound, total);
            }
        } else if space.is_met() {
            return (f64::INFINITY, total);
        }
        // What a search leaves open may wait for a better mapping.
        if open.is_some_and(f64::is_finite) {
            space.improve_again();
            if space.is_met() {
                return (f64::INFINITY, total);
            }
        }
        if space.watch.stopped() {
            return (bound, total);
        }
    }
    space.watch.stop(Cause::Memory);
    (bound, total)
}

/// One search; `None` if its columns are too many, or if it is time to stop.
fn run(
    space: &mut LayerSpace<'_>,
    stage: Stage,
    options: &SolveOptions,
    total: &mut TreeStatistics,
) -> Option<f64> {
    let (tiles, whole) = match stage.columns {
        Columns::Divisors => (TileSpace::Divisors, options.whole[0]),
        Columns::Lists(whole) => (TileSpace::All, whole),
        Columns::Boxes => (TileSpace::All, WholeChains::BOXES),
    };
    if space.whole != whole {
        space.use_whole(whole);
    }
    let open = search_tiles(space, tiles, options, stage.nodes, total);
    if space.whole != options.whole[0] {
        space.use_whole(options.whole[0]);
    }
    open
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
    let how = Options {
        most_nodes,
        whole: options.method == Method::Milp,
        ..space.options()
    };
    let (open, statistics) = search(space, roots, &how);
    total.add(&statistics);
    Some(open)
}

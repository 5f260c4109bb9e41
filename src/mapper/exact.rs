//! The exact mapper: lower bound and a first mapping, then branch and price on the layer program.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::cost::bound::lower_bounds;
use crate::cost::spatial::fewest_steps;
use crate::formulate::groups::{ColumnLimits, WholeChains};
use crate::formulate::{TileSpace, class, groups, symmetry};
use crate::milp::{Cause, Space, Switches, TreeStatistics, Watch, search};
use crate::problem::result::{Proof, Solution, SolverStatistics, Status};
use crate::problem::{Hardware, LoopNest};

use super::incumbent;
use super::space::{LayerSpace, MOST_COLUMNS, Part};
use super::whole::Whole;

/// How the layer program is solved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Column generation and branching.
    #[default]
    BranchAndPrice,
    /// Each class's integer program as a whole.
    Milp,
}

/// Options of the exact mapper.
#[derive(Clone, Debug)]
pub struct SolveOptions {
    /// Tile extents are divisors only.
    pub divisors_only: bool,
    /// Method.
    pub method: Method,
    /// Time limit of a layer.
    pub time_limit: Option<Duration>,
    /// Set to stop.
    pub interrupt: Arc<AtomicBool>,
    /// Which dimensions are written out in whole chains from the start, and which where a short
    /// search over parts does not settle it.
    pub whole: [WholeChains; 2],
    /// Parts of the method that can be switched off.
    pub switches: MethodSwitches,
}

/// Parts of the method; without any of them the optimum is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MethodSwitches {
    /// Parts of the tree search.
    pub tree: Switches,
    /// Look for a first mapping before the program is solved.
    pub incumbent: bool,
    /// Use the bound that holds for every mapping.
    pub lower_bound: bool,
}

impl Default for SolveOptions {
    fn default() -> Self {
        Self {
            divisors_only: false,
            method: Method::default(),
            time_limit: None,
            interrupt: Arc::new(AtomicBool::new(false)),
            whole: [WholeChains::FEW, WholeChains::MANY],
            switches: MethodSwitches {
                tree: Switches::ALL,
                incumbent: true,
                lower_bound: true,
            },
        }
    }
}

/// Finds the mapping of fewest cycles and proves it.
#[must_use]
pub fn solve(operation: &LoopNest, hardware: &Hardware, options: &SolveOptions) -> Solution {
    let started = Instant::now();
    let bounds = lower_bounds(operation, hardware);
    let mut space = LayerSpace {
        operation,
        hardware,
        lower_bound: if options.switches.lower_bound {
            bounds.best().max(fewest_steps(operation, hardware))
        } else {
            1
        },
        best: None,
        watch: Watch::new(
            options.time_limit.map(|limit| started + limit),
            Arc::clone(&options.interrupt),
        ),
        switches: Switches {
            dominance: options.switches.tree.dominance && symmetry::shares_all(hardware),
            ..options.switches.tree
        },
        whole: options.whole[0],
        kept: BTreeMap::new(),
    };
    if options.switches.incumbent {
        incumbent::find(&mut space, options.divisors_only);
    }
    let mut tree = (f64::INFINITY, TreeStatistics::default());
    if !is_met(&space, space.lower_bound) {
        tree = branch_and_price(&mut space, options);
    }
    if is_met(&space, space.lower_bound) {
        // Whatever is open has no fewer cycles.
        tree.0 = f64::INFINITY;
    }
    let proof = if is_met(&space, bounds.best()) {
        Proof::LowerBound
    } else if is_met(&space, space.lower_bound) {
        Proof::Enumeration
    } else {
        Proof::Milp
    };
    let (open, statistics) = tree;
    conclude(
        space,
        open,
        proof,
        bounds,
        solver_statistics(statistics, started),
    )
}

/// Whether the best mapping meets a bound.
fn is_met(space: &LayerSpace<'_>, bound: u128) -> bool {
    space.best.as_ref().is_some_and(|b| b.1.cycles <= bound)
}

/// Nodes of the search over divisors that looks for a better first mapping.
const SCOUT_NODES: u64 = 80;
/// Nodes of the search over parts before more dimensions are written out in whole chains.
const PARTS_NODES: u64 = 200;

/// Builds all columns and searches the classes; a bound on what was left open.
fn branch_and_price(space: &mut LayerSpace<'_>, options: &SolveOptions) -> (f64, TreeStatistics) {
    let mut total = TreeStatistics::default();
    let tiles = if options.divisors_only {
        TileSpace::Divisors
    } else {
        TileSpace::All
    };
    if options.switches.incumbent && tiles == TileSpace::All {
        search_tiles(space, TileSpace::Divisors, options, SCOUT_NODES, &mut total);
        if is_met(space, space.lower_bound) {
            return (f64::INFINITY, total);
        }
    }
    let mut first = f64::NEG_INFINITY;
    if tiles == TileSpace::All && groups::differ(space.operation, space.hardware, options.whole) {
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
    let open = search_tiles(space, tiles, options, u64::MAX, &mut total);
    if open.is_none() {
        space.watch.stop(Cause::Memory);
    }
    (open.unwrap_or(f64::NEG_INFINITY).max(first), total)
}

/// Searches the classes with the columns of a tile space; `None` if these are too many, or if
/// it is time to stop.
fn search_tiles(
    space: &mut LayerSpace<'_>,
    tiles: TileSpace,
    options: &SolveOptions,
    most_nodes: u64,
    total: &mut TreeStatistics,
) -> Option<f64> {
    let limits = ColumnLimits {
        whole: space.whole,
        most: MOST_COLUMNS,
        watch: space.watch.clone(),
    };
    let all = groups::columns_within(space.operation, space.hardware, tiles, &limits)?;
    let all = Arc::new(all);
    let roots = class::roots(space.operation, space.hardware)
        .into_iter()
        .map(|class| {
            space.node(Part {
                class,
                columns: Arc::clone(&all),
                expand: None,
                own: false,
            })
        })
        .collect();
    let (open, statistics) = match options.method {
        Method::BranchAndPrice => search(space, roots, most_nodes),
        Method::Milp => search(&mut Whole(space), roots, most_nodes),
    };
    total.add(&statistics);
    Some(open)
}

fn solver_statistics(tree: TreeStatistics, started: Instant) -> SolverStatistics {
    SolverStatistics {
        seconds: started.elapsed().as_secs_f64(),
        programs: tree.programs,
        nodes: tree.nodes,
        cuts: tree.tangents,
        columns: tree.columns,
    }
}

/// Puts together what was found and what was proved.
fn conclude(
    space: LayerSpace<'_>,
    open: f64,
    proof: Proof,
    lower_bounds: crate::problem::result::LowerBounds,
    statistics: SolverStatistics,
) -> Solution {
    let closed = open > space.target();
    let (status, bound_cycles, reason) = match (&space.best, closed) {
        (Some((_, cost)), true) => (
            Status::Optimal,
            super::space::largest_improvement(cost.cycles) + 1,
            None,
        ),
        (Some(_), false) => (
            Status::Feasible,
            open_cycles(open),
            Some(reason(space.watch.cause(), "the proof was complete")),
        ),
        (None, true) => (
            Status::Infeasible,
            0,
            Some(super::infeasible::reason(space.operation, space.hardware)),
        ),
        (None, false) => (
            Status::Unknown,
            open_cycles(open),
            Some(reason(space.watch.cause(), "a mapping was found")),
        ),
    };
    let bound_cycles = bound_cycles.max(if status == Status::Infeasible {
        0
    } else {
        lower_bounds.best().max(space.lower_bound)
    });
    Solution {
        status,
        proof,
        best: space.best,
        bound_cycles,
        lower_bounds,
        reason,
        statistics,
    }
}

/// Why the search stopped before something, in one line.
fn reason(cause: Option<Cause>, before: &str) -> String {
    match cause {
        Some(Cause::Time) => format!("the time limit ended the search before {before}"),
        Some(Cause::Interrupt) => format!("interrupted before {before}"),
        Some(Cause::Memory) => format!(
            "too many tilings to hold in memory: the search ended before {before} (--tiles divisors has fewer)"
        ),
        None => format!("stopped before {before}"),
    }
}

/// An open bound in cycles, rounded up: cycles are integers.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a finite bound, clamped to be positive"
)]
fn open_cycles(open: f64) -> u128 {
    if open.is_finite() {
        (open.exp() * (1.0 - 1e-9)).ceil().max(0.0) as u128
    } else {
        0
    }
}

//! The exact mapper: lower bound and a first mapping, then branch and price on the layer program.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::cost::bound::{least_energy, lower_bounds};
use crate::cost::spatial::fewest_steps;
use crate::formulate::{TileSpace, class, groups};
use crate::milp::{Space, Switches, TreeStatistics, search};
use crate::problem::goal::{Goal, Measure};
use crate::problem::result::{Proof, Solution, SolverStatistics, Status, Tie};
use crate::problem::{Hardware, LoopNest};

use super::incumbent;
use super::space::{LayerSpace, Part};
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

/// Which measures tell equally good mappings apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TieBreak {
    /// None.
    #[default]
    Off,
    /// Of mappings of least cycles the one of least outermost traffic; of mappings of least
    /// energy or product the one of fewest cycles.
    Traffic,
    /// As `Traffic`, and then of mappings of least cycles the one of least energy.
    All,
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
    /// Dimensions longer than this are solved in two parts first.
    pub longest_whole: u64,
    /// Parts of the method that can be switched off.
    pub switches: MethodSwitches,
    /// What is minimised.
    pub objective: Measure,
    /// Whether equally good mappings are told apart by a second and third measure.
    pub tie_break: TieBreak,
    /// What mappings must keep to.
    pub limits: Vec<(Measure, f64)>,
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
            longest_whole: groups::LONGEST_WHOLE,
            switches: MethodSwitches {
                tree: Switches::ALL,
                incumbent: true,
                lower_bound: true,
            },
            objective: Measure::Cycles,
            tie_break: TieBreak::Off,
            limits: Vec::new(),
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
        deadline: options.time_limit.map(|limit| started + limit),
        interrupt: &options.interrupt,
        switches: options.switches.tree,
        goal: Goal::default(),
        energy_unit: 1.0,
        planned: hardware.clone(),
    };
    // Energies count in the least that they can be, or where that is nothing in something tiny.
    space.energy_unit = least_energy(operation, hardware, space.lower_bound).max(1e-12);
    space.set_goal(Goal {
        minimise: options.objective,
        limits: options.limits.clone(),
    });
    if options.switches.incumbent {
        incumbent::find(&mut space, options.divisors_only);
    }
    let mut tree = (f64::INFINITY, TreeStatistics::default());
    if !space.is_met() {
        tree = branch_and_price(&mut space, options);
    }
    let proof = proof(&space, bounds.best());
    let closed = tree.0 > space.target();
    let bound = if closed {
        best_value(&space)
    } else {
        let unit = if options.objective.has_energy() {
            space.energy_unit
        } else {
            1.0
        };
        space.least().max(tree.0.exp() * unit)
    };
    let mut tie = None;
    if options.tie_break != TieBreak::Off && closed && space.best.is_some() {
        tie = Some(break_ties(&mut space, options, &mut tree.1));
        space.set_goal(Goal {
            minimise: options.objective,
            limits: options.limits.clone(),
        });
    }
    let (open, statistics) = tree;
    let statistics = solver_statistics(statistics, started);
    Solution {
        tie,
        objective_bound: bound,
        ..conclude(space, open, proof, bounds, statistics)
    }
}

/// What is minimised, of the best mapping.
fn best_value(space: &LayerSpace<'_>) -> f64 {
    let best = space.best.as_ref();
    best.map_or(0.0, |(_, cost)| space.goal.minimise.of(cost))
}

fn proof(space: &LayerSpace<'_>, any_mapping: u128) -> Proof {
    let cycles = space.goal.minimise == Measure::Cycles;
    let meets = |bound: u128| space.best.as_ref().is_some_and(|b| b.1.cycles <= bound);
    match (cycles, space.is_met()) {
        (_, false) => Proof::Milp,
        (true, true) if !meets(any_mapping) => Proof::Enumeration,
        (_, true) => Proof::LowerBound,
    }
}

/// Minimises one measure after the other, each under the limits that those before it set.
fn break_ties(
    space: &mut LayerSpace<'_>,
    options: &SolveOptions,
    statistics: &mut TreeStatistics,
) -> Tie {
    let breakers: &[Measure] = match options.objective {
        Measure::Cycles if options.tie_break == TieBreak::All && space.hardware.has_energy() => {
            &[Measure::Traffic, Measure::Energy]
        }
        Measure::Cycles => &[Measure::Traffic],
        _ => &[Measure::Cycles],
    };
    let mut proved = true;
    for &breaker in breakers {
        let mut goal = space.goal.clone();
        goal.limits.push((goal.minimise, best_value(space)));
        goal.minimise = breaker;
        space.set_goal(goal);
        if space.is_met() {
            continue;
        }
        let (open, own) = search_all(space, options, TIE_NODES);
        statistics.add(&own);
        proved &= open > space.target();
        if !proved {
            break;
        }
    }
    Tie {
        broken_by: breakers,
        proved,
    }
}

/// Nodes of the search over divisors that looks for a better first mapping.
const SCOUT_NODES: u64 = 80;

/// Nodes of the search for one measure that breaks ties; without a proof the result says so.
const TIE_NODES: u64 = 4_000;

/// Searches the classes with all columns for a better mapping than the one known.
fn search_all(
    space: &mut LayerSpace<'_>,
    options: &SolveOptions,
    most_nodes: u64,
) -> (f64, TreeStatistics) {
    let tiles = if options.divisors_only {
        TileSpace::Divisors
    } else {
        TileSpace::All
    };
    search_tiles(space, tiles, options, most_nodes)
}

/// Builds all columns and searches the classes; a bound on what was left open.
fn branch_and_price(space: &mut LayerSpace<'_>, options: &SolveOptions) -> (f64, TreeStatistics) {
    if options.divisors_only {
        return search_tiles(space, TileSpace::Divisors, options, u64::MAX);
    }
    if options.switches.incumbent {
        let (_, scouted) = search_tiles(space, TileSpace::Divisors, options, SCOUT_NODES);
        let (open, mut statistics) = search_tiles(space, TileSpace::All, options, u64::MAX);
        statistics.add(&scouted);
        return (open, statistics);
    }
    search_tiles(space, TileSpace::All, options, u64::MAX)
}

/// Searches the classes with the columns of a tile space.
fn search_tiles(
    space: &mut LayerSpace<'_>,
    tiles: TileSpace,
    options: &SolveOptions,
    most_nodes: u64,
) -> (f64, TreeStatistics) {
    let all = groups::all_columns(
        space.operation,
        &space.planned,
        tiles,
        options.longest_whole,
    );
    let all = Arc::new(all);
    let roots = class::roots(space.operation, space.hardware)
        .into_iter()
        .map(|class| {
            space.node(
                Part {
                    class,
                    columns: Arc::clone(&all),
                },
                None,
            )
        })
        .collect();
    match options.method {
        Method::BranchAndPrice => search(space, roots, most_nodes),
        Method::Milp => search(&mut Whole(space), roots, most_nodes),
    }
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
            if space.goal.minimise == Measure::Cycles {
                super::space::largest_improvement(cost.cycles) + 1
            } else {
                0
            },
            None,
        ),
        (Some(_), false) => (
            Status::Feasible,
            if space.goal.minimise == Measure::Cycles {
                open_cycles(open)
            } else {
                0
            },
            Some("stopped before the proof was complete".into()),
        ),
        (None, true) => (
            Status::Infeasible,
            0,
            Some(super::infeasible::reason(space.operation, space.hardware)),
        ),
        (None, false) => (
            Status::Unknown,
            open_cycles(open),
            Some("stopped before a mapping was found".into()),
        ),
    };
    let bound_cycles = bound_cycles.max(if status == Status::Infeasible {
        0
    } else {
        lower_bounds.best()
    });
    Solution {
        status,
        proof,
        best: space.best,
        tie: None,
        objective_bound: 0.0,
        bound_cycles,
        lower_bounds,
        reason,
        statistics,
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

//! The exact mapper: lower bound and a first mapping, then branch and price on the layer program.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::cost::bound::{least_energy, lower_bounds};
use crate::cost::spatial::fewest_steps;
use crate::formulate::class::Class;
use crate::formulate::groups::WholeChains;
use crate::formulate::{TileSpace, groups, symmetry};
use crate::milp::allowance::DEFAULT_BYTES;
use crate::milp::{Allowance, Cause, Space, Switches, TreeStatistics, Watch, deadline, search};
use crate::problem::certificate::{Amount, Certificate, Closing, Evidence, Skipped};
use crate::problem::goal::{Goal, Measure};
use crate::problem::result::{LowerBounds, Solution, SolverStatistics, Status, Tie};
use crate::problem::{Fixed, Hardware, LoopNest, Mapping};

use super::history::{History, Traced};
use super::space::{LayerSpace, RELATIVE_GAP};
use super::whole::Whole;
use super::{conflict, incumbent, infeasible};

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

/// What stands between those who ask for a solution and the search for it: it may know the
/// solution already, or something of it.
pub trait Memo: fmt::Debug + Send + Sync {
    /// The solution of [`solve`] with the same options; [`search_anew`] finds it.
    fn solve(&self, operation: &LoopNest, hardware: &Hardware, options: &SolveOptions) -> Solution;
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
    /// Limit of the processor time of the thread that searches.
    pub cpu_limit: Option<Duration>,
    /// Limit of the tree nodes of all stages.
    pub node_limit: Option<u64>,
    /// Bytes that the search of a layer may hold; none: as much as there is.
    pub memory_limit: Option<u64>,
    /// Set to stop.
    pub interrupt: Arc<AtomicBool>,
    /// Which dimensions are written out in whole chains from the start, and which where a short
    /// search over parts does not settle it.
    pub whole: [WholeChains; 2],
    /// Parts of the method that can be switched off.
    pub switches: MethodSwitches,
    /// What is minimised.
    pub objective: Measure,
    /// Whether equally good mappings are told apart by a second and third measure.
    pub tie_break: TieBreak,
    /// What mappings must keep to.
    pub limits: Vec<(Measure, f64)>,
    /// What is fixed of every mapping.
    pub fixed: Arc<Vec<Fixed>>,
    /// Mappings from which the search starts, as far as they keep to the limits.
    pub start: Vec<Mapping>,
    /// The classes that are searched; none: all of them.
    pub branch: Arc<Vec<Class>>,
    /// No mapping of the space has fewer cycles, as was proved elsewhere; 0 where nothing was.
    pub known_bound: u128,
    /// What may know the solution already.
    pub memo: Option<Arc<dyn Memo>>,
    /// Pairs of pieces of a window that sees padding beyond which a mapping is not evaluated: it
    /// stays open with the bound of its node.
    pub most_pieces: u64,
}

/// Pairs of pieces whose rows are counted, and counted again by the independent check, in seconds.
pub const MOST_PIECES: u64 = 20_000_000;

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
            cpu_limit: None,
            node_limit: None,
            memory_limit: Some(DEFAULT_BYTES),
            interrupt: Arc::new(AtomicBool::new(false)),
            whole: [WholeChains::FEW, WholeChains::MANY],
            switches: MethodSwitches {
                tree: Switches::ALL,
                incumbent: true,
                lower_bound: true,
            },
            objective: Measure::Cycles,
            tie_break: TieBreak::Off,
            limits: Vec::new(),
            fixed: Arc::default(),
            start: Vec::new(),
            branch: Arc::default(),
            known_bound: 0,
            memo: None,
            most_pieces: MOST_PIECES,
        }
    }
}

/// Finds the mapping of fewest cycles and proves it, or takes it from the memo of the options.
#[must_use]
pub fn solve(operation: &LoopNest, hardware: &Hardware, options: &SolveOptions) -> Solution {
    match &options.memo {
        Some(memo) => memo.solve(operation, hardware, options),
        None => search_anew(operation, hardware, options),
    }
}

/// Finds the mapping of fewest cycles and proves it, whatever a memo knows.
#[must_use]
pub fn search_anew(operation: &LoopNest, hardware: &Hardware, options: &SolveOptions) -> Solution {
    solve_traced(operation, hardware, options, Instant::now()).solution
}

/// The same with the course of the search, whose time began at `started`.
#[must_use]
pub fn solve_traced(
    operation: &LoopNest,
    hardware: &Hardware,
    options: &SolveOptions,
    started: Instant,
) -> Traced {
    let bounds = lower_bounds(operation, hardware);
    if let Some(reason) = infeasible::too_small(operation, hardware) {
        return History::new(started).with(
            without_mapping(options.objective, reason, bounds, started),
            options.seeks_all(),
        );
    }
    let mut space = space_of(operation, hardware, options, bounds.best());
    space.history = History::new(started);
    space.history.proved(space.lower_bound);
    space.known_bound = options.known_bound;
    for mapping in &options.start {
        space.offer(mapping.clone());
    }
    if options.switches.incumbent {
        incumbent::find(&mut space, options.divisors_only);
    }
    let mut tree = (f64::INFINITY, TreeStatistics::default());
    if !space.is_met() {
        tree = branch_and_price(&mut space, options);
    }
    if space.is_met() {
        // Whatever is open is no better.
        tree.0 = f64::INFINITY;
    }
    let closed = tree.0 > space.target();
    let evidence = evidence(&space, &tree, bounds.best());
    let bound = objective_bound(&space, tree.0);
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
    let history = std::mem::replace(&mut space.history, History::new(started));
    let mut solution = conclude(space, open, bound, evidence, bounds, statistics);
    if solution.status() == Status::Infeasible
        && let Some(reason) = conflict::reason(operation, hardware, options, started)
    {
        solution.reason = Some(reason);
    }
    let solution = Solution {
        tie,
        objective_bound: (options.objective != Measure::Cycles)
            .then_some((options.objective, bound)),
        ..solution
    };
    history.with(solution, options.seeks_all())
}

/// The space of an operation with what the options ask for; `any_mapping` is the bound in cycles
/// that holds for every mapping.
pub(super) fn space_of<'a>(
    operation: &'a LoopNest,
    hardware: &'a Hardware,
    options: &SolveOptions,
    any_mapping: u128,
) -> LayerSpace<'a> {
    let lower_bound = if options.switches.lower_bound {
        any_mapping.max(fewest_steps(operation, hardware))
    } else {
        1
    };
    let mut space = empty_space(operation, hardware, options, lower_bound);
    set_goal(&mut space, options);
    space
}

/// What the options ask for, before ties are told apart.
fn set_goal(space: &mut LayerSpace<'_>, options: &SolveOptions) {
    // Energies count in the least that they can be, or where that is nothing in something tiny.
    space.energy_unit =
        least_energy(space.operation, space.hardware, space.lower_bound).max(TINY_PJ);
    space.set_goal(Goal {
        minimise: options.objective,
        limits: options.limits.clone(),
    });
}

/// The space of an operation with nothing found yet.
fn empty_space<'a>(
    operation: &'a LoopNest,
    hardware: &'a Hardware,
    options: &SolveOptions,
    lower_bound: u128,
) -> LayerSpace<'a> {
    LayerSpace {
        operation,
        hardware,
        lower_bound,
        known_bound: 0,
        best: None,
        watch: Watch::with_memory(
            deadline(options.time_limit),
            Arc::clone(&options.interrupt),
            options.memory_limit.map(Allowance::new),
        )
        .with_work(options.cpu_limit, options.node_limit),
        switches: Switches {
            dominance: options.switches.tree.dominance && symmetry::shares_all(hardware),
            ..options.switches.tree
        },
        whole: options.whole[0],
        kept: BTreeMap::new(),
        goal: Goal::default(),
        energy_unit: 1.0,
        planned: hardware.clone(),
        fixed: Arc::clone(&options.fixed),
        branch: Arc::clone(&options.branch),
        history: History::new(Instant::now()),
        most_pieces: options.most_pieces,
    }
}

/// More cycles than any mapping takes: with such a bound the first mapping found is good enough.
const ANY_CYCLES: u128 = 1 << 100;

/// Whether there is a mapping; `None` where that was not found out before the time was up.
pub(super) fn has_mapping(
    operation: &LoopNest,
    hardware: &Hardware,
    options: &SolveOptions,
) -> Option<bool> {
    if infeasible::too_small(operation, hardware).is_some() {
        return Some(false);
    }
    let mut space = empty_space(operation, hardware, options, ANY_CYCLES);
    space.set_goal(Goal::default());
    incumbent::find(&mut space, options.divisors_only);
    if space.best.is_some() {
        return Some(true);
    }
    let (open, _) = branch_and_price(&mut space, options);
    match &space.best {
        Some(_) => Some(true),
        None if open > space.target() => Some(false),
        None => None,
    }
}

/// The unit of energies of which no mapping is known to need any, in pJ.
const TINY_PJ: f64 = 1e-12;

/// What no mapping is below in what is minimised, as far as it was proved.
fn objective_bound(space: &LayerSpace<'_>, open: f64) -> f64 {
    let energy = space.goal.minimise.has_energy();
    // Where nothing is known of energies the unit stands for a bound, and is none.
    let least = if energy && space.energy_unit <= TINY_PJ {
        0.0
    } else {
        space.least()
    };
    match (open > space.target(), energy) {
        (true, false) => best_value(space),
        (true, true) => least.max(best_value(space) * (1.0 - RELATIVE_GAP)),
        (false, false) => least.max(open.exp()),
        (false, true) => least.max(open.exp() * space.energy_unit),
    }
}

/// What is minimised, of the best mapping.
fn best_value(space: &LayerSpace<'_>) -> f64 {
    let best = space.best.as_ref();
    best.map_or(0.0, |(_, cost)| space.goal.minimise.of(cost))
}

/// What closed the space, and what was left out: a bound for any mapping, one by enumeration of
/// spatial choices, one proved elsewhere, or the nodes of the tree.
fn evidence(space: &LayerSpace<'_>, tree: &(f64, TreeStatistics), any_mapping: u128) -> Evidence {
    let (open, statistics) = tree;
    let cycles = space.goal.minimise == Measure::Cycles;
    let meets = |bound: u128| space.best.as_ref().is_some_and(|b| b.1.cycles <= bound);
    if space.is_met() {
        let by = match cycles {
            true if !meets(space.lower_bound) => Closing::Monotone,
            true if !meets(any_mapping) => Closing::FewestSteps,
            _ => Closing::LowerBound,
        };
        return Evidence::closed([by]);
    }
    if space.best.is_none() && space.is_empty() {
        return Evidence::closed([Closing::Restrictions]);
    }
    let mut by = vec![Closing::Lagrangian];
    by.extend((statistics.closed.enumeration > 0).then_some(Closing::Enumeration));
    by.extend((statistics.closed.solver > 0).then_some(Closing::Solver));
    let evidence = Evidence::closed(by);
    if *open > space.target() {
        return evidence;
    }
    let unevaluated = statistics.unevaluated;
    let stopped = space.watch.cause().map(|cause| limit(cause).to_owned());
    let left = match (stopped, unevaluated) {
        (Some(limit), _) => Some(Skipped::Left(limit)),
        (None, 0) => Some(Skipped::Left("the search".to_owned())),
        (None, _) => None,
    };
    let unevaluated = (unevaluated > 0).then_some(Skipped::Unevaluated(unevaluated));
    evidence.without(left.into_iter().chain(unevaluated))
}

/// What stopped a search, as results say it.
fn limit(cause: Cause) -> &'static str {
    match cause {
        Cause::Time => "the time limit",
        Cause::Cpu => "the limit of CPU time",
        Cause::Nodes => "the node limit",
        Cause::Interrupt => "an interrupt",
        Cause::Memory => "the memory limit",
    }
}

/// The measures that tell equally good mappings apart, where that is asked for.
#[must_use]
pub fn tie_breakers(hardware: &Hardware, options: &SolveOptions) -> &'static [Measure] {
    match options.objective {
        Measure::Cycles if options.tie_break == TieBreak::All && hardware.has_energy() => {
            &[Measure::Traffic, Measure::Energy]
        }
        Measure::Cycles => &[Measure::Traffic],
        _ => &[Measure::Cycles],
    }
}

/// Minimises one measure after the other, each under the limits that those before it set.
fn break_ties(
    space: &mut LayerSpace<'_>,
    options: &SolveOptions,
    statistics: &mut TreeStatistics,
) -> Tie {
    let breakers = tie_breakers(space.hardware, options);
    let mut certificate: Option<Certificate> = None;
    // Ties are told apart within a number of nodes, of which boxes need many.
    space.use_whole(WholeChains {
        boxes: false,
        ..options.whole[0]
    });
    for &breaker in breakers {
        let mut goal = space.goal.clone();
        goal.limits.push((goal.minimise, best_value(space)));
        goal.minimise = breaker;
        space.set_goal(goal);
        let own = break_tie(space, options, statistics);
        let own = match certificate.take() {
            Some(before) => own.resting_on(&before),
            None => own,
        };
        let proved = own.status() == Status::Optimal;
        certificate = Some(own);
        if !proved {
            break;
        }
    }
    let nothing = || Certificate::nothing(options.objective, Evidence::default());
    Tie {
        broken_by: breakers,
        certificate: certificate.unwrap_or_else(nothing),
    }
}

/// Minimises one measure under limits; what is proved of the best mapping's.
fn break_tie(
    space: &mut LayerSpace<'_>,
    options: &SolveOptions,
    statistics: &mut TreeStatistics,
) -> Certificate {
    let mut tree = (f64::INFINITY, TreeStatistics::default());
    if options.switches.incumbent && !space.is_met() {
        incumbent::find(space, options.divisors_only);
    }
    let tiles = options.tile_space();
    if tiles == TileSpace::All && !space.is_met() {
        search_tiles(
            space,
            TileSpace::Divisors,
            options,
            TIE_SCOUT_NODES,
            statistics,
        );
    }
    if !space.is_met() {
        let open = search_columns(space, tiles, options, &tie_nodes, &mut tree.1);
        statistics.add(&tree.1);
        tree.0 = open.unwrap_or(f64::NEG_INFINITY);
    }
    let measure = space.goal.minimise;
    let bound = Amount::Real(objective_bound(space, tree.0));
    let evidence = evidence(space, &tree, 0);
    match &space.best {
        Some((_, cost)) => Certificate::found(measure, measure.amount(cost), bound, evidence)
            .unwrap_or_else(|error| Certificate::contradicted(measure, &error)),
        None => Certificate::open(measure, bound, evidence),
    }
}

/// Nodes of the search over divisors that looks for a better first mapping.
const SCOUT_NODES: u64 = 80;
/// Nodes of the search over boxes before a better first mapping is looked for, and of the search
/// over divisors that looks for it.
const BOXES_NODES: u64 = 150;
const FAR_SCOUT_NODES: u64 = 1_500;
/// Nodes of the search over parts before more dimensions are written out in whole chains.
const PARTS_NODES: u64 = 200;

/// Nodes of the search for one measure that breaks ties, times their columns; without a proof
/// the result says so.
const TIE_WORK: u64 = 200_000;
/// Nodes of such a search at most; of one with fewer than the first number nothing is expected.
const TIE_NODES: [u64; 2] = [50, 4_000];
/// Nodes of the search over divisors that looks for a better tied mapping.
const TIE_SCOUT_NODES: u64 = 30;

/// The tile extents of the search.
impl SolveOptions {
    /// Whether bounds on cycles are bounds on all mappings of the space.
    fn seeks_all(&self) -> bool {
        self.limits.is_empty() && self.branch.is_empty()
    }

    /// The tiles among which is chosen.
    pub(super) fn tile_space(&self) -> TileSpace {
        if self.divisors_only {
            TileSpace::Divisors
        } else {
            TileSpace::All
        }
    }
}

/// Builds all columns and searches the classes; a bound on what was left open.
fn branch_and_price(space: &mut LayerSpace<'_>, options: &SolveOptions) -> (f64, TreeStatistics) {
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
        && !space.planned.has_energy()
        && groups::differ(space.operation, space.hardware, options.whole)
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

/// Memories from which on the chains of a dimension are too many for lists, even of their parts.
const DEEP: usize = 4;

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
    if options.whole[0].boxes || space.planned.has_energy() || space.watch.stopped() {
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
    space.hardware.memories().count() >= DEEP && !space.planned.has_energy()
}

/// Nodes of a search for one measure that breaks ties among so many columns.
fn tie_nodes(columns: usize) -> u64 {
    let [least, most] = TIE_NODES;
    let nodes = (TIE_WORK / (columns as u64).max(1)).min(most);
    if nodes < least { 0 } else { nodes }
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
    search_columns(space, tiles, options, &|_| most_nodes, total)
}

/// The same with the most nodes for a number of columns.
fn search_columns(
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

fn solver_statistics(tree: TreeStatistics, started: Instant) -> SolverStatistics {
    SolverStatistics {
        seconds: started.elapsed().as_secs_f64(),
        programs: tree.programs,
        nodes: tree.nodes,
        cuts: tree.tangents,
        columns: tree.columns,
    }
}

/// Puts together what was found and what was proved. `bound` is that of what is minimised, where
/// it is not the cycles.
fn conclude(
    space: LayerSpace<'_>,
    open: f64,
    bound: f64,
    evidence: Evidence,
    lower_bounds: LowerBounds,
    statistics: SolverStatistics,
) -> Solution {
    let measure = space.goal.minimise;
    let closed = open > space.target();
    let any = [lower_bounds.best(), space.lower_bound, space.known_bound];
    let any = any.into_iter().max().unwrap_or(0);
    let own = match (&space.best, measure, closed) {
        (Some((_, cost)), Measure::Cycles, true) if !space.is_met() => {
            super::space::largest_improvement(cost.cycles) + 1
        }
        (_, Measure::Cycles, false) => open_cycles(open),
        _ => 0,
    };
    let bound_cycles = own.max(any);
    let bound = match measure {
        Measure::Cycles => Amount::Whole(bound_cycles),
        _ => Amount::Real(bound),
    };
    let reason = left(&evidence, space.watch.cause(), space.best.is_some());
    let certificate = match &space.best {
        Some((_, cost)) => Certificate::found(measure, measure.amount(cost), bound, evidence),
        None if closed => Ok(Certificate::nothing(measure, evidence)),
        None => Ok(Certificate::open(measure, bound, evidence)),
    };
    let (certificate, error) = match certificate {
        Ok(certificate) => (certificate, None),
        Err(error) => (
            Certificate::contradicted(measure, &error),
            Some(error.to_string()),
        ),
    };
    let status = certificate.status();
    let no_mapping = || infeasible::reason(space.operation, space.hardware);
    Solution {
        bound_cycles: match (status, &error) {
            (Status::Infeasible, _) | (_, Some(_)) => 0,
            _ => bound_cycles,
        },
        reason: error.or_else(|| match status {
            Status::Infeasible => Some(no_mapping()),
            Status::Optimal => None,
            Status::Feasible | Status::Unknown => Some(reason),
        }),
        certificate,
        best: space.best,
        tie: None,
        objective_bound: None,
        lower_bounds,
        statistics,
    }
}

/// Why the proof is not complete, or no mapping was found, in one line.
fn left(evidence: &Evidence, cause: Option<Cause>, found: bool) -> String {
    let before = if found {
        "the proof was complete"
    } else {
        "a mapping was found"
    };
    match (evidence.skipped(), cause) {
        (_, Some(_)) | ([], None) => reason(cause, before),
        (all, None) => {
            let all: Vec<String> = all.iter().map(ToString::to_string).collect();
            format!("left open: {}", all.join(", "))
        }
    }
}

/// What is said of an operation whose least tiles do not fit a memory.
fn without_mapping(
    measure: Measure,
    reason: String,
    lower_bounds: LowerBounds,
    started: Instant,
) -> Solution {
    let evidence = Evidence::closed([Closing::LeastFootprints]);
    Solution {
        certificate: Certificate::nothing(measure, evidence),
        best: None,
        tie: None,
        objective_bound: None,
        bound_cycles: 0,
        lower_bounds,
        reason: Some(reason),
        statistics: solver_statistics(TreeStatistics::default(), started),
    }
}

/// Why the search stopped before something, in one line.
fn reason(cause: Option<Cause>, before: &str) -> String {
    match cause {
        Some(Cause::Time) => format!("the time limit ended the search before {before}"),
        Some(Cause::Cpu) => format!("the limit of CPU time ended the search before {before}"),
        Some(Cause::Nodes) => format!("the node limit ended the search before {before}"),
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
pub(super) fn open_cycles(open: f64) -> u128 {
    if open.is_finite() {
        (open.exp() * (1.0 - 1e-9)).ceil().max(0.0) as u128
    } else {
        0
    }
}

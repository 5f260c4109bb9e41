//! Branch and price: best-first search over the nodes of a space.
//!
//! A node's bound is that of its relaxation (`relaxation`): columns are priced into a restricted
//! master and curved rows replaced by tangents p, and whatever multipliers λ the master has, the
//! Lagrangian bound at λ holds (`bound`). The letters are those of `formulations/notation.md`.

use std::cell::RefCell;
use std::sync::Arc;

use super::branch;
use super::enumerate::{Effort, enumerate};
use super::finish::finish;
use super::linear::{Linearised, Range, ranges};
use super::node::{Node, State};
use super::pareto;
use super::queue::Queue;
use super::relaxation::{Limits, solve};
use super::rounding::round;
use super::space::{Decided, Refinement, Space};
use super::statistics::TreeStatistics;
use super::switches::Switches;
use super::tuning::{
    ANYTHING, ENUMERATED_COLUMNS, EVALUATION, FAR_OFF, LEAST_CHORD, NEARLY_EXACT, PRICING_ROUNDS,
    SAME, SHORT_SHARE,
};
use super::watch::Watch;
use super::whole::End;

/// How to go about a search, whatever the space.
#[derive(Clone, Debug)]
pub struct Options {
    /// When to stop.
    pub watch: Watch,
    /// Parts of the method.
    pub switches: Switches,
    /// Nodes after which the search ends.
    pub most_nodes: u64,
    /// Whether the program of a part of which only the columns are left to decide is handed to
    /// HiGHS as a whole, instead of being enumerated or branched on.
    pub whole: bool,
}

impl Options {
    /// Branch and price with these parts of the method, until the watch says stop.
    #[must_use]
    pub fn new(watch: &Watch, switches: Switches) -> Self {
        Self {
            watch: watch.clone(),
            switches,
            most_nodes: u64::MAX,
            whole: false,
        }
    }

    /// The same for so many nodes at most.
    #[must_use]
    pub fn with_nodes(self, most_nodes: u64) -> Self {
        Self { most_nodes, ..self }
    }

    /// The largest objective that is still looked for.
    fn target<S: Space>(&self, space: &S) -> f64 {
        if self.switches.bound {
            space.target()
        } else {
            space.target().max(ANYTHING)
        }
    }

    /// Whether a search must end before its next node.
    fn is_spent(&self, nodes: u64) -> bool {
        let is_short = self.most_nodes < u64::MAX;
        let full = is_short && self.watch.fullness() > SHORT_SHARE;
        self.watch.stopped() || nodes >= self.most_nodes || full
    }
}

/// What becomes of a node.
enum Fate<P> {
    /// No choice in it is below the target, by its bound or because it has none.
    Cut,
    /// Every choice that the bound left was tried; so many of them could not be evaluated.
    Enumerated(u64),
    /// HiGHS has found nothing better in it; so many choices could not be evaluated.
    Solved(u64),
    /// Smaller nodes cover it.
    Split(Vec<Node<P>>),
    /// Time was up: nothing is known of it but what was known before.
    Unfinished,
}

/// Searches from the given nodes. Returns a bound on everything that was not closed
/// (infinity when all is closed) and what it took. A choice that could not be evaluated stays open
/// with the bound of its node.
pub fn search<S: Space>(
    space: &mut S,
    roots: Vec<Node<S::Part>>,
    options: &Options,
) -> (f64, TreeStatistics) {
    let watch = &options.watch;
    let mut statistics = TreeStatistics::default();
    let mut queue = Queue::new(roots);
    let mut unevaluated = f64::INFINITY;

    // --- Select the node of least bound, unless memory is short ---------------------------------
    while let Some(mut node) = queue.next(watch.fullness()) {
        // --- [PRU24] Close it if its bound is above what would be an improvement ----------------
        if node.bound > options.target(space) {
            statistics.closed.bound += 1;
            continue;
        }

        // --- Bound all that is open; stop if it is time -----------------------------------------
        let open = node.bound.min(unevaluated).min(queue.least_bound());
        if options.is_spent(statistics.nodes) {
            return (open, statistics);
        }
        if open <= space.target() {
            space.bounded(open);
        }

        // --- Relax it, if its program was put off -----------------------------------------------
        if node.state == State::Deferred {
            space.relax(&mut node);
        }

        // --- Bound it, try choices, and branch on what is left ----------------------------------
        let fate = process(space, &mut node, options, &mut statistics);
        if watch.stopped() {
            // What was cut short proves nothing.
            return (open, statistics);
        }
        let skipped = record(&fate, &mut statistics);
        if skipped > 0 {
            unevaluated = unevaluated.min(node.bound);
        }
        let target = options.target(space);
        for child in children(fate, node) {
            if child.bound <= target {
                queue.push(child);
            } else {
                statistics.closed.bound += 1;
            }
        }
    }
    (unevaluated, statistics)
}

/// Counts a node by its fate; the number of choices in it that could not be evaluated.
fn record<P>(fate: &Fate<P>, statistics: &mut TreeStatistics) -> u64 {
    let (counter, skipped) = match fate {
        Fate::Cut => (&mut statistics.closed.bound, 0),
        Fate::Enumerated(skipped) => (&mut statistics.closed.enumeration, *skipped),
        Fate::Solved(skipped) => (&mut statistics.closed.solver, *skipped),
        Fate::Split(_) | Fate::Unfinished => return 0,
    };
    *counter += 1;
    statistics.unevaluated += skipped;
    skipped
}

/// The nodes that are left of a node.
fn children<P>(fate: Fate<P>, node: Node<P>) -> Vec<Node<P>> {
    match fate {
        Fate::Cut | Fate::Enumerated(_) | Fate::Solved(_) => Vec::new(),
        Fate::Split(nodes) => nodes,
        Fate::Unfinished => vec![node],
    }
}

/// Bounds a node and tries choices of it, until nothing is left of it or it must be split.
fn process<S: Space>(
    space: &mut S,
    node: &mut Node<S::Part>,
    options: &Options,
    statistics: &mut TreeStatistics,
) -> Fate<S::Part> {
    let Options {
        watch, switches, ..
    } = options;
    let decided = space.decided(&node.part);
    statistics.nodes += 1;
    watch.count_node();

    // --- Ranges: those of the arguments s over the columns, cut to what is imposed --------------
    let program = Arc::clone(&node.program);
    let own_ranges = ranges(&program, &node.active, &node.imposed);
    if own_ranges.iter().any(|r| r.low > r.high + SAME) {
        return Fate::Cut;
    }

    // --- Dominance: columns that are nowhere smaller than another one of their group ------------
    if switches.dominance && decided.all_but_columns {
        pareto::prune(&program, &mut node.active, watch);
    }

    // --- Relaxation: the bound, its prices λ, and the columns that reduced cost leaves ----------
    let linear = Linearised::new(&program, &own_ranges);
    let target = options.target(space);
    relax(node, &linear, target, options, statistics);
    if node.bound > target || node.is_empty() {
        return Fate::Cut;
    }
    if watch.stopped() {
        return Fate::Unfinished;
    }

    // --- Rounding: choices near the fractional point --------------------------------------------
    let mut known = None;
    if switches.rounding {
        known = round(space, node);
    }

    // --- The whole: a program of which only columns are left to decide, if HiGHS is to have it --
    if options.whole && decided.is_single() {
        match finish(space, node, known, watch, statistics) {
            (End::Closed, skipped) => return Fate::Solved(skipped),
            (End::Stopped, _) => return Fate::Unfinished,
            (End::Failed, _) => {}
        }
    }

    // --- Enumeration: every choice that the bound leaves, if these are few ----------------------
    if switches.enumerate
        && !options.whole
        && let Some(evaluations) = decided.evaluations
        && !node.prices.weights.is_empty()
        && let Some(skipped) = enumerated(space, node, &linear, evaluations, options)
    {
        return Fate::Enumerated(skipped);
    }

    // --- Branching ------------------------------------------------------------------------------
    split(space, node, &own_ranges, decided, options)
}

/// Solves a node's relaxation; its bound, prices, columns and point are then those of that.
fn relax<P>(
    node: &mut Node<P>,
    linear: &Linearised<'_>,
    target: f64,
    options: &Options,
    statistics: &mut TreeStatistics,
) {
    let limits = Limits {
        target,
        rounds: PRICING_ROUNDS,
        filter: options.switches.filter,
        to_the_end: false,
        watch: &options.watch,
    };
    let relaxed = solve(linear, &mut node.active, &node.start, &node.prices, limits);
    statistics.programs += relaxed.programs;
    statistics.tangents += relaxed.tangents;
    statistics.columns += relaxed.columns;
    node.bound = node.bound.max(relaxed.bound);
    if node.bound <= target && !options.watch.stopped() {
        node.prices = relaxed.prices;
        node.start = relaxed.point.iter().map(|p| (p.0, p.1)).collect();
        node.state = State::Bounded(relaxed.point);
    }
}

/// Enumerates the node's choices if that is not too much; the number of those that could not be
/// evaluated, or `None` if not all were tried. A choice that takes several evaluations counts as
/// many columns: an undecided part is split instead.
fn enumerated<S: Space>(
    space: &mut S,
    node: &Node<S::Part>,
    linear: &Linearised<'_>,
    evaluations: usize,
    options: &Options,
) -> Option<u64> {
    let effort = Effort {
        columns: ENUMERATED_COLUMNS,
        each_choice: EVALUATION * evaluations.saturating_sub(1),
        switches: options.switches,
        watch: options.watch.clone(),
    };
    let mut skipped = 0;
    let cell = RefCell::new(space);
    let complete = enumerate(
        linear,
        &node.active,
        &node.prices,
        &mut || options.target(&**cell.borrow()),
        &effort,
        &mut |choice| skipped += u64::from(!cell.borrow_mut().try_choice(&node.part, choice)),
    );
    complete.then_some(skipped)
}

/// Splits a node: into smaller parts of the space, at a value of a concave term's argument, at a
/// value of a group's columns, or into exact columns, whatever comes first. Where nothing can be
/// split there is a single choice, which is tried.
fn split<S: Space>(
    space: &mut S,
    node: &Node<S::Part>,
    own_ranges: &[Range],
    decided: Decided,
    options: &Options,
) -> Fate<S::Part> {
    let compact = if options.whole {
        None
    } else {
        space.refine(node, Refinement::Compact)
    };
    let compact = compact.and_then(|nodes| nodes.into_iter().next());
    let node = compact.as_ref().unwrap_or(node);
    // Columns that stand for many have arguments that are least ones: their ranges cannot be split.
    let has_ranges = options.switches.chord_split && decided.evaluations.is_some();
    let room = (space.target() - node.bound).min(1.0);
    let at_argument = |share: f64| {
        let least = (share * room).max(LEAST_CHORD);
        has_ranges.then(|| branch::at_argument(node, own_ranges, least, options.switches.trim))?
    };
    // What else is left to decide of a part with one solution for each choice is worth less than a
    // chord that is far off.
    if decided.evaluations == Some(1)
        && let Some(nodes) = at_argument(FAR_OFF)
    {
        return Fate::Split(nodes);
    }
    let whole = options.whole;
    let nodes = (space.refine(node, Refinement::Part))
        .or_else(|| whole.then(|| space.refine(node, Refinement::Exact))?)
        .or_else(|| at_argument(NEARLY_EXACT))
        .or_else(|| branch::at_value(node))
        .or_else(|| space.refine(node, Refinement::Ties))
        .or_else(|| branch::at_tie(node))
        .or_else(|| space.refine(node, Refinement::Exact));
    if let Some(nodes) = nodes {
        return Fate::Split(nodes);
    }
    let choice: Vec<u32> = node.active.iter().map(|own| own[0]).collect();
    Fate::Enumerated(u64::from(!space.try_choice(&node.part, &choice)))
}

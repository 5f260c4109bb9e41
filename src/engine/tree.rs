//! Branch and bound over classes and columns.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::bound::Prices;
use super::enumerate::{Effort, enumerate};
use super::finish::finish;
use super::linear::{Active, Imposed, Linearised, Range, ranges};
use super::program::Program;
use super::relaxation::{Limits, Relaxed, solve};
use super::watch::Watch;
use super::whole::End;

/// What the tree needs to know of the problem.
pub trait Space {
    /// A part of the space; its program's objective bounds every solution in it from below.
    type Class: Clone;

    /// The largest objective that would still be an improvement.
    fn target(&self) -> f64;

    /// Tries a choice of columns as a solution. False where something that the choice stands for
    /// could not be evaluated: then it is not known to be no improvement.
    fn try_choice(&mut self, class: &Self::Class, program: &Program, choice: &[u32]) -> bool;

    /// How many solutions `try_choice` evaluates to find the best one of the class with these
    /// columns; `None` if that does not find it.
    fn evaluations(&self, class: &Self::Class) -> Option<usize>;

    /// Splits a class into smaller ones that together cover it; `None` if it is a single one.
    fn split(&mut self, node: &Node<Self::Class>) -> Option<Vec<Node<Self::Class>>>;

    /// Whether the class is a single one, so that only its program's values matter.
    fn is_single(&self, class: &Self::Class) -> bool;

    /// Whether nothing is left to decide of the class but its columns, of which some may still stand
    /// for many where [`Space::is_exact`] says so.
    fn is_settled(&self, class: &Self::Class) -> bool {
        self.is_single(class)
    }

    /// Whether a column's values are its own, and not the least of many.
    fn is_exact(&self, class: &Self::Class, group: usize, column: u32) -> bool {
        let _ = (class, group, column);
        true
    }

    /// The node with exact columns, or with fewer of those that are not, for one that has nothing
    /// left to be split.
    fn exact(&mut self, node: &Node<Self::Class>) -> Option<Vec<Node<Self::Class>>>;

    /// The same for a node whose prices tell no columns apart, if that is better than to split
    /// those that are tied.
    fn exact_at_ties(&mut self, node: &Node<Self::Class>) -> Option<Vec<Node<Self::Class>>> {
        let _ = node;
        None
    }

    /// The node with the columns that it no longer allows left out of its program, where that
    /// saves space.
    fn compact(&self, node: &Node<Self::Class>) -> Option<Node<Self::Class>> {
        let _ = node;
        None
    }

    /// How much memory a node of a class holds that no other one shares, in columns.
    fn weight(&self, class: &Self::Class) -> usize {
        let _ = class;
        0
    }

    /// Learns a bound on everything that is still open.
    fn bounded(&mut self, bound: f64) {
        let _ = bound;
    }

    /// When the search must stop.
    fn watch(&self) -> &Watch;

    /// Gives a node that was put off its program and the columns that its class allows.
    fn build(&self, node: &mut Node<Self::Class>);

    /// Which parts of the method are switched on.
    fn switches(&self) -> Switches;

    /// Whether the program of a single class is solved as a whole.
    fn solves_whole(&self) -> bool {
        false
    }
}

/// Parts of the method that can be switched off; the optimum is the same without them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, each on or off"
)]
pub struct Switches {
    /// Drop columns by reduced cost.
    pub filter: bool,
    /// Enumerate the choices of a small node.
    pub enumerate: bool,
    /// Split a node at a value of a concave term's argument.
    pub chord_split: bool,
    /// Drop dominated columns in single classes.
    pub dominance: bool,
    /// Try the choices near the relaxation's point.
    pub rounding: bool,
}

impl Switches {
    /// Everything switched on.
    pub const ALL: Switches = Switches {
        filter: true,
        enumerate: true,
        dominance: true,
        chord_split: true,
        rounding: true,
    };
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub struct Node<C> {
    /// Its class.
    pub class: C,
    /// Its program; where it is put off, the parent's.
    pub program: Arc<Program>,
    /// Whether program and columns are still the parent's, to be built when it is their turn.
    pub put_off: bool,
    /// Columns still allowed.
    pub active: Active,
    /// Ranges imposed on the arguments of concave terms.
    pub imposed: Imposed,
    /// A bound on its objective.
    pub bound: f64,
    /// Prices to begin with.
    pub prices: Prices,
    /// Columns to begin with.
    pub start: Vec<(usize, u32)>,
    /// Columns of the last fractional point, with their values.
    pub point: Vec<(usize, u32, f64)>,
}

impl<C> Node<C> {
    /// A node with all columns of a program.
    #[must_use]
    pub fn new(class: C, program: Program, bound: f64) -> Self {
        let active = program
            .groups
            .iter()
            .map(|g| Arc::new((0..u32::try_from(g.columns).unwrap_or(u32::MAX)).collect()))
            .collect();
        Self {
            class,
            program: Arc::new(program),
            put_off: false,
            active,
            imposed: Imposed::default(),
            bound,
            prices: Prices::default(),
            start: Vec::new(),
            point: Vec::new(),
        }
    }
}

impl<C: Clone> Node<C> {
    /// A smaller class of this node, to be built when it is its turn.
    #[must_use]
    pub fn child(&self, class: C) -> Self {
        Self {
            class,
            put_off: true,
            prices: Prices::default(),
            point: Vec::new(),
            ..self.clone()
        }
    }
}

/// Work done in a tree.
#[derive(Clone, Copy, Debug, Default)]
pub struct TreeStatistics {
    /// Nodes processed.
    pub nodes: u64,
    /// Programs solved by HiGHS.
    pub programs: u64,
    /// Tangents.
    pub tangents: u64,
    /// Columns.
    pub columns: u64,
    /// Nodes by what closed them.
    pub closed: Closed,
    /// Choices that were not evaluated though they may be improvements.
    pub unevaluated: u64,
}

/// Nodes by what closed them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closed {
    /// By their bound, or because no choice is left.
    pub bound: u64,
    /// By evaluating every choice that the bound left.
    pub enumeration: u64,
    /// By the solver of integer programs.
    pub solver: u64,
}

impl TreeStatistics {
    /// Adds the work of another tree.
    pub fn add(&mut self, other: &Self) {
        self.nodes += other.nodes;
        self.programs += other.programs;
        self.tangents += other.tangents;
        self.columns += other.columns;
        self.closed.bound += other.closed.bound;
        self.closed.enumeration += other.closed.enumeration;
        self.closed.solver += other.closed.solver;
        self.unevaluated += other.unevaluated;
    }
}

/// Columns tried in one enumeration before the node is split instead.
const ENUMERATION_BUDGET: usize = 30_000;
/// Columns that take about as long to try as one more evaluation of a choice.
const EVALUATION: usize = 30;
/// The part of the memory that a search of few nodes may fill: the next one needs the rest.
const SHORT_SHARE: f64 = 0.5;
/// The part of the memory from which on the nodes that hold most of it come first.
const HEAVY_SHARE: f64 = 0.4;
/// The share of what a node's bound lacks from which on a chord's error is split before and after
/// the rest of the class is decided, and the least error that is.
const FAR_OFF: f64 = 0.2;
const NEARLY_EXACT: f64 = 0.02;
const LEAST_CHORD: f64 = 1e-8;
/// Rounds of pricing at one node.
const ROUNDS: usize = 60;

/// Searches from the given nodes. Returns a bound on everything that was not closed
/// (infinity when all is closed) and what it took. It ends after `most_nodes` nodes. A choice that
/// could not be evaluated stays open with its bound.
pub fn search<S: Space>(
    space: &mut S,
    roots: Vec<Node<S::Class>>,
    most_nodes: u64,
) -> (f64, TreeStatistics) {
    let mut statistics = TreeStatistics::default();
    let short = most_nodes < u64::MAX;
    let mut unevaluated = f64::INFINITY;
    let mut open: BinaryHeap<Queued<S::Class>> = roots.into_iter().map(Queued).collect();
    while let Some(node) = next(space, &mut open) {
        if node.bound > space.target() {
            statistics.closed.bound += 1;
            continue;
        }
        let lowest = |open: &BinaryHeap<Queued<S::Class>>, bound: f64| {
            open.iter().map(|q| q.0.bound).fold(bound, f64::min)
        };
        let bound = node.bound.min(unevaluated);
        let full = short && space.watch().fullness() > SHORT_SHARE;
        if space.watch().stopped() || statistics.nodes >= most_nodes || full {
            return (lowest(&open, bound), statistics);
        }
        // Where memory is short the node is not the one of least bound.
        let all = match open.peek() {
            Some(other) if other.0.bound < bound => lowest(&open, bound),
            _ => bound,
        };
        space.bounded(all);
        let mut node = node;
        if node.put_off {
            space.build(&mut node);
        }
        let Processed { children, left } = process(space, node, &mut statistics);
        if space.watch().stopped() {
            // What was cut short proves nothing.
            return (lowest(&open, bound), statistics);
        }
        unevaluated = unevaluated.min(left);
        let target = space.target();
        for child in children {
            if child.bound <= target {
                open.push(Queued(child));
            } else {
                statistics.closed.bound += 1;
            }
        }
    }
    (unevaluated, statistics)
}

/// What is left of a node.
struct Processed<C> {
    /// Smaller nodes.
    children: Vec<Node<C>>,
    /// A bound on the choices that could not be evaluated; infinity where all could.
    left: f64,
}

impl<C> From<Vec<Node<C>>> for Processed<C> {
    fn from(children: Vec<Node<C>>) -> Self {
        Self {
            children,
            left: f64::INFINITY,
        }
    }
}

impl<C> Processed<C> {
    /// Nothing but choices that could not be evaluated, if there are any, of this bound.
    fn closed_but(unevaluated: u64, bound: f64, statistics: &mut TreeStatistics) -> Self {
        statistics.unevaluated += unevaluated;
        Self {
            children: Vec::new(),
            left: if unevaluated > 0 {
                bound
            } else {
                f64::INFINITY
            },
        }
    }
}

/// The node of least bound; where memory grows short, the one that holds most of it.
fn next<S: Space>(space: &S, open: &mut BinaryHeap<Queued<S::Class>>) -> Option<Node<S::Class>> {
    if space.watch().fullness() <= HEAVY_SHARE {
        return open.pop().map(|own| own.0);
    }
    let mut all = std::mem::take(open).into_vec();
    let weight = |&i: &usize| (space.weight(&all[i].0.class), Reverse(i));
    let heaviest = (0..all.len()).max_by_key(weight);
    let found = heaviest.map(|i| all.swap_remove(i).0);
    *open = all.into();
    found
}

/// Bounds a node; returns what is left of it as smaller nodes.
fn process<S: Space>(
    space: &mut S,
    mut node: Node<S::Class>,
    statistics: &mut TreeStatistics,
) -> Processed<S::Class> {
    statistics.nodes += 1;
    space.watch().count_node();
    let program = Arc::clone(&node.program);
    let switches = space.switches();
    let own_ranges = ranges(&program, &node.active, &node.imposed);
    if own_ranges.iter().any(|r| r.low > r.high + 1e-9) {
        statistics.closed.bound += 1;
        return Vec::new().into();
    }
    if switches.dominance && space.is_settled(&node.class) {
        let exact = |group, column| space.is_exact(&node.class, group, column);
        super::pareto::prune(&program, &mut node.active, space.watch(), &exact);
    }
    let linear = Linearised::new(&program, &own_ranges);
    let limits = Limits {
        target: space.target(),
        rounds: ROUNDS,
        filter: switches.filter,
        to_the_end: false,
        watch: space.watch(),
    };
    let relaxed = solve(&linear, &mut node.active, &node.start, &node.prices, limits);
    record(&relaxed, statistics);
    node.bound = node.bound.max(relaxed.bound);
    if node.bound > space.target() || node.active.iter().any(|own| own.is_empty()) {
        statistics.closed.bound += 1;
        return Vec::new().into();
    }
    node.prices = relaxed.prices;
    node.start = relaxed.point.iter().map(|p| (p.0, p.1)).collect();
    node.point = relaxed.point;
    if space.watch().stopped() {
        return Vec::new().into();
    }
    let mut known = None;
    if switches.rounding {
        known = round(space, &node, &program);
    }
    if space.solves_whole() && space.is_single(&node.class) {
        match finish(space, &node, known, statistics) {
            (End::Closed, unevaluated) => {
                statistics.closed.solver += 1;
                return Processed::closed_but(unevaluated, node.bound, statistics);
            }
            (End::Stopped, _) => return vec![node].into(),
            (End::Failed, _) => {}
        }
    }
    if switches.enumerate
        && let Some(evaluations) = space.evaluations(&node.class)
        && !node.prices.weights.is_empty()
        && let Some(unevaluated) = enumerated(space, &node, &linear, evaluations)
    {
        statistics.closed.enumeration += 1;
        return Processed::closed_but(unevaluated, node.bound, statistics);
    }
    if let Some(smaller) = space.compact(&node) {
        node = smaller;
    }
    children(space, &node, &own_ranges, statistics)
}

fn record(relaxed: &Relaxed, statistics: &mut TreeStatistics) {
    statistics.programs += relaxed.programs;
    statistics.tangents += relaxed.tangents;
    statistics.columns += relaxed.columns;
}

/// Tries the combinations of the few largest columns of each group; the best of them.
fn round<S: Space>(
    space: &mut S,
    node: &Node<S::Class>,
    program: &Program,
) -> Option<(f64, Vec<u32>)> {
    let mut choices: Vec<Vec<u32>> = vec![Vec::new()];
    for group in 0..node.active.len() {
        let mut own: Vec<(u32, f64)> = node
            .point
            .iter()
            .filter(|p| p.0 == group)
            .map(|p| (p.1, p.2))
            .collect();
        own.retain(|c| node.active[group].binary_search(&c.0).is_ok());
        own.sort_by(|a, b| b.1.total_cmp(&a.1));
        own.truncate(3);
        if own.is_empty() {
            own.push((node.active[group][0], 1.0));
        }
        choices = choices
            .into_iter()
            .flat_map(|prefix| {
                own.iter()
                    .map(move |c| [prefix.as_slice(), &[c.0]].concat())
            })
            .take(243)
            .collect();
    }
    let mut best: Vec<(f64, Vec<u32>)> = choices
        .into_iter()
        .filter_map(|choice| program.objective_at(&choice).map(|o| (o, choice)))
        .collect();
    best.sort_by(|a, b| a.0.total_cmp(&b.0));
    let target = space.target();
    for (_, choice) in best.iter().filter(|c| c.0 <= target).take(8) {
        space.try_choice(&node.class, program, choice);
    }
    best.into_iter().next()
}

/// Enumerates the node's choices if that is not too much; the number of those that could not be
/// evaluated, or `None` if not all were tried. A choice that takes several evaluations counts as
/// many columns: an undecided class is split instead.
fn enumerated<S: Space>(
    space: &mut S,
    node: &Node<S::Class>,
    linear: &Linearised<'_>,
    evaluations: usize,
) -> Option<u64> {
    let effort = Effort {
        columns: ENUMERATION_BUDGET,
        each_choice: EVALUATION * evaluations.saturating_sub(1),
        watch: space.watch().clone(),
    };
    let mut unevaluated = 0;
    let cell = std::cell::RefCell::new(space);
    let complete = enumerate(
        linear,
        &node.active,
        &node.prices,
        &mut || cell.borrow().target(),
        &effort,
        &mut |choice| {
            let mut space = cell.borrow_mut();
            unevaluated += u64::from(!space.try_choice(&node.class, &node.program, choice));
        },
    );
    complete.then_some(unevaluated)
}

/// Splits a node: by class, by the range of a concave argument, or by the values of a group's columns.
fn children<S: Space>(
    space: &mut S,
    node: &Node<S::Class>,
    own_ranges: &[Range],
    statistics: &mut TreeStatistics,
) -> Processed<S::Class> {
    // Parts count at least as many visits as they say: their ranges cannot be split.
    let evaluations = space.evaluations(&node.class);
    let room = (space.target() - node.bound).min(1.0);
    let chord_split = space.switches().chord_split;
    let at_argument = |share: f64| {
        let least = (share * room).max(LEAST_CHORD);
        let has_ranges = chord_split && evaluations.is_some();
        has_ranges.then(|| super::branch::at_argument(node, own_ranges, least))?
    };
    // What is left to decide of a class whose nodes stand is worth less than a chord that is far off.
    if evaluations == Some(1)
        && let Some(parts) = at_argument(FAR_OFF)
    {
        return parts.into();
    }
    let split = (space.split(node))
        .or_else(|| at_argument(NEARLY_EXACT))
        .or_else(|| super::branch::at_value(node))
        .or_else(|| space.exact_at_ties(node))
        .or_else(|| super::branch::at_tie(node))
        .or_else(|| space.exact(node));
    if let Some(parts) = split {
        return parts.into();
    }
    statistics.closed.enumeration += 1;
    let choice: Vec<u32> = node.active.iter().map(|c| c[0]).collect();
    let tried = space.try_choice(&node.class, &node.program, &choice);
    Processed::closed_but(u64::from(!tried), node.bound, statistics)
}

/// A node in the queue, the one of least bound first.
struct Queued<C>(Node<C>);

impl<C> PartialEq for Queued<C> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl<C> Eq for Queued<C> {}
impl<C> PartialOrd for Queued<C> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<C> Ord for Queued<C> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.bound.total_cmp(&self.0.bound)
    }
}

//! The bound of one node: column generation and tangents around the restricted master.

use super::bound::{Bound, Prices, filter, lagrangian};
use super::linear::{Active, Linearised};
use super::master::{Master, MasterSolution, Tangent};
use super::tuning::{CLOSED_GAP, HOPELESS, PENALTY, TANGENT};
use super::watch::Watch;

/// What to stop at.
#[derive(Clone, Copy, Debug)]
pub struct Limits<'a> {
    /// A bound above this cuts the node off.
    pub target: f64,
    /// Most rounds of pricing.
    pub rounds: usize,
    /// Whether columns are filtered by reduced cost.
    pub filter: bool,
    /// Whether to go on where the bound will not reach the target: for the bound's own sake.
    pub to_the_end: bool,
    /// When to stop.
    pub watch: &'a Watch,
}

/// The outcome of a relaxation.
#[derive(Debug, Default)]
pub struct Relaxed {
    /// The best bound found.
    pub bound: f64,
    /// Its prices.
    pub prices: Prices,
    /// The fractional point of the last master: columns with values.
    pub point: Vec<(usize, u32, f64)>,
    /// The tangents of the last master.
    pub cuts: Vec<Tangent>,
    /// Linear programs solved.
    pub programs: u64,
    /// Tangents added.
    pub tangents: u64,
    /// Columns added.
    pub columns: u64,
}

/// Solves the relaxation of a node, and drops columns that cannot be part of a better solution.
///
/// `start` are columns to begin with, `prices` those of the parent; they may cut the node off at once.
pub fn solve(
    linear: &Linearised<'_>,
    active: &mut Active,
    start: &[(usize, u32)],
    prices: &Prices,
    limits: Limits<'_>,
) -> Relaxed {
    let mut relaxed = Relaxed {
        bound: f64::NEG_INFINITY,
        ..Relaxed::default()
    };
    if active.iter().any(|own| own.is_empty()) {
        relaxed.bound = f64::INFINITY;
        return relaxed;
    }

    // --- The parent's prices λ: they may cut the node off at once -------------------------------
    if prices.weights.len() == linear.program.rows.len() {
        improve(linear, active, prices.clone(), limits, &mut relaxed);
    }
    if relaxed.bound > limits.target || active.iter().any(|own| own.is_empty()) {
        return relaxed;
    }

    // --- The restricted master over a few columns, with the tangents p at their mean ------------
    let mut master = Master::new(linear);
    begin(linear, active, start, &mut master);
    for _ in 0..limits.rounds {
        if limits.watch.stopped() {
            break;
        }
        let Some(solution) = master.solve() else {
            break;
        };
        relaxed.programs += 1;

        // --- Bound: the Lagrangian at the master's λ, over all columns; filter them -------------
        let bound = improve(
            linear,
            active,
            solution.prices.clone(),
            limits,
            &mut relaxed,
        );
        if relaxed.bound > limits.target || active.iter().any(|own| own.is_empty()) {
            break;
        }

        // --- Price: the cheapest column of every group; cut: the rows that the point x violates -
        let columns = bound.map_or(0, |b| add_columns(active, &b, &mut master));
        let (cuts, reached) = add_tangents(linear, &solution, &mut master);
        relaxed.columns += columns;
        relaxed.point = solution.columns;

        // --- Stop where it has converged, or will not reach the target --------------------------
        let gap = reached - relaxed.bound;
        let hopeless = !limits.to_the_end
            && reached < limits.target
            && gap < HOPELESS * (limits.target - reached);
        if (columns == 0 && cuts == 0) || gap < CLOSED_GAP || hopeless {
            break;
        }
    }
    relaxed.cuts = master.into_tangents();
    relaxed.tangents = relaxed.cuts.len() as u64;
    relaxed
}

/// Evaluates the bound at new prices, keeps it if it is better, and filters the columns.
fn improve(
    linear: &Linearised<'_>,
    active: &mut Active,
    prices: Prices,
    limits: Limits<'_>,
    relaxed: &mut Relaxed,
) -> Option<Bound> {
    let prices = prices.normalised(linear)?;
    let mut bound = lagrangian(linear, active, &prices);
    if bound.value > relaxed.bound {
        relaxed.bound = bound.value;
        relaxed.prices = prices;
    }
    if limits.filter && bound.value <= limits.target {
        filter(active, &mut bound, limits.target);
    }
    Some(bound)
}

/// Starts the master with the given columns (where still active), one per group at least, and
/// the tangents at their mean.
fn begin(
    linear: &Linearised<'_>,
    active: &Active,
    start: &[(usize, u32)],
    master: &mut Master<'_, '_>,
) {
    let mut point = Vec::new();
    for (group, columns) in active.iter().enumerate() {
        let mut own: Vec<u32> = start
            .iter()
            .filter(|&&(g, j)| g == group && columns.binary_search(&j).is_ok())
            .map(|&(_, j)| j)
            .collect();
        if own.is_empty() {
            own.push(columns[0]);
        }
        own.sort_unstable();
        own.dedup();
        let share = 1.0 / f64::from(u32::try_from(own.len()).unwrap_or(u32::MAX));
        for &column in &own {
            master.add_column(group, column);
            point.push((group, column, share));
        }
    }
    let terms = term_values(linear, &point);
    for row in 0..linear.program.rows.len() {
        if let Some((weights, _)) = softmax(linear, row, &terms) {
            master.add_tangent(Tangent { row, weights });
        }
    }
}

/// The linear value of every term at a fractional point.
fn term_values(linear: &Linearised<'_>, point: &[(usize, u32, f64)]) -> Vec<f64> {
    let mut values = linear.constants.clone();
    for (term, value) in values.iter_mut().enumerate().filter(|(_, v)| v.is_finite()) {
        *value += point
            .iter()
            .map(|&(g, j, x)| x * linear.value(g, term, j))
            .sum::<f64>();
    }
    values
}

/// The softmax weights of a row at term values, and its log-sum-exp; `None` if no term takes part.
pub(super) fn softmax(
    linear: &Linearised<'_>,
    row: usize,
    terms: &[f64],
) -> Option<(Vec<f64>, f64)> {
    let own = &linear.program.rows[row].terms;
    let largest = own
        .iter()
        .map(|&t| terms[t])
        .fold(f64::NEG_INFINITY, f64::max);
    if !largest.is_finite() {
        return None;
    }
    let exponentials: Vec<f64> = own.iter().map(|&t| (terms[t] - largest).exp()).collect();
    let sum: f64 = exponentials.iter().sum();
    let weights = exponentials.into_iter().map(|e| e / sum).collect();
    Some((weights, largest + sum.ln()))
}

/// Adds for every group the columns of least price; the number added.
fn add_columns(active: &Active, bound: &Bound, master: &mut Master<'_, '_>) -> u64 {
    let mut added = 0;
    for (group, columns) in active.iter().enumerate() {
        let best = bound.priced[group]
            .iter()
            .enumerate()
            .min_by(|a, b| a.1.total_cmp(b.1));
        if let Some((index, _)) = best {
            added += u64::from(master.add_column(group, columns[index]));
        }
    }
    added
}

/// Adds the tangents of the rows that the master's point violates; the number added, and the
/// objective that the point has with the rows themselves in place of their tangents.
fn add_tangents(
    linear: &Linearised<'_>,
    solution: &MasterSolution,
    master: &mut Master<'_, '_>,
) -> (u64, f64) {
    let terms = term_values(linear, &solution.columns);
    let mut added = 0;
    let mut parts = solution.z.clone();
    let mut excess = 0.0_f64;
    for row in 0..linear.program.rows.len() {
        let Some((weights, value)) = softmax(linear, row, &terms) else {
            continue;
        };
        let (limit, part) = linear.limit(row);
        match part {
            Some(part) => parts[part] = parts[part].max(value - limit),
            None => excess = excess.max(value - limit),
        }
        let allowed = limit + part.map_or(0.0, |part| solution.z[part]);
        if value > allowed + TANGENT {
            master.add_tangent(Tangent { row, weights });
            added += 1;
        }
    }
    (added, parts.iter().sum::<f64>() + PENALTY * excess)
}

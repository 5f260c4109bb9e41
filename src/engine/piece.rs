//! A convex program with the tangents and ranges that stand for its curved rows so far.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::bound::Prices;
use super::linear::{Active, Imposed, Linearised, Range, ranges};
use super::master::Tangent;
use super::program::Program;
use super::relaxation::softmax;
use super::tuning::{CHORD, VIOLATION};

/// Names of groups and columns, for files that people read.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// A name for every group.
    pub groups: Vec<String>,
    /// A name for every column of every group.
    pub columns: Vec<Vec<String>>,
}

/// A program, or the part of it in which the arguments of concave terms lie in some ranges.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Which program it is a part of.
    pub origin: usize,
    /// The end of its names.
    pub label: String,
    /// Names of its columns.
    pub labels: Option<Arc<Labels>>,
    /// The program.
    pub program: Arc<Program>,
    /// The columns that may be chosen.
    pub active: Active,
    /// Ranges imposed on the arguments.
    pub imposed: Imposed,
    /// Tangents of its rows.
    pub tangents: Vec<Tangent>,
    /// Choices that were tried and must not come again.
    pub forbidden: Vec<Vec<u32>>,
    /// Rows and choices that have their tangent.
    touched: BTreeSet<(usize, Vec<u32>)>,
}

impl Piece {
    /// The whole program, every term of a row bounded by itself.
    #[must_use]
    pub fn new(origin: usize, program: Arc<Program>, active: Active, imposed: Imposed) -> Self {
        let mut tangents = Vec::new();
        for (row, own) in program.rows.iter().enumerate() {
            for i in 0..own.terms.len() {
                let mut weights = vec![0.0; own.terms.len()];
                weights[i] = 1.0;
                tangents.push(Tangent { row, weights });
            }
        }
        Self {
            origin,
            label: String::new(),
            labels: None,
            program,
            active,
            imposed,
            tangents,
            forbidden: Vec::new(),
            touched: BTreeSet::new(),
        }
    }

    /// The ranges of its arguments.
    #[must_use]
    pub fn ranges(&self) -> Vec<Range> {
        ranges(&self.program, &self.active, &self.imposed)
    }

    /// Whether any choice can be in it.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.active.iter().all(|own| !own.is_empty())
            && self.ranges().iter().all(|r| r.low <= r.high + 1e-9)
    }

    /// Adds for each row the tangent whose weights are proportional to its prices.
    pub fn add_prices(&mut self, prices: &Prices) {
        for (row, own) in prices.weights.iter().enumerate() {
            let total: f64 = own.iter().sum();
            if total > 0.0 {
                let weights = own.iter().map(|w| w / total).collect();
                self.add_tangent(Tangent { row, weights });
            }
        }
    }

    /// Adds the tangents at a choice of those rows that it violates with objective `z`; the number added.
    pub fn add_violated(&mut self, choice: &[u32], z: f64) -> u64 {
        let parts = self.parts_at(choice);
        let exceeded = parts.iter().sum::<f64>() - z;
        self.touch(choice, &|value, limit, part| match part {
            Some(part) => exceeded > VIOLATION && value - limit > parts[part] - exceeded,
            None => value > limit + VIOLATION,
        })
    }

    /// Adds the tangents of all rows at a choice.
    pub fn add_all(&mut self, choice: &[u32]) -> u64 {
        self.touch(choice, &|_, _, _| true)
    }

    /// The linear values of the objective's parts at a choice, none of them negative.
    fn parts_at(&self, choice: &[u32]) -> Vec<f64> {
        let linear = Linearised::new(&self.program, &self.ranges());
        let terms = values_at(&linear, choice);
        let mut parts = vec![0.0_f64; self.program.parts()];
        for row in 0..self.program.rows.len() {
            if let (_, Some(part)) = linear.limit(row)
                && let Some((_, value)) = softmax(&linear, row, &terms)
            {
                parts[part] = parts[part].max(value - linear.limit(row).0);
            }
        }
        parts
    }

    fn touch(&mut self, choice: &[u32], wanted: &dyn Fn(f64, f64, Option<usize>) -> bool) -> u64 {
        let program = Arc::clone(&self.program);
        let linear = Linearised::new(&program, &self.ranges());
        let terms = values_at(&linear, choice);
        let mut added = 0;
        for row in 0..program.rows.len() {
            let Some((weights, value)) = softmax(&linear, row, &terms) else {
                continue;
            };
            let (limit, part) = linear.limit(row);
            if wanted(value, limit, part) && self.touched.insert((row, choice.to_vec())) {
                added += u64::from(self.add_tangent(Tangent { row, weights }));
            }
        }
        added
    }

    /// Adds a tangent unless it fits no row, or there is one that differs by rounding alone.
    pub fn add_tangent(&mut self, tangent: Tangent) -> bool {
        let terms = self.program.rows.get(tangent.row).map(|r| r.terms.len());
        if terms != Some(tangent.weights.len()) {
            return false;
        }
        let same = |other: &Tangent| {
            other.row == tangent.row
                && other
                    .weights
                    .iter()
                    .zip(&tangent.weights)
                    .all(|(a, b)| (a - b).abs() < 1e-12)
        };
        let new = !self.tangents.iter().any(same);
        if new {
            self.tangents.push(tangent);
        }
        new
    }

    /// The value of an argument at a choice, an integer.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a product of counts, at least 1"
    )]
    pub fn argument_at(&self, argument: usize, choice: &[u32]) -> u64 {
        let logarithm: f64 = choice
            .iter()
            .enumerate()
            .map(|(g, &j)| self.program.argument(g, argument, j))
            .sum();
        logarithm.exp().round().max(1.0) as u64
    }

    /// Two pieces in place of this one if a chord is not exact at a choice: the argument at most
    /// its value there, and above it.
    #[must_use]
    pub fn split(&self, choice: &[u32]) -> Option<[Piece; 2]> {
        let own = self.ranges();
        let linear = Linearised::new(&self.program, &own);
        for (term, chord) in self.program.terms.iter().zip(&linear.chords).enumerate() {
            let (Some(concave), chord) = (chord.0.concave, chord.1) else {
                continue;
            };
            let cut = self.cut_at(concave.argument, choice);
            let dropped = !linear.has(term);
            let exact = self.program.term_at(term, choice);
            let gap = exact - value_at(&linear, term, choice);
            if dropped && exact.is_finite() {
                // The term vanishes at the range's lower end alone.
                return Some(self.parted(concave.argument, cut.at_end()));
            }
            if chord.is_some() && gap > CHORD {
                return Some(self.parted(concave.argument, cut));
            }
        }
        None
    }

    /// Where an argument is cut so that chords are exact at a choice.
    fn cut_at(&self, argument: usize, choice: &[u32]) -> Cut {
        if self.program.arguments[argument].fractional {
            let own = choice.iter().enumerate();
            Cut::Fraction(
                own.map(|(g, &j)| self.program.argument(g, argument, j))
                    .sum(),
            )
        } else {
            Cut::Integer(self.argument_at(argument, choice))
        }
    }

    /// The pieces with an argument below and above a cut: at most an integer and at least the
    /// next one, or two that share a fraction.
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    fn parted(&self, argument: usize, cut: Cut) -> [Piece; 2] {
        let (mut below, mut above) = (self.clone(), self.clone());
        let (value, most, least) = match cut {
            Cut::Integer(value) => (value, (value as f64).ln(), ((value + 1) as f64).ln()),
            Cut::Fraction(point) => (0, point + 1e-9, point),
        };
        below
            .imposed
            .narrow(&self.program, argument, Range::up_to(most));
        above
            .imposed
            .narrow(&self.program, argument, Range::from(least));
        // The chords of both are new, and with them the points of contact.
        below.touched.clear();
        above.touched.clear();
        if !self.label.is_empty() {
            below.label = format!("{}_to{value}", self.label);
            above.label = format!("{}_from{}", self.label, value + 1);
        }
        [below, above]
    }
}

/// Where an argument is cut.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// At an integer: the argument is its logarithm.
    Integer(u64),
    /// At a logarithm.
    Fraction(f64),
}

impl Cut {
    /// The cut for a term that vanishes at the range's lower end alone, 1.
    fn at_end(self) -> Self {
        match self {
            Cut::Integer(_) => Cut::Integer(1),
            Cut::Fraction(point) => Cut::Fraction(point / 2.0),
        }
    }
}

/// The linear value of every term at a choice.
fn values_at(linear: &Linearised<'_>, choice: &[u32]) -> Vec<f64> {
    (0..linear.constants.len())
        .map(|term| value_at(linear, term, choice))
        .collect()
}

fn value_at(linear: &Linearised<'_>, term: usize, choice: &[u32]) -> f64 {
    let columns = choice.iter().enumerate();
    linear.constants[term] + columns.map(|(g, &j)| linear.value(g, term, j)).sum::<f64>()
}

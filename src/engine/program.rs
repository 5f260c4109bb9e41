//! A convex program over groups of columns: one column of each group is chosen.
//!
//! Every *term* is the logarithm of a product: a constant plus one value from each group's
//! chosen column. Every *row* bounds the log-sum-exp of its terms, by a limit or by the
//! objective. A term may also contain `log(slope · exp(s) − offset)` of an *argument* `s`
//! that is itself a sum of column values; that is concave in `s` and handled by its chord.

use std::sync::Arc;

/// Values of one group's columns for one term; `None` where all are zero.
pub type Values = Option<Arc<Vec<f64>>>;

/// A convex program.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The groups of columns.
    pub groups: Vec<Group>,
    /// The terms.
    pub terms: Vec<Term>,
    /// The rows.
    pub rows: Vec<Row>,
    /// The arguments of concave terms.
    pub arguments: Vec<Argument>,
    /// How the rows are called that every program has.
    pub names: RowNames,
}

/// What the rows that every program has are called in a file: the identifier of an equation of the
/// page that states the program, and a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowNames {
    /// The objective.
    pub objective: &'static str,
    /// What a term is; the term's name follows.
    pub term: &'static str,
    /// The choice of one column of a group; the group's name follows.
    pub group: &'static str,
    /// What an argument is, and its range.
    pub argument: &'static str,
    /// The choice of one piece.
    pub piece: &'static str,
}

impl Default for RowNames {
    fn default() -> Self {
        Self {
            objective: "objective",
            term: "term",
            group: "group",
            argument: "argument",
            piece: "piece",
        }
    }
}

/// An argument of concave terms.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// What it is.
    pub key: ArgumentKey,
    /// Whether it is the logarithm of a fraction; otherwise it is that of an integer.
    pub fractional: bool,
}

/// What an argument is, whatever its number in one program or another: programs whose columns stand
/// for the same things give arguments of one key the same values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArgumentKey(Arc<str>);

impl ArgumentKey {
    /// The argument that this text describes in full.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Arc::from(text))
    }
}

/// A group of columns, exactly one of which is chosen.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Number of columns.
    pub columns: usize,
    /// Values for every term.
    pub terms: Vec<Values>,
    /// Values for every argument.
    pub arguments: Vec<Values>,
    /// Whether each column's values are its own, and not the least of many that it stands for;
    /// `None` where all are.
    pub exact: Option<Arc<Vec<bool>>>,
}

impl Group {
    /// Whether a column's values are its own, and not the least of many.
    #[must_use]
    pub fn is_exact(&self, column: u32) -> bool {
        let exact = self.exact.as_ref();
        exact.is_none_or(|own| own.get(column as usize).copied().unwrap_or(false))
    }
}

/// A logarithm of a product.
#[derive(Clone, Debug)]
pub struct Term {
    /// Constant part.
    pub constant: f64,
    /// The concave part, if any.
    pub concave: Option<Concave>,
}

/// `log(slope · exp(argument) − offset)`, with `0 ≤ offset ≤ slope` and argument at least 0.
#[derive(Clone, Copy, Debug)]
pub struct Concave {
    /// Index of the argument.
    pub argument: usize,
    /// Factor of the exponential.
    pub slope: f64,
    /// Subtracted constant.
    pub offset: f64,
}

impl Concave {
    /// The exact value at an argument; minus infinity where the difference vanishes.
    #[must_use]
    pub fn at(&self, argument: f64) -> f64 {
        let difference = self.slope * argument.exp() - self.offset;
        if difference > 0.0 {
            difference.ln()
        } else {
            f64::NEG_INFINITY
        }
    }
}

/// What a row bounds its log-sum-exp by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// A part of the objective plus a constant. The objective is the sum of
    /// its parts.
    Objective {
        /// Number of the part.
        part: usize,
        /// What is added to it.
        constant: f64,
    },
    /// A constant.
    Constant(f64),
}

/// A row: log Σ exp(term) is at most the limit.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name, with the equation's identifier first.
    pub name: String,
    /// Its terms.
    pub terms: Vec<usize>,
    /// Its limit.
    pub limit: Limit,
}

impl Program {
    /// The number of parts of the objective, at least 1.
    #[must_use]
    pub fn parts(&self) -> usize {
        let parts = self.rows.iter().filter_map(|row| match row.limit {
            Limit::Objective { part, .. } => Some(part + 1),
            Limit::Constant(_) => None,
        });
        parts.max().unwrap_or(1)
    }

    /// The value of `term` for a column of a group, without its concave part.
    #[must_use]
    pub fn value(&self, group: usize, term: usize, column: u32) -> f64 {
        at(&self.groups[group].terms[term], column)
    }

    /// The value of an argument for a column of a group.
    #[must_use]
    pub fn argument(&self, group: usize, argument: usize, column: u32) -> f64 {
        at(&self.groups[group].arguments[argument], column)
    }

    /// The exact logarithm of a term for a choice of one column per group.
    #[must_use]
    pub fn term_at(&self, term: usize, choice: &[u32]) -> f64 {
        let own = &self.terms[term];
        let linear: f64 = choice
            .iter()
            .enumerate()
            .map(|(g, &j)| self.value(g, term, j))
            .sum();
        let concave = own.concave.map_or(0.0, |c| {
            let argument = choice
                .iter()
                .enumerate()
                .map(|(g, &j)| self.argument(g, c.argument, j))
                .sum();
            c.at(argument)
        });
        own.constant + linear + concave
    }

    /// The exact objective of a choice: `None` if it violates a constant limit by more than rounding.
    #[must_use]
    pub fn objective_at(&self, choice: &[u32]) -> Option<f64> {
        let mut objective = vec![f64::NEG_INFINITY; self.parts()];
        for row in &self.rows {
            let sum: f64 = row
                .terms
                .iter()
                .map(|&t| self.term_at(t, choice).exp())
                .sum();
            match row.limit {
                Limit::Objective { part, constant } => {
                    objective[part] = objective[part].max(sum.ln() - constant);
                }
                Limit::Constant(limit) if sum.ln() > limit + 1e-12 => return None,
                Limit::Constant(_) => {}
            }
        }
        Some(objective.iter().sum())
    }
}

fn at(values: &Values, column: u32) -> f64 {
    values.as_ref().map_or(0.0, |v| v[column as usize])
}

//! The program at one node: concave parts replaced by their chords over the node's ranges.

use std::sync::Arc;

use super::program::{ArgumentKey, Limit, Program};

/// The columns that a node still allows, per group, in increasing order.
pub type Active = Vec<Arc<Vec<u32>>>;

/// Keeps the columns of a group that pass; the list is copied only if one does not.
pub fn retain(columns: &mut Arc<Vec<u32>>, keep: impl Fn(u32) -> bool) {
    let kept: Vec<u32> = columns.iter().copied().filter(|&j| keep(j)).collect();
    if kept.len() < columns.len() {
        *columns = Arc::new(kept);
    }
}

/// A range of an argument, in logarithms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Smallest value.
    pub low: f64,
    /// Largest value.
    pub high: f64,
}

impl Range {
    /// No restriction: arguments are logarithms of integers.
    pub const ALL: Self = Self {
        low: 0.0,
        high: f64::INFINITY,
    };
}

/// Ranges imposed on arguments, by what these are: a program made anew may number them otherwise,
/// or lack some.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imposed(Vec<(ArgumentKey, Range)>);

impl Imposed {
    /// The range imposed on an argument of a program.
    #[must_use]
    pub fn on(&self, program: &Program, argument: usize) -> Range {
        let key = &program.arguments[argument].key;
        let own = self.0.iter().find(|own| own.0 == *key);
        own.map_or(Range::ALL, |own| own.1)
    }

    /// Imposes on an argument to be at most, or at least, a value.
    pub fn narrow(&mut self, program: &Program, argument: usize, range: Range) {
        let known = self.on(program, argument);
        let key = program.arguments[argument].key.clone();
        self.0.retain(|own| own.0 != key);
        let range = Range {
            low: known.low.max(range.low),
            high: known.high.min(range.high),
        };
        self.0.push((key, range));
    }
}

impl Range {
    /// Up to a value.
    #[must_use]
    pub fn up_to(high: f64) -> Self {
        Self { high, ..Self::ALL }
    }

    /// From a value on.
    #[must_use]
    pub fn from(low: f64) -> Self {
        Self { low, ..Self::ALL }
    }
}

/// A program with every term linear in the columns: `constant + Σ value + slope · Σ argument`.
#[derive(Debug)]
pub struct Linearised<'p> {
    /// The program.
    pub program: &'p Program,
    /// For every term its constant, chord included; minus infinity drops it.
    pub constants: Vec<f64>,
    /// For every term the argument of its chord and the chord's slope.
    pub chords: Vec<Option<(usize, f64)>>,
}

impl<'p> Linearised<'p> {
    /// Replaces each concave part by its chord over the range, a lower bound that is exact at both ends.
    #[must_use]
    pub fn new(program: &'p Program, ranges: &[Range]) -> Self {
        let mut constants = Vec::with_capacity(program.terms.len());
        let mut chords = Vec::with_capacity(program.terms.len());
        for term in &program.terms {
            let Some(concave) = term.concave else {
                constants.push(term.constant);
                chords.push(None);
                continue;
            };
            let Range { low, high } = ranges[concave.argument];
            let (at_low, at_high) = (concave.at(low), concave.at(high));
            let slope = if high - low > 1e-12 {
                (at_high - at_low) / (high - low)
            } else {
                0.0
            };
            if at_low.is_finite() {
                constants.push(term.constant + at_low - slope * low);
                chords.push(Some((concave.argument, slope)));
            } else {
                constants.push(f64::NEG_INFINITY);
                chords.push(None);
            }
        }
        Self {
            program,
            constants,
            chords,
        }
    }

    /// Whether a term takes part at all.
    #[must_use]
    pub fn has(&self, term: usize) -> bool {
        self.constants[term].is_finite()
    }

    /// The linear value of a term for a column.
    #[must_use]
    pub fn value(&self, group: usize, term: usize, column: u32) -> f64 {
        let chord = self.chords[term].map_or(0.0, |(a, slope)| {
            slope * self.program.argument(group, a, column)
        });
        self.program.value(group, term, column) + chord
    }

    /// Adds `weight` times the linear values of a term to `sums`, one per active column.
    pub fn accumulate(
        &self,
        group: usize,
        term: usize,
        weight: f64,
        active: &[u32],
        sums: &mut [f64],
    ) {
        let own = &self.program.groups[group];
        if let Some(values) = &own.terms[term] {
            add_weighted(values, weight, active, sums);
        }
        if let Some((argument, slope)) = self.chords[term]
            && let Some(values) = &own.arguments[argument]
        {
            add_weighted(values, weight * slope, active, sums);
        }
    }

    /// The limit of a row: its constant, and the part of the objective that is added to it.
    #[must_use]
    pub fn limit(&self, row: usize) -> (f64, Option<usize>) {
        match self.program.rows[row].limit {
            Limit::Objective { part, constant } => (constant, Some(part)),
            Limit::Constant(constant) => (constant, None),
        }
    }
}

fn add_weighted(values: &[f64], weight: f64, active: &[u32], sums: &mut [f64]) {
    if active.len() == values.len() {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += weight * value;
        }
    } else {
        for (sum, &column) in sums.iter_mut().zip(active) {
            *sum += weight * values[column as usize];
        }
    }
}

/// The ranges that the arguments take over the active columns, cut to what a node imposes.
#[must_use]
pub fn ranges(program: &Program, active: &Active, imposed: &Imposed) -> Vec<Range> {
    (0..program.arguments.len())
        .map(|a| {
            let mut range = Range {
                low: 0.0,
                high: 0.0,
            };
            for (group, columns) in active.iter().enumerate() {
                let values = columns.iter().map(|&j| program.argument(group, a, j));
                let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| {
                    (l.min(v), h.max(v))
                });
                if low.is_finite() {
                    range.low += low;
                    range.high += high;
                }
            }
            let own = imposed.on(program, a);
            Range {
                low: range.low.max(own.low),
                high: range.high.min(own.high),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::program::Argument;
    use super::*;

    #[test]
    fn a_range_stays_with_its_argument_whatever_its_number() {
        let program = |keys: &[&str]| Program {
            arguments: keys
                .iter()
                .map(|key| Argument {
                    key: ArgumentKey::new(key),
                    fractional: false,
                })
                .collect(),
            ..Program::default()
        };
        let (parent, child) = (
            program(&["count of C", "count of R"]),
            program(&["count of R", "count of S"]),
        );
        let mut imposed = Imposed::default();
        imposed.narrow(&parent, 1, Range::up_to(3.0));
        imposed.narrow(&parent, 1, Range::from(1.0));
        assert_eq!(
            imposed.on(&child, 0),
            Range {
                low: 1.0,
                high: 3.0
            }
        );
        assert_eq!(imposed.on(&child, 1), Range::ALL);
        assert_eq!(imposed.on(&parent, 0), Range::ALL);
    }
}

//! A node of the search.

use std::sync::Arc;

use super::bound::Prices;
use super::linear::{Active, Imposed};
use super::program::Program;

/// Columns with their values in a fractional point.
pub type Point = Vec<(usize, u32, f64)>;

/// How far the work on a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Program and columns are still the parent's: the space makes its own when it is its turn.
    Deferred,
    /// Program and columns are its own.
    Ready,
    /// Its bound is that of its relaxation, whose last master has this fractional point.
    Bounded(Point),
}

/// A node of the search: a part of the space with its program and what is left of that.
#[derive(Clone, Debug)]
pub struct Node<P> {
    /// Its part of the space.
    pub part: P,
    /// How far the work on it is.
    pub state: State,
    /// Its program; where it is deferred, the parent's.
    pub program: Arc<Program>,
    /// Columns still allowed.
    pub active: Active,
    /// Ranges imposed on the arguments of concave terms.
    pub imposed: Imposed,
    /// A bound on its objective.
    pub bound: f64,
    /// Its prices, or those of its parent to begin with.
    pub prices: Prices,
    /// Columns to begin with.
    pub start: Vec<(usize, u32)>,
    /// How much memory it holds that no other node shares, in columns.
    pub weight: usize,
}

impl<P> Node<P> {
    /// A node with all columns of a program.
    #[must_use]
    pub fn new(part: P, program: Program, bound: f64) -> Self {
        let active = program
            .groups
            .iter()
            .map(|g| Arc::new((0..u32::try_from(g.columns).unwrap_or(u32::MAX)).collect()))
            .collect();
        Self {
            part,
            state: State::Ready,
            program: Arc::new(program),
            active,
            imposed: Imposed::default(),
            bound,
            prices: Prices::default(),
            start: Vec::new(),
            weight: 0,
        }
    }

    /// The fractional point of its relaxation; empty before that.
    #[must_use]
    pub fn point(&self) -> &[(usize, u32, f64)] {
        match &self.state {
            State::Bounded(point) => point,
            State::Deferred | State::Ready => &[],
        }
    }

    /// The weight λ of every term in the node's prices, over all rows.
    #[must_use]
    pub fn term_weights(&self) -> Vec<f64> {
        let mut weights = vec![0.0; self.program.terms.len()];
        for (row, own) in self.program.rows.iter().zip(&self.prices.weights) {
            for (&term, &weight) in row.terms.iter().zip(own) {
                weights[term] += weight;
            }
        }
        weights
    }

    /// Whether no column is left in some group, so that there is no choice.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.active.iter().any(|own| own.is_empty())
    }
}

impl<P: Clone> Node<P> {
    /// A smaller part of this node, whose program is made when it is its turn.
    #[must_use]
    pub fn child(&self, part: P) -> Self {
        Self {
            part,
            state: State::Deferred,
            prices: Prices::default(),
            ..self.fewer()
        }
    }

    /// The same part and program, of which columns or ranges are going to be taken away.
    #[must_use]
    pub fn fewer(&self) -> Self {
        Self {
            part: self.part.clone(),
            state: State::Ready,
            program: Arc::clone(&self.program),
            active: self.active.clone(),
            imposed: self.imposed.clone(),
            bound: self.bound,
            prices: self.prices.clone(),
            start: self.start.clone(),
            weight: self.weight,
        }
    }
}

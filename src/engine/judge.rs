//! What a solve by HiGHS reports to.

use std::time::Duration;

/// A choice whose objective is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Witness {
    /// The program that it is a choice of.
    pub origin: usize,
    /// The choice.
    pub choice: Vec<u32>,
    /// Its objective.
    pub objective: f64,
}

/// What a solve reports to.
pub trait Judge {
    /// The largest objective that would still be an improvement.
    fn target(&self) -> f64;

    /// Evaluates a choice of an original program exactly.
    fn offer(&mut self, origin: usize, choice: &[u32]);

    /// A bound that no choice is below, proved otherwise.
    fn floor(&self) -> f64 {
        f64::NEG_INFINITY
    }

    /// A good choice that is known.
    fn witness(&self) -> Option<Witness> {
        None
    }

    /// Whether to stop now.
    fn stop(&self) -> bool;

    /// The time that is left.
    fn time_left(&self) -> Option<Duration>;
}

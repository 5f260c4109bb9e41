//! How a plan is searched, and for how long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::tuning::{PACKING_LIMIT, PLAN_GAP};

/// How a plan is searched.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// Time limit of programs and addresses together.
    pub time_limit: Option<Duration>,
    /// Relative gap at which the search ends.
    pub gap: f64,
    /// Time limit of one search for addresses.
    pub packing_limit: Duration,
    /// Whether of plans of the same time those are looked for that move and hold less.
    pub break_ties: bool,
    /// Set to stop: the best plan so far gets addresses.
    pub interrupt: Arc<AtomicBool>,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            time_limit: None,
            gap: PLAN_GAP,
            packing_limit: PACKING_LIMIT,
            break_ties: true,
            interrupt: Arc::default(),
        }
    }
}

/// The time that a search may take, in stages: programs end before the whole does, so that
/// there is time for addresses.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    pub(super) begin: Instant,
    limit: Option<Duration>,
    pub(super) interrupt: Arc<AtomicBool>,
}

impl Clock {
    /// A clock that starts now.
    pub(super) fn start(options: &PlanOptions) -> Self {
        Self {
            begin: Instant::now(),
            limit: options.time_limit,
            interrupt: Arc::clone(&options.interrupt),
        }
    }

    /// The moment at which a stage ends.
    pub(super) fn deadline(&self, percent: u32) -> Option<Instant> {
        let limit = self.limit?;
        self.begin.checked_add(limit.checked_mul(percent)? / 100)
    }

    /// The time that is left of a stage; `None` without a limit.
    pub(super) fn left(&self, percent: u32) -> Option<Duration> {
        let deadline = self.deadline(percent)?;
        Some(deadline.saturating_duration_since(Instant::now()))
    }

    /// Whether a stage is over.
    pub(super) fn is_over(&self, percent: u32) -> bool {
        self.interrupt.load(Ordering::Relaxed) || self.left(percent) == Some(Duration::ZERO)
    }
}

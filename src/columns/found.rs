//! Lists that must not grow too long.

use crate::engine::watch::Ticker;
use crate::tiling::limits::ColumnLimits;

/// A list that must not grow too long.
pub(super) struct Found<'a, T> {
    pub(super) all: Vec<T>,
    limits: &'a ColumnLimits,
    ticker: Ticker,
}

impl<'a, T> Found<'a, T> {
    pub(super) fn new(limits: &'a ColumnLimits) -> Self {
        Self {
            all: Vec::new(),
            limits,
            ticker: limits.watch.ticker(),
        }
    }

    /// Whether it is no use to go on.
    pub(super) fn is_over(&self) -> bool {
        self.all.len() > self.limits.most || self.ticker.stopped()
    }

    /// The list as it was made, unless it grew too long or it was time to stop: one that was cut
    /// short must not look whole once some of it is left out.
    pub(super) fn complete(self) -> Option<Vec<T>> {
        (self.all.len() <= self.limits.most && !self.limits.watch.stopped()).then_some(self.all)
    }
}

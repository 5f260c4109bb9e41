//! Improves the best mapping of a space by local search.

use std::sync::Arc;

use crate::cost::{dataflow, evaluate, window_pieces};
use crate::problem::{Hardware, Mapping};

use super::local::{Effort, Ground, Judge, Verdict, search, weighed};
use super::space::LayerSpace;
use super::tuning::{LOCAL_AGAIN, LOCAL_FIRST, LOCAL_LEAST, LOCAL_MACS, LOCAL_PIECES};

impl LayerSpace<'_> {
    /// A short local search, before any tree.
    pub(super) fn improve_first(&mut self) {
        self.improve(LOCAL_FIRST);
    }

    /// A longer one, where a search ended open.
    pub(super) fn improve_again(&mut self) {
        self.improve(LOCAL_AGAIN);
    }

    /// A longer one, where the bound on all that is open has stood for long.
    pub(super) fn improve_if_stalled(&mut self, bound: f64) {
        if self.progress.stalls(bound) {
            self.improve(LOCAL_AGAIN);
        }
    }

    /// Searches locally from the best mapping, if there is one. Which classes a mapping belongs to is not
    /// told, so that searches of some classes go without.
    fn improve(&mut self, steps: u64) {
        let Some((first, _)) = self.best.clone() else {
            return;
        };
        let is_off = !self.switches.mapper.local_search || !self.branch.is_empty();
        if is_off || self.watch.stopped() || self.is_met() {
            return;
        }
        let fixed = Arc::clone(&self.fixed);
        // Without energies where they do not matter.
        let hardware = Arc::clone(&self.site.hardware);
        let ground = Ground::new(self.operation, &hardware, &fixed, self.divides);
        // A small problem's tree is done before a long search is.
        let worth = self.operation.box_macs() / LOCAL_MACS;
        let effort = Effort {
            seed: self.progress.next_seed(),
            steps: steps.min(u64::try_from(worth).unwrap_or(steps).max(LOCAL_LEAST)),
        };
        let mut judge = Offering {
            space: self,
            hardware: &hardware,
        };
        search(&ground, &first, &mut judge, effort);
    }
}

/// Judges mappings by what a space minimises, and offers it those that are better than its best.
struct Offering<'s, 'a> {
    space: &'s mut LayerSpace<'a>,
    hardware: &'s Hardware,
}

impl Judge for Offering<'_, '_> {
    fn judge(&mut self, mapping: &Mapping) -> Verdict {
        let space = &mut *self.space;
        let operation = space.operation;
        if window_pieces(operation, mapping) > space.most_pieces.min(LOCAL_PIECES) {
            return Verdict::Useless;
        }
        let cost = match evaluate(operation, self.hardware, mapping) {
            Ok(cost) => cost,
            Err(error) => return Verdict::of(&error, self.hardware),
        };
        let allows = || dataflow::allows(operation, self.hardware, &space.fixed, mapping);
        if !space.goal.allows(&cost) || space.is_restricted() && !allows() {
            return Verdict::Useless;
        }
        let minimise = space.goal.minimise;
        let best = space.best.as_ref();
        if best.is_none_or(|(_, best)| minimise.is_less(&cost, best)) {
            space.offer(mapping.clone());
        }
        let busy: u128 = cost.memories.iter().map(|m| m.busy_cycles).sum();
        let work = busy + cost.compute_cycles + cost.added_cycles();
        Verdict::Score(weighed(minimise.of(&cost), work))
    }

    fn is_over(&mut self) -> bool {
        self.space.watch.stopped() || self.space.is_met()
    }
}

//! Local search on the mapping itself, as the exact mapper runs it before its tree.
//!
//! Not of a publication: simulated annealing over uneven extents, spatial loops, the order of nodes and
//! what goes around memories, from the spatial loops of fewest steps (`exact::local`). It begins with
//! the smallest tiles, and goes on while the budget lasts.

use crate::cost::bound::lower_bounds;
use crate::cost::spatial::fewest_steps;
use crate::exact::local::{Effort, Ground, Judge, Verdict, search, weighed};
use crate::problem::Mapping;

use super::super::Mapper;
use super::super::trial::Trial;
use super::candidate::Candidate;

/// The mapper.
#[derive(Debug)]
pub struct Local;

impl Mapper for Local {
    fn name(&self) -> &'static str {
        "local-search"
    }

    fn description(&self) -> &'static str {
        "annealing of the mapping itself from spatial loops of few steps (the exact mapper's own)"
    }

    fn space(&self) -> &'static str {
        "all extents, per operand"
    }

    fn map(&self, trial: &mut Trial<'_>) {
        let (operation, hardware) = (trial.operation, trial.hardware);
        let first = Candidate::smallest(hardware).mapping(operation, hardware);
        let effort = Effort {
            seed: trial.seed,
            steps: u64::MAX,
        };
        let least = lower_bounds(operation, hardware).best();
        let least = least.max(fewest_steps(operation, hardware));
        let mut judge = Tried {
            trial,
            least,
            best: u128::MAX,
        };
        search(
            &Ground::new(operation, hardware, &[], false),
            &first,
            &mut judge,
            effort,
        );
    }
}

/// Judges mappings by their cycles, and spends the trial's evaluations.
struct Tried<'t, 'a> {
    trial: &'t mut Trial<'a>,
    /// What no mapping is below.
    least: u128,
    best: u128,
}

impl Judge for Tried<'_, '_> {
    #[expect(clippy::cast_precision_loss, reason = "compared as ratios")]
    fn judge(&mut self, mapping: &Mapping) -> Verdict {
        let Some(score) = self.trial.offer(mapping.clone()) else {
            let full = self.trial.overfull();
            return full.map_or(Verdict::Useless, Verdict::Overfull);
        };
        self.best = self.best.min(score.cycles);
        Verdict::Score(weighed(score.cycles as f64, score.work))
    }

    fn is_over(&mut self) -> bool {
        self.best <= self.least || self.trial.is_over()
    }
}

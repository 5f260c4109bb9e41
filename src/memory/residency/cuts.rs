//! Cuts for plans that have no addresses.

use crate::engine::named::Relation::AtMost;

use super::Residency;

/// What cannot all be in the memory: each is one too many beside the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// Tensor, operation that runs, and the least number of slices, at least 1, there then.
    pub present: Vec<(usize, usize, u32)>,
    /// Operations with their modes.
    pub modes: Vec<(usize, usize)>,
}

impl Residency<'_> {
    /// [RES11] Σ b + Σ z ≤ their number - 1, present ≤ n - 1 + (K - n + 1) b: somewhere fewer
    /// slices than n are there, or one of the operations runs in another mode.
    pub(super) fn exclude(&mut self, cut: &Exclusion) {
        let most = f64::from(self.schedule.slices);
        let mut together = Vec::new();
        let mut right = -1.0;
        for &(tensor, operation, slices) in &cut.present {
            let least = f64::from(slices);
            let name = format!("b_{}_{operation}", self.schedule.tensors[tensor].name);
            let enough = self.model.binary(&name);
            let mut terms = self.present_at(operation, tensor, 1.0);
            terms.push((enough, least - 1.0 - most));
            self.model.row("RES11_enough", terms, AtMost, least - 1.0);
            together.push((enough, 1.0));
            right += 1.0;
        }
        for &(operation, mode) in &cut.modes {
            together.push((self.layout.operations[operation].modes[mode], 1.0));
            right += 1.0;
        }
        self.model.row("RES11_not_all", together, AtMost, right);
    }
}

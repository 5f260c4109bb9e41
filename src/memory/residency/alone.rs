//! What a layer takes alone, as a bound on an operation whose operands are resident in part.

use crate::engine::named::Relation::AtLeast;

use super::Residency;

impl Residency<'_> {
    /// `τ[t] + units · Σ k / K ≥ units · Σ z[t,m]`: an operation of which no mapping takes less than so
    /// many units while nothing is resident. Slices of an operand in the memory save at most their
    /// part of all transfers, so that with any mapping at least the rest is left.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a time as a part of another one"
    )]
    pub fn takes_alone(&mut self, operation: usize, units: u128) {
        let least = units as f64 / self.units;
        let own = &self.schedule.operations[operation];
        let name = format!("alone_{}", own.name);
        let mut tensors: Vec<usize> = own.operands().collect();
        tensors.sort_unstable();
        tensors.dedup();
        let mut terms = vec![(self.layout.operations[operation].time, 1.0)];
        let held = tensors.into_iter().map(|t| self.held_of(operation, t));
        terms.extend(held.map(|held| (held, least / self.most())));
        terms.extend(self.runs(operation, -least));
        self.model.row(&name, terms, AtLeast, 0.0);
    }
}

//! The steps of the busiest element, and the bound for every mapping.

use crate::columns::attribute::Attribute;

use super::builder::{Builder, to_f64};

impl Builder<'_> {
    /// [LAY5] `z ≥ Σ_d log steps`, and [LAY6] z ≥ log of the bound that holds for every mapping.
    pub(super) fn compute(&mut self) {
        let steps = self.dims().map(Attribute::Steps).collect();
        let term = self.term(1.0, steps);
        self.cycles("LAY5_compute", &[term], 1.0);
        let bound = self.term(to_f64(self.layer.lower_bound.max(1)), Vec::new());
        self.cycle_rows
            .push(("LAY6_any_mapping".into(), vec![bound], 0.0));
    }
}

//! The factors on an axis fit on it.

use crate::columns::attribute::Attribute;
use crate::engine::Limit;

use super::builder::{Builder, to_f64};

impl Builder<'_> {
    /// [LAY9] `Σ_d log factor ≤ log size`, for every axis.
    pub(super) fn axes(&mut self) {
        let arrays: Vec<_> = self.layer.site.hardware.arrays().collect();
        for (level, array) in arrays {
            for (i, axis) in array.axes.iter().enumerate() {
                let factors: Vec<Attribute> = self
                    .dims()
                    .filter(|&d| axis.dims.contains(d))
                    .map(|d| Attribute::Spread(d, level, i))
                    .collect();
                if factors.len() > 1 {
                    let term = self.term(1.0, factors);
                    let size = to_f64(axis.size.into()).ln();
                    // Products of integers: half a unit in the last place of slack.
                    self.row(
                        format!("LAY9_{}_{}", array.name, axis.name),
                        vec![term],
                        Limit::Constant(size + 1e-9),
                    );
                }
            }
        }
    }
}

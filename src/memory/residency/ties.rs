//! Among plans of least time: the fewest bits through the outer ports, then the least sum over
//! operations of the bytes of slices in the memory.

use crate::engine::named::Relation::{AtLeast, AtMost};
use crate::problem::plan::PlanCost;
use crate::problem::port::Direction;

use super::ports::negated;
use super::{Aim, Residency};

/// Variables that count what tells plans apart, one for each operation.
#[derive(Debug, Default)]
pub(super) struct Ties {
    /// Bits through the outer ports.
    outer: Vec<usize>,
    /// In parts of so many bits, times slices.
    outer_scale: f64,
    /// Bytes of slices.
    resident: Vec<usize>,
    /// In parts of so many bytes.
    resident_scale: f64,
}

impl Ties {
    /// What 1 of the objective is in bits times slices, or in bytes.
    pub(super) fn scale(&self, aim: Aim) -> f64 {
        match aim {
            Aim::Time | Aim::OuterBits { .. } => self.outer_scale,
            Aim::ResidentBytes { .. } => self.resident_scale,
        }
    }
}

impl Residency<'_> {
    /// Limits what was minimised before, and counts what is minimised now in parts of `scale`.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53, or scaled")]
    pub(super) fn break_ties(&mut self, aim: Aim, scale: f64) {
        let (Aim::OuterBits { time } | Aim::ResidentBytes { time, .. }) = aim else {
            return;
        };
        let times = self.layout.operations.iter().map(|o| (o.time, 1.0));
        let times = times.collect();
        let right = time as f64 / self.units;
        self.model.row("least_time", times, AtMost, right);
        let Aim::ResidentBytes { outer, .. } = aim else {
            self.count_outer(scale, 1.0);
            return;
        };
        self.count_outer((outer.max(1) as f64) / 1e4, 0.0);
        let all = self.ties.outer.iter().map(|&v| (v, 1.0)).collect();
        let right = outer as f64 / self.ties.outer_scale;
        self.model.row("fewest_bits", all, AtMost, right);
        self.count_resident(scale);
    }

    fn count_outer(&mut self, scale: f64, cost: f64) {
        self.ties.outer_scale = scale;
        for operation in 0..self.schedule.operations.len() {
            let name = self.schedule.operations[operation].name.clone();
            let outer = |d: Direction| matches!(d, Direction::Inward | Direction::Outward);
            let (terms, right) = self.bits(operation, outer, scale);
            let bounds = (0.0, f64::INFINITY);
            let variable = self
                .model
                .continuous(&format!("outer_{name}"), bounds, cost);
            let mut row = negated(terms);
            row.push((variable, 1.0));
            self.model
                .row(&format!("outer_{name}"), row, AtLeast, right);
            self.ties.outer.push(variable);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "bytes far below 2^53")]
    fn count_resident(&mut self, scale: f64) {
        self.ties.resident_scale = scale;
        for operation in 0..self.schedule.operations.len() {
            let name = self.schedule.operations[operation].name.clone();
            let mut terms = Vec::new();
            for &tensor in &self.near[operation] {
                let bytes = self.schedule.slice_bytes(tensor) as f64 / scale;
                terms.extend(self.present_at(operation, tensor, bytes));
            }
            let bounds = (0.0, f64::INFINITY);
            let variable = self
                .model
                .continuous(&format!("resident_{name}"), bounds, 1.0);
            let mut row = negated(terms);
            row.push((variable, 1.0));
            self.model
                .row(&format!("resident_{name}"), row, AtLeast, 0.0);
            self.ties.resident.push(variable);
        }
    }

    /// Fills in the values of these variables for a plan with this cost.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53, or scaled")]
    pub(super) fn tie_values(&self, cost: &PlanCost, resident: &[u128], values: &mut [f64]) {
        for (&variable, moved) in self.ties.outer.iter().zip(&cost.moved) {
            values[variable] = moved.outer() as f64 / self.ties.outer_scale;
        }
        for (&variable, &bytes) in self.ties.resident.iter().zip(resident) {
            values[variable] = bytes as f64 / self.ties.resident_scale;
        }
    }
}

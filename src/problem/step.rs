//! What is said of a training step beside its rows: totals of each pass, samples per second, and
//! how it compares with inference.

use super::fraction::fraction;
use super::graph::Pass;
use super::result::Status;
use super::role::Role;
use super::row::{LayerRow, Work};
use super::run::RunResult;
pub use super::training::TrainingStep;

/// Sums over the rows of one pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassTotal {
    /// The pass.
    pub pass: Pass,
    /// Cycles; `None` if an operation has no mapping.
    pub cycles: Option<u128>,
    /// Sum of the bounds over the mapping space.
    pub bound_cycles: u128,
    /// Sum of the bounds that hold for any mapping.
    pub lower_bound_cycles: u128,
    /// Multiply-accumulates on real data.
    pub macs: u128,
    /// Number of rows.
    pub layers: usize,
    /// Number of rows proved optimal.
    pub layers_optimal: usize,
}

impl RunResult {
    /// The sums of every pass that has rows, in the order of a step.
    #[must_use]
    pub fn passes(&self) -> Vec<PassTotal> {
        let of = |pass: Pass| {
            let rows: Vec<&LayerRow> = self.layers.iter().filter(|r| r.pass == pass).collect();
            (!rows.is_empty()).then(|| pass_total(pass, &rows))
        };
        Pass::ALL.into_iter().filter_map(of).collect()
    }

    /// The cycles of a training step as a multiple of those of inference, the operations of both alone.
    #[must_use]
    pub fn ratio_to_inference(&self) -> Option<f64> {
        let inference = self.training.as_ref()?.inference_cycles?;
        let cycles = self.total_layers().cycles.filter(|_| inference > 0)?;
        Some(fraction(cycles, inference))
    }
}

fn pass_total(pass: Pass, rows: &[&LayerRow]) -> PassTotal {
    let optimal = rows.iter().filter(|row| row.status() == Status::Optimal);
    PassTotal {
        pass,
        cycles: rows.iter().map(|row| row.cycles()).sum(),
        bound_cycles: rows.iter().map(|row| row.bound_cycles).sum(),
        lower_bound_cycles: rows.iter().map(|row| row.lower_bound_cycles).sum(),
        macs: rows.iter().map(|row| row.macs()).sum(),
        layers: rows.len(),
        layers_optimal: optimal.count(),
    }
}

impl LayerRow {
    /// For activation side, kernel and result side, under which reports name what is moved and
    /// kept, the role that the tensor has in the row's loop nests.
    #[must_use]
    pub fn tensor_roles(&self) -> [Role; 3] {
        let nest = match &self.work {
            Work::Mapped(nest) => Some(nest),
            Work::Phases => self.phases.iter().find_map(|phase| match &phase.row.work {
                Work::Mapped(nest) => Some(nest),
                _ => None,
            }),
            Work::Streamed | Work::View => None,
        };
        nest.map_or(Role::ALL, |nest| nest.tensor_roles())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{
        Convolution, LayerKind, LoopNest, PassPrecision, PerDim, Precision, Window,
    };

    #[test]
    fn tensors_are_named_by_what_they_are() {
        let bits = PassPrecision {
            activation: 8,
            kernel: 8,
            result: 8,
            accumulator: 32,
        };
        let precision = Precision {
            input: 8,
            weight: 8,
            output: 8,
            accumulator: 32,
        };
        let forward = LoopNest::forward(PerDim::all(2), [Window::NONE; Window::COUNT], precision);
        let convolution = Convolution::ordinary(&forward);
        let roles = |kind: LayerKind| match kind {
            LayerKind::MultiplyAccumulate(nest) => nest.tensor_roles(),
            other => panic!("{other:?}"),
        };
        assert_eq!(forward.tensor_roles(), Role::ALL);
        let data = roles(convolution.backward_data(bits));
        assert_eq!(data, [Role::Output, Role::Weight, Role::Input]);
        let weight = roles(convolution.backward_weight(bits));
        assert_eq!(weight, [Role::Input, Role::Output, Role::Weight]);
    }
}

//! What colours in the memory map stand for.

use crate::problem::graph::TensorKind;
use crate::problem::plan::{Content, MemoryPlan};
use crate::report::pictures::sheet::{BUFFERS, Colour, INK, INPUTS, SERIES};

/// A kind of blocks.
pub(in crate::report) struct Kind {
    /// As the legend says it.
    pub(in crate::report) name: &'static str,
    /// The kinds of its tensors; none: the buffers of operations.
    tensors: &'static [TensorKind],
    /// Its colour.
    pub(super) colour: Colour,
}

/// All kinds, in the order of the legend.
const KINDS: [Kind; 7] = [
    Kind {
        name: "buffers",
        tensors: &[],
        colour: BUFFERS,
    },
    Kind {
        name: "inputs and targets",
        tensors: &[TensorKind::Input, TensorKind::Target],
        colour: INPUTS,
    },
    Kind {
        name: "parameters",
        tensors: &[
            TensorKind::Parameter,
            TensorKind::MasterParameter,
            TensorKind::OptimizerState,
            TensorKind::RunningStatistics,
        ],
        colour: SERIES[0],
    },
    Kind {
        name: "activations",
        tensors: &[TensorKind::Activation],
        colour: SERIES[2],
    },
    Kind {
        name: "saved for the backward pass",
        tensors: &[TensorKind::Saved],
        colour: SERIES[4],
    },
    Kind {
        name: "gradients",
        tensors: &[TensorKind::Gradient, TensorKind::Loss],
        colour: SERIES[1],
    },
    Kind {
        name: "gradients of parameters",
        tensors: &[TensorKind::ParameterGradient],
        colour: SERIES[3],
    },
];

impl Kind {
    /// That of a block.
    pub(in crate::report) fn of(content: &Content, plan: &MemoryPlan) -> &'static Kind {
        let tensor = match content {
            Content::Slices { tensor, .. } => Some(plan.schedule.tensors[*tensor].kind),
            Content::Buffers { .. } => None,
        };
        let own = |kind: &&Kind| tensor.is_some_and(|tensor| kind.tensors.contains(&tensor));
        KINDS.iter().find(own).unwrap_or(&KINDS[0])
    }

    /// Those of which a plan has blocks.
    pub(in crate::report) fn all_of(plan: &MemoryPlan) -> Vec<&'static Kind> {
        let has = |kind: &&Kind| {
            let mut all = plan.blocks.contents.iter();
            all.any(|content| std::ptr::eq(Kind::of(content, plan), *kind))
        };
        KINDS.iter().filter(has).collect()
    }

    /// What letters on it are to be.
    pub(super) fn letters(&self) -> Colour {
        // Buffers are turned round with the letters in a dark page.
        if self.colour == BUFFERS {
            INK
        } else {
            self.colour.letters()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_tensor_has_one_colour() {
        use TensorKind::{
            Activation, Gradient, Input, Loss, MasterParameter, OptimizerState, Parameter,
            ParameterGradient, RunningStatistics, Saved, Target,
        };
        for tensor in [
            Input,
            Target,
            Parameter,
            MasterParameter,
            OptimizerState,
            RunningStatistics,
            Activation,
            Saved,
            Gradient,
            ParameterGradient,
            Loss,
        ] {
            let own = KINDS.iter().filter(|kind| kind.tensors.contains(&tensor));
            assert_eq!(own.count(), 1, "{tensor:?}");
        }
        for (index, kind) in KINDS.iter().enumerate() {
            let same = KINDS[..index].iter().filter(|k| k.colour == kind.colour);
            assert_eq!(same.count(), 0, "{}", kind.name);
        }
    }
}

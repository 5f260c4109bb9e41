//! The operations of one step over a network, in execution order, with the tensors that they
//! read and write: what is computed, what must live how long, and what can stay on chip.

use std::collections::BTreeMap;

use super::network::{LayerKind, Network};
use super::operator::OnnxNode;
use super::role::Role;
use super::units::Bits;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// The forward pass alone.
    Inference,
    /// Forward, loss, backward and update.
    Training,
}

impl Mode {
    /// The name used in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mode::Inference => "inference",
            Mode::Training => "training",
        }
    }
}

/// The part of a step to which an operation belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pass {
    /// From the network's input to its output.
    Forward,
    /// The loss and its gradient.
    Loss,
    /// The gradient of a streamed operation, of all its inputs and parameters at once, and the
    /// sum of the gradients that reach a tensor from several consumers.
    Backward,
    /// The gradient of the activations of a layer of multiply-accumulates.
    BackwardData,
    /// The gradient of its weights.
    BackwardWeight,
    /// The optimizer's update of the parameters.
    Update,
}

impl Pass {
    /// All passes, in the order of a step.
    pub const ALL: [Pass; 6] = [
        Pass::Forward,
        Pass::Loss,
        Pass::Backward,
        Pass::BackwardData,
        Pass::BackwardWeight,
        Pass::Update,
    ];

    /// The name used in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Pass::Forward => "forward",
            Pass::Loss => "loss",
            Pass::Backward => "backward",
            Pass::BackwardData => "backward_data",
            Pass::BackwardWeight => "backward_weight",
            Pass::Update => "update",
        }
    }
}

/// What a tensor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TensorKind {
    /// The network's input.
    Input,
    /// What the loss compares with.
    Target,
    /// Weights, biases, scales and shifts as the layers compute with them.
    Parameter,
    /// The optimizer's own copy of the parameters, of its own precision.
    MasterParameter,
    /// The optimizer's moments.
    OptimizerState,
    /// Mean and variance that a batch normalisation averages over steps.
    RunningStatistics,
    /// The output of a layer.
    Activation,
    /// What the backward pass needs besides: masks, indices, statistics.
    Saved,
    /// The gradient of an activation.
    Gradient,
    /// The gradient of a parameter.
    ParameterGradient,
    /// The loss itself.
    Loss,
}

impl TensorKind {
    /// The name used in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            TensorKind::Input => "input",
            TensorKind::Target => "target",
            TensorKind::Parameter => "parameter",
            TensorKind::MasterParameter => "master_parameter",
            TensorKind::OptimizerState => "optimizer_state",
            TensorKind::RunningStatistics => "running_statistics",
            TensorKind::Activation => "activation",
            TensorKind::Saved => "saved",
            TensorKind::Gradient => "gradient",
            TensorKind::ParameterGradient => "parameter_gradient",
            TensorKind::Loss => "loss",
        }
    }

    /// Whether it is there before the step and after it.
    #[must_use]
    pub fn is_persistent(self) -> bool {
        matches!(
            self,
            TensorKind::Parameter
                | TensorKind::MasterParameter
                | TensorKind::OptimizerState
                | TensorKind::RunningStatistics
        )
    }

    /// Whether it is there before the step.
    #[must_use]
    pub fn is_given(self) -> bool {
        self.is_persistent() || matches!(self, TensorKind::Input | TensorKind::Target)
    }
}

/// A tensor of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Its name, unique in the graph.
    pub name: String,
    /// What it is.
    pub kind: TensorKind,
    /// Its extents, batch first where it has one.
    pub shape: Vec<u64>,
    /// Bits of one element.
    pub bits_per_element: u32,
    /// The tensors whose bytes it is another view of; empty where it has bytes of its own.
    pub views: Vec<usize>,
}

impl Tensor {
    /// Number of elements.
    #[must_use]
    pub fn elements(&self) -> u128 {
        self.shape
            .iter()
            .map(|&extent| u128::from(extent))
            .product()
    }

    /// Size of the whole tensor.
    #[must_use]
    pub fn bits(&self) -> Bits {
        Bits(self.elements() * u128::from(self.bits_per_element))
    }
}

/// A tensor that an operation reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// Index of the tensor in the graph.
    pub tensor: usize,
    /// The operand that it is of a loop nest; of a streamed operation input, parameters or output.
    pub role: Role,
}

/// One operation of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Its name, unique in the graph: the layer's, with the pass for all but the forward one.
    pub name: String,
    /// The layer that it belongs to, by index in the network.
    pub layer: Option<usize>,
    /// The operator as the file spells it.
    pub op: String,
    /// The part of the step to which it belongs.
    pub pass: Pass,
    /// What it reads.
    pub reads: Vec<Use>,
    /// What it writes.
    pub writes: Vec<Use>,
    /// What it computes.
    pub kind: LayerKind,
    /// The operation into which it is fused, by index: no cycles and no traffic of its own.
    pub fused_into: Option<usize>,
}

/// The operations of a step in execution order, and their tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// Name of the network.
    pub network: String,
    /// What the step does.
    pub mode: Mode,
    /// Batch size.
    pub batch: u64,
    /// The tensors.
    pub tensors: Vec<Tensor>,
    /// The operations in execution order.
    pub operations: Vec<Operation>,
}

impl Graph {
    /// The nodes that the operations over an imported network stem from, by the operations' names.
    #[must_use]
    pub fn origins(&self, network: &Network) -> BTreeMap<String, OnnxNode> {
        let of = |operation: &Operation| {
            let layer = network.layers.get(operation.layer?)?;
            Some((operation.name.clone(), layer.spec.onnx.clone()?))
        };
        self.operations.iter().filter_map(of).collect()
    }
}

//! What a network file says of a layer beyond its work: what its gradient depends on.

use super::backward::Convolution;
use super::operation::Precision;

/// An operator with the parameters that its backward pass needs.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Operator {
    /// A convolution, ordinary or transposed, or a linear layer.
    Convolution(Weighted),
    /// The product of two tensors; the right one is the kernel.
    MatMul(Convolution),
    /// The largest element of each window.
    MaxPool {
        /// Elements of a window.
        taps: u128,
    },
    /// The mean of each window.
    AvgPool {
        /// Elements of a window.
        taps: u128,
    },
    /// The mean of each channel.
    GlobalAvgPool,
    /// `relu` and `relu6`: the derivative is 0 or 1.
    Relu,
    /// The Gaussian error linear unit.
    Gelu,
    /// The sum of its inputs.
    Add,
    /// The product of its inputs, of which some may have one value for each channel.
    Mul,
    /// Its inputs side by side.
    Concat,
    /// Batch normalisation, with a scale and a shift for each of so many channels.
    BatchNorm {
        /// Channels.
        channels: u64,
    },
    /// Layer normalisation, with a scale and a shift for each of so many features.
    LayerNorm {
        /// Features.
        features: u64,
    },
    /// Softmax over the last axis.
    Softmax,
    /// A row of a table for each token number.
    Embedding {
        /// Rows of the table.
        vocabulary: u64,
        /// Elements of a row.
        features: u64,
    },
    /// A tensor that is there before the run; it has no gradient.
    Cache,
    /// The same bytes in another shape.
    #[default]
    View,
    /// The same elements in another order.
    Transpose,
}

/// A layer of multiply-accumulates with a weight, and perhaps a bias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighted {
    /// Its loop nests.
    pub convolution: Convolution,
    /// Extents of the weight, in `PyTorch`'s order.
    pub weight: Vec<u64>,
    /// Whether a value for each output channel is added.
    pub bias: bool,
}

impl Weighted {
    /// Output channels, of all groups: the elements of the bias.
    #[must_use]
    pub fn channels(&self) -> u64 {
        use super::operation::Dim::{G, K};
        let extents = &self.convolution.extents;
        extents[G].saturating_mul(extents[K])
    }
}

/// Precisions in bits of what only training has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrainingPrecision {
    /// Bits of the gradient of the layer's output.
    pub gradient: u32,
    /// Bits of the gradients of its parameters.
    pub weight_gradient: u32,
    /// Bits of the optimizer's copy of its parameters; there is none where it is as wide as they.
    pub master_weight: u32,
    /// Bits of the optimizer's moments.
    pub optimizer_state: u32,
}

/// What the file says of a layer beyond its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSpec {
    /// The operator with its parameters.
    pub operator: Operator,
    /// Precisions of the forward pass: inputs as wide as their producers wrote them.
    pub precision: Precision,
    /// Bits of an element of each input, in the order of the producers.
    pub input_bits: Vec<u32>,
    /// Precisions of what only training has.
    pub training: TrainingPrecision,
    /// Whether its output is an image of batch, channels, height and width; else the last axis are
    /// its features.
    pub image: bool,
}

/// A layer of 32-bit elements that only views its input.
impl Default for LayerSpec {
    fn default() -> Self {
        Self {
            operator: Operator::default(),
            precision: Precision {
                input: 32,
                weight: 32,
                output: 32,
                accumulator: 32,
            },
            input_bits: Vec::new(),
            training: TrainingPrecision {
                gradient: 32,
                weight_gradient: 32,
                master_weight: 32,
                optimizer_state: 32,
            },
            image: false,
        }
    }
}

/// What is minimised in training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LossKind {
    /// The cross-entropy of a softmax over the classes, with a class number for each row.
    #[default]
    CrossEntropy,
    /// The mean squared difference to a target of the output's shape.
    Mse,
}

impl LossKind {
    /// All kinds.
    pub const ALL: [LossKind; 2] = [LossKind::CrossEntropy, LossKind::Mse];

    /// The name used in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            LossKind::CrossEntropy => "cross_entropy",
            LossKind::Mse => "mse",
        }
    }
}

/// The loss of a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// What is computed.
    pub kind: LossKind,
    /// The layer whose output it is computed from; the network's only output where none is named.
    pub from: Option<usize>,
}

/// How parameters are updated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Optimizer {
    /// Stochastic gradient descent.
    #[default]
    Sgd,
    /// Gradient descent with one moment.
    Momentum,
    /// Adam, with two moments (Kingma and Ba, arXiv 1412.6980, algorithm 1).
    Adam,
}

impl Optimizer {
    /// The name used on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Optimizer::Sgd => "sgd",
            Optimizer::Momentum => "momentum",
            Optimizer::Adam => "adam",
        }
    }

    /// The names of its moments, each of the parameter's shape.
    #[must_use]
    pub fn states(self) -> &'static [&'static str] {
        match self {
            Optimizer::Sgd => &[],
            Optimizer::Momentum => &["momentum"],
            Optimizer::Adam => &["first_moment", "second_moment"],
        }
    }
}

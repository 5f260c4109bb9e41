//! What a network file says of a layer beyond its work: what its gradient depends on.

use std::fmt;

use super::convolution::Convolution;
use super::function::{Function, Operand, Pairwise, Reduction};
use super::operation::Precision;
use super::window::Window;

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
        /// Taps and window along each of the last axes; none of a global one.
        windows: Vec<(u64, Window)>,
    },
    /// The mean of each window.
    AvgPool {
        /// Elements of a window.
        taps: u128,
        /// Taps and window along each of the last axes; none of a global one.
        windows: Vec<(u64, Window)>,
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
    Softmax {
        /// Whether it may be computed part by part, as the parts of its axis come.
        online: bool,
    },
    /// A row of a table for each token number.
    Embedding {
        /// Rows of the table.
        vocabulary: u64,
        /// Elements of a row.
        features: u64,
    },
    /// One function of each element.
    Elementwise(Function),
    /// One function of each element and a number, a parameter or a constant.
    With(Pairwise, Operand),
    /// One function of the elements of several inputs, other than a sum or a product.
    Pairwise(Pairwise),
    /// An element of one input or of another, as a third one says.
    Where {
        /// Whether one of the two is a number.
        number: bool,
    },
    /// A normalisation of rows or groups of elements.
    Normalization(Normalization),
    /// Softmax over another axis than the last.
    SoftmaxOverAxis,
    /// The logarithm of a softmax.
    LogSoftmax,
    /// The elements of some axes become one.
    Reduce {
        /// How.
        function: Reduction,
        /// Elements that become one.
        count: u128,
    },
    /// Another number of rows and columns: each output is computed from some inputs.
    Resize {
        /// Inputs of an output.
        taps: u128,
    },
    /// Some elements of the input, each at most once: a slice.
    Slice,
    /// The input amid other elements: padding.
    Pad,
    /// The input several times.
    Expand,
    /// Elements of the first input at the places that the second one, or a constant, gives.
    Gather,
    /// The first input with elements of the last one at the places that the second one gives.
    Scatter,
    /// The largest elements of an axis.
    TopK {
        /// Elements of the axis.
        count: u64,
    },
    /// Sums of all elements up to each one.
    CumulativeSum,
    /// Rotation of pairs of elements by an angle for each position.
    Rope {
        /// Extents of the table of sines and cosines.
        table: Vec<u64>,
    },
    /// What an operator writes besides its first output; nothing passes back through it.
    Places,
    /// A network's further input.
    Input,
    /// Parameters as a tensor of their own.
    Parameter,
    /// Elements that stay as they are, and have no gradient.
    Constant,
    /// An operator whose backward pass is not derived.
    ForwardOnly {
        /// Why, for messages.
        why: &'static str,
    },
    /// A tensor that is there before the run; it has no gradient.
    Cache,
    /// The same bytes in another shape.
    #[default]
    View,
    /// The same elements in another order.
    Transpose {
        /// For each axis of the output, batch included, the one of the input; `None` where it is no
        /// order of axes.
        axes: Option<Vec<usize>>,
    },
}

impl Operator {
    /// Its parameters: what each is called behind the layer's name, and its extents.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, Vec<u64>)> {
        match self {
            Operator::Convolution(weighted) => {
                let bias = weighted.bias.then(|| ("bias", vec![weighted.channels()]));
                let weight = ("weight", weighted.weight.clone());
                [weight].into_iter().chain(bias).collect()
            }
            Operator::BatchNorm { channels: n } | Operator::LayerNorm { features: n } => {
                vec![("scale", vec![*n]), ("shift", vec![*n])]
            }
            Operator::Normalization(norm) => {
                let scale = norm.scale.clone().map(|shape| ("scale", shape));
                let shift = norm.shift.clone().map(|shape| ("shift", shape));
                scale.into_iter().chain(shift).collect()
            }
            Operator::With(_, Operand::Parameter(shape)) => vec![("operand", shape.clone())],
            Operator::Embedding {
                vocabulary,
                features,
            } => vec![("table", vec![*vocabulary, *features])],
            _ => Vec::new(),
        }
    }

    /// What it reads besides that stays as it is, as [`Self::parameters`].
    #[must_use]
    pub fn constants(&self) -> Vec<(&'static str, Vec<u64>)> {
        match self {
            Operator::With(_, Operand::Constant(shape)) => vec![("operand", shape.clone())],
            Operator::Rope { table } => vec![("table", table.clone())],
            _ => Vec::new(),
        }
    }

    /// Whether the gradient of its output has an effect on anything: not that of comparisons,
    /// places and constants.
    #[must_use]
    pub fn passes_gradients(&self) -> bool {
        match self {
            Operator::Elementwise(function) => !function.is_step(),
            Operator::With(function, _) | Operator::Pairwise(function) => !function.is_step(),
            Operator::Reduce { function, .. } => {
                !matches!(function, Reduction::ArgMax | Reduction::ArgMin)
            }
            Operator::Places | Operator::Input | Operator::Constant | Operator::Cache => false,
            _ => true,
        }
    }
}

/// A normalisation: x̂ = (x − mean)/deviation, or x/root mean square, scaled and shifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Normalization {
    /// Whether the mean is subtracted.
    pub centred: bool,
    /// Extents of the scale, if there is one.
    pub scale: Option<Vec<u64>>,
    /// Extents of the shift, if there is one.
    pub shift: Option<Vec<u64>>,
    /// Extents of the statistics: one for each row or group.
    pub statistics: Vec<u64>,
    /// How often the input is read: twice where a group may be larger than a row.
    pub passes: u64,
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
        use super::dim::Dim::{G, K};
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

/// The node of an ONNX file that a layer stems from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnnxNode {
    /// Its place in the file's list of nodes.
    pub node: u64,
    /// Its operator.
    pub op: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// What was taken for granted of it, as the file does not say it.
    pub assumed: Option<String>,
}

/// How messages call it.
impl fmt::Display for OnnxNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "node `{name}` ({})", self.op),
            None => write!(f, "node {} ({})", self.node, self.op),
        }
    }
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
    /// The layer before it whose parameters it uses, if it has none of its own.
    pub shares: Option<usize>,
    /// The node that it stems from, if it was imported.
    pub onnx: Option<OnnxNode>,
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
            onnx: None,
            shares: None,
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

//! Which elements of its tensors an operation touches: its dimensions, and how each axis of a tensor
//! is indexed by them. What operations that run together tile by tile must agree on
//! (`formulations/fusion.md`).

use super::dim::Dim;

use super::operation::LoopNest;

use super::window::Window;

/// A dimension of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessDim {
    /// Its extent, at least 1.
    pub extent: u64,
    /// Whether all of it is computed at once: the axis of a softmax, or one whose elements a tensor
    /// has in an order that is not known.
    pub whole: bool,
    /// The dimension of the loop nest that it is; `None` in what the vector unit does.
    pub dim: Option<Dim>,
}

/// How an axis of a tensor is indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AxisIndex {
    /// By a dimension, given by its place.
    Dim(usize),
    /// By the outputs and taps of a window; rows outside the tensor are padding.
    Window {
        /// The place of the dimension of outputs.
        outer: usize,
        /// Taps.
        taps: u64,
        /// Stride, dilation, padding, and rows of the tensor.
        window: Window,
    },
    /// By nothing that can be cut: all of it is touched always.
    Whole,
}

/// A tensor that an operation reads or writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Index of the tensor, in the graph or in the schedule.
    pub tensor: usize,
    /// How each of its axes is indexed, with the axis's extent.
    pub axes: Vec<(u64, AxisIndex)>,
    /// Bits of an element.
    pub bits: u64,
    /// Which operand of the work it is.
    pub place: AccessPlace,
}

/// What a tensor is to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessPlace {
    /// An operand, whose tile must be there: of a loop nest the input, the weight or the output; of
    /// a vector operation anything that its result depends on element by element.
    Operand(super::Role),
    /// Beside the work, moved once: a bias, a mask.
    Beside,
}

/// What computes an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessWork {
    /// The array: a loop nest, mapped by the layer program.
    Array(Box<LoopNest>),
    /// The vector unit: so many operations for the whole result.
    Vector {
        /// Vector operations.
        operations: u128,
    },
}

/// An operation by the elements that it touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accesses {
    /// Its dimensions, taps left out.
    pub dims: Vec<AccessDim>,
    /// What it reads.
    pub reads: Vec<Access>,
    /// What it writes: its result first, then what is beside.
    pub writes: Vec<Access>,
    /// Bits of a partial sum of the result.
    pub accumulator_bits: u64,
    /// What computes it.
    pub work: AccessWork,
    /// Bits of each of the two accumulators of a row, where the operation is an online softmax: its
    /// whole axis may be cut (`formulations/fusion.md`).
    pub online: Option<u64>,
}

impl Access {
    /// Whether a dimension indexes the tensor.
    #[must_use]
    pub fn is_indexed_by(&self, dim: usize) -> bool {
        self.axis_of(dim).is_some()
    }

    /// The axis that a dimension indexes.
    #[must_use]
    pub fn axis_of(&self, dim: usize) -> Option<usize> {
        self.axes.iter().position(|(_, index)| match index {
            AxisIndex::Dim(d) | AxisIndex::Window { outer: d, .. } => *d == dim,
            AxisIndex::Whole => false,
        })
    }
}

impl Accesses {
    /// The result: the first of what it writes.
    #[must_use]
    pub fn result(&self) -> Option<&Access> {
        self.writes.first()
    }

    /// Whether a dimension is a reduction: it does not index the result.
    #[must_use]
    pub fn is_reduction(&self, dim: usize) -> bool {
        self.result()
            .is_some_and(|result| !result.is_indexed_by(dim))
    }
}

//! A convolution in all passes: its extents, windows and widths.

use super::dim::PerDim;

use super::phases::TransposedAxis;
use super::window::Window;

/// How rows, columns and depth of activations and results belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axes {
    /// A convolution, a linear layer or a matrix multiplication: windows over the activations.
    Ordinary([Window; Window::COUNT]),
    /// A transposed convolution.
    Transposed([TransposedAxis; Window::COUNT]),
}

/// A convolution, of which every pass is a loop nest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// The forward extents: P, Q and Z are the rows, columns and depth of the results, R, S and T the taps, all
    /// at least 1.
    pub extents: PerDim<u64>,
    /// Its windows.
    pub axes: Axes,
}

/// Bits of the elements of one pass, by what the tensors are: a gradient stands where its tensor does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassPrecision {
    /// The activation side: activations, or their gradient in backward-data.
    pub activation: u32,
    /// The kernel, or its gradient in backward-weight.
    pub kernel: u32,
    /// The result side: results forward, their gradient in both backward passes.
    pub result: u32,
    /// Partial sums; where the finished value is wider, they are as wide.
    pub accumulator: u32,
}

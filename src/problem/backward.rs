//! The backward passes of a convolution as loop nests (problem definition, section 1): the same
//! named dimensions with the same meaning as forward, other operands in the three roles.
//!
//! | pass | input (window) | weight | output | reduced |
//! |---|---|---|---|---|
//! | forward | activations G N C P R Q S Z T | kernel G K C R S T | results G N K P Q Z | C R S T |
//! | backward-data | gradient of the results G N K P R Q S Z T | kernel G K C R S T | gradient of the activations G N C P Q Z | K R S T |
//! | backward-weight | activations G N C P R Q S Z T | gradient of the results G N K P Q Z | gradient of the kernel G K C R S T | N P Q Z |
//!
//! In backward-data P, Q and Z are the rows, columns and depth of the activations. A transposed convolution
//! changes the windows' sides: its backward-data is an ordinary strided convolution, and in its
//! backward-weight the gradient of the results is the window operand. Linear layers and matrix
//! multiplications are convolutions without windows.

pub use super::convolution::{Axes, Convolution, PassPrecision};
use super::dim::{Dim, DimSet, PerDim};
use super::network::LayerKind;
use super::operation::{LoopNest, Precision};
use super::phases::{self, PhaseWork, TransposedAxis};
use super::role::{Role, RoleSet};
use super::window::Window;

/// The dimensions of the kernel, in every pass.
const KERNEL: DimSet = LoopNest::FORWARD[Role::Weight as usize];
/// The dimensions of activations without a window.
const ACTIVATIONS: DimSet = DimSet::of(&[Dim::G, Dim::N, Dim::C, Dim::P, Dim::Q, Dim::Z]);
/// The dimensions of results without a window.
const RESULTS: DimSet = LoopNest::FORWARD[Role::Output as usize];
/// The dimensions of activations as the window operand.
const ACTIVATION_WINDOW: DimSet = LoopNest::FORWARD[Role::Input as usize];
/// The dimensions of results as the window operand.
const RESULT_WINDOW: DimSet = {
    use Dim::{G, K, N, P, Q, R, S, T, Z};
    DimSet::of(&[G, N, K, P, Q, R, S, Z, T])
};

impl Convolution {
    /// The convolution whose forward pass is this nest.
    #[must_use]
    pub fn ordinary(forward: &LoopNest) -> Self {
        Self {
            extents: forward.extents,
            axes: Axes::Ordinary(forward.windows),
        }
    }

    /// The forward pass: the results, from activations and kernel.
    #[must_use]
    pub fn forward(&self, precision: PassPrecision) -> LayerKind {
        let PassPrecision {
            activation,
            kernel,
            result,
            accumulator,
        } = precision;
        let precision = bits([activation, kernel, result], accumulator);
        let relevant = [ACTIVATION_WINDOW, KERNEL, RESULTS];
        match self.axes {
            Axes::Ordinary(windows) => nest(self.extents, windows, relevant, precision),
            Axes::Transposed(axes) => {
                LayerKind::Phases(phases::gathered(self.extents, axes, relevant, precision))
            }
        }
    }

    /// Backward-data: the gradient of the activations, from that of the results and the kernel.
    ///
    /// The gradient of a strided convolution comes phase by phase, and multiplies by no inserted
    /// zero; rows that no window reaches are written as zeros.
    #[must_use]
    pub fn backward_data(&self, precision: PassPrecision) -> LayerKind {
        let PassPrecision {
            activation,
            kernel,
            result,
            accumulator,
        } = precision;
        let precision = bits([result, kernel, activation], accumulator);
        let relevant = [RESULT_WINDOW, KERNEL, ACTIVATIONS];
        match self.axes {
            Axes::Ordinary(windows) => {
                let axes = std::array::from_fn(|axis| self.transposed(axis, windows[axis]));
                gathered(self.extents, axes, relevant, precision)
            }
            Axes::Transposed(axes) => nest(
                self.over_inputs(&axes),
                axes.map(window),
                relevant,
                precision,
            ),
        }
    }

    /// Backward-weight: the gradient of the kernel, from activations and the gradient of the results.
    #[must_use]
    pub fn backward_weight(&self, precision: PassPrecision) -> LayerKind {
        let PassPrecision {
            activation,
            kernel,
            result,
            accumulator,
        } = precision;
        match self.axes {
            Axes::Ordinary(windows) => {
                let relevant = [ACTIVATION_WINDOW, RESULTS, KERNEL];
                let precision = bits([activation, result, kernel], accumulator);
                nest(self.extents, windows, relevant, precision)
            }
            Axes::Transposed(axes) => {
                let relevant = [RESULT_WINDOW, ACTIVATIONS, KERNEL];
                let precision = bits([result, activation, kernel], accumulator);
                nest(
                    self.over_inputs(&axes),
                    axes.map(window),
                    relevant,
                    precision,
                )
            }
        }
    }

    /// The gradient's rows of a window, as the outputs of a transposed axis.
    fn transposed(&self, axis: usize, window: Window) -> TransposedAxis {
        let (output, tap) = LoopNest::WINDOW_DIMS[axis];
        TransposedAxis {
            stride: window.stride,
            dilation: window.dilation,
            padding: window.padding,
            taps: self.extents[tap],
            rows: self.extents[output],
            outputs: window.rows,
        }
    }

    /// The extents with the rows, columns and depth of the activations for P, Q and Z.
    fn over_inputs(&self, axes: &[TransposedAxis; Window::COUNT]) -> PerDim<u64> {
        let mut extents = self.extents;
        for ((output, _), axis) in LoopNest::WINDOW_DIMS.iter().zip(axes) {
            extents[*output] = axis.rows;
        }
        extents
    }
}

fn nest(
    extents: PerDim<u64>,
    windows: [Window; Window::COUNT],
    relevant: [DimSet; 3],
    precision: Precision,
) -> LayerKind {
    LayerKind::MultiplyAccumulate(Box::new(LoopNest {
        extents,
        relevant,
        windows,
        precision,
        resident: RoleSet::NONE,
    }))
}

/// The window of a transposed axis over its outputs: activation i and tap r meet in result
/// `i·stride + r·dilation − padding`.
fn window(axis: TransposedAxis) -> Window {
    Window {
        stride: axis.stride,
        dilation: axis.dilation,
        padding: axis.padding,
        rows: axis.outputs,
    }
}

/// Precisions of input, weight and output.
fn bits([input, weight, output]: [u32; 3], accumulator: u32) -> Precision {
    Precision {
        input,
        weight,
        output,
        accumulator: accumulator.max(output),
    }
}

/// The phases of an operation in gather form; a single one is an ordinary operation.
fn gathered(
    extents: PerDim<u64>,
    axes: [TransposedAxis; Window::COUNT],
    relevant: [DimSet; 3],
    precision: Precision,
) -> LayerKind {
    let mut all = phases::gathered(extents, axes, relevant, precision);
    if all.len() > 1 {
        return LayerKind::Phases(all);
    }
    match all.swap_remove(0).work {
        PhaseWork::MultiplyAccumulate(nest) => LayerKind::MultiplyAccumulate(nest),
        PhaseWork::Zeros(zeros) => LayerKind::Stream(zeros),
    }
}

//! Vector operations of what only training computes.
//!
//! As in the forward pass, a vector operation is one arithmetic step of one lane. Zeros that are
//! only written and values that are only read count none; `formulations/training.md` gives the
//! derivatives from which the numbers are counted.

use crate::problem::{Normalization, Reduction};

/// ReLU: the gradient or zero, by the mask.
pub(super) const RELU_BACKWARD: u128 = 1;
/// GELU in the tanh form: u and tanh u as in the forward pass (6), 1 − tanh² (2), 1 + 3a·x² (2),
/// their product with x and the constants (3), 0.5·(1 + tanh) (2), their sum and its product with the gradient (2).
pub(super) const GELU_BACKWARD: u128 = 17;
/// Mean (1), squared deviation and its sum (3), normalisation (1), scale and shift (2).
pub(super) const BATCH_NORM: u128 = 7;
/// For each channel the new running mean and variance: two products and a sum each.
pub(super) const RUNNING_STATISTICS: u128 = 6;
/// The gradients of scale and shift: the normalised input (2), its product with the gradient and
/// their sum (2), the gradient's sum (1).
pub(super) const NORM_PARAMETERS_BACKWARD: u128 = 5;
/// The input's gradient of a batch normalisation: the normalised input once more (2), its share and
/// the difference (2), the difference from the mean (1), the scale (1).
pub(super) const BATCH_NORM_BACKWARD: u128 = 6;
/// The input's gradient of a layer normalisation: the scaled gradient (1), its sum (1), the sum of
/// its product (2), share and difference (2), the difference from the mean (1), the scale (1).
pub(super) const LAYER_NORM_BACKWARD: u128 = 8;
/// Product with the output and its sum (2), difference (1), product (1).
pub(super) const SOFTMAX_BACKWARD: u128 = 4;
/// The exponential (1), the sum of the gradient (1), product and difference (2).
pub(super) const LOG_SOFTMAX_BACKWARD: u128 = 4;
/// One addition, from the last element to the first.
pub(super) const CUMULATIVE_SUM_BACKWARD: u128 = 1;
/// The power with an exponent less by one (3), its product with the exponent and the gradient (2).
pub(super) const POWER_BACKWARD: u128 = 5;
/// The share of one element of a mean.
pub(super) const MEAN_BACKWARD: u128 = 1;
/// One move of the gradient to an element of the mean.
pub(super) const SPREAD: u128 = 1;
/// One addition at the element that was chosen: `max_pool` and `embedding`.
pub(super) const SCATTER: u128 = 1;
/// One move.
pub(super) const TRANSPOSE: u128 = 1;
/// One addition to the channel's sum.
pub(super) const BIAS: u128 = 1;
/// For each class of a row maximum, subtraction, exponential, sum, division, and the division by the number of rows.
pub(super) const CROSS_ENTROPY: u128 = 6;
/// For each row the logarithm, the sum of the losses and the target's one.
pub(super) const CROSS_ENTROPY_ROW: u128 = 3;
/// Difference, square, sum, scale.
pub(super) const MSE: u128 = 4;
/// Scaled gradient, difference.
pub(super) const SGD: u128 = 2;
/// The moment (2), its scale, the difference.
pub(super) const MOMENTUM: u128 = 4;
/// First moment (3), second moment (4), root, sum with epsilon, division, step size, difference;
/// the bias corrections are folded into the step size (arXiv 1412.6980, end of section 2).
pub(super) const ADAM: u128 = 12;
/// Rounding of the optimizer's copy to the width of the parameters.
pub(super) const ROUND: u128 = 1;

/// Sums of `parts` gradients: one step for each after the first.
pub(super) fn sum(parts: usize) -> u128 {
    parts.saturating_sub(1) as u128
}

/// A factor's gradient: the product of the output's with all other factors.
pub(super) fn product(factors: usize) -> u128 {
    factors.saturating_sub(1) as u128
}

/// One scaling of each output's gradient, and one addition for each tap.
pub(super) fn avg_pool(taps: u128) -> u128 {
    taps.saturating_add(1)
}

/// One addition of a nearest input; a product and an addition for each of several.
pub(super) fn resize_backward(taps: u128) -> u128 {
    if taps == 1 { 1 } else { taps.saturating_mul(2) }
}

/// What the gradient of a reduction reads and takes.
pub(super) struct Reduced {
    /// Vector operations for each element of the input.
    pub(super) each: u128,
    /// Vector operations for each element of the result.
    pub(super) result: u128,
    /// Whether it reads the input again.
    pub(super) input: bool,
    /// Whether it reads the result again.
    pub(super) output: bool,
}

/// The gradient of a reduction that is no choice of one element.
pub(super) fn reduction_backward(function: Reduction) -> Reduced {
    let (each, result, [input, output]) = match function {
        // The share, and a move to each element.
        Reduction::Mean => (SPREAD, MEAN_BACKWARD, [false; 2]),
        // The sign, by which the gradient is moved.
        Reduction::L1 => (1, 0, [true, false]),
        // The gradient over the root, or twice the gradient; its product with each element.
        Reduction::L2 => (1, 1, [true, true]),
        Reduction::SumSquare => (1, 1, [true, false]),
        // The product over the element, times the gradient.
        Reduction::Prod => (2, 0, [true, true]),
        // Difference, exponential, product.
        Reduction::LogSumExp => (3, 0, [true, true]),
        Reduction::Sum
        | Reduction::Max
        | Reduction::Min
        | Reduction::ArgMax
        | Reduction::ArgMin => (SPREAD, 0, [false; 2]),
    };
    Reduced {
        each,
        result,
        input,
        output,
    }
}

/// The gradients of a normalisation, for each element: x̂ (2, or 1 where nothing is subtracted), with
/// its scale the product and sum (2), of the shift the sum (1). The input's: the scaled gradient (1)
/// where there is a scale, the sum of its product with x̂ (2), share and difference (2), the product
/// with r (1), and where the mean is subtracted its own sum and difference (2).
pub(super) fn normalization_backward(norm: &Normalization, input: bool) -> u128 {
    let [scale, shift] = [norm.scale.is_some(), norm.shift.is_some()];
    let one = |condition: bool, cost: u128| if condition { cost } else { 0 };
    let normalised = if norm.centred { 2 } else { 1 };
    let of_input = 5 + u128::from(scale) + one(norm.centred, 2);
    one(scale || input, normalised) + one(scale, 2) + u128::from(shift) + one(input, of_input)
}

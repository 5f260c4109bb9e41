//! Vector operations of what only training computes.
//!
//! As in the forward pass, a vector operation is one arithmetic step of one lane. Zeros that are
//! only written and values that are only read count none; `formulations/training.md` gives the
//! derivatives from which the numbers are counted.

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

//! Vector operations of the streamed operators, for each element of the output unless said otherwise.
//!
//! A vector operation is one arithmetic step of one lane: an addition, a multiplication, a comparison,
//! an exponential, a division. The counts are those of a straightforward vector unit without
//! special functions beyond exponential and reciprocal.

/// One comparison with zero.
pub(super) const RELU: u128 = 1;
/// One comparison with zero and one with six.
pub(super) const RELU6: u128 = 2;
/// The tanh form: two multiplications for the cube, one multiply-add inside, one scale,
/// one tanh (counted as exponential and division), one addition, one multiplication.
pub(super) const GELU: u128 = 8;
/// One multiplication and one addition with the folded scale and shift.
pub(super) const BATCH_NORM: u128 = 2;
/// Mean (1), squared deviation and its sum (3), normalisation (1), scale and shift (2).
pub(super) const LAYER_NORM: u128 = 7;
/// Maximum, subtraction, exponential, sum, division.
pub(super) const SOFTMAX: u128 = 5;
/// One copy of the row's element.
pub(super) const EMBEDDING: u128 = 1;
/// One move.
pub(super) const TRANSPOSE: u128 = 1;

/// Sums and products of `operands` tensors: one step for each operand after the first.
pub(super) fn combine(operands: usize) -> u128 {
    operands.saturating_sub(1) as u128
}

/// One comparison with the running maximum for each tap.
pub(super) fn max_pool(taps: u128) -> u128 {
    taps
}

/// One addition for each tap and one scaling.
pub(super) fn avg_pool(taps: u128) -> u128 {
    taps.saturating_add(1)
}

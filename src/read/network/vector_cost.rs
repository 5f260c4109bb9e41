//! Vector operations of the streamed operators, for each element of the output unless said otherwise.
//!
//! A vector operation is one arithmetic step of one lane: an addition, a multiplication, a comparison,
//! an exponential, a division. The counts are those of a straightforward vector unit without
//! special functions beyond exponential and reciprocal.

use crate::problem::{Function, Normalization, Pairwise, Reduction};

/// One comparison with zero.
pub(super) const RELU: u128 = 1;
/// One comparison with zero and one with six.
pub(super) const RELU6: u128 = 2;
/// The tanh form: two multiplications for the cube, one multiply-add inside, one scale,
/// one tanh (counted as exponential and division), one addition, one multiplication.
pub(super) const GELU: u128 = 8;
/// One multiplication and one addition with the folded scale and shift.
pub(super) const BATCH_NORM: u128 = 2;
/// Maximum, subtraction, exponential, sum, division.
pub(super) const SOFTMAX: u128 = 5;
/// One copy of the row's element.
pub(super) const EMBEDDING: u128 = 1;

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

/// Maximum, subtraction, exponential, sum, logarithm of the sum (less than one for each), subtraction.
pub(super) const LOG_SOFTMAX: u128 = 5;
/// One choice.
pub(super) const WHERE: u128 = 1;
/// Two products and a sum.
pub(super) const ROPE: u128 = 3;
/// For each element of the state: four sums of the two products, three sigmoids (3 each), two
/// hyperbolic tangents (2 each), the new cell (3), the new state (1).
pub(super) const LSTM: u128 = 21;
/// Three sums of the two products, two sigmoids (3 each), the reset product (1), a hyperbolic
/// tangent (2), the mean of the new and the old state (4).
pub(super) const GRU: u128 = 16;
/// The sum of the two products and a hyperbolic tangent (2).
pub(super) const RNN: u128 = 3;

/// A function of one element. A sigmoid is an exponential, an addition and a division, a hyperbolic
/// tangent an exponential and a division; a multiplication with an addition counts two.
pub(super) fn function(function: Function) -> u128 {
    match function {
        // One step.
        Function::Exp
        | Function::Log
        | Function::Sqrt
        | Function::Reciprocal
        | Function::Neg
        | Function::Abs
        | Function::Sign
        | Function::Square
        | Function::Floor
        | Function::Ceil
        | Function::Round
        | Function::Not
        | Function::Cast
        | Function::Mask => 1,
        // Comparison and product; exponential and division; root and reciprocal; two comparisons;
        // difference from the zero point and scale.
        Function::LeakyRelu
        | Function::Tanh
        | Function::Rsqrt
        | Function::Clip
        | Function::Dequantize => 2,
        // Exponential, addition, and division or logarithm.
        Function::Sigmoid | Function::Softplus => 3,
        // Comparison, exponential, difference, scale; product, sum and two comparisons; sigmoid and
        // product.
        Function::Elu | Function::HardSigmoid | Function::Silu => 4,
        // The hard sigmoid and a product; scale, zero point, rounding and two comparisons.
        Function::HardSwish | Function::Quantize => 5,
        // Softplus (3), hyperbolic tangent (2), product.
        Function::Mish => 6,
        // Reduction to one period (2), square (1), four products and sums counted as one each (4),
        // product with the argument (1).
        Function::Sin | Function::Cos => 8,
        // Abramowitz and Stegun, formula 7.1.26: magnitude (1), 1/(1 + p·x) (2), five steps of
        // Horner's rule (5), square and exponential (2), product, difference and sign (3).
        Function::Erf => 13,
    }
}

/// A function of two elements: one step, but a power is a logarithm, a product and an exponential,
/// and a remainder a division, a rounding and a product.
pub(super) fn pairwise(function: Pairwise) -> u128 {
    match function {
        Pairwise::Pow | Pairwise::Mod => 3,
        _ => 1,
    }
}

/// Vector operations of a reduction.
pub(super) struct Reduced {
    /// For each element that is read.
    pub(super) each: u128,
    /// For each element of the result besides.
    pub(super) result: u128,
}

/// A reduction: what each element takes, and what the result takes besides.
pub(super) fn reduction(function: Reduction) -> Reduced {
    let (each, result) = match function {
        Reduction::Mean => (1, 1),
        Reduction::Sum | Reduction::Max | Reduction::Min | Reduction::Prod => (1, 0),
        // Comparison and the choice of the place; magnitude or square, and sum.
        Reduction::ArgMax | Reduction::ArgMin | Reduction::L1 | Reduction::SumSquare => (2, 0),
        Reduction::L2 => (2, 1),
        // Maximum, difference, exponential, sum; logarithm and the maximum once more.
        Reduction::LogSumExp => (4, 2),
    };
    Reduced { each, result }
}

/// A normalisation. Centred: mean (1), squared deviation and its sum (3), normalisation (1); not
/// centred: square and its sum (2), normalisation (1); a scale and a shift 1 each.
pub(super) fn normalization(norm: &Normalization) -> u128 {
    let statistics = if norm.centred { 5 } else { 3 };
    statistics + u128::from(norm.scale.is_some()) + u128::from(norm.shift.is_some())
}

/// One move of the nearest input, or a product for each input and the sums between them.
pub(super) fn resize(taps: u128) -> u128 {
    taps.saturating_mul(2).saturating_sub(1)
}

/// For each element one comparison, and the places of a heap of `k` that it may move through.
pub(super) fn topk(k: u64) -> u128 {
    1 + u128::from(u64::BITS - (k - 1).leading_zeros())
}

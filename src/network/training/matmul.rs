//! Matrix multiplications: both operands are read again, and both get a gradient.
//!
//! Of Y = A·B, dA = dY·Bᵀ is backward-data and dB = Aᵀ·dY is backward-weight, as the right operand
//! stands where a kernel does.

use crate::problem::Dim;
use crate::problem::backward::Convolution;

use super::build::Step;
use super::convolution;
use super::gradient::At;

/// Extents of the operands of a product that stands alone: B M K and B K N.
pub(super) fn operand_shapes(product: &Convolution) -> [Vec<u64>; 2] {
    let [b, m, n, k] = [Dim::G, Dim::N, Dim::K, Dim::C].map(|dim| product.extents[dim]);
    [vec![b, m, k], vec![b, k, n]]
}

/// The gradients of those operands that have one.
pub(super) fn backward(step: &mut Step<'_>, at: At, product: &Convolution) {
    let &[left, right] = step.layers[at.layer].inputs.as_slice() else {
        return;
    };
    if at.wants(step, 1) {
        let gradient = at.input_gradient(step, 1);
        convolution::weight_gradient(step, at, product, left, gradient);
    }
    if at.wants(step, 0) {
        let gradient = at.input_gradient(step, 0);
        convolution::data_gradient(step, at, product, right, gradient);
    }
}

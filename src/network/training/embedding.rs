//! Embeddings: the token numbers.
//!
//! The gradient of the table is dense, as that of `torch.nn.Embedding` by default: every row of a
//! token is added to the table's, all other rows are zero. The token numbers have no gradient.

use super::build::Step;
use super::gradient::At;
use super::vector_cost;

/// The gradient of the table.
pub(super) fn backward(step: &mut Step<'_>, at: At) {
    let tokens = step.layers[at.layer].inputs[0];
    let table = at.parameter_gradient(step, 0);
    let operations = step
        .elements(at.gradient)
        .saturating_mul(vector_cost::SCATTER);
    at.stream(step, vec![at.gradient, tokens], vec![table], operations);
}

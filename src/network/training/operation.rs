//! The forward operation of a layer, as the file states it.

use crate::network::fuse;
use crate::problem::graph::{Operation, Pass};
use crate::problem::{Bits, LayerKind, Operator, Role};

use super::build::{Step, uses};

/// The operation of the file, which also writes what is kept.
pub(super) fn operation(
    step: &mut Step<'_>,
    index: usize,
    fused_into: Option<usize>,
    kept: &[usize],
) {
    let layer = step.layer(index);
    let tensors = &step.layers[index];
    let kept_bits: Bits = kept.iter().map(|&t| step.tensor(t).bits()).sum();
    let mut kind = fuse::writing(layer, step.written_bits[index]);
    if let LayerKind::Stream(stream) = &mut kind {
        stream.output += kept_bits;
    }
    // Of a matrix multiplication the right operand is the weight; a bias is read by itself.
    let roles: Vec<Role> = match layer.spec.operator {
        Operator::MatMul(_) => vec![Role::Input, Role::Weight],
        _ => vec![Role::Input; tensors.inputs.len()],
    };
    let inputs = tensors.inputs.iter().zip(roles);
    let mut reads: Vec<_> = inputs.flat_map(|(&t, role)| uses(&[t], role)).collect();
    let own = match layer.spec.operator {
        Operator::Convolution(_) => &tensors.parameters[..1],
        // A parameter that is a tensor of its own is what the operation gives.
        Operator::Parameter => &[],
        _ => tensors.parameters.as_slice(),
    };
    reads.extend(own.iter().flat_map(|p| uses(&[p.tensor], Role::Weight)));
    let written: Vec<usize> = tensors
        .output
        .into_iter()
        .chain(kept.iter().copied())
        .collect();
    step.operate(Operation {
        name: layer.name.clone(),
        layer: Some(index),
        op: layer.op.clone(),
        pass: Pass::Forward,
        reads,
        writes: uses(&written, Role::Output),
        kind,
        fused_into,
    });
}

//! The operations and tensors of a step, and their sums.

use crate::problem::graph::{Graph, Operation, Pass, Tensor};
use crate::problem::{Bits, Network};

/// The graph of a step over a network.
#[derive(Clone, Copy, Debug)]
pub struct GraphReport<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// The network.
    pub network: &'a Network,
}

/// What an amount of operations adds up to.
#[derive(Clone, Copy, Default)]
pub(super) struct Work {
    pub(super) operations: usize,
    pub(super) macs: u128,
    pub(super) box_macs: u128,
    pub(super) vector_operations: u128,
}

/// The work of the operations that are not fused into another one.
pub(super) fn work<'a>(operations: impl Iterator<Item = &'a Operation>) -> Work {
    operations.fold(Work::default(), |sum, operation| Work {
        operations: sum.operations + 1,
        macs: sum.macs + operation.kind.macs(),
        box_macs: sum.box_macs + operation.kind.box_macs(),
        vector_operations: sum.vector_operations + operation.kind.vector_operations(),
    })
}

/// The work of one pass.
pub(super) fn work_of(graph: &Graph, pass: Pass) -> Work {
    work(graph.operations.iter().filter(|o| o.pass == pass))
}

/// Bits of the tensors that are there before the step and after it.
pub(super) fn persistent(graph: &Graph) -> Bits {
    let tensors = graph.tensors.iter();
    let kept = tensors.filter(|t| t.kind.is_persistent() && t.views.is_empty());
    kept.map(Tensor::bits).sum()
}

/// Whole bytes of a size.
pub(super) fn bytes(bits: Bits) -> u128 {
    bits.0.div_ceil(8)
}

/// `2x3x4`, or `1` of a single element.
pub(super) fn shape(extents: &[u64]) -> String {
    if extents.is_empty() {
        return "1".to_owned();
    }
    let extents: Vec<String> = extents.iter().map(u64::to_string).collect();
    extents.join("x")
}

//! The operations and tensors of a step: one format per file.

mod dot;
mod json;
mod table;

use std::io::{self, Write};

use crate::problem::graph::{Graph, Operation, Pass, Tensor};
use crate::problem::{Bits, Network};

/// A format of graphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphFormat {
    /// Tables for people.
    Table,
    /// One JSON object.
    Json,
    /// A graph in the language of Graphviz.
    Dot,
}

/// Writes the graph of a step over `network`, tables no wider than so many characters where that can be.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(
    graph: &Graph,
    network: &Network,
    (format, width): (GraphFormat, usize),
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        GraphFormat::Table => table::write(graph, width, out),
        GraphFormat::Json => json::write(graph, network, out),
        GraphFormat::Dot => dot::write(graph, out),
    }
}

/// What an amount of operations adds up to.
#[derive(Clone, Copy, Default)]
struct Work {
    operations: usize,
    macs: u128,
    box_macs: u128,
    vector_operations: u128,
}

/// The work of the operations that are not fused into another one.
fn work<'a>(operations: impl Iterator<Item = &'a Operation>) -> Work {
    operations.fold(Work::default(), |sum, operation| Work {
        operations: sum.operations + 1,
        macs: sum.macs + operation.kind.macs(),
        box_macs: sum.box_macs + operation.kind.box_macs(),
        vector_operations: sum.vector_operations + operation.kind.vector_operations(),
    })
}

/// The work of one pass.
fn work_of(graph: &Graph, pass: Pass) -> Work {
    work(graph.operations.iter().filter(|o| o.pass == pass))
}

/// Bits of the tensors that are there before the step and after it.
fn persistent(graph: &Graph) -> Bits {
    let tensors = graph.tensors.iter();
    let kept = tensors.filter(|t| t.kind.is_persistent() && t.views.is_empty());
    kept.map(Tensor::bits).sum()
}

/// Whole bytes of a size.
fn bytes(bits: Bits) -> u128 {
    bits.0.div_ceil(8)
}

/// `2x3x4`, or `1` of a single element.
fn shape(extents: &[u64]) -> String {
    if extents.is_empty() {
        return "1".to_owned();
    }
    let extents: Vec<String> = extents.iter().map(u64::to_string).collect();
    extents.join("x")
}

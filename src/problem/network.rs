//! A network as a list of operations in execution order, with shapes inferred and checked.

use super::operation::LoopNest;
use super::operator::{LayerSpec, Loss};
use super::phases::{Phase, PhaseIndex};
pub use super::stream::StreamOperation;

/// A network.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// Where its layers come from.
    pub source: Option<String>,
    /// Batch size.
    pub batch: u64,
    /// The network's input, if it has one.
    pub input: Option<Vec<u64>>,
    /// What is minimised in training.
    pub loss: Loss,
    /// Layers in execution order.
    pub layers: Vec<Layer>,
}

impl Network {
    /// Whether its layers feed each other: none is of multiply-accumulates alone, with all its sizes, as in
    /// a table of layers.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        let alone = |layer: &Layer| layer.from.is_empty() && layer.kind.nests().next().is_some();
        !self.layers.iter().any(alone)
    }
}

/// A layer with its producers and its work.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Its name, unique in the network.
    pub name: String,
    /// The operator as the file spells it.
    pub op: String,
    /// Indices of the layers that produce its inputs; the network's input is `None`.
    pub from: Vec<Option<usize>>,
    /// What it computes.
    pub kind: LayerKind,
    /// The shape of its output, batch first.
    pub shape: Vec<u64>,
    /// What the file says of it beyond its work.
    pub spec: LayerSpec,
}

/// A loop nest of a network or of a step over it: that of a layer or an operation, or of one of
/// its phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NestId {
    /// Index of the layer or operation.
    pub layer: usize,
    /// The output modulo the strides, of a layer computed phase by phase.
    pub phase: Option<PhaseIndex>,
}

/// What a layer computes.
#[derive(Clone, Debug, PartialEq)]
pub enum LayerKind {
    /// Multiply-accumulates, mapped by the layer program.
    MultiplyAccumulate(Box<LoopNest>),
    /// Multiply-accumulates of a strided transposed operation: one loop nest for each phase.
    Phases(Vec<Phase>),
    /// Elements streamed through the vector unit.
    Stream(StreamOperation),
    /// Another view of the same bytes (flatten, reshape, concat): no work.
    View,
}

impl LayerKind {
    /// Its loop nests: one, one for each phase that has taps, or none.
    pub fn nests(&self) -> impl Iterator<Item = &LoopNest> {
        let (own, phases) = match self {
            LayerKind::MultiplyAccumulate(nest) => (Some(nest.as_ref()), [].as_slice()),
            LayerKind::Phases(phases) => (None, phases.as_slice()),
            LayerKind::Stream(_) | LayerKind::View => (None, [].as_slice()),
        };
        own.into_iter().chain(phases.iter().filter_map(Phase::nest))
    }

    /// Multiply-accumulates on real data.
    #[must_use]
    pub fn macs(&self) -> u128 {
        self.nests().map(LoopNest::macs).sum()
    }

    /// Multiply-accumulates of the whole boxes, padding included.
    #[must_use]
    pub fn box_macs(&self) -> u128 {
        self.nests().map(LoopNest::box_macs).sum()
    }

    /// Vector operations.
    #[must_use]
    pub fn vector_operations(&self) -> u128 {
        match self {
            LayerKind::Stream(stream) => stream.vector_operations,
            _ => 0,
        }
    }
}

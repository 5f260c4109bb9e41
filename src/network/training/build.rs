//! A step while it is derived: its tensors and operations so far, and what belongs to each layer.

use std::collections::BTreeSet;

use crate::problem::graph::{Graph, Operation, Pass, Tensor, TensorKind, Use};
use crate::problem::{Bits, Layer, LayerKind, Network, Role, StreamOperation};

use super::options::StepOptions;

/// A parameter of a layer, and its gradient once it is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameter {
    pub(super) tensor: usize,
    pub(super) gradient: Option<usize>,
    /// Whether it is trained, and no constant.
    pub(super) trained: bool,
}

/// The tensors of a layer.
#[derive(Clone, Debug, Default)]
pub(super) struct LayerTensors {
    /// What it reads, in the order of its producers.
    pub(super) inputs: Vec<usize>,
    /// Weight and bias, scale and shift, or table.
    pub(super) parameters: Vec<Parameter>,
    /// What the backward pass needs besides inputs and output, in the order of its family.
    pub(super) saved: Vec<usize>,
    /// What it writes; `None` for a layer that is no part of the step.
    pub(super) output: Option<usize>,
}

/// An operation of the layer before its uses are turned into work.
pub(super) struct Streamed {
    pub(super) name: String,
    pub(super) layer: Option<usize>,
    pub(super) op: String,
    pub(super) pass: Pass,
    pub(super) inputs: Vec<usize>,
    pub(super) parameters: Vec<usize>,
    pub(super) outputs: Vec<usize>,
    pub(super) vector_operations: u128,
    /// How often the inputs are read.
    pub(super) passes: u128,
}

/// A step while it is derived.
pub(super) struct Step<'a> {
    pub(super) network: &'a Network,
    pub(super) options: StepOptions,
    pub(super) layers: Vec<LayerTensors>,
    /// For each layer the bits of an element of what it writes, epilogues included.
    pub(super) written_bits: Vec<u32>,
    /// The network's input, once a layer reads it.
    pub(super) input: Option<usize>,
    /// For each tensor whether its gradient is part of the step.
    pub(super) wanted: Vec<bool>,
    /// For each tensor how many gradients reach it.
    pub(super) consumers: Vec<usize>,
    /// For each tensor the gradients that have reached it.
    pub(super) gradients: Vec<Vec<usize>>,
    /// For each tensor the width of its gradient.
    pub(super) gradient_bits: Vec<u32>,
    /// The layers whose parameters others use.
    pub(super) shared: BTreeSet<usize>,
    tensors: Vec<Tensor>,
    operations: Vec<Operation>,
}

impl<'a> Step<'a> {
    /// A step without operations.
    pub(super) fn new(network: &'a Network, options: StepOptions) -> Self {
        Self {
            network,
            options,
            layers: vec![LayerTensors::default(); network.layers.len()],
            written_bits: Vec::new(),
            input: None,
            wanted: Vec::new(),
            consumers: Vec::new(),
            gradients: Vec::new(),
            gradient_bits: Vec::new(),
            shared: (network.layers.iter())
                .filter_map(|layer| layer.spec.shares)
                .collect(),
            tensors: Vec::new(),
            operations: Vec::new(),
        }
    }

    /// The step as a graph.
    pub(super) fn graph(self) -> Graph {
        Graph {
            network: self.network.name.clone(),
            mode: self.options.mode,
            batch: self.network.batch,
            tensors: self.tensors,
            operations: self.operations,
        }
    }

    /// A layer of the network.
    pub(super) fn layer(&self, layer: usize) -> &'a Layer {
        &self.network.layers[layer]
    }

    /// A tensor.
    pub(super) fn tensor(&self, tensor: usize) -> &Tensor {
        &self.tensors[tensor]
    }

    /// Elements of a tensor.
    pub(super) fn elements(&self, tensor: usize) -> u128 {
        self.tensors[tensor].elements()
    }

    /// The number of tensors so far.
    pub(super) fn tensor_count(&self) -> usize {
        self.tensors.len()
    }

    /// The number of operations so far.
    pub(super) fn operation_count(&self) -> usize {
        self.operations.len()
    }

    /// Adds a tensor with bytes of its own.
    pub(super) fn add(
        &mut self,
        name: String,
        kind: TensorKind,
        shape: Vec<u64>,
        bits_per_element: u32,
    ) -> usize {
        self.tensors.push(Tensor {
            name,
            kind,
            shape,
            bits_per_element,
            views: Vec::new(),
        });
        self.tensors.len() - 1
    }

    /// Adds a tensor of another one's shape and kind of elements.
    pub(super) fn add_like(&mut self, name: String, kind: TensorKind, tensor: usize) -> usize {
        let Tensor {
            shape,
            bits_per_element,
            ..
        } = self.tensors[tensor].clone();
        self.add(name, kind, shape, bits_per_element)
    }

    /// Makes a tensor one of another kind.
    pub(super) fn set_kind(&mut self, tensor: usize, kind: TensorKind) {
        self.tensors[tensor].kind = kind;
    }

    /// Makes a tensor a view of others, whose elements have this width.
    pub(super) fn make_view(&mut self, tensor: usize, of: &[usize], bits_per_element: u32) {
        let view = &mut self.tensors[tensor];
        of.clone_into(&mut view.views);
        view.bits_per_element = bits_per_element;
    }

    /// Adds an operation.
    pub(super) fn operate(&mut self, operation: Operation) {
        self.operations.push(operation);
    }

    /// Adds a streamed operation, which reads and writes all of its tensors.
    pub(super) fn stream(&mut self, streamed: Streamed) {
        let bits = |tensors: &[usize]| tensors.iter().map(|&t| self.tensors[t].bits()).sum();
        let Bits(input) = bits(&streamed.inputs);
        let kind = LayerKind::Stream(StreamOperation {
            input: Bits(input.saturating_mul(streamed.passes)),
            weight: bits(&streamed.parameters),
            output: bits(&streamed.outputs),
            vector_operations: streamed.vector_operations,
            fusable: false,
        });
        let inputs = uses(&streamed.inputs, Role::Input);
        self.operate(Operation {
            name: streamed.name,
            layer: streamed.layer,
            op: streamed.op,
            pass: streamed.pass,
            reads: [inputs, uses(&streamed.parameters, Role::Weight)].concat(),
            writes: uses(&streamed.outputs, Role::Output),
            kind,
            fused_into: None,
        });
    }
}

/// Tensors in one role.
pub(super) fn uses(tensors: &[usize], role: Role) -> Vec<Use> {
    tensors.iter().map(|&tensor| Use { tensor, role }).collect()
}

//! A model with all its values evaluated: functions and branches in place, shapes known.

use super::node::{Node, ValueId};
use super::value::Known;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// An input of the graph.
    Input,
    /// An initializer: weights, or a small constant.
    Initializer,
    /// An output of a node: its place among the model's nodes.
    Node(usize),
}

/// A value of the graph.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) name: String,
    pub(super) source: Source,
    /// Whether it is the same for every input of the network.
    pub(super) constant: bool,
    /// What is known of it; `None` where a node before it has errors.
    pub(super) known: Option<Known>,
}

/// A model, its nodes in an order in which they can run.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) nodes: Vec<Node>,
    pub(super) values: Vec<Value>,
    pub(super) inputs: Vec<ValueId>,
    pub(super) outputs: Vec<ValueId>,
    /// The batch size, where the first axis of the first input is one that the command line binds.
    pub(super) batch_is_bound: bool,
}

impl Model {
    /// What is known of a value.
    pub(super) fn known(&self, id: ValueId) -> Option<&Known> {
        self.values.get(id)?.known.as_ref()
    }

    /// The shape of a value; empty where it is not known.
    pub(super) fn shape(&self, id: ValueId) -> &[u64] {
        self.known(id).map_or(&[], |known| &known.shape)
    }

    /// The node that makes a value.
    pub(super) fn producer(&self, id: ValueId) -> Option<usize> {
        match self.values.get(id)?.source {
            Source::Node(node) => Some(node),
            _ => None,
        }
    }

    /// A node with what is known of its inputs, of which some may be missing.
    pub(super) fn call<'a>(&'a self, node: &'a Node) -> super::shape::Call<'a> {
        let inputs = node
            .inputs
            .iter()
            .map(|id| id.and_then(|id| self.known(id)));
        super::shape::Call {
            node,
            inputs: inputs.collect(),
        }
    }

    /// The nodes that read each value, each once.
    pub(super) fn users(&self) -> Vec<Vec<usize>> {
        let mut users = vec![Vec::new(); self.values.len()];
        for (i, node) in self.nodes.iter().enumerate() {
            for &id in node.inputs.iter().flatten() {
                let own: &mut Vec<usize> = &mut users[id];
                if own.last() != Some(&i) {
                    own.push(i);
                }
            }
        }
        users
    }

    /// Whether a constant is a weight: floating-point data of the file or another view of it, and
    /// not computed from other constants.
    pub(super) fn is_trained(&self, id: ValueId) -> bool {
        const VIEWS: [&str; 9] = [
            "Identity",
            "Reshape",
            "Transpose",
            "Cast",
            "Squeeze",
            "Unsqueeze",
            "Flatten",
            "DequantizeLinear",
            "Expand",
        ];
        let mut id = id;
        loop {
            let Some(value) = self.values.get(id) else {
                return false;
            };
            match value.source {
                Source::Input => return false,
                Source::Initializer => {
                    let is_weight = |k: &Known| {
                        let several = k.rank() > 0 && k.count() > 1;
                        (k.elements.is_none() || several)
                            && (k.kind.is_float() || k.kind.is_quantized())
                    };
                    return value.known.as_ref().is_some_and(is_weight);
                }
                Source::Node(node) => {
                    let node = &self.nodes[node];
                    match node.input(0).filter(|_| VIEWS.contains(&node.op.as_str())) {
                        Some(input) => id = input,
                        None => return false,
                    }
                }
            }
        }
    }
}

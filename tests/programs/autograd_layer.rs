//! The recorded networks with the graphs that are derived of them, layer by layer.

use std::fs;
use std::path::Path;

use deepmatrix::network::training::{self, StepOptions};
use deepmatrix::problem::graph::{Graph, Mode, Operation, Pass, TensorKind};
use deepmatrix::problem::{Network, Operator, Optimizer};
use deepmatrix::read::{self, NetworkOptions};
use serde_json::Value;

/// A network with its graph and its record.
pub(crate) struct Case {
    pub(crate) network: Network,
    pub(crate) graph: Graph,
    pub(crate) record: Value,
}

/// A layer of a case.
pub(crate) struct LayerOf<'a> {
    pub(crate) case: &'a Case,
    pub(crate) index: usize,
    pub(crate) record: &'a Value,
    pub(crate) name: &'a str,
}

pub(crate) fn cases(fuse: bool) -> Vec<Case> {
    let text = fs::read_to_string("tests/autograd/recorded.json").expect("the record");
    let recorded: Value = serde_json::from_str(&text).expect("JSON");
    let networks = recorded["networks"].as_object().expect("networks").iter();
    networks
        .map(|(name, record)| {
            let path = format!("tests/autograd/networks/{name}.yaml");
            let options = NetworkOptions::default();
            let network = read::network(Path::new(&path), &options).expect("a network");
            let options = StepOptions {
                mode: Mode::Training,
                optimizer: Optimizer::Sgd,
                fuse,
            };
            let graph = training::step(&network, options).expect("a step");
            let record = record.clone();
            Case {
                network,
                graph,
                record,
            }
        })
        .collect()
}

/// Looks at every layer of every network, with and without fused epilogues; how many there were.
pub(crate) fn every_layer(look: impl Fn(&LayerOf<'_>)) -> usize {
    let cases: Vec<Case> = cases(true).into_iter().chain(cases(false)).collect();
    let mut count = 0;
    for case in &cases {
        for (name, record) in case.record["layers"].as_object().expect("layers") {
            let layers = &case.network.layers;
            let index = layers.iter().position(|layer| layer.name == *name);
            look(&LayerOf {
                case,
                index: index.expect("the layer"),
                record,
                name,
            });
            count += 1;
        }
    }
    count
}

pub(crate) fn extents(value: &Value) -> Vec<u64> {
    let items = value.as_array().expect("a shape").iter();
    items
        .map(|extent| extent.as_u64().expect("an extent"))
        .collect()
}

pub(crate) fn elements(shape: &Value) -> Option<u128> {
    (!shape.is_null()).then(|| extents(shape).iter().map(|&e| u128::from(e)).product())
}

impl LayerOf<'_> {
    pub(crate) fn op(&self) -> &str {
        &self.case.network.layers[self.index].op
    }

    pub(crate) fn has_bias(&self) -> bool {
        let operator = &self.case.network.layers[self.index].spec.operator;
        matches!(operator, Operator::Convolution(weighted) if weighted.bias)
    }

    pub(crate) fn operator(&self) -> &Operator {
        &self.case.network.layers[self.index].spec.operator
    }

    /// The layers whose outputs it reads; the network's input is `None`.
    pub(crate) fn from(&self) -> &[Option<usize>] {
        &self.case.network.layers[self.index].from
    }

    /// The extents of its output.
    pub(crate) fn output(&self) -> &[u64] {
        &self.case.network.layers[self.index].shape
    }

    /// The elements of its output.
    pub(crate) fn elements(&self) -> u128 {
        self.output()
            .iter()
            .map(|&extent| u128::from(extent))
            .product()
    }

    /// The extents of its first input.
    pub(crate) fn input(&self) -> &[u64] {
        let network = &self.case.network;
        let producer = self.from().first().copied().flatten();
        let shape = producer.map(|producer| &network.layers[producer].shape);
        shape.or(network.input.as_ref()).expect("an input")
    }

    /// The layer whose parameters it uses, which is most often itself.
    pub(crate) fn owner(&self) -> &str {
        let layers = &self.case.network.layers;
        let owner = layers[self.index].spec.shares.unwrap_or(self.index);
        &layers[owner].name
    }

    /// Whether several layers use its parameters.
    pub(crate) fn is_shared(&self) -> bool {
        let mut layers = self.case.network.layers.iter();
        let own = Some(self.index);
        self.owner() != self.name || layers.any(|layer| layer.spec.shares == own)
    }

    /// The name of the whole that it is a part of, or its own.
    pub(crate) fn whole(&self) -> &str {
        match self.name.rsplit_once('.') {
            Some((whole, _)) if self.op() == "split" => whole,
            _ => self.name,
        }
    }

    pub(crate) fn operations(&self) -> impl Iterator<Item = &Operation> {
        let all = self.case.graph.operations.iter();
        all.filter(|operation| operation.layer == Some(self.index))
    }

    /// Its backward operations but the sums of the gradients that reach its output and parameters.
    pub(crate) fn backward(&self) -> impl Iterator<Item = &Operation> {
        let passes = [Pass::Backward, Pass::BackwardData, Pass::BackwardWeight];
        self.operations()
            .filter(move |o| passes.contains(&o.pass) && !o.name.ends_with(".accumulate"))
    }

    pub(crate) fn of_pass(&self, pass: Pass) -> Option<&Operation> {
        self.backward().find(|operation| operation.pass == pass)
    }

    /// Elements of what its backward operations write of one kind.
    pub(crate) fn written(&self, kind: TensorKind) -> Vec<u128> {
        let written = self.backward().flat_map(|operation| &operation.writes);
        let tensors = written.map(|w| &self.case.graph.tensors[w.tensor]);
        let own = tensors.filter(|tensor| tensor.kind == kind);
        own.map(deepmatrix::problem::graph::Tensor::elements)
            .collect()
    }

    /// The shape of a tensor of the graph, if there is one of this name.
    pub(crate) fn shape(&self, tensor: &str) -> Option<Vec<u64>> {
        let mut tensors = self.case.graph.tensors.iter();
        let found = tensors.find(|t| t.name == tensor);
        found.map(|t| t.shape.clone())
    }

    pub(crate) fn fail(&self, what: &str) -> String {
        let network = &self.case.network.name;
        format!("{network}, {}: {what}", self.name)
    }
}

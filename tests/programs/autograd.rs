//! The training graph against automatic differentiation: operations, shapes, what is kept, and
//! multiply-accumulates of small networks, as `tests/autograd/compare.py` recorded them with `PyTorch`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use deepmatrix::network::training::{self, StepOptions};
use deepmatrix::problem::graph::{Graph, Mode, Operation, Pass, TensorKind};
use deepmatrix::problem::{Network, Operator, Optimizer};
use deepmatrix::read::{self, NetworkOptions};
use serde_json::Value;

/// An operator of `ATen` and the elements of what it gives.
type Given = (String, Vec<Option<u128>>);

/// A network with its graph and its record.
struct Case {
    network: Network,
    graph: Graph,
    record: Value,
}

/// A layer of a case.
struct LayerOf<'a> {
    case: &'a Case,
    index: usize,
    record: &'a Value,
    name: &'a str,
}

fn cases(fuse: bool) -> Vec<Case> {
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
fn every_layer(look: impl Fn(&LayerOf<'_>)) -> usize {
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

fn extents(value: &Value) -> Vec<u64> {
    let items = value.as_array().expect("a shape").iter();
    items
        .map(|extent| extent.as_u64().expect("an extent"))
        .collect()
}

fn elements(shape: &Value) -> Option<u128> {
    (!shape.is_null()).then(|| extents(shape).iter().map(|&e| u128::from(e)).product())
}

impl LayerOf<'_> {
    fn op(&self) -> &str {
        &self.case.network.layers[self.index].op
    }

    fn has_bias(&self) -> bool {
        let operator = &self.case.network.layers[self.index].spec.operator;
        matches!(operator, Operator::Convolution(weighted) if weighted.bias)
    }

    fn operations(&self) -> impl Iterator<Item = &Operation> {
        let all = self.case.graph.operations.iter();
        all.filter(|operation| operation.layer == Some(self.index))
    }

    /// Its backward operations but the sum of the gradients that reach its output.
    fn backward(&self) -> impl Iterator<Item = &Operation> {
        let sum = format!("{}.accumulate", self.name);
        let passes = [Pass::Backward, Pass::BackwardData, Pass::BackwardWeight];
        self.operations()
            .filter(move |o| passes.contains(&o.pass) && o.name != sum)
    }

    fn of_pass(&self, pass: Pass) -> Option<&Operation> {
        self.backward().find(|operation| operation.pass == pass)
    }

    /// Elements of what its backward operations write of one kind.
    fn written(&self, kind: TensorKind) -> Vec<u128> {
        let written = self.backward().flat_map(|operation| &operation.writes);
        let tensors = written.map(|w| &self.case.graph.tensors[w.tensor]);
        let own = tensors.filter(|tensor| tensor.kind == kind);
        own.map(deepmatrix::problem::graph::Tensor::elements)
            .collect()
    }

    /// The shape of a tensor of the graph, if there is one of this name.
    fn shape(&self, tensor: &str) -> Option<Vec<u64>> {
        let mut tensors = self.case.graph.tensors.iter();
        let found = tensors.find(|t| t.name == tensor);
        found.map(|t| t.shape.clone())
    }

    fn fail(&self, what: &str) -> String {
        let network = &self.case.network.name;
        format!("{network}, {}: {what}", self.name)
    }
}

#[test]
fn at_least_twenty_networks_are_recorded_and_none_is_left_out() {
    let folder = fs::read_dir("tests/autograd/networks").expect("the networks");
    assert_eq!(folder.count(), cases(true).len());
    assert!(cases(true).len() >= 20);
}

#[test]
fn the_layers_of_the_step_are_those_that_were_run() {
    for case in cases(true) {
        let recorded = case.record["layers"].as_object().expect("layers").keys();
        let forward = case.graph.operations.iter();
        let forward = forward.filter(|o| o.pass == Pass::Forward);
        let ours: BTreeSet<usize> = forward.filter_map(|o| o.layer).collect();
        let ours: BTreeSet<&str> = (ours.iter())
            .map(|&layer| case.network.layers[layer].name.as_str())
            .collect();
        assert_eq!(ours, recorded.map(String::as_str).collect());
    }
}

#[test]
fn outputs_and_gradients_have_the_recorded_shapes() {
    let layers = every_layer(|layer| {
        let record = &layer.record["gradients"];
        let output = layer.shape(layer.name).expect("an output");
        assert_eq!(
            output,
            extents(&layer.record["output"]),
            "{}",
            layer.fail("output")
        );
        let parameters = record["parameters"].as_object().expect("parameters");
        for (name, shape) in parameters {
            let own = layer.shape(&format!("{}.{name}", layer.name));
            assert!(own.is_some(), "{}", layer.fail(name));
            let gradient = layer.shape(&format!("{}.{name}.gradient", layer.name));
            let recorded = (!shape.is_null()).then(|| extents(shape));
            assert_eq!(gradient, recorded, "{}", layer.fail(name));
        }
        let inputs = record["inputs"].as_array().expect("inputs");
        let layers = &layer.case.network.layers;
        for (slot, shape) in inputs.iter().enumerate() {
            let Some(producer) = layers[layer.index].from[slot] else {
                assert!(shape.is_null(), "{}", layer.fail("input"));
                continue;
            };
            let tensor = format!("{}.gradient", layers[producer].name);
            let own = match slot {
                0 => format!("{tensor}.{}", layer.name),
                slot => format!("{tensor}.{}.{slot}", layer.name),
            };
            let mut written = layer.backward().flat_map(|operation| &operation.writes);
            let gradient = written.find_map(|w| {
                let found = &layer.case.graph.tensors[w.tensor];
                (found.name == tensor || found.name == own).then(|| found.shape.clone())
            });
            let recorded = (!shape.is_null()).then(|| extents(shape));
            assert_eq!(gradient, recorded, "{}", layer.fail(&tensor));
        }
        let count = inputs.iter().filter(|shape| !shape.is_null()).count();
        assert_eq!(layer.written(TensorKind::Gradient).len(), count);
        let parameters = parameters.values().filter(|shape| !shape.is_null());
        let written = layer.written(TensorKind::ParameterGradient).len();
        assert_eq!(written, parameters.count());
    });
    assert!(layers > 300, "{layers}");
}

#[test]
fn every_pass_takes_the_recorded_multiply_accumulates() {
    every_layer(|layer| {
        let Some(recorded) = layer.record["macs"].as_array() else {
            assert!(layer.operations().all(|o| o.kind.macs() == 0));
            return;
        };
        let recorded: Vec<u128> = recorded
            .iter()
            .map(|macs| u128::from(macs.as_u64().expect("a number")))
            .collect();
        let forward = layer.operations().find(|o| o.name == layer.name);
        let forward = &forward.expect("a forward operation").kind;
        assert_eq!(forward.macs(), recorded[0], "{}", layer.fail("forward"));
        if !layer.op().starts_with("conv_transpose") {
            let flops = u128::from(layer.record["flops"].as_u64().expect("flops"));
            assert_eq!(2 * forward.box_macs(), flops, "{}", layer.fail("flops"));
        }
        let passes = [Pass::BackwardData, Pass::BackwardWeight];
        for (pass, &macs) in passes.into_iter().zip(&recorded[1..]) {
            if let Some(operation) = layer.of_pass(pass) {
                let ours = operation.kind.macs();
                assert_eq!(ours, macs, "{}", layer.fail(pass.name()));
            }
        }
    });
}

#[test]
fn backward_operations_are_the_recorded_ones() {
    every_layer(|layer| {
        let recorded = layer.record["backward"].as_array().expect("operators");
        // PyTorch copies a gradient where it wants its elements in another order in memory.
        let recorded = recorded.iter().filter(|operator| operator[0] != "clone");
        let mut recorded: Vec<Given> = recorded
            .map(|operator| {
                let shapes = operator[1].as_array().expect("shapes").iter();
                let name = operator[0].as_str().expect("a name").to_owned();
                (name, shapes.map(elements).collect())
            })
            .collect();
        let mut expected = expected(layer);
        recorded.sort();
        expected.sort();
        assert_eq!(expected, recorded, "{}", layer.fail("backward"));
    });
}

/// The operators of `ATen` that do what the layer's backward operations do.
fn expected(layer: &LayerOf<'_>) -> Vec<Given> {
    if layer.backward().next().is_none() {
        return Vec::new();
    }
    let one = |name: &str, given: Vec<Option<u128>>| vec![(name.to_owned(), given)];
    let data = layer.written(TensorKind::Gradient);
    let parameters = layer.written(TensorKind::ParameterGradient);
    let each = |name: &str, all: &[u128]| -> Vec<Given> {
        let given = all.iter().map(|&n| (name.to_owned(), vec![Some(n)]));
        given.collect()
    };
    let with_parameters = |name: &str| {
        let first = [data.first().copied()];
        let mut given: Vec<_> = first
            .into_iter()
            .chain(parameters.iter().map(|&n| Some(n)))
            .collect();
        given.resize(3, None);
        one(name, given)
    };
    match layer.op() {
        "conv2d" | "conv1d" | "conv_transpose2d" | "conv_transpose1d" => {
            with_parameters("convolution_backward")
        }
        "batch_norm" => with_parameters("native_batch_norm_backward"),
        "layer_norm" => with_parameters("native_layer_norm_backward"),
        "linear" => {
            let (weight, bias) =
                parameters.split_at(parameters.len() - usize::from(layer.has_bias()));
            [each("mm", &data), each("mm", weight), each("sum", bias)].concat()
        }
        "matmul" => each("bmm", &data),
        "mul" => products(layer, &data),
        "embedding" => each("embedding_dense_backward", &parameters),
        "relu" => each("threshold_backward", &data),
        "relu6" => each("hardtanh_backward", &data),
        "gelu" => each("gelu_backward", &data),
        "softmax" => each("_softmax_backward_data", &data),
        "max_pool" => each("max_pool2d_with_indices_backward", &data),
        "avg_pool" => each("avg_pool2d_backward", &data),
        "global_avg_pool" => each("div", &data),
        "add" | "concat" | "flatten" | "reshape" | "transpose" => Vec::new(),
        other => panic!("{other} is not compared"),
    }
}

/// A product for each gradient, and a sum where a factor has one value for each channel.
fn products(layer: &LayerOf<'_>, data: &[u128]) -> Vec<Given> {
    let output = layer.case.network.layers[layer.index].shape.iter();
    let whole: u128 = output.map(|&extent| u128::from(extent)).product();
    let sums = data.iter().filter(|&&n| n < whole);
    let sums = sums.map(|&n| ("sum".to_owned(), vec![Some(n)]));
    let products = data.iter().map(|_| ("mul".to_owned(), vec![Some(whole)]));
    products.chain(sums).collect()
}

#[test]
fn what_is_kept_is_what_was_saved() {
    every_layer(|layer| {
        if layer.backward().next().is_none() {
            return;
        }
        let graph = &layer.case.graph;
        let reads = layer.backward().flat_map(|operation| &operation.reads);
        let kept: BTreeSet<usize> = reads
            .map(|read| read.tensor)
            .filter(|&t| graph.tensors[t].kind != TensorKind::Gradient)
            .collect();
        let kept = kept.iter().map(|&t| graph.tensors[t].elements());
        let mut ours: Vec<u128> = kept.chain(saved_besides(layer)).collect();
        let saved = layer.record["saved"].as_array().expect("shapes");
        let mut theirs: Vec<u128> = saved.iter().filter_map(elements).collect();
        // A product of a tensor with itself saves it twice, and so does a matrix product.
        let from = &layer.case.network.layers[layer.index].from;
        if from.len() == 2 && from[0] == from[1] {
            theirs.pop();
        }
        ours.sort_unstable();
        theirs.sort_unstable();
        assert_eq!(ours, theirs, "{}", layer.fail("saved"));
    });
}

/// What `PyTorch` saves though its backward operator reads no element of it, or could do without.
fn saved_besides(layer: &LayerOf<'_>) -> Vec<u128> {
    let network = &layer.case.network;
    let input = network.layers[layer.index].from.first().copied();
    let input_elements = || {
        let input = input.flatten().map(|i| &network.layers[i].shape);
        let shape = input.or(network.input.as_ref()).expect("an input");
        shape.iter().map(|&extent| u128::from(extent)).product()
    };
    let parameters = layer.written(TensorKind::ParameterGradient);
    match layer.op() {
        // The weight where the input has no gradient.
        op if op.starts_with("conv") && layer.of_pass(Pass::BackwardData).is_none() => {
            vec![parameters[0]]
        }
        // The running statistics.
        "batch_norm" => vec![parameters[0]; 2],
        // The shift.
        "layer_norm" => vec![parameters[1]],
        // The input for its shape.
        "max_pool" | "avg_pool" => vec![input_elements()],
        _ => Vec::new(),
    }
}

#[test]
fn gradients_add_up_where_they_did() {
    for case in cases(true).into_iter().chain(cases(false)) {
        let operations = case.graph.operations.iter();
        let sums = operations.filter(|o| o.name.ends_with(".accumulate"));
        let sums: usize = sums.map(|sum| sum.reads.len() - 1).sum();
        assert_eq!(case.record["sums"], sums, "{}", case.network.name);
    }
    every_layer(|layer| {
        let reached = layer.record["reached"].as_u64().expect("a number");
        let name = format!("{}.accumulate", layer.name);
        let sum = layer.operations().find(|operation| operation.name == name);
        let ours = match sum {
            Some(sum) => sum.reads.len(),
            None => usize::from(layer.backward().next().is_some() || is_source(layer)),
        };
        assert_eq!(ours as u64, reached, "{}", layer.fail("reached"));
    });
}

/// Whether the loss reads the layer's output.
fn is_source(layer: &LayerOf<'_>) -> bool {
    layer.case.record["source"] == layer.name
}

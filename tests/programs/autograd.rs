//! The training graph against automatic differentiation: operations, shapes, what is kept, and
//! multiply-accumulates of small networks, as `tests/autograd/compare.py` recorded them with `PyTorch`.

use std::collections::BTreeSet;
use std::fs;

use deepmatrix::problem::Operator;
use deepmatrix::problem::graph::{Pass, TensorKind};

use super::autograd_layer::{LayerOf, cases, elements, every_layer, extents};
use super::autograd_operators::{Given, expected, kept_as, saved_besides};

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
            let own = format!("{}.{name}", layer.owner());
            assert!(layer.shape(&own).is_some(), "{}", layer.fail(name));
            let gradient = if layer.is_shared() {
                format!("{own}.gradient.{}", layer.name)
            } else {
                format!("{own}.gradient")
            };
            let gradient = layer.shape(&gradient);
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
                0 => format!("{tensor}.{}", layer.whole()),
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
        let given = |slot: &usize| {
            let producer = layers[layer.index].from[*slot];
            producer.is_some_and(|p| layers[p].spec.operator == Operator::Parameter)
        };
        let slots = (0..inputs.len()).filter(|&slot| !inputs[slot].is_null());
        let (of_parameters, of_tensors): (Vec<usize>, Vec<usize>) = slots.partition(given);
        let written = layer.written(TensorKind::Gradient).len();
        assert_eq!(written, of_tensors.len(), "{}", layer.fail("gradients"));
        let parameters = parameters.values().filter(|shape| !shape.is_null());
        let written = layer.written(TensorKind::ParameterGradient).len();
        assert_eq!(written, parameters.count() + of_parameters.len());
    });
    assert!(layers > 500, "{layers}");
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
        let kept = kept
            .iter()
            .map(|&t| kept_as(layer, graph.tensors[t].elements()));
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
            None => usize::from(is_reached(layer) || is_source(layer)),
        };
        assert_eq!(ours as u64, reached, "{}", layer.fail("reached"));
    });
}

/// Whether the loss reads the layer's output.
fn is_source(layer: &LayerOf<'_>) -> bool {
    layer.case.record["source"] == layer.name
}

/// Whether an operation reads the gradient of the layer's output: one of its own, that of the whole
/// of which it is a part, or the update.
fn is_reached(layer: &LayerOf<'_>) -> bool {
    let whole = format!("{}.backward", layer.whole());
    let mut all = layer.case.graph.operations.iter();
    let trained = *layer.operator() == Operator::Parameter;
    trained || layer.backward().next().is_some() || all.any(|operation| operation.name == whole)
}

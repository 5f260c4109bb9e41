//! Laws of the training graphs of published networks, and small steps worked out by hand.

use std::fs;
use std::path::Path;

use deepmatrix::network::forward;
use deepmatrix::network::training::{self, GraphError, StepOptions};
use deepmatrix::problem::graph::{Graph, Mode, Operation, Pass, TensorKind};
use deepmatrix::problem::{
    Bits, Dim, LayerKind, LoopNest, Network, Operator, Optimizer, Phase, PhaseWork, Role,
};
use deepmatrix::read::{self, NetworkOptions};

const NETWORKS: [&str; 9] = [
    "alexnet",
    "bert_base_128",
    "dcgan_generator",
    "googlenet",
    "gpt2_train",
    "mobilenet_v2",
    "r3d-18",
    "resnet50",
    "vgg16",
];

fn published(name: &str) -> Network {
    let path = format!("inputs/networks/{name}.yaml");
    let options = NetworkOptions {
        batch: Some(2),
        ..NetworkOptions::default()
    };
    read::network(Path::new(&path), &options).unwrap_or_else(|e| panic!("{e}"))
}

/// A network whose elements have 16 bits, with this input and these layers.
fn network(input: &str, layers: &[&str]) -> Network {
    let layers: Vec<String> = layers.iter().map(|l| format!("  - {{{l}}}\n")).collect();
    let text = format!(
        "name: x\nbatch: 2\nprecision_bits: {{input: 16, weight: 16, output: 16, accumulator: 32}}\ninput: {input}\nlayers:\n{}",
        layers.concat()
    );
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), text).expect("writable");
    read::network(file.path(), &NetworkOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn options(optimizer: Optimizer, fuse: bool) -> StepOptions {
    StepOptions {
        mode: Mode::Training,
        optimizer,
        fuse,
    }
}

fn trained(network: &Network) -> Graph {
    let options = options(Optimizer::Adam, true);
    training::step(network, options).unwrap_or_else(|e| panic!("{}: {e}", network.name))
}

fn tensor(graph: &Graph, name: &str) -> usize {
    let found = graph.tensors.iter().position(|tensor| tensor.name == name);
    found.unwrap_or_else(|| panic!("no tensor {name}"))
}

fn operation<'a>(graph: &'a Graph, name: &str) -> &'a Operation {
    let found = graph.operations.iter().find(|o| o.name == name);
    found.unwrap_or_else(|| panic!("no operation {name}"))
}

fn names(graph: &Graph) -> Vec<&str> {
    graph.operations.iter().map(|o| o.name.as_str()).collect()
}

fn macs(graph: &Graph, pass: Pass) -> u128 {
    let own = graph.operations.iter().filter(|o| o.pass == pass);
    own.map(|operation| operation.kind.macs()).sum()
}

#[test]
fn every_tensor_is_written_before_it_is_read() {
    for network in NETWORKS.map(published) {
        for fuse in [true, false] {
            let options = options(Optimizer::Adam, fuse);
            let graph = training::step(&network, options).expect("a step");
            let given = graph.tensors.iter().map(|tensor| tensor.kind.is_given());
            let mut there: Vec<bool> = given.collect();
            let mut read = vec![false; there.len()];
            for operation in &graph.operations {
                for own in &operation.reads {
                    assert!(there[own.tensor], "{} reads it early", operation.name);
                    graph
                        .storage(own.tensor)
                        .iter()
                        .for_each(|&t| read[t] = true);
                    read[own.tensor] = true;
                }
                operation.writes.iter().for_each(|w| there[w.tensor] = true);
            }
            for (tensor, read) in graph.tensors.iter().zip(read) {
                let result = matches!(tensor.kind, TensorKind::Loss);
                assert!(read || result, "{}: nobody reads it", tensor.name);
            }
            assert!(there.iter().all(|&there| there), "{}", network.name);
        }
    }
}

#[test]
fn backward_passes_take_the_forward_pass_each() {
    for network in NETWORKS.map(published) {
        let graph = trained(&network);
        let forward = macs(&graph, Pass::Forward);
        assert_eq!(
            macs(&graph, Pass::BackwardWeight),
            forward,
            "{}",
            network.name
        );
        let of_input = graph.operations.iter().filter(|o| {
            let reads_input = network.layers[o.layer.expect("a layer")].from == [None];
            o.pass == Pass::Forward && reads_input
        });
        let of_input: u128 = of_input.map(|operation| operation.kind.macs()).sum();
        let data = macs(&graph, Pass::BackwardData);
        assert_eq!(data, forward - of_input, "{}", network.name);
    }
}

/// Parameters of torchvision's and the transformers library's models, less the biases, which the
/// files do not have (and `BERT`'s pooler; the table of `GPT-2`'s logits is one of its own here).
#[test]
fn the_optimizer_updates_the_published_numbers_of_parameters() {
    let known: [(&str, u128); 5] = [
        ("resnet50", 25_557_032 - 1_000),
        ("vgg16", 138_357_544 - 13_416),
        ("mobilenet_v2", 3_504_872 - 1_000),
        ("bert_base_128", 109_482_240 - 590_592 - 82_944),
        // The classifier has its biases.
        ("r3d-18", 33_371_472),
    ];
    for (name, parameters) in known {
        let graph = trained(&published(name));
        let updated = graph.operations.iter().filter(|o| o.pass == Pass::Update);
        let gradients = updated.map(|update| update.reads[0].tensor);
        let updated: u128 = gradients.map(|t| graph.tensors[t].elements()).sum();
        assert_eq!(updated, parameters, "{name}");
    }
}

/// Elements of the operand in this role: of the window operand those inside the tensor's rows that
/// the nest counts, of the others all.
fn elements(nest: &LoopNest, role: Role) -> u128 {
    let dims = Dim::ALL.into_iter().filter(|&d| nest.is_relevant(role, d));
    let inside = |d| LoopNest::window_of(d).is_some() && role == Role::Input;
    let extents = dims.filter(|&d| !inside(d)).map(|d| nest.extents[d]);
    let rows = nest.windows.iter().map(|window| window.rows);
    let rows: u128 = match role {
        Role::Input => rows.map(u128::from).product(),
        Role::Weight | Role::Output => 1,
    };
    extents.map(u128::from).product::<u128>() * rows
}

/// Elements that all phases write.
fn written(phases: &[Phase]) -> u128 {
    let own = phases.iter().map(|phase| match &phase.work {
        PhaseWork::MultiplyAccumulate(nest) => elements(nest, Role::Output),
        PhaseWork::Zeros(zeros) => zeros.output.0 / ZERO_BITS,
    });
    own.sum()
}

/// Bits of a gradient in the networks whose phases are counted.
const ZERO_BITS: u128 = 32;

#[test]
fn operands_of_nests_are_the_tensors_that_the_operation_names() {
    let small = fs::read_dir("tests/autograd/networks").expect("networks");
    let small = small.map(|entry| {
        let path = entry.expect("an entry").path();
        read::network(&path, &NetworkOptions::default()).expect("a network")
    });
    let (mut nests, mut phased) = (0, 0);
    for network in small {
        let graph = trained(&network);
        for operation in &graph.operations {
            let of = |role: Role| {
                let mut uses = operation.reads.iter().chain(&operation.writes);
                let found = uses.find(|u| u.role == role).expect("an operand");
                graph.tensors[found.tensor].elements()
            };
            let name = format!("{}, {}", network.name, operation.name);
            match &operation.kind {
                LayerKind::MultiplyAccumulate(nest) => {
                    for role in [Role::Weight, Role::Output] {
                        assert_eq!(elements(nest, role), of(role), "{name}, {role}");
                    }
                    // The gradient's rows that no window of the input reaches are not counted.
                    let input = elements(nest, Role::Input);
                    assert!(input <= of(Role::Input), "{name}");
                    let exact = operation.pass != Pass::BackwardData;
                    assert!(!exact || input == of(Role::Input), "{name}");
                    nests += 1;
                }
                LayerKind::Phases(phases) => {
                    assert_eq!(written(phases), of(Role::Output), "{name}");
                    phased += 1;
                }
                LayerKind::Stream(_) | LayerKind::View => {}
            }
        }
    }
    assert!(
        nests > 150 && phased > 10,
        "{nests} nests, {phased} in phases"
    );
}

#[test]
fn a_fused_activation_keeps_its_mask_and_passes_its_input_on() {
    let layers = [
        "name: a, op: linear, out_features: 4, bias: true",
        "name: r, op: relu",
        "name: b, op: linear, out_features: 4",
        "name: g, op: gelu",
        "name: c, op: linear, out_features: 4",
    ];
    let network = network("{features: 8}", &layers);
    let graph = trained(&network);
    let forward: Vec<&str> = (graph.operations.iter())
        .filter(|o| o.pass == Pass::Forward)
        .map(|o| o.name.as_str())
        .collect();
    let expected = ["a", "a.bias", "r", "r.keep", "b", "g", "g.keep", "c"];
    assert_eq!(forward, expected);
    for (name, into) in [("a.bias", 0), ("r", 0), ("g", 4)] {
        assert_eq!(operation(&graph, name).fused_into, Some(into), "{name}");
    }
    assert_eq!(graph.tensors[tensor(&graph, "r.mask")].bits(), Bits(8));
    let lifetimes = graph.lifetimes();
    assert!(lifetimes[tensor(&graph, "a")].is_none());
    assert!(lifetimes[tensor(&graph, "b")].is_none());
    let kept = lifetimes[tensor(&graph, "g.input")].expect("bytes");
    assert_eq!(names(&graph)[kept.last], "g.backward");
    // Unfused, the mask is written with the output, and the input itself is kept.
    let graph = training::step(&network, options(Optimizer::Sgd, false)).expect("a step");
    assert!(!names(&graph).contains(&"r.keep"));
    let written = operation(&graph, "r").writes.iter().map(|w| w.tensor);
    let written: Vec<usize> = written.collect();
    assert_eq!(written, ["r", "r.mask"].map(|name| tensor(&graph, name)));
    let read = operation(&graph, "g.backward").reads.iter();
    assert!(read.map(|r| r.tensor).any(|t| t == tensor(&graph, "b")));
}

#[test]
fn the_peak_is_what_lives_at_once() {
    // 2 rows of 4 features at 16 bits: 16 bytes for x, a and c, their gradients as well; the weights
    // have 32 bytes each, their gradients too, and the optimizer's copies 64.
    let layers = [
        "name: a, op: linear, out_features: 4",
        "name: c, op: linear, out_features: 4",
    ];
    let network = network("{features: 4}", &layers);
    let graph = training::step(&network, options(Optimizer::Sgd, true)).expect("a step");
    let expected = [
        "a",
        "c",
        "c.loss",
        "c.backward_weight",
        "c.backward_data",
        "a.backward_weight",
        "a.weight.update",
        "c.weight.update",
    ];
    assert_eq!(names(&graph), expected);
    // Always: weights 64, copies 128. The target has 2 class numbers of 4 bytes, the loss 4 bytes.
    let always = 64 + 128;
    let live = [
        16 + 8 + 16,           // input, target, a
        16 + 8 + 16 + 16,      // and c
        16 + 8 + 16 + 16 + 20, // and the loss and its gradient
        16 + 16 + 4 + 16 + 32, // input, a, loss, c's gradient, its weight's
        16 + 4 + 16 + 32 + 16, // a's gradient in place of a
        16 + 4 + 32 + 16 + 32, // input and both weights' gradients
        4 + 32 + 32,           // the loss and the gradients
        4 + 32,
    ];
    let live = live.map(|bytes: u128| Bits(8 * (bytes + always)));
    assert_eq!(graph.live_bits(), live);
    assert_eq!(graph.peak(), Some((5, live[5])));
}

#[test]
fn states_and_copies_are_as_wide_as_the_file_says() {
    let text = "name: x\nprecision_bits: {input: 8, weight: 8, output: 8, accumulator: 32, gradient: 10, weight_gradient: 12}\ninput: {features: 4}\nlayers:\n  - {name: a, op: linear, out_features: 4, precision_bits: {master_weight: 24, optimizer_state: 16}}\n  - {name: b, op: linear, out_features: 4, precision_bits: {weight: 32, gradient: 9}}\n";
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), text).expect("writable");
    let network = read::network(file.path(), &NetworkOptions::default()).expect("a network");
    let graph = trained(&network);
    let bits = |name: &str| graph.tensors[tensor(&graph, name)].bits_per_element;
    assert_eq!(bits("a.gradient"), 10);
    assert_eq!(bits("a.weight.gradient"), 12);
    assert_eq!(bits("a.weight.master"), 24);
    assert_eq!(bits("a.weight.second_moment"), 16);
    assert_eq!(bits("b.gradient"), 9);
    assert_eq!(bits("b.weight.first_moment"), 32);
    // A parameter as wide as its copy would be needs none.
    assert!(graph.tensors.iter().all(|t| t.name != "b.weight.master"));
}

#[test]
fn a_batch_normalisation_in_training_reads_its_input_twice_and_is_fused_into_nothing() {
    let layers = [
        "name: conv, op: conv2d, out_channels: 4, kernel: 1",
        "name: bn, op: batch_norm",
        "name: relu, op: relu",
        "name: flat, op: flatten",
    ];
    let network = network("{channels: 3, height: 4, width: 4}", &layers);
    let graph = trained(&network);
    let bn = operation(&graph, "bn");
    assert_eq!(bn.fused_into, None);
    assert_eq!(operation(&graph, "relu").fused_into, None);
    let LayerKind::Stream(stream) = &bn.kind else {
        panic!("it is streamed");
    };
    assert_eq!(stream.input, Bits(2 * 2 * 4 * 16 * 16));
    // Scale and shift, and the running mean and variance.
    assert_eq!(stream.weight, Bits(2 * 4 * 16 + 2 * 4 * 32));
    // The output, mean and reciprocal deviation, the running ones.
    assert_eq!(stream.output, Bits(2 * 4 * 16 * 16 + 4 * 4 * 32));
}

#[test]
fn steps_that_cannot_be_are_errors() {
    let step = |network: &Network| training::step(network, options(Optimizer::Sgd, true));
    let mut two = network("{features: 4}", &["name: a, op: linear, out_features: 4"]);
    two.layers[0].spec.operator = Operator::Cache;
    assert!(matches!(step(&two), Err(GraphError::NoBackward { .. })));
    two.layers.clear();
    assert_eq!(step(&two), Err(GraphError::NoOutput));
    let relu = network("{features: 4}", &["name: r, op: relu"]);
    assert!(matches!(
        step(&relu),
        Err(GraphError::NothingToTrain { .. })
    ));
}

/// Layers of different widths: epilogues, views, sums of several widths, products of two tensors.
const MIXED: [&str; 12] = [
    "name: a, op: conv2d, out_channels: 4, kernel: [1, 1], precision_bits: {output: 32}",
    "name: b, op: relu, precision_bits: {output: 12}",
    "name: c, op: conv2d, out_channels: 4, kernel: [3, 3], padding: [1, 1], precision_bits: {output: 10}",
    "name: sum, op: add, from: [b, c], precision_bits: {output: 6}",
    "name: up, op: conv_transpose2d, out_channels: 4, kernel: [2, 2], stride: [2, 2], precision_bits: {output: 20}",
    "name: gelu, op: gelu, precision_bits: {output: 14}",
    "name: pool, op: max_pool, kernel: [2, 2], precision_bits: {output: 5}",
    "name: tokens, op: reshape, shape: [4, 16]",
    "name: q, op: linear, out_features: 8, precision_bits: {output: 7}",
    "name: k, op: linear, from: tokens, out_features: 8, precision_bits: {output: 9}",
    "name: kt, op: transpose, from: k, axes: [1, 0], view: true",
    "name: s, op: matmul, from: [q, kt], precision_bits: {output: 11}",
];

/// The widths of a loop nest's operands.
fn operand_bits(nest: &LoopNest) -> [u32; 3] {
    let precision = nest.precision;
    [precision.input, precision.weight, precision.output]
}

/// What an operation with loop nests reads and writes has the width of the tensors that it names,
/// where another operation is fused into it that of what this one writes.
fn has_the_widths_of_its_tensors(graph: &Graph, index: usize) {
    let operation = &graph.operations[index];
    let into = |other: &&Operation| other.fused_into == Some(index) && !other.writes.is_empty();
    let last = graph.operations.iter().rfind(into).unwrap_or(operation);
    let bits = |tensor: usize| graph.tensors[tensor].bits_per_element;
    let mut expected = [0; 3];
    for own in operation.reads.iter().chain(&last.writes) {
        if graph.tensors[own.tensor].kind != TensorKind::Saved {
            expected[own.role as usize] = bits(own.tensor);
        }
    }
    let nests: Vec<[u32; 3]> = operation.kind.nests().map(operand_bits).collect();
    assert!(
        nests.iter().all(|own| *own == expected),
        "{}: {nests:?}, but its tensors have {expected:?}",
        operation.name
    );
}

#[test]
fn operands_are_as_wide_as_their_producers_wrote_them() {
    let network = network("{channels: 2, height: 4, width: 4}", &MIXED);
    for fuse in [true, false] {
        for mode in [Mode::Inference, Mode::Training] {
            let options = StepOptions {
                mode,
                ..options(Optimizer::Adam, fuse)
            };
            let graph = training::step(&network, options).expect("a step");
            (0..graph.operations.len())
                .for_each(|index| has_the_widths_of_its_tensors(&graph, index));
            let LayerKind::Stream(sum) = operation(&graph, "sum").kind else {
                panic!("a streamed operation");
            };
            assert_eq!(sum.input, Bits(2 * 64 * (12 + 10)));
        }
        // The forward pass alone, which has no tensors, is the same work.
        let alone = forward::graph(&network, fuse);
        let options = StepOptions {
            mode: Mode::Inference,
            ..options(Optimizer::Adam, fuse)
        };
        let step = training::step(&network, options).expect("a step");
        for own in &alone.operations {
            assert_eq!(own.kind, operation(&step, &own.name).kind, "{}", own.name);
        }
    }
}

#[test]
fn an_epilogue_that_is_wider_than_partial_sums_is_not_fused() {
    let layers = [
        "name: a, op: linear, out_features: 4, precision_bits: {accumulator: 20, output: 16}",
        "name: b, op: relu, precision_bits: {output: 24, accumulator: 24}",
    ];
    let network = network("{features: 4}", &layers);
    let graph = forward::graph(&network, true);
    assert_eq!(graph.operations[1].fused_into, None);
}

#[test]
fn the_right_operand_of_a_product_has_the_width_of_its_producer() {
    let text = "name: w4a16\nbatch: 1\nprecision_bits: {input: 16, weight: 4, output: 16, accumulator: 32}\n\
                input: {sequence: 64, features: 128}\nlayers:\n\
                \x20 - {name: q, op: linear, from: input, out_features: 128}\n\
                \x20 - {name: k, op: linear, from: input, out_features: 128}\n\
                \x20 - {name: kt, op: transpose, axes: [1, 0], view: true}\n\
                \x20 - {name: s, op: matmul, from: [q, kt]}\n\
                \x20 - {name: old, op: cache, shape: [64, 64], precision_bits: {output: 8}}\n\
                \x20 - {name: t, op: matmul, from: [s, old]}\n";
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), text).expect("writable");
    let network = read::network(file.path(), &NetworkOptions::default()).expect("a network");
    let widths = |name: &str| {
        let layer = network.layers.iter().find(|l| l.name == name);
        let mut nests = layer.expect("the layer").kind.nests();
        operand_bits(nests.next().expect("a nest"))
    };
    assert_eq!(widths("k"), [16, 4, 16]);
    assert_eq!(widths("s"), [16, 16, 16]);
    assert_eq!(widths("t"), [16, 8, 16]);
}
/// Vector operations and elements read and written by a streamed operation of 16-bit elements.
fn stream(graph: &Graph, name: &str) -> [u128; 3] {
    let LayerKind::Stream(stream) = &operation(graph, name).kind else {
        panic!("{name} is not streamed");
    };
    let read = stream.input.0 + stream.weight.0;
    [stream.vector_operations, read, stream.output.0]
}

/// A step of a layer between two linear ones on 2 x 6 elements, without fused epilogues.
fn between(layers: &[&str]) -> Graph {
    let first = "name: a, op: linear, out_features: 6";
    let last = "name: z, op: linear, out_features: 1";
    let layers = [&[first], layers, &[last]].concat();
    let network = network("{features: 6}", &layers);
    training::step(&network, options(Optimizer::Sgd, false)).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn functions_of_one_element_keep_what_their_gradient_needs() {
    // Of 12 elements: vector operations for each, and bits read besides the gradient.
    let (nothing, mask, kept) = (0, 12, 12 * 16);
    for (layer, cost, besides) in [
        ("op: relu", 1, mask),
        ("op: gelu", 17, kept),
        ("op: silu", 8, kept),
        ("op: sigmoid", 3, kept),
        ("op: tanh", 3, kept),
        ("op: hardswish", 5, kept),
        ("op: hardsigmoid", 2, mask),
        ("op: leaky_relu", 2, mask),
        ("op: exp", 1, kept),
        ("op: sqrt", 2, kept),
        ("op: rsqrt", 4, kept),
        ("op: reciprocal", 3, kept),
        ("op: log", 1, kept),
        ("op: erf", 4, kept),
        ("op: sin", 9, kept),
        ("op: neg", 1, nothing),
        ("op: abs", 1, mask),
        ("op: clip", 1, mask),
        ("op: mul, value: 3", 1, nothing),
        ("op: pow, value: 3", 5, kept),
        ("op: max, value: 3", 1, mask),
        ("op: softmax", 4, kept),
        ("op: log_softmax", 4, kept),
        ("op: cumsum, axis: 0", 1, nothing),
    ] {
        let graph = between(&[&format!("name: f, {layer}")]);
        let expected = [12 * cost, 12 * 16 + besides, 12 * 16];
        assert_eq!(stream(&graph, "f.backward"), expected, "{layer}");
    }
    let graph = between(&["name: f, op: add, value: 1"]);
    assert_eq!(operation(&graph, "f.backward").kind, LayerKind::View);
}

#[test]
fn gradients_of_operands_are_summed_over_what_was_broadcast() {
    // A gate of one value for each row, and a parameter of 6.
    let graph = between(&[
        "name: g, op: reduce, function: mean, axes: 0",
        "name: f, op: div, from: [a, g]",
        "name: p, op: mul, parameter: [6]",
    ]);
    // dA = dY/B, dB = -dY·Y/B and its sum: 1, 3 and 1; reads dY, B and Y.
    assert_eq!(
        stream(&graph, "f.backward"),
        [12 * 5, (12 + 2 + 12) * 16, (12 + 2) * 16]
    );
    // dX: 1; the parameter's: product and sum. Reads dY, X and the parameter.
    assert_eq!(
        stream(&graph, "p.backward"),
        [12 * 3, (12 + 12 + 6) * 16, (12 + 6) * 16]
    );
    // A share for each of 2 rows, moved to 12 elements.
    assert_eq!(stream(&graph, "g.backward"), [2 + 12, 2 * 16, 12 * 16]);
    assert!(names(&graph).contains(&"p.operand.update"));
    let graph = between(&[
        "name: g, op: reduce, function: max, axes: 0",
        "name: f, op: add, from: [a, g]",
    ]);
    // The gradient of the larger operand is a view; that of the smaller one is a sum.
    assert_eq!(operation(&graph, "f.backward").kind, LayerKind::View);
    assert_eq!(stream(&graph, "f.sum.backward"), [12, 12 * 16, 2 * 16]);
    // Which of 6 elements it was takes 3 bits.
    assert_eq!(stream(&graph, "g.backward"), [2, 2 * 16 + 2 * 3, 12 * 16]);
}

#[test]
fn moved_elements_go_the_way_back() {
    let graph = between(&[
        "name: s, op: split, axis: 0, sizes: [2, 4]",
        "name: e, op: slice, axis: 0, end: 1, with_batch: true, from: s.0",
        "name: x, op: expand, shape: [2, 2], with_batch: true",
        "name: c, op: concat, axis: 0, from: [x, s.1]",
    ]);
    // Two and four of six columns of both rows, side by side.
    assert_eq!(stream(&graph, "s.backward"), [12, 12 * 16, 12 * 16]);
    // One row becomes two: their sum.
    assert_eq!(stream(&graph, "x.backward"), [4, 4 * 16, 2 * 16]);
    // The parts lie between each other, so they are moved.
    assert_eq!(stream(&graph, "c.backward"), [12, 12 * 16, 12 * 16]);
    let graph = between(&["name: s, op: slice, axis: 0, start: 2"]);
    // Four of six columns of both rows: dX amid zeros.
    assert_eq!(stream(&graph, "s.backward"), [8, 8 * 16, 12 * 16]);
    let graph = between(&[
        "name: s, op: split, axis: 0, sizes: [1, 1], with_batch: true",
        "name: d, op: add, from: [s.0, s.1]",
    ]);
    // One row each, behind each other: dX is a view of the two gradients.
    assert_eq!(operation(&graph, "s.backward").kind, LayerKind::View);
    let views = &graph.tensors[tensor(&graph, "a.gradient.s")].views;
    assert_eq!(views.len(), 2);
    let graph = between(&[
        "name: s, op: split, axis: 0, sizes: [2, 4]",
        "name: d, op: relu, from: s.1",
    ]);
    // The first part is read by nobody: its zeros are written with the rest.
    assert_eq!(stream(&graph, "s.backward"), [8, 8 * 16, 12 * 16]);
}

#[test]
fn shared_parameters_are_updated_once_by_the_sum_of_their_gradients() {
    let graph = between(&[
        "name: b, op: linear, out_features: 6",
        "name: c, op: linear, out_features: 6, shares: b",
        "name: t, op: parameter, shape: [6, 6]",
        "name: d, op: matmul, from: [c, t]",
    ]);
    let own = names(&graph);
    let updates = own.iter().filter(|name| name.ends_with(".update"));
    let updates: Vec<&str> = updates.copied().collect();
    assert_eq!(
        updates,
        [
            "a.weight.update",
            "b.weight.update",
            "t.update",
            "z.weight.update"
        ]
    );
    assert_eq!(
        stream(&graph, "b.weight.accumulate"),
        [36, 2 * 36 * 16, 36 * 16]
    );
    let reads = |name: &str| -> Vec<&str> {
        let reads = operation(&graph, name).reads.iter();
        reads
            .map(|r| graph.tensors[r.tensor].name.as_str())
            .collect()
    };
    assert_eq!(reads("c"), ["b", "b.weight"]);
    assert_eq!(reads("d"), ["c", "t"]);
    assert_eq!(reads("t.update")[0], "t.gradient");
    let gradient = &graph.tensors[tensor(&graph, "t.gradient")];
    assert_eq!(gradient.kind, TensorKind::ParameterGradient);
}

#[test]
fn normalisations_keep_their_statistics() {
    let image = |layer: &str| {
        let layers = [
            "name: a, op: conv2d, out_channels: 4, kernel: 1",
            layer,
            "name: z, op: conv2d, out_channels: 1, kernel: 1",
        ];
        let network = network("{channels: 4, height: 3, width: 3}", &layers);
        training::step(&network, options(Optimizer::Sgd, false)).unwrap_or_else(|e| panic!("{e}"))
    };
    // 72 elements read twice; scale and shift of 4 channels; mean and r of 2 images x 2 groups.
    let graph = image("name: n, op: group_norm, groups: 2");
    let statistics = 2 * 4 * 32;
    assert_eq!(
        stream(&graph, "n"),
        [72 * 7, 2 * 72 * 16 + 8 * 16, 72 * 16 + statistics]
    );
    // x̂ 2, dscale 2, dshift 1, dX 8; dY and X twice, scale, statistics.
    assert_eq!(
        stream(&graph, "n.backward"),
        [72 * 13, 4 * 72 * 16 + 4 * 16 + statistics, (72 + 8) * 16]
    );
    // Rows of 9, without a mean or a shift: x̂ 1, dscale 2, dX 6.
    let graph = image("name: n, op: rms_norm, axes: [1, 2]");
    let statistics = 8 * 32;
    assert_eq!(
        stream(&graph, "n"),
        [72 * 4, 72 * 16 + 9 * 16, 72 * 16 + statistics]
    );
    assert_eq!(
        stream(&graph, "n.backward"),
        [72 * 9, 2 * 72 * 16 + 9 * 16 + statistics, (72 + 9) * 16]
    );
}

/// Numbers that differ from run to run of a test no more than its code does.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005) ^ (self.0 >> 29);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        let number = usize::try_from(self.0 >> 33).unwrap_or_default();
        number % end
    }
}

/// The words of a text and what stands between them.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut inside = false;
    for c in text.chars() {
        let word = c.is_alphanumeric() || c == '_' || c == '.';
        if word != inside {
            words.push(String::new());
            inside = word;
        }
        words.last_mut().expect("a word").push(c);
    }
    words
}

/// Whatever stands in a file, it is read or refused, and its step derived or refused.
#[test]
fn files_with_random_mistakes_are_read_or_refused() {
    const CASES: usize = 3000;
    const VALUES: [&str; 12] = [
        "0", "1", "2", "7", "-1", "16777216", "16777217", "1.5", "[]", "[1, 2]", "true", "x",
    ];
    let page = fs::read_to_string("inputs/networks/README.md").expect("the page");
    let examples: Vec<Vec<String>> = (page.split("```yaml\n").skip(1))
        .map(|rest| words(rest.split("```").next().unwrap_or_default()))
        .collect();
    let operators: Vec<&String> = examples
        .iter()
        .flat_map(|words| words.windows(3))
        .filter(|three| three[0] == "op")
        .map(|three| &three[2])
        .collect();
    let mut numbers = Numbers(1);
    let mut read = 0;
    for _ in 0..CASES {
        let mut text = examples[numbers.below(examples.len())].clone();
        for _ in 0..=numbers.below(4) {
            let place = numbers.below(text.len());
            let word = &text[place];
            let is_number = !word.is_empty() && word.chars().all(|c| c.is_ascii_digit());
            if place >= 2 && text[place - 2] == "op" {
                text[place].clone_from(operators[numbers.below(operators.len())]);
            } else if is_number {
                text[place] = VALUES[numbers.below(VALUES.len())].to_owned();
            } else if numbers.below(4) == 0 {
                let other = numbers.below(text.len());
                text.swap(place, other);
            }
        }
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        fs::write(file.path(), text.concat()).expect("writable");
        let Ok(network) = read::network(file.path(), &NetworkOptions::default()) else {
            continue;
        };
        read += 1;
        for mode in [Mode::Inference, Mode::Training] {
            let options = StepOptions {
                mode,
                ..options(Optimizer::Sgd, true)
            };
            let _ = training::step(&network, options);
        }
    }
    assert!(read > CASES / 20, "{read} of {CASES} are networks");
}

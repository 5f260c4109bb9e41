//! Operators of ONNX on small tensors: shapes and multiply-accumulates by hand.

use std::fs;

use crate::onnx_files::build::*;
use deepmatrix::problem::{LayerKind, Network};
use deepmatrix::read::{self, NetworkOptions};

/// The network of one node over an input `x` and weights.
fn of(nodes: &[Message], weights: &[Message], input: &[i64]) -> Network {
    read(&model(&graph(
        nodes,
        weights,
        &[value("x", 1, input)],
        &[untyped("y")],
    )))
}

fn read(model: &Message) -> Network {
    let file = tempfile::Builder::new()
        .suffix(".onnx")
        .tempfile()
        .expect("a file");
    fs::write(file.path(), &model.0).expect("written");
    read::network(file.path(), &NetworkOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

/// The shape of the last layer's output, and all multiply-accumulates.
fn result(network: &Network) -> (Vec<u64>, u128) {
    let last = network.layers.last().expect("a layer");
    let macs = network.layers.iter().map(|l| l.kind.box_macs()).sum();
    (last.shape.clone(), macs)
}

fn conv(attributes: &[Message], input: &[i64], kernel: &[i64]) -> (Vec<u64>, u128) {
    let node = node("Conv", &["x", "w"], &["y"], attributes);
    result(&of(&[node], &[weight("w", kernel)], input))
}

#[test]
fn convolutions_pad_each_side_on_its_own() {
    let (input, kernel) = ([1, 3, 10, 7], [8, 3, 3, 3]);
    let strides = || list("strides", &[2, 2]);
    // Rows 10 + 0 + 2, columns 7 + 1 + 0, kernel 3, stride 2.
    let pads = list("pads", &[0, 1, 2, 0]);
    assert_eq!(
        conv(&[strides(), pads], &input, &kernel),
        (vec![1, 8, 5, 3], 8 * 5 * 3 * 27)
    );
    // Half of the rows and columns, rounded up.
    for same in ["SAME_UPPER", "SAME_LOWER"] {
        let found = conv(&[strides(), text("auto_pad", same)], &input, &kernel);
        assert_eq!(found, (vec![1, 8, 5, 4], 8 * 5 * 4 * 27), "{same}");
    }
    let valid = conv(&[strides(), text("auto_pad", "VALID")], &input, &kernel);
    assert_eq!(valid, (vec![1, 8, 4, 3], 8 * 4 * 3 * 27));
}

#[test]
fn the_odd_row_of_padding_is_behind_or_in_front() {
    let of = |same: &str| {
        let attributes = [list("strides", &[2, 2]), text("auto_pad", same)];
        let node = node("Conv", &["x", "w"], &["y"], &attributes);
        let network = of(&[node], &[weight("w", &[8, 3, 3, 3])], &[1, 3, 10, 10]);
        let nest = network.layers[0]
            .kind
            .nests()
            .next()
            .cloned()
            .expect("a nest");
        nest.windows[0].padding
    };
    // Five outputs reach over 11 rows of 10: one row of padding.
    assert_eq!((of("SAME_UPPER"), of("SAME_LOWER")), (0, 1));
}

#[test]
fn convolutions_over_one_and_three_axes_grouped_and_dilated() {
    let one = conv(&[list("pads", &[1, 1])], &[2, 4, 9], &[6, 4, 3]);
    assert_eq!(one, (vec![2, 6, 9], 2 * 6 * 9 * 12));
    let grouped = conv(&[int("group", 4)], &[1, 4, 9, 9], &[8, 1, 3, 3]);
    assert_eq!(grouped, (vec![1, 8, 7, 7], 8 * 49 * 9));
    let dilated = conv(&[list("dilations", &[2, 3])], &[1, 4, 9, 9], &[8, 4, 3, 3]);
    assert_eq!(dilated, (vec![1, 8, 5, 3], 8 * 15 * 36));
    let volume = conv(
        &[list("strides", &[1, 2, 1])],
        &[1, 4, 5, 9, 8],
        &[8, 4, 1, 3, 3],
    );
    assert_eq!(volume, (vec![1, 8, 5, 4, 6], 8 * 120 * 36));
    // Windows on all three: (5 + 1 + 1 - 3) / 2 + 1 planes, 9 - 2 rows, 8 - 1 columns.
    let cubes = conv(
        &[
            list("strides", &[2, 1, 1]),
            list("pads", &[1, 0, 0, 1, 0, 0]),
        ],
        &[1, 4, 5, 9, 8],
        &[8, 4, 3, 3, 2],
    );
    assert_eq!(cubes, (vec![1, 8, 3, 7, 7], 8 * 147 * 72));
}

#[test]
fn transposed_convolutions_widen() {
    let transposed = |attributes: &[Message]| {
        let node = node("ConvTranspose", &["x", "w"], &["y"], attributes);
        result(&of(&[node], &[weight("w", &[4, 6, 3, 3])], &[1, 4, 5, 5])).0
    };
    let strides = || list("strides", &[2, 2]);
    // (5 - 1) · 2 + 3.
    assert_eq!(transposed(&[strides()]), [1, 6, 11, 11]);
    let pads = || list("pads", &[1, 1, 1, 1]);
    assert_eq!(transposed(&[strides(), pads()]), [1, 6, 9, 9]);
    let wider = list("output_padding", &[1, 1]);
    assert_eq!(transposed(&[strides(), pads(), wider]), [1, 6, 10, 10]);
    // A plane more behind, a row less on both sides, two columns less in front.
    let attributes = [
        list("strides", &[2, 1, 2]),
        list("output_padding", &[1, 0, 0]),
        list("pads", &[0, 1, 2, 0, 1, 0]),
    ];
    let wider = of(
        &[node("ConvTranspose", &["x", "w"], &["y"], &attributes)],
        &[weight("w", &[4, 6, 2, 3, 2])],
        &[1, 4, 3, 5, 4],
    );
    assert_eq!(result(&wider).0, [1, 6, 7, 5, 6]);
    let node = node(
        "ConvTranspose",
        &["x", "w"],
        &["y"],
        &[list("strides", &[2, 1, 2])],
    );
    // (3 - 1) · 2 + 2 planes, 5 - 1 + 3 rows, (4 - 1) · 2 + 2 columns: four phases of half the taps
    // in depth and across, over a plane and a column less of their input's reach.
    let volume = result(&of(
        &[node],
        &[weight("w", &[4, 6, 2, 3, 2])],
        &[1, 4, 3, 5, 4],
    ));
    assert_eq!(volume, (vec![1, 6, 6, 7, 8], 4 * 6 * 4 * 3 * 7 * 4 * 3));
}

#[test]
fn pools_round_up_where_they_say_so() {
    let pool = |attributes: &[Message]| {
        let kernel = list("kernel_shape", &[3, 3]);
        let all = [&[kernel, list("strides", &[2, 2])], attributes].concat();
        result(&of(
            &[node("MaxPool", &["x"], &["y"], &all)],
            &[],
            &[1, 4, 8, 8],
        ))
        .0
    };
    assert_eq!(pool(&[]), [1, 4, 3, 3]);
    assert_eq!(pool(&[int("ceil_mode", 1)]), [1, 4, 4, 4]);
    assert_eq!(pool(&[list("pads", &[0, 0, 1, 1])]), [1, 4, 4, 4]);
}

#[test]
fn products_stretch_their_batches() {
    let product = |weights: &[i64], input: &[i64]| {
        let node = node("MatMul", &["x", "w"], &["y"], &[]);
        result(&of(&[node], &[weight("w", weights)], input))
    };
    assert_eq!(product(&[6, 9], &[2, 5, 6]), (vec![2, 5, 9], 2 * 5 * 6 * 9));
    assert_eq!(
        product(&[3, 6, 9], &[2, 3, 5, 6]),
        (vec![2, 3, 5, 9], 6 * 5 * 6 * 9)
    );
    assert_eq!(
        product(&[7, 6, 9], &[1, 5, 6]),
        (vec![7, 5, 9], 7 * 5 * 6 * 9)
    );
}

#[test]
fn a_bias_is_no_layer_and_a_matrix_is_one() {
    let gemm = |extra: &[i64]| {
        let node = node("Gemm", &["x", "w", "c"], &["y"], &[int("transB", 1)]);
        let weights = [weight("w", &[9, 6]), weight("c", extra)];
        let network = of(&[node], &weights, &[5, 6]);
        network
            .layers
            .iter()
            .map(|l| l.op.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(gemm(&[9]), ["linear"]);
    assert_eq!(gemm(&[5, 9]).last().map(String::as_str), Some("add"));
}

#[test]
fn an_einsum_is_a_product() {
    let einsum = |equation: &str, weights: &[i64], input: &[i64]| {
        let node = node("Einsum", &["x", "w"], &["y"], &[text("equation", equation)]);
        result(&of(&[node], &[weight("w", weights)], input))
    };
    let heads = einsum("btd,dhk->bhtk", &[8, 2, 4], &[3, 5, 8]);
    assert_eq!(heads, (vec![3, 2, 5, 4], 3 * 5 * 8 * 8));
    let experts = einsum("btd,edf->betf", &[6, 8, 4], &[3, 5, 8]);
    assert_eq!(experts, (vec![3, 6, 5, 4], 3 * 5 * 8 * 6 * 4));
    let scores = einsum("bhtk,hks->bhts", &[2, 4, 7], &[3, 2, 5, 4]);
    assert_eq!(scores, (vec![3, 2, 5, 7], 3 * 2 * 5 * 4 * 7));
}

#[test]
fn recurrent_layers_run_over_all_steps() {
    let gru = node("GRU", &["x", "w", "r"], &["y"], &[int("hidden_size", 7)]);
    let weights = [weight("w", &[1, 21, 4]), weight("r", &[1, 21, 7])];
    let network = of(&[gru], &weights, &[5, 2, 4]);
    assert_eq!(result(&network), (vec![5, 1, 2, 7], 5 * 2 * 21 * (4 + 7)));
}

#[test]
fn decided_branches_and_functions_are_their_nodes() {
    let condition = ints("c", &[1], &[1]);
    let branch = |op: &str| graph(&[node(op, &["x"], &["b"], &[])], &[], &[], &[untyped("b")]);
    let cast = node("Cast", &["c"], &["t"], &[int("to", 9)]);
    let branches = [
        graph_attribute("then_branch", &branch("Tanh")),
        graph_attribute("else_branch", &branch("Relu")),
    ];
    let network = of(
        &[cast, node("If", &["t"], &["y"], &branches)],
        &[condition],
        &[1, 4],
    );
    assert_eq!(operators(&network), ["tanh"]);
    let body = [
        node("Relu", &["a"], &["h"], &[]),
        node("Tanh", &["h"], &["b"], &[]),
    ];
    let function = Message::default().bytes(1, "F").bytes(4, "a").bytes(5, "b");
    let function = function.all(7, &body).bytes(10, "local");
    let call = node("F", &["x"], &["y"], &[]).bytes(7, "local");
    let model = model(&graph(
        &[call],
        &[],
        &[value("x", 1, &[1, 4])],
        &[untyped("y")],
    ));
    let network = read(&model.bytes(25, function.0));
    assert_eq!(operators(&network), ["relu", "tanh"]);
}

fn operators(network: &Network) -> Vec<&str> {
    network.layers.iter().map(|l| l.op.as_str()).collect()
}

#[test]
fn slices_backwards_and_open_ends_take_what_they_say() {
    let slice = |starts: i64, ends: i64, steps: i64| {
        let node = node("Slice", &["x", "s", "e", "a", "t"], &["y"], &[]);
        let one = |name: &str, n: i64| ints(name, &[1], &[n]);
        let values = [
            one("s", starts),
            one("e", ends),
            one("a", 1),
            one("t", steps),
        ];
        let network = of(&[node], &values, &[1, 10, 4]);
        network
            .layers
            .last()
            .map(|l| (l.shape.clone(), matches!(l.kind, LayerKind::Stream(_))))
    };
    assert_eq!(slice(2, i64::MAX, 3), Some((vec![1, 3, 4], true)));
    assert_eq!(slice(-1, i64::MIN, -1), Some((vec![1, 10, 4], true)));
    assert_eq!(slice(-3, -1, 1).map(|s| s.0), Some(vec![1, 2, 4]));
}

/// `GatherND` of all elements of two rows of three at these constant places.
fn gathered(places: Message) -> Network {
    let node = node("GatherND", &["x", "places"], &["y"], &[]);
    of(&[node], &[places], &[2, 3])
}

#[test]
fn places_are_free_where_they_are_all_elements_in_order() {
    let at = |places: [i64; 12]| gathered(ints("places", &[2, 3, 2], &places));
    let of = |network: &Network| {
        let layer = network.layers.last().expect("a layer");
        let origin = layer.spec.onnx.as_ref().expect("a node");
        (layer.kind == LayerKind::View, origin.assumed.is_some())
    };
    let view = gathered(ints(
        "places",
        &[6, 2],
        &[0, 0, 0, 1, 0, 2, 1, 0, 1, 1, 1, 2],
    ));
    assert_eq!(view.layers[0].shape, [6]);
    assert_eq!(of(&view), (true, false));
    // Two elements change places; one is taken twice; the last is taken first.
    for places in [
        [0, 1, 0, 0, 0, 2, 1, 0, 1, 1, 1, 2],
        [0, 0, 0, 0, 0, 2, 1, 0, 1, 1, 1, 2],
        [-1, -1, 0, 0, 0, 1, 0, 2, 1, 0, 1, 1],
    ] {
        assert_eq!(of(&at(places)), (false, false), "{places:?}");
    }
    // Fewer than all, all but the last.
    let fewer = gathered(ints("places", &[5, 2], &[0, 0, 0, 1, 0, 2, 1, 0, 1, 1]));
    assert_eq!(of(&fewer), (false, false));
}

#[test]
fn places_that_are_not_in_the_file_are_said_to_be_taken_for_granted() {
    let outside = |name: &str, dims: &[i64]| {
        let shape = dims.iter().fold(Message::default(), |m, &d| m.int(1, d));
        shape.int(2, 7).bytes(8, name).int(14, 1)
    };
    for dims in [[6, 2].as_slice(), &[2, 3, 2]] {
        let network = gathered(outside("places", dims));
        let [layer] = network.layers.as_slice() else {
            panic!("one layer");
        };
        assert_eq!(layer.kind, LayerKind::View);
        let node = layer.spec.onnx.as_ref().expect("a node");
        assert_eq!(node.to_string(), "node `my_GatherND` (GatherND)");
        assert_eq!(
            node.assumed.as_deref(),
            Some(
                "its places are not in the file, and are taken to be all elements in their order, so that it moves nothing"
            )
        );
    }
    // More or fewer places than elements are no such thing: bytes are moved.
    for dims in [[5, 2].as_slice(), &[7, 2], &[6, 1]] {
        let network = gathered(outside("places", dims));
        let moved = network.layers.iter().any(|l| l.op == "gather_nd");
        assert!(moved, "{dims:?}");
    }
}

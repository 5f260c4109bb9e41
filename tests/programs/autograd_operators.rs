//! What `PyTorch` runs in the backward pass of each operator, and what it saves for it.

use deepmatrix::problem::graph::{Pass, TensorKind};
use deepmatrix::problem::{Normalization, Operand, Operator};

use super::autograd_layer::LayerOf;

/// An operator of `ATen` and the elements of what it gives.
pub(crate) type Given = (String, Vec<Option<u128>>);

/// Functions of one element, and of an element and a number: the operators of their gradients, each
/// of which gives as many elements as the input has.
const FUNCTIONS: [(&str, &[&str]); 30] = [
    ("relu", &["threshold_backward"]),
    ("relu6", &["hardtanh_backward"]),
    ("gelu", &["gelu_backward"]),
    ("silu", &["silu_backward"]),
    ("sigmoid", &["sigmoid_backward"]),
    ("tanh", &["tanh_backward"]),
    ("hardswish", &["hardswish_backward"]),
    ("hardsigmoid", &["hardsigmoid_backward"]),
    ("elu", &["elu_backward"]),
    ("leaky_relu", &["leaky_relu_backward"]),
    ("softplus", &["softplus_backward"]),
    ("mish", &["mish_backward"]),
    ("exp", &["mul"]),
    ("log", &["div"]),
    ("abs", &["sgn", "mul"]),
    ("sqrt", &["mul", "div"]),
    ("rsqrt", &["pow", "mul", "mul"]),
    ("reciprocal", &["mul", "neg", "mul"]),
    ("neg", &["neg"]),
    ("square", &["pow", "mul", "mul"]),
    ("erf", &["pow", "neg", "exp", "mul", "mul"]),
    ("sin", &["cos", "mul"]),
    ("cos", &["sin", "neg", "mul"]),
    ("clip", &["gt", "lt", "logical_and_", "where"]),
    ("cumsum", &["flip", "cumsum", "flip"]),
    ("softmax", &["_softmax_backward_data"]),
    ("log_softmax", &["_log_softmax_backward_data"]),
    ("pow", &["pow", "mul", "mul"]),
    ("max", &["gt", "where"]),
    ("min", &["lt", "where"]),
];

/// Operators of one input: those of their gradients, each of which gives the input's gradient.
const MOVES: [(&str, &[&str]); 17] = [
    ("slice", &["slice_backward"]),
    ("split", &["cat"]),
    ("pad", &["constant_pad_nd"]),
    ("expand", &["sum"]),
    ("gather", &["new_zeros", "index_add"]),
    ("gather_elements", &["new_zeros", "scatter_add"]),
    ("topk", &["new_zeros", "scatter"]),
    ("depth_to_space", &["pixel_unshuffle"]),
    ("space_to_depth", &["pixel_shuffle"]),
    ("max_pool", &["max_pool2d_with_indices_backward"]),
    ("max_pool1d", &["max_pool2d_with_indices_backward"]),
    ("global_max_pool", &["max_pool2d_with_indices_backward"]),
    ("max_pool3d", &["max_pool3d_with_indices_backward"]),
    ("avg_pool", &["avg_pool2d_backward"]),
    ("avg_pool1d", &["avg_pool2d_backward"]),
    ("avg_pool3d", &["avg_pool3d_backward"]),
    ("global_avg_pool", &["div"]),
];

/// Functions of two tensors: the operators of the gradients of the first and of the second, each of
/// which gives as many elements as the output has.
const PAIRS: [(&str, [&[&str]; 2]); 8] = [
    ("add", [&[], &[]]),
    ("sub", [&[], &["neg"]]),
    ("mul", [&["mul"], &["mul"]]),
    ("div", [&["div"], &["div", "div", "neg", "mul"]]),
    (
        "pow",
        [
            &["sub", "pow", "mul", "mul", "eq", "where"],
            &["ge", "eq", "logical_and", "log", "mul", "where", "mul"],
        ],
    ),
    (
        "max",
        [
            &["lt", "div", "eq", "where", "masked_fill"],
            &["gt", "div", "eq", "where", "masked_fill"],
        ],
    ),
    (
        "min",
        [
            &["gt", "div", "eq", "where", "masked_fill"],
            &["lt", "div", "eq", "where", "masked_fill"],
        ],
    ),
    ("where", [&["where"], &["where"]]),
];

fn find<T: Copy>(table: &[(&str, T)], op: &str) -> T {
    let found = table.iter().find(|(name, _)| *name == op);
    found.unwrap_or_else(|| panic!("{op} is not compared")).1
}

fn given(name: &str, elements: u128) -> Given {
    (name.to_owned(), vec![Some(elements)])
}

fn each(names: &[&str], elements: u128) -> Vec<Given> {
    names.iter().map(|name| given(name, elements)).collect()
}

/// A tensor that holds one number.
fn number() -> Given {
    ("scalar_tensor".to_owned(), vec![Some(1)])
}

/// The operators of `ATen` that do what the layer's backward operations do.
pub(crate) fn expected(layer: &LayerOf<'_>) -> Vec<Given> {
    if layer.backward().next().is_none() {
        return Vec::new();
    }
    let data = layer.written(TensorKind::Gradient);
    let parameters = layer.written(TensorKind::ParameterGradient);
    match (layer.op(), layer.operator()) {
        ("linear", _) => {
            let (weight, bias) =
                parameters.split_at(parameters.len() - usize::from(layer.has_bias()));
            let products = data.iter().chain(weight).map(|&n| given("mm", n));
            products
                .chain(bias.iter().map(|&n| given("sum", n)))
                .collect()
        }
        ("matmul", _) => data.iter().map(|&n| given("bmm", n)).collect(),
        ("batch_norm" | "layer_norm" | "group_norm", _) => {
            let name = format!("native_{}_backward", layer.op());
            vec![with_parameters(&name, &data, &parameters)]
        }
        (op, _) if op.starts_with("conv") => {
            vec![with_parameters("convolution_backward", &data, &parameters)]
        }
        ("instance_norm", Operator::Normalization(norm)) => instances(norm, &data, &parameters),
        ("rms_norm", Operator::Normalization(norm)) => root_mean_square(norm, &data, &parameters),
        ("embedding", _) => each(&["embedding_dense_backward"], parameters[0]),
        ("reduce", _) => reduction(layer, data[0]),
        // Pairs are complex numbers.
        ("rope", _) => each(&["mul"], data[0] / 2),
        ("resize", Operator::Resize { taps }) => {
            let mode = find(
                &[("1", "nearest"), ("4", "bilinear"), ("16", "bicubic")],
                &taps.to_string(),
            );
            each(&[format!("upsample_{mode}2d_backward").as_str()], data[0])
        }
        ("add" | "sub", Operator::With(_, Operand::Number))
        | ("concat" | "flatten" | "reshape" | "transpose", _) => Vec::new(),
        ("mul" | "div", Operator::With(_, Operand::Number)) => each(&[layer.op()], data[0]),
        ("max" | "min", Operator::With(_, Operand::Number)) | ("clip", _) => {
            [each(find(&FUNCTIONS, layer.op()), data[0]), vec![number()]].concat()
        }
        ("add" | "sub" | "mul" | "div", Operator::With(..)) => with_operand(layer, &parameters),
        (op, Operator::With(..)) => each(find(&FUNCTIONS, op), data[0]),
        (op, _) if PAIRS.iter().any(|(name, _)| *name == op) => pair(layer),
        (op, _) if MOVES.iter().any(|(name, _)| *name == op) => each(find(&MOVES, op), data[0]),
        (op, _) => data
            .iter()
            .flat_map(|&n| each(find(&FUNCTIONS, op), n))
            .collect(),
    }
}

/// One operator for the gradients of the input and of up to two parameters.
fn with_parameters(name: &str, data: &[u128], parameters: &[u128]) -> Given {
    let first = [data.first().copied()].into_iter();
    let mut all: Vec<_> = first.chain(parameters.iter().map(|&n| Some(n))).collect();
    all.resize(3, None);
    (name.to_owned(), all)
}

/// A batch normalisation whose channels are those of all images, and the sums over the images.
fn instances(norm: &Normalization, data: &[u128], parameters: &[u128]) -> Vec<Given> {
    let statistics: u64 = norm.statistics.iter().product();
    let of_images = vec![u128::from(statistics); parameters.len()];
    let all = with_parameters("native_batch_norm_backward", data, &of_images);
    let sums = parameters.iter().map(|&n| given("sum", n));
    [all].into_iter().chain(sums).collect()
}

/// On a processor it is made of x · reciprocal root of (mean of x² + ε) · scale.
fn root_mean_square(norm: &Normalization, data: &[u128], parameters: &[u128]) -> Vec<Given> {
    let rows: u64 = norm.statistics.iter().product();
    let scale = [
        each(&["mul", "mul"], data[0]),
        each(&["sum"], parameters[0]),
    ];
    let product = [each(&["mul", "mul"], data[0]), each(&["sum"], rows.into())];
    let root = each(&["pow", "mul", "mul"], rows.into());
    let squares = each(&["div", "pow", "mul", "mul"], data[0]);
    let both = each(&["add"], data[0]);
    [scale.concat(), product.concat(), root, squares, both].concat()
}

fn reduction(layer: &LayerOf<'_>, input: u128) -> Vec<Given> {
    use deepmatrix::problem::Reduction;
    let Operator::Reduce { function, .. } = layer.operator() else {
        panic!("{}", layer.fail("no reduction"));
    };
    let names: &[&str] = match function {
        Reduction::Sum => &[],
        Reduction::Mean => &["div"],
        Reduction::Max | Reduction::Min => &["new_zeros", "scatter"],
        Reduction::L1 => &["sgn", "mul"],
        Reduction::L2 => &["div", "masked_fill_", "mul"],
        Reduction::SumSquare => &["pow", "mul", "mul"],
        Reduction::LogSumExp => &["sub", "exp", "mul"],
        other => panic!("{other:?} is not compared"),
    };
    let mut all = each(names, input);
    if *function == Reduction::L2 {
        all.push(given("eq", layer.elements()));
    }
    all
}

/// A function of a tensor and a parameter or constant: sums where a parameter is broadcast.
fn with_operand(layer: &LayerOf<'_>, parameters: &[u128]) -> Vec<Given> {
    let [first, second] = find(&PAIRS, layer.op());
    let whole = layer.elements();
    let mut all = each(first, whole);
    for &parameter in parameters {
        all.extend(each(second, whole));
        all.extend((parameter < whole).then(|| given("sum", parameter)));
    }
    all
}

/// The gradients of the operands that have one, and sums of what was broadcast.
fn pair(layer: &LayerOf<'_>) -> Vec<Given> {
    let names = find(&PAIRS, layer.op());
    let whole = layer.elements();
    let choice = matches!(layer.operator(), Operator::Where { .. });
    let inputs = layer.record["gradients"]["inputs"]
        .as_array()
        .expect("inputs");
    let mut all = Vec::new();
    for (slot, gradient) in inputs.iter().enumerate().filter(|(_, g)| !g.is_null()) {
        let of_slot = names[usize::from(slot > usize::from(choice))];
        all.extend(each(of_slot, whole));
        let own = super::autograd_layer::elements(gradient).unwrap_or(whole);
        all.extend((own < whole).then(|| given("sum", own)));
        all.extend((layer.op() == "where" || layer.op() == "pow").then(number));
    }
    all
}

/// Elements of what is kept as our graph has it, where `PyTorch` keeps it in another shape.
pub(crate) fn kept_as(layer: &LayerOf<'_>, elements: u128) -> u128 {
    // Each image has a scale of its own.
    let scale = layer.written(TensorKind::ParameterGradient);
    match (layer.op(), layer.operator()) {
        ("instance_norm", Operator::Normalization(norm)) if scale.first() == Some(&elements) => {
            norm.statistics.iter().map(|&n| u128::from(n)).product()
        }
        _ => elements,
    }
}

/// What `PyTorch` saves though its backward operator reads no element of it, or could do without.
pub(crate) fn saved_besides(layer: &LayerOf<'_>) -> Vec<u128> {
    let whole = layer.elements();
    let input = || layer.input().iter().map(|&e| u128::from(e)).product();
    let parameters = layer.written(TensorKind::ParameterGradient);
    match (layer.op(), layer.operator()) {
        // The weight where the input has no gradient.
        (op, _) if op.starts_with("conv") && layer.of_pass(Pass::BackwardData).is_none() => {
            vec![parameters[0]]
        }
        // The running statistics.
        ("batch_norm", _) => vec![parameters[0]; 2],
        // The shift.
        ("layer_norm", _) => parameters.get(1).copied().into_iter().collect(),
        // The input of the square as well as of the product, the root and what it gave, and x̂.
        ("rms_norm", Operator::Normalization(norm)) => {
            let rows: u64 = norm.statistics.iter().product();
            vec![whole, whole, rows.into()]
        }
        // The input for its shape.
        (op, _) if op.contains("max_pool") => vec![input()],
        (op, _) if op.starts_with("avg_pool") => vec![input()],
        ("gather_elements", _) => vec![input()],
        // The places, which are a constant of the network.
        ("gather", _) if layer.from().len() == 1 => {
            let mut axes = layer.output().iter().zip(layer.input());
            let places = axes.find(|(after, before)| after != before);
            vec![u128::from(*places.expect("some places").0)]
        }
        // The output.
        ("reduce", Operator::Reduce { function, .. })
            if *function == deepmatrix::problem::Reduction::L1 =>
        {
            vec![whole]
        }
        // Both operands in place of which one was chosen.
        ("max" | "min", Operator::Pairwise(_)) => vec![whole],
        _ => Vec::new(),
    }
}

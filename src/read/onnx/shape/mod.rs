//! The shapes of outputs, and their elements where they are few and known: one rule for each operator.

mod call;
mod elementwise;
mod layout;
mod make;
mod other;
mod product;
mod reduce;
mod select;
mod window;

use super::value::Known;

pub(super) use call::{Call, axis, broadcast};
pub(super) use layout::order;
pub(super) use product::{
    Attention, attention, gemm_sizes, operands as product_operands, product, recurrent,
};
pub(super) use reduce::reduced;
pub(super) use select::{padding, steps};
pub(super) use window::{
    Convolution, Window, convolution, operands as convolution_operands, pooling,
};

/// What an operator makes of its inputs; more outputs than the node has are left out.
pub(super) type Rule = fn(&Call<'_>) -> Result<Vec<Known>, String>;

/// Operators with a rule of their own.
const RULES: &[(&str, Rule)] = &[
    ("ArgMax", reduce::place),
    ("ArgMin", reduce::place),
    ("Attention", product::attend),
    ("AveragePool", window::pool),
    ("Cast", elementwise::cast),
    ("CastLike", elementwise::cast),
    ("Concat", select::concat),
    ("Constant", make::constant),
    ("ConstantOfShape", make::filled),
    ("Conv", window::conv),
    ("ConvInteger", window::conv_integer),
    ("ConvTranspose", window::conv_transpose),
    ("CumSum", reduce::running_sum),
    ("DepthToSpace", layout::blocks),
    ("DequantizeLinear", other::dequantize),
    ("Dropout", other::dropout),
    ("DynamicQuantizeLinear", other::quantize_dynamic),
    ("Einsum", other::contract),
    ("Expand", layout::expand),
    ("EyeLike", make::eye),
    ("Flatten", layout::flatten),
    ("GRU", product::recur),
    ("Gather", select::gather),
    ("GatherElements", select::gather_elements),
    ("GatherND", select::gather_nd),
    ("Gemm", product::gemm),
    ("GlobalAveragePool", window::global_pool),
    ("GlobalLpPool", window::global_pool),
    ("GlobalMaxPool", window::global_pool),
    ("IsInf", elementwise::truth_of_one),
    ("IsNaN", elementwise::truth_of_one),
    ("LSTM", product::recur),
    ("LpPool", window::pool),
    ("MatMul", product::matmul),
    ("MatMulInteger", product::matmul_integer),
    ("MaxPool", window::pool),
    ("OneHot", make::one_hot),
    ("Pad", select::pad),
    ("QGemm", product::gemm),
    ("QLinearConv", window::conv_quantized),
    ("QLinearMatMul", product::matmul_quantized),
    ("QuantizeLinear", other::quantize),
    ("RNN", product::recur),
    ("Range", make::range),
    ("Reshape", layout::reshape),
    ("Resize", other::resize),
    ("RotaryEmbedding", other::rotate),
    ("ScatterElements", select::scatter),
    ("ScatterND", select::scatter),
    ("Scatter", select::scatter),
    ("Shape", make::shape),
    ("Size", make::size),
    ("Slice", select::slice),
    ("SpaceToDepth", layout::blocks),
    ("Split", select::split),
    ("Squeeze", layout::squeeze),
    ("Tile", layout::tile),
    ("TopK", reduce::top),
    ("Transpose", layout::transpose),
    ("Unsqueeze", layout::unsqueeze),
    ("Upsample", other::resize),
    ("Where", elementwise::choose),
];

/// Operators that share a rule.
const SHARED: &[(Rule, &[&str])] = &[
    (
        elementwise::same,
        &[
            "Abs",
            "Acos",
            "Acosh",
            "Asin",
            "Asinh",
            "Atan",
            "Atanh",
            "Ceil",
            "Celu",
            "Clip",
            "Cos",
            "Cosh",
            "Elu",
            "Erf",
            "Exp",
            "Floor",
            "Gelu",
            "HardSigmoid",
            "HardSwish",
            "Identity",
            "LRN",
            "LeakyRelu",
            "Log",
            "Mish",
            "Neg",
            "Not",
            "PRelu",
            "Reciprocal",
            "Relu",
            "Round",
            "Selu",
            "Shrink",
            "Sigmoid",
            "Sign",
            "Sin",
            "Sinh",
            "Softplus",
            "Softsign",
            "Sqrt",
            "Swish",
            "Tan",
            "Tanh",
            "ThresholdedRelu",
            "Trilu",
        ],
    ),
    (
        elementwise::stretch,
        &[
            "Add", "BitShift", "Div", "Max", "Mean", "Min", "Mod", "Mul", "Pow", "Sub", "Sum",
        ],
    ),
    (
        elementwise::compare,
        &[
            "And",
            "Equal",
            "Greater",
            "GreaterOrEqual",
            "Less",
            "LessOrEqual",
            "Or",
            "Xor",
        ],
    ),
    (
        reduce::reduce,
        &[
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSum",
            "ReduceLogSumExp",
            "ReduceMax",
            "ReduceMean",
            "ReduceMin",
            "ReduceProd",
            "ReduceSum",
            "ReduceSumSquare",
        ],
    ),
    (
        reduce::along,
        &[
            "Hardmax",
            "LogSoftmax",
            "LpNormalization",
            "MeanVarianceNormalization",
            "Softmax",
        ],
    ),
    (
        other::normalize,
        &[
            "BatchNormalization",
            "GroupNormalization",
            "InstanceNormalization",
            "LayerNormalization",
            "RMSNormalization",
        ],
    ),
];

/// Operators of another domain that are known.
const MICROSOFT: &[&str] = &["QGemm", "Gelu"];

/// The rule of an operator.
pub(super) fn rule(domain: &str, op: &str) -> Option<Rule> {
    let known = match domain {
        "" => op != "QGemm",
        "com.microsoft" => MICROSOFT.contains(&op),
        _ => false,
    };
    if !known {
        return None;
    }
    let own = RULES.iter().find(|r| r.0 == op).map(|r| r.1);
    own.or_else(|| SHARED.iter().find(|s| s.1.contains(&op)).map(|s| s.0))
}

/// The names of all operators of ONNX's own domain, for messages.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let shared = SHARED.iter().flat_map(|s| s.1.iter().copied());
    RULES.iter().map(|r| r.0).chain(shared)
}

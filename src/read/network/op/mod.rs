//! The operators: one file for each kind, one line in the registry for each operator.

mod concat;
mod conv1d;
mod conv2d;
mod conv3d;
mod conv_transpose;
mod depth;
mod dims;
mod embedding;
mod function;
mod gather;
mod given;
mod linear;
mod matmul;
mod normalization;
mod order;
mod pad;
mod padding;
mod pairwise;
mod pool;
mod producers;
mod recurrent;
mod reduce;
mod resize;
mod rope;
mod slice;
mod sliding;
mod view;

pub(super) use producers::Producers;

use super::site::{Outcome, Parts, Site};
use crate::read::suggest;
use crate::read::table::Table;

/// How an operator's entry in a file is read.
pub(super) enum Read {
    /// As one layer of all its producers.
    Layer(fn(&Site<'_>) -> Option<Outcome>),
    /// As several layers.
    Parts(fn(&Site<'_>) -> Option<Parts>),
}

/// An operator of network files.
pub(super) struct Operator {
    /// Its name in files.
    pub(super) name: &'static str,
    /// Its keys beside those of every layer; with `dims` among them it can stand alone.
    pub(super) keys: &'static [&'static str],
    /// Its producers.
    pub(super) producers: Producers,
    /// Reads its keys, checks the shapes and makes the work.
    pub(super) read: Read,
}

impl Operator {
    /// Whether a layer of this operator may give all its sizes in `dims`.
    pub(super) fn stands_alone(&self) -> bool {
        self.keys.contains(&"dims")
    }

    /// The layers that an entry of the file becomes.
    pub(super) fn read(&self, site: &Site<'_>) -> Option<Parts> {
        match self.read {
            Read::Layer(read) => read(site).map(|outcome| Parts::one(site, outcome)),
            Read::Parts(read) => read(site),
        }
    }
}

/// All operators, in the order in which messages list them.
pub(super) static OPERATORS: &[Operator] = &[
    conv2d::CONV2D,
    conv1d::CONV1D,
    conv3d::CONV3D,
    conv_transpose::CONV_TRANSPOSE2D,
    conv_transpose::CONV_TRANSPOSE1D,
    conv_transpose::CONV_TRANSPOSE3D,
    linear::LINEAR,
    matmul::MATMUL,
    recurrent::LSTM,
    recurrent::GRU,
    recurrent::RNN,
    pool::MAX_POOL,
    pool::AVG_POOL,
    pool::MAX_POOL1D,
    pool::AVG_POOL1D,
    pool::MAX_POOL3D,
    pool::AVG_POOL3D,
    pool::GLOBAL_AVG_POOL,
    pool::GLOBAL_MAX_POOL,
    function::RELU,
    function::RELU6,
    function::GELU,
    function::function("leaky_relu"),
    function::function("elu"),
    function::function("silu"),
    function::function("mish"),
    function::function("sigmoid"),
    function::function("hardsigmoid"),
    function::function("hardswish"),
    function::function("tanh"),
    function::function("softplus"),
    function::function("exp"),
    function::function("log"),
    function::function("sqrt"),
    function::function("rsqrt"),
    function::function("reciprocal"),
    function::function("neg"),
    function::function("abs"),
    function::function("sign"),
    function::function("erf"),
    function::function("sin"),
    function::function("cos"),
    function::function("square"),
    function::function("floor"),
    function::function("ceil"),
    function::function("round"),
    function::function("not"),
    function::function("clip"),
    function::function("cast"),
    function::function("mask"),
    function::function("quantize"),
    function::function("dequantize"),
    pairwise::function("add"),
    pairwise::function("sub"),
    pairwise::function("mul"),
    pairwise::function("div"),
    pairwise::function("pow"),
    pairwise::function("max"),
    pairwise::function("min"),
    pairwise::function("mod"),
    pairwise::function("equal"),
    pairwise::function("greater"),
    pairwise::function("less"),
    pairwise::function("greater_equal"),
    pairwise::function("less_equal"),
    pairwise::function("and"),
    pairwise::function("or"),
    pairwise::function("xor"),
    pairwise::WHERE,
    normalization::BATCH_NORM,
    normalization::LAYER_NORM,
    normalization::RMS_NORM,
    normalization::GROUP_NORM,
    normalization::INSTANCE_NORM,
    normalization::SOFTMAX,
    normalization::LOG_SOFTMAX,
    reduce::REDUCE,
    order::TOPK,
    order::CUMSUM,
    order::ONE_HOT,
    rope::ROPE,
    embedding::EMBEDDING,
    gather::GATHER,
    gather::GATHER_ELEMENTS,
    gather::GATHER_ND,
    gather::SCATTER,
    resize::RESIZE,
    resize::UPSAMPLE,
    pad::PAD,
    pad::EXPAND,
    slice::SLICE,
    slice::SPLIT,
    concat::CONCAT,
    depth::DEPTH_TO_SPACE,
    depth::SPACE_TO_DEPTH,
    given::CACHE,
    given::PARAMETER,
    given::CONSTANT,
    view::FLATTEN,
    view::RESHAPE,
    view::TRANSPOSE,
];

/// The operator that the layer names.
pub(super) fn named(table: &Table<'_>) -> Option<&'static Operator> {
    let field = table.required("op", "an operator such as `conv2d`")?;
    let name = field.text()?;
    let found = OPERATORS.iter().find(|o| o.name == name);
    if found.is_none() {
        let names: Vec<&str> = OPERATORS.iter().map(|o| o.name).collect();
        let hint = match suggest::closest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "there are {}, which inputs/networks/README.md lists; write it as those it consists of",
                names.len()
            ),
        };
        let name = name.escape_debug();
        field.reject(format!("unknown operator `{name}`; {hint}"));
    }
    found
}

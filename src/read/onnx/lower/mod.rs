//! From evaluated nodes to the layers of a network file: one file for each kind of operator.

mod attention;
mod conv;
mod einsum;
mod elementwise;
mod emit;
mod held;
mod keys;
mod moves;
mod norm;
mod operands;
mod places;
mod pool;
mod product;
mod quantize;
mod recurrent;
mod reduce;
mod repeat;
mod views;

use serde_yaml::{Mapping, Value};

use super::model::Model;
use super::node::Node;
use super::pattern::{self, Role};
use crate::read::error::Problem;

pub(super) use emit::{Layer, Lower};

/// What a lowering gives: nothing beside the layers, or what is wrong.
type Result<T = ()> = std::result::Result<T, String>;

/// The layers of a model, each with the node that it stems from.
///
/// # Errors
/// Every node that cannot be lowered.
pub(super) fn lower(model: &Model) -> std::result::Result<Lowered, Vec<Problem>> {
    let roles = pattern::roles(model);
    let mut lower = Lower::new(model);
    let mut problems = Vec::new();
    for (index, node) in model.nodes.iter().enumerate() {
        if !lower.is_needed(index) {
            continue;
        }
        lower.at(index);
        let done = match &roles[index] {
            Role::Swallowed => continue,
            Role::Plain => one(&mut lower, node),
            Role::Pattern(pattern) => norm::pattern(&mut lower, node, pattern),
        };
        if let Err(message) = done.and_then(|()| lower.gave(node)) {
            problems.push(Problem {
                line: None,
                field: node.label(),
                message,
            });
            lower.give_up(node);
        }
    }
    if problems.is_empty() {
        Ok(lower.finish())
    } else {
        Err(problems)
    }
}

/// The inputs and layers of a network file.
pub(super) struct Lowered {
    pub(super) batch: u64,
    /// The first input.
    pub(super) input: Option<Mapping>,
    /// The other inputs, by name.
    pub(super) inputs: Mapping,
    pub(super) layers: Vec<Layer>,
    /// Nodes whose outputs depend on the input and are needed.
    pub(super) needed: Vec<bool>,
}

/// Lowers a node that is no part of a pattern.
fn one(lower: &mut Lower<'_>, node: &Node) -> Result {
    match node.op.as_str() {
        "Conv" | "ConvInteger" | "QLinearConv" => conv::ordinary(lower, node),
        "ConvTranspose" => conv::transposed(lower, node),
        "MatMul" | "MatMulInteger" | "QLinearMatMul" => product::matmul(lower, node),
        "Gemm" | "QGemm" => product::gemm(lower, node),
        "Einsum" => einsum::einsum(lower, node),
        "Attention" => attention::attention(lower, node),
        "LSTM" | "GRU" | "RNN" => recurrent::recurrent(lower, node),
        "MaxPool" | "AveragePool" | "GlobalAveragePool" | "GlobalMaxPool" => {
            pool::pool(lower, node)
        }
        "Identity" | "Dropout" | "Cast" | "CastLike" => views::same(lower, node),
        "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => views::reshape(lower, node),
        "Transpose" => views::transpose(lower, node),
        "Expand" => repeat::expand(lower, node),
        "Slice" => moves::slice(lower, node),
        "Split" => moves::split(lower, node),
        "Concat" => moves::concat(lower, node),
        "Pad" => moves::pad(lower, node),
        "Tile" => moves::tile(lower, node),
        "Resize" | "Upsample" => moves::resize(lower, node),
        "Gather" => places::gather(lower, node),
        "GatherElements" | "GatherND" => places::gather_places(lower, node),
        "ScatterElements" | "ScatterND" | "Scatter" => places::scatter(lower, node),
        "DepthToSpace" | "SpaceToDepth" => moves::blocks(lower, node),
        "RotaryEmbedding" => moves::rotate(lower, node),
        "OneHot" => places::one_hot(lower, node),
        "TopK" => reduce::top(lower, node),
        "CumSum" => reduce::running_sum(lower, node),
        "ArgMax" | "ArgMin" => reduce::place(lower, node),
        op if op.starts_with("Reduce") => reduce::reduce(lower, node),
        "Softmax" | "LogSoftmax" | "Hardmax" | "LpNormalization" => norm::along(lower, node),
        "LayerNormalization"
        | "RMSNormalization"
        | "GroupNormalization"
        | "InstanceNormalization"
        | "BatchNormalization" => norm::norm(lower, node),
        "QuantizeLinear" => quantize::quantize(lower, node),
        "DequantizeLinear" => quantize::dequantize(lower, node),
        "DynamicQuantizeLinear" => quantize::dynamic(lower, node),
        _ => elementwise::elementwise(lower, node),
    }
}

/// A list of numbers as a YAML value.
fn list(numbers: &[u64]) -> Value {
    Value::Sequence(numbers.iter().map(|&n| Value::from(n)).collect())
}

//! The multiply-accumulates of a node, padding included.

use super::model::Model;
use super::node::Node;
use super::value::count;
use super::{einsum, shape};

/// The multiply-accumulates of a node; `None` of one that does none.
///
/// # Errors
/// What is wrong with the node.
pub(super) fn of_node(model: &Model, node: &Node) -> Result<Option<u128>, String> {
    let call = model.call(node);
    let product = |sizes: &[u64]| count(sizes);
    Ok(Some(match node.op.as_str() {
        "Conv" | "ConvInteger" | "QLinearConv" => {
            let [data, weight] = shape::convolution_operands(&node.op);
            let convolution = shape::convolution(&call, false)?;
            let outputs: Vec<u64> = convolution.windows.iter().map(|w| w.outputs).collect();
            let batch = call.input(data)?.shape[0];
            product(&call.input(weight)?.shape)
                .saturating_mul(product(&outputs))
                .saturating_mul(batch.into())
        }
        "ConvTranspose" => {
            shape::convolution(&call, true)?;
            let (data, weight) = (&call.input(0)?.shape, &call.input(1)?.shape);
            // Every element of the input meets one group's part of the weight.
            product(data).saturating_mul(product(&weight[1..]))
        }
        "MatMul" | "MatMulInteger" | "QLinearMatMul" => {
            let [left, right] = shape::product_operands(&node.op);
            let p = shape::product(&call.input(left)?.shape, &call.input(right)?.shape)?;
            product(&p.batch).saturating_mul(product(&[p.rows, p.columns, p.depth]))
        }
        "Gemm" | "QGemm" => product(&shape::gemm_sizes(&call)?),
        "Einsum" => {
            let inputs: Vec<&[u64]> = (0..node.inputs.len())
                .map(|i| call.input(i).map(|known| known.shape.as_slice()))
                .collect::<Result<_, _>>()?;
            let equation = node.text("equation")?.unwrap_or_default();
            let equation = einsum::read(equation, &inputs)?;
            equation
                .pairs()
                .iter()
                .map(|pair| equation.macs(pair))
                .fold(0, u128::saturating_add)
        }
        "Attention" => {
            let a = shape::attention(&call)?;
            let features = u128::from(a.features) + u128::from(a.value_features);
            product(&[a.batch, a.heads, a.queries, a.keys]).saturating_mul(features)
        }
        "LSTM" | "GRU" | "RNN" => {
            let r = shape::recurrent(&call)?;
            let inputs = u128::from(r.features) + u128::from(r.hidden);
            product(&[r.steps, r.batch, r.directions, r.gates, r.hidden]).saturating_mul(inputs)
        }
        _ => return Ok(None),
    }))
}

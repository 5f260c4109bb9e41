//! Convolutions, ordinary and transposed, along one, two or three axes.

use serde_yaml::Value;

use super::super::node::Node;
use super::super::shape::{self, Convolution, Window};
use super::emit::Lower;
use super::keys::Keys;
use super::operands::precision;
use super::{Result, list};

/// Conv, `ConvInteger` and `QLinearConv`.
pub(super) fn ordinary(lower: &mut Lower<'_>, node: &Node) -> Result {
    let convolution = shape::convolution(&lower.model.call(node), false)?;
    let op = match convolution.windows.len() {
        1 => "conv1d",
        2 => "conv2d",
        3 => "conv3d",
        axes => return Err(format!("convolutions over {axes} axes are not supported")),
    };
    let keys = keys(&convolution, true);
    emit(lower, node, op, keys)
}

/// `ConvTranspose`.
pub(super) fn transposed(lower: &mut Lower<'_>, node: &Node) -> Result {
    let convolution = shape::convolution(&lower.model.call(node), true)?;
    let op = match convolution.windows.len() {
        1 => "conv_transpose1d",
        2 => "conv_transpose2d",
        3 => "conv_transpose3d",
        axes => {
            return Err(format!(
                "transposed convolutions over {axes} axes are not supported"
            ));
        }
    };
    let extra: Vec<u64> = convolution
        .windows
        .iter()
        .map(|w| w.output_padding)
        .collect();
    let keys = keys(&convolution, true);
    let keys = if extra.iter().any(|&e| e > 0) {
        keys.with("output_padding", numbers(&extra))
    } else {
        keys
    };
    emit(lower, node, op, keys)
}

fn emit(lower: &mut Lower<'_>, node: &Node, op: &str, keys: Keys) -> Result {
    let [data, weight] = shape::convolution_operands(&node.op);
    let (Some(data), Some(weight)) = (node.input(data), node.input(weight)) else {
        return Ok(());
    };
    lower.require_constant(weight, "weight")?;
    let bias = node.input(if node.op == "QLinearConv" { 8 } else { 2 });
    let bias = bias.filter(|_| node.op != "ConvInteger");
    let keys = keys.with_if(bias.is_some(), "bias", true);
    let output = match node.op.as_str() {
        "ConvInteger" => Some(32),
        "QLinearConv" => Some(8),
        _ => None,
    };
    let keys = precision(lower, keys, data, Some(weight), output);
    let held = lower.whole(data)?;
    let name = lower.emit_weighted(op, &[&held], keys, weight);
    lower.hold(node.output(), name);
    Ok(())
}

fn keys(convolution: &Convolution, with_dilation: bool) -> Keys {
    let windows = &convolution.windows;
    let of = |field: fn(&Window) -> u64| windows.iter().map(field).collect::<Vec<u64>>();
    let mut keys = Keys::new()
        .with("out_channels", convolution.channels)
        .with("kernel", numbers(&of(|w| w.kernel)));
    let (stride, dilation) = (of(|w| w.stride), of(|w| w.dilation));
    if stride.iter().any(|&s| s > 1) {
        keys = keys.with("stride", numbers(&stride));
    }
    if windows.iter().any(|w| w.padding != [0, 0]) {
        keys = keys.with("padding", padding(windows));
    }
    if with_dilation && dilation.iter().any(|&d| d > 1) {
        keys = keys.with("dilation", numbers(&dilation));
    }
    keys.with_if(convolution.groups > 1, "groups", convolution.groups)
        .with_if(windows.len() == 1, "layout", "channels_first")
}

/// One number of a single axis, else a list.
pub(super) fn numbers(list_of: &[u64]) -> Value {
    match list_of {
        [one] => Value::from(*one),
        several => list(several),
    }
}

/// One number for each axis, or two where the sides differ.
pub(super) fn padding(windows: &[Window]) -> Value {
    if windows.iter().all(|w| w.padding[0] == w.padding[1]) {
        let sides: Vec<u64> = windows.iter().map(|w| w.padding[0]).collect();
        return numbers(&sides);
    }
    Value::Sequence(windows.iter().map(|w| list(&w.padding)).collect())
}

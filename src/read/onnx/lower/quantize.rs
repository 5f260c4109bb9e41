//! Quantisation of activations; weights are stored quantized, and cost nothing to convert.

use serde_yaml::{Mapping, Value};

use super::super::node::Node;
use super::emit::{Held, Lower};
use super::keys::{Frame, Keys};
use super::{Result, views};

fn bits(number: u32) -> Value {
    let mut table = Mapping::new();
    table.insert(Value::from("output"), Value::from(number));
    Value::Mapping(table)
}

/// `QuantizeLinear`: each element scaled and rounded.
pub(super) fn quantize(lower: &mut Lower<'_>, node: &Node) -> Result {
    let (Some(input), Some(output)) = (node.input(0), node.output()) else {
        return Ok(());
    };
    let width = lower.known(output).map_or(8, |k| k.kind.bits());
    let held = lower.whole(input)?;
    let keys = Keys::new().with("precision_bits", bits(width));
    let name = lower.emit("quantize", &[&held], keys);
    lower.hold(Some(output), name);
    Ok(())
}

/// `DequantizeLinear`: who reads the elements scales its sums, so that nothing happens here.
pub(super) fn dequantize(lower: &mut Lower<'_>, node: &Node) -> Result {
    views::same(lower, node)
}

/// `DynamicQuantizeLinear`: the largest element of all first, then each element scaled and rounded.
pub(super) fn dynamic(lower: &mut Lower<'_>, node: &Node) -> Result {
    let (Some(input), Some(output)) = (node.input(0), node.output()) else {
        return Ok(());
    };
    let held = lower.whole(input)?;
    let axes: Vec<u64> = (0..held.shape.len() as u64).collect();
    let keys = Keys::new()
        .with("function", "max")
        .list("axes", &axes)
        .with("keep_axes", true)
        .framed(Frame::Whole);
    let range = lower.emit("reduce", &[&held], keys);
    let ones = vec![1; held.shape.len()];
    let single = lower.reshaped(&Held::of(range, &ones), &[1])?;
    for i in [1, 2] {
        lower.hold_as(node.outputs.get(i).copied().flatten(), single.clone());
    }
    let keys = Keys::new().with("precision_bits", bits(8));
    let name = lower.emit("quantize", &[&held], keys);
    lower.hold(Some(output), name);
    Ok(())
}

//! The inputs of a network beside the first.

use crate::problem::{Layer, LayerKind, LayerSpec, Operator, Precision};
use crate::read::locate::key_path;

use super::input::FurtherInput;
use super::precision::{self, Widths};
use super::site::Width;

/// An input of the network beside the first as a layer, with the width of its elements.
pub(super) fn layer(input: &FurtherInput, widths: Widths) -> (Layer, Width) {
    let bits = input.bits.unwrap_or(widths.forward.input);
    let precision = Precision {
        output: bits,
        accumulator: widths.forward.accumulator.max(bits),
        ..widths.forward
    };
    let layer = Layer {
        name: input.name.clone(),
        op: "input".to_owned(),
        from: Vec::new(),
        kind: LayerKind::View,
        shape: input.tensor.shape(),
        spec: LayerSpec {
            operator: Operator::Input,
            precision,
            training: widths.training(),
            image: input.tensor.image,
            input_bits: Vec::new(),
            shares: None,
            onnx: None,
        },
    };
    let width = match input.bits {
        Some(bits) => Width {
            bits,
            field: key_path(&key_path("inputs", &input.name), "bits"),
        },
        None => precision::of_input(widths),
    };
    (layer, width)
}

//! Operators of one output each that fit no other file: einsum, resize, quantisation, normalisation.

use super::super::einsum;
use super::super::value::{Known, Type, spell};
use super::call::{Call, Result, axes};

/// Einsum.
pub(super) fn contract(call: &Call<'_>) -> Result<Vec<Known>> {
    let inputs = call.all()?;
    let shapes: Vec<&[u64]> = inputs.iter().map(|i| i.shape.as_slice()).collect();
    let equation = call.node.text("equation")?.unwrap_or_default();
    let equation = einsum::read(equation, &shapes)?;
    Ok(vec![Known::of(inputs[0].kind, equation.shape())])
}

/// Resize and Upsample: sizes, or floor(size · scale).
pub(super) fn resize(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let rank = input.rank();
    let named = match call.node.ints("axes")? {
        Some(list) => axes(list, rank)?,
        None => (0..rank).collect(),
    };
    let given = |i: usize| call.optional(i).filter(|known| known.count() > 0);
    // Opset 10 and Upsample have the scales as the second input, later opsets as the third.
    let late = call.inputs.len() > 2;
    let scales = match call.node.floats("scales")? {
        Some(list) => Some(list.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>()),
        None => match given(if late { 2 } else { 1 }) {
            Some(known) => {
                let list = known.elements.as_ref();
                let list = list.ok_or("its scales are not known while the file is read")?;
                Some(list.iter().map(|n| n.float()).collect())
            }
            None => None,
        },
    };
    let mut shape = input.shape.clone();
    if let Some(scales) = scales {
        if scales.len() != named.len() {
            return Err(format!(
                "it has {} scales for {} axes",
                scales.len(),
                named.len()
            ));
        }
        for (&at, scale) in named.iter().zip(scales) {
            shape[at] = scaled(shape[at], scale)?;
        }
    } else if given(3).is_some() {
        let sizes = call.ints(3)?;
        if sizes.len() != named.len() {
            return Err(format!(
                "it has {} sizes for {} axes",
                sizes.len(),
                named.len()
            ));
        }
        for (&at, &size) in named.iter().zip(&sizes) {
            shape[at] = u64::try_from(size).map_err(|_| "it has a negative size".to_owned())?;
        }
    } else {
        return Err("it has neither scales nor sizes".to_owned());
    }
    Ok(vec![Known::of(input.kind, shape)])
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "as ONNX defines it; both limits are checked before"
)]
fn scaled(size: u64, scale: f64) -> Result<u64> {
    let size = (size as f64 * scale).floor();
    if !(0.0..1e12).contains(&size) || scale <= 0.0 {
        return Err(format!("its scale {scale} is none"));
    }
    Ok(size as u64)
}

/// `QuantizeLinear`: the type of the zero point, or the one that is named, or 8 bits.
pub(super) fn quantize(call: &Call<'_>) -> Result<Vec<Known>> {
    let named = call.node.int("output_dtype", 0)?;
    let kind = match (call.optional(2), named) {
        (Some(zero), _) => zero.kind,
        (None, 0) => Type::UINT8,
        (None, named) => Type(i32::try_from(named).unwrap_or(0)),
    };
    Ok(vec![Known::of(kind, call.input(0)?.shape.clone())])
}

/// `DequantizeLinear`: the type of the scale.
pub(super) fn dequantize(call: &Call<'_>) -> Result<Vec<Known>> {
    let kind = call.input(1)?.kind;
    Ok(vec![Known::of(kind, call.input(0)?.shape.clone())])
}

/// `DynamicQuantizeLinear`: the bytes, a scale and a zero point.
pub(super) fn quantize_dynamic(call: &Call<'_>) -> Result<Vec<Known>> {
    Ok(vec![
        Known::of(Type::UINT8, call.input(0)?.shape.clone()),
        Known::of(Type::FLOAT, Vec::new()),
        Known::of(Type::UINT8, Vec::new()),
    ])
}

/// Normalisations with statistics as further outputs.
pub(super) fn normalize(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let op = call.node.op.as_str();
    if matches!(op, "LayerNormalization" | "RMSNormalization") {
        let at = call.axis(-1, input.rank())?;
        let mut statistics = input.shape.clone();
        for extent in &mut statistics[at..] {
            *extent = 1;
        }
        let statistics = Known::of(Type::FLOAT, statistics);
        let own = Known::of(input.kind, input.shape.clone());
        return Ok(vec![own, statistics.clone(), statistics]);
    }
    if input.rank() < 2 {
        return Err(format!(
            "its input {} has no axis of channels",
            spell(&input.shape)
        ));
    }
    let channels = Known::of(input.kind, vec![input.shape[1]]);
    let mut outputs = vec![Known::of(input.kind, input.shape.clone())];
    // Batch normalisation in training mode gives its statistics too.
    outputs.extend(vec![channels; 4]);
    Ok(outputs)
}

/// Dropout: its input, and what was kept.
pub(super) fn dropout(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let kept = Known::of(Type::BOOL, input.shape.clone());
    Ok(vec![input.clone(), kept])
}

/// `RotaryEmbedding`.
pub(super) fn rotate(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    if !matches!(input.rank(), 3 | 4) {
        return Err(format!(
            "its input {} must have three or four axes",
            spell(&input.shape)
        ));
    }
    Ok(vec![Known::of(input.kind, input.shape.clone())])
}

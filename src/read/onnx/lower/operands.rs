//! Operands of products: which is the weight, and what factors stand before them.

use super::super::node::ValueId;
use super::super::value::Known;
use super::emit::Lower;
use super::keys::Keys;
use serde_yaml::{Mapping, Value};

impl Lower<'_> {
    /// What is known of a value.
    pub(super) fn known(&self, id: ValueId) -> Option<&Known> {
        self.model.known(id)
    }

    /// The one element of a constant, where it is known.
    pub(super) fn scalar(&self, id: ValueId) -> Option<f64> {
        if !self.is_constant(id) {
            return None;
        }
        Some(self.known(id)?.scalar()?.float())
    }

    /// The bits of a value where it is quantized, and its width is not the network's to choose.
    pub(super) fn quantized_bits(&self, mut id: ValueId) -> Option<u32> {
        const VIEWS: [&str; 6] = [
            "DequantizeLinear",
            "Identity",
            "Transpose",
            "Reshape",
            "Squeeze",
            "Unsqueeze",
        ];
        loop {
            let own = self.model.values[id].known.as_ref()?.kind;
            if own.is_quantized() {
                return Some(own.bits());
            }
            let node = &self.model.nodes[self.model.producer(id)?];
            id = node
                .input(0)
                .filter(|_| VIEWS.contains(&node.op.as_str()))?;
        }
    }
}

/// The widths of a layer of which some operands are quantized.
pub(super) fn precision(
    lower: &Lower<'_>,
    keys: Keys,
    input: ValueId,
    weight: Option<ValueId>,
    output: Option<u32>,
) -> Keys {
    let mut table = Mapping::new();
    let mut put = |key: &str, bits: Option<u32>| {
        if let Some(bits) = bits {
            table.insert(Value::from(key), Value::from(bits));
        }
    };
    let bits = [Some(input), weight].map(|id| id.and_then(|id| lower.quantized_bits(id)));
    put("input", bits[0]);
    put("weight", bits[1]);
    put("output", output);
    if bits.iter().any(Option::is_some) || output.is_some() {
        put("accumulator", Some(32));
        return keys.with("precision_bits", Value::Mapping(table));
    }
    keys
}

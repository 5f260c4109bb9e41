//! LSTM, GRU and RNN.

use super::super::node::Node;
use super::super::shape;
use super::Result;
use super::emit::{Held, Lower};
use super::keys::Keys;

/// A recurrent layer; all hidden states have the direction behind the batch in ONNX.
pub(super) fn recurrent(lower: &mut Lower<'_>, node: &Node) -> Result {
    let r = shape::recurrent(&lower.model.call(node))?;
    let (Some(x), Some(weight), Some(recurrence)) = (node.input(0), node.input(1), node.input(2))
    else {
        return Ok(());
    };
    lower.require_constant(weight, "weight")?;
    lower.require_constant(recurrence, "weight")?;
    for state in [5, 6].into_iter().filter_map(|i| node.input(i)) {
        lower.require_constant(state, "initial state")?;
    }
    let op = match node.op.as_str() {
        "LSTM" => "lstm",
        "GRU" => "gru",
        _ => "rnn",
    };
    let layout = if r.batch_first {
        "batch_first"
    } else {
        "sequence_first"
    };
    let keys = Keys::new()
        .with("hidden", r.hidden)
        .with("directions", r.directions)
        .with("bias", node.input(3).is_some())
        .with("layout", layout);
    let held = lower.whole(x)?;
    let outputs = ["hidden".to_owned(), "cell".to_owned()];
    let name = lower.emit_named(op, &[&held], keys, Some(weight), &outputs);
    for (i, output) in outputs.iter().enumerate() {
        let id = node.outputs.get(i + 1).copied().flatten();
        let Some(id) =
            id.filter(|id| !lower.users[*id].is_empty() || lower.model.outputs.contains(id))
        else {
            continue;
        };
        if r.batch_first {
            return Err("its last state is read with the batch first, which is not supported; export it with layout 0".to_owned());
        }
        lower.hold(Some(id), format!("{name}.{output}"));
    }
    let Some(all) = node.output() else {
        return Ok(());
    };
    let [outer, inner] = if r.batch_first {
        [r.batch, r.steps]
    } else {
        [r.steps, r.batch]
    };
    let held = Held::of(name, &[outer, inner, r.directions * r.hidden]);
    let apart = lower.reshaped(&held, &[outer, inner, r.directions, r.hidden])?;
    let order: &[usize] = if r.batch_first {
        &[0, 1, 2, 3]
    } else {
        &[0, 2, 1, 3]
    };
    let all_states = lower.transposed(&apart, order, true)?;
    lower.hold_as(Some(all), all_states);
    Ok(())
}

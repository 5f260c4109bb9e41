//! Operators that multiply and accumulate: matrix products, einsum, attention, recurrent layers.

use super::super::value::{Known, Type, spell};
use super::call::{Call, Result, broadcast};

/// A matrix product, batch by batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Product {
    /// The axes before the matrices, stretched to each other.
    pub(in super::super) batch: Vec<u64>,
    /// Rows, columns, and the reduction.
    pub(in super::super) rows: u64,
    pub(in super::super) columns: u64,
    pub(in super::super) depth: u64,
    /// The shape of the product.
    pub(in super::super) shape: Vec<u64>,
}

/// The inputs that are the operands of a matrix product.
pub(in super::super) fn operands(op: &str) -> [usize; 2] {
    if matches!(op, "QLinearMatMul" | "QGemm") {
        [0, 3]
    } else {
        [0, 1]
    }
}

/// The product of two tensors of these shapes, as numpy's `matmul` takes them.
pub(in super::super) fn product(left: &[u64], right: &[u64]) -> Result<Product> {
    let wrong = || {
        let (left, right) = (spell(left), spell(right));
        format!("its inputs {left} and {right} cannot be multiplied")
    };
    if left.is_empty() || right.is_empty() {
        return Err(wrong());
    }
    let (outer, [rows, depth]) = match left {
        [depth] => (&[][..], [1, *depth]),
        _ => left
            .split_last_chunk::<2>()
            .map(|(o, m)| (o, *m))
            .ok_or_else(wrong)?,
    };
    let (inner, [below, columns]) = match right {
        [depth] => (&[][..], [*depth, 1]),
        _ => right
            .split_last_chunk::<2>()
            .map(|(o, m)| (o, *m))
            .ok_or_else(wrong)?,
    };
    if depth != below {
        return Err(wrong());
    }
    let batch = broadcast(&[outer, inner])?;
    let mut shape = batch.clone();
    if left.len() > 1 {
        shape.push(rows);
    }
    if right.len() > 1 {
        shape.push(columns);
    }
    Ok(Product {
        batch,
        rows,
        columns,
        depth,
        shape,
    })
}

fn multiplied(call: &Call<'_>, kind: Type) -> Result<Vec<Known>> {
    let [left, right] = operands(&call.node.op);
    let product = product(&call.input(left)?.shape, &call.input(right)?.shape)?;
    Ok(vec![Known::of(kind, product.shape)])
}

/// `MatMul`.
pub(super) fn matmul(call: &Call<'_>) -> Result<Vec<Known>> {
    multiplied(call, call.input(0)?.kind)
}

/// `MatMulInteger`: 32-bit sums.
pub(super) fn matmul_integer(call: &Call<'_>) -> Result<Vec<Known>> {
    multiplied(call, Type::INT32)
}

/// `QLinearMatMul`: the type of the output's zero point.
pub(super) fn matmul_quantized(call: &Call<'_>) -> Result<Vec<Known>> {
    multiplied(call, call.input(7)?.kind)
}

/// Rows, columns and depth of a Gemm or `QGemm`, after its transpositions.
pub(in super::super) fn gemm_sizes(call: &Call<'_>) -> Result<[u64; 3]> {
    let [left, right] = operands(&call.node.op);
    let (left, right) = (call.input(left)?, call.input(right)?);
    let matrix = |known: &Known, transposed: bool| match known.shape.as_slice() {
        &[a, b] if transposed => Ok([b, a]),
        &[a, b] => Ok([a, b]),
        other => Err(format!("its input {} is no matrix", spell(other))),
    };
    let [rows, depth] = matrix(left, call.node.int("transA", 0)? != 0)?;
    let [below, columns] = matrix(right, call.node.int("transB", 0)? != 0)?;
    if depth != below {
        let (left, right) = (spell(&left.shape), spell(&right.shape));
        return Err(format!(
            "its inputs {left} and {right} cannot be multiplied"
        ));
    }
    Ok([rows, columns, depth])
}

/// Gemm and `QGemm`.
pub(super) fn gemm(call: &Call<'_>) -> Result<Vec<Known>> {
    let [rows, columns, _] = gemm_sizes(call)?;
    let kind = match call.node.op.as_str() {
        "QGemm" => call.optional(8).map_or(Type::FLOAT, |zero| zero.kind),
        _ => call.input(0)?.kind,
    };
    Ok(vec![Known::of(kind, vec![rows, columns])])
}

/// An attention: batch, heads of queries and of keys, queries, keys, features of keys and of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Attention {
    pub(in super::super) batch: u64,
    pub(in super::super) heads: u64,
    pub(in super::super) key_heads: u64,
    pub(in super::super) queries: u64,
    /// Keys, those of earlier runs included.
    pub(in super::super) keys: u64,
    pub(in super::super) features: u64,
    pub(in super::super) value_features: u64,
    /// Keys of earlier runs.
    pub(in super::super) past: u64,
    /// Whether the heads stand beside each other in the last axis (three axes).
    pub(in super::super) merged: bool,
}

/// What an Attention node of opset 23 says.
pub(in super::super) fn attention(call: &Call<'_>) -> Result<Attention> {
    let (q, k, v) = (call.input(0)?, call.input(1)?, call.input(2)?);
    let past = call.optional(4);
    let wrong = || {
        let shapes = [q, k, v].map(|known| spell(&known.shape));
        format!(
            "its queries, keys and values {} do not fit together",
            shapes.join(", ")
        )
    };
    let merged = q.rank() == 3;
    let heads =
        |name: &str| -> Result<u64> { Ok(u64::try_from(call.node.int(name, 0)?).unwrap_or(0)) };
    let axes = |known: &Known, heads: u64| -> Result<[u64; 4]> {
        match *known.shape.as_slice() {
            [b, h, t, d] if !merged => Ok([b, h, t, d]),
            [b, t, hd] if merged && heads > 0 && hd.is_multiple_of(heads) => {
                Ok([b, heads, t, hd / heads])
            }
            _ => Err(wrong()),
        }
    };
    let (of_q, of_k) = (heads("q_num_heads")?, heads("kv_num_heads")?);
    let [b, h, l, d] = axes(q, of_q)?;
    let [b_k, h_k, s, d_k] = axes(k, of_k)?;
    let [b_v, h_v, s_v, d_v] = axes(v, of_k)?;
    let past = match past.map(|p| p.shape.as_slice()) {
        Some(&[_, _, past, _]) => past,
        Some(_) => return Err(wrong()),
        None => 0,
    };
    let fits = b == b_k && b == b_v && d == d_k && s == s_v && h_k == h_v && h_k > 0;
    if !fits || !h.is_multiple_of(h_k) {
        return Err(wrong());
    }
    Ok(Attention {
        batch: b,
        heads: h,
        key_heads: h_k,
        queries: l,
        keys: s.saturating_add(past),
        features: d,
        value_features: d_v,
        past,
        merged,
    })
}

/// Attention: the result, the keys and values with those of earlier runs, the scores.
pub(super) fn attend(call: &Call<'_>) -> Result<Vec<Known>> {
    let a = attention(call)?;
    let kind = call.input(0)?.kind;
    let own = if a.merged {
        let features = a
            .heads
            .checked_mul(a.value_features)
            .ok_or("it is too large")?;
        vec![a.batch, a.queries, features]
    } else {
        vec![a.batch, a.heads, a.queries, a.value_features]
    };
    Ok(vec![
        Known::of(kind, own),
        Known::of(kind, vec![a.batch, a.key_heads, a.keys, a.features]),
        Known::of(kind, vec![a.batch, a.key_heads, a.keys, a.value_features]),
        Known::of(kind, vec![a.batch, a.heads, a.queries, a.keys]),
    ])
}

/// A recurrent layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Recurrent {
    pub(in super::super) steps: u64,
    pub(in super::super) batch: u64,
    pub(in super::super) features: u64,
    pub(in super::super) hidden: u64,
    pub(in super::super) directions: u64,
    /// Matrices beside each other: 4 of an LSTM, 3 of a GRU, 1 of an RNN.
    pub(in super::super) gates: u64,
    /// Whether the batch comes before the steps.
    pub(in super::super) batch_first: bool,
}

/// What an LSTM, GRU or RNN node says.
pub(in super::super) fn recurrent(call: &Call<'_>) -> Result<Recurrent> {
    let gates = match call.node.op.as_str() {
        "LSTM" => 4,
        "GRU" => 3,
        _ => 1,
    };
    let batch_first = call.node.int("layout", 0)? != 0;
    let (x, w, r) = (call.input(0)?, call.input(1)?, call.input(2)?);
    let [a, b, features] = *<&[u64; 3]>::try_from(x.shape.as_slice())
        .map_err(|_| format!("its input {} must have three axes", spell(&x.shape)))?;
    let [steps, batch] = if batch_first { [b, a] } else { [a, b] };
    let directions = match call.node.text("direction")?.unwrap_or("forward") {
        "bidirectional" => 2,
        _ => 1,
    };
    let hidden = r.shape.last().copied().unwrap_or(0);
    let rows = hidden.checked_mul(gates).unwrap_or(0);
    let fits = w.shape == [directions, rows, features] && r.shape == [directions, rows, hidden];
    let stated = call.node.int("hidden_size", 0)?;
    let agrees = !call.node.has("hidden_size") || u64::try_from(stated) == Ok(hidden);
    if !fits || !agrees || hidden == 0 {
        let shapes = [x, w, r].map(|known| spell(&known.shape));
        return Err(format!(
            "its input and weights {} do not fit together",
            shapes.join(", ")
        ));
    }
    Ok(Recurrent {
        steps,
        batch,
        features,
        hidden,
        directions,
        gates,
        batch_first,
    })
}

/// LSTM, GRU, RNN: all hidden states, the last one, and the last cell of an LSTM.
pub(super) fn recur(call: &Call<'_>) -> Result<Vec<Known>> {
    let r = recurrent(call)?;
    let kind = call.input(0)?.kind;
    let (all, last) = if r.batch_first {
        (
            vec![r.batch, r.steps, r.directions, r.hidden],
            vec![r.batch, r.directions, r.hidden],
        )
    } else {
        (
            vec![r.steps, r.directions, r.batch, r.hidden],
            vec![r.directions, r.batch, r.hidden],
        )
    };
    Ok(vec![
        Known::of(kind, all),
        Known::of(kind, last.clone()),
        Known::of(kind, last),
    ])
}

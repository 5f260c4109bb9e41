//! Operators that work element by element.

use super::super::value::{Known, MOST_ELEMENTS, Number, Type, count};
use super::call::{Call, Result, broadcast, indices, stretched};

/// One output of the first input's shape and type.
pub(super) fn same(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let own = (input.elements.as_ref()).and_then(|list| {
        let one = |&n: &Number| unary(&call.node.op, n);
        list.iter().map(one).collect::<Option<Vec<_>>>()
    });
    Ok(vec![Known::of(input.kind, input.shape.clone()).with(own)])
}

/// The function of one known number, where it is one that shapes are computed with.
fn unary(op: &str, number: Number) -> Option<Number> {
    use Number::{Float, Int};
    let function: fn(f64) -> f64 = match op {
        "Identity" | "Dropout" => return Some(number),
        "Neg" => {
            return Some(match number {
                Int(n) => Int(n.checked_neg()?),
                Float(x) => Float(-x),
            });
        }
        "Abs" => {
            return Some(match number {
                Int(n) => Int(n.checked_abs()?),
                Float(x) => Float(x.abs()),
            });
        }
        "Not" => return Some(Int(i64::from(!number.is_true()))),
        "Sqrt" => f64::sqrt,
        "Reciprocal" => f64::recip,
        "Exp" => f64::exp,
        "Log" => f64::ln,
        "Floor" => f64::floor,
        "Ceil" => f64::ceil,
        "Round" => f64::round_ties_even,
        "Cos" => f64::cos,
        "Sin" => f64::sin,
        "Tanh" => f64::tanh,
        "Relu" => |x| x.max(0.0),
        "Sigmoid" => |x| 1.0 / (1.0 + (-x).exp()),
        _ => return None,
    };
    Some(Float(function(number.float())))
}

/// Another element type.
pub(super) fn cast(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let kind = match call.node.op.as_str() {
        "CastLike" => call.input(1)?.kind,
        _ => Type(i32::try_from(call.node.int("to", 0)?).unwrap_or(0)),
    };
    if !kind.is_numeric() {
        return Err(format!(
            "it casts to the element type {}, which is not known",
            kind.0
        ));
    }
    Ok(vec![
        Known::of(kind, input.shape.clone()).with(input.elements.clone()),
    ])
}

/// Truth values of the first input's shape.
pub(super) fn truth_of_one(call: &Call<'_>) -> Result<Vec<Known>> {
    Ok(vec![Known::of(Type::BOOL, call.input(0)?.shape.clone())])
}

/// One number for each element of the inputs stretched to each other.
pub(super) fn stretch(call: &Call<'_>) -> Result<Vec<Known>> {
    let inputs = call.all()?;
    let kind = inputs[0].kind;
    let op = call.node.op.as_str();
    let fmod = call.node.int("fmod", 0)? != 0;
    let whole = inputs.iter().all(|i| !i.kind.is_float());
    let function = |a, b| binary(op, a, b, whole, fmod);
    folded(&inputs, kind, function)
}

/// One truth value for each element of the inputs stretched to each other.
pub(super) fn compare(call: &Call<'_>) -> Result<Vec<Known>> {
    let inputs = call.all()?;
    let op = call.node.op.as_str();
    folded(&inputs, Type::BOOL, |a, b| {
        let (x, y) = (a.float(), b.float());
        let truth = match op {
            "Equal" => a == b || (x - y) == 0.0,
            "Greater" => x > y,
            "GreaterOrEqual" => x >= y,
            "Less" => x < y,
            "LessOrEqual" => x <= y,
            "And" => a.is_true() && b.is_true(),
            "Or" => a.is_true() || b.is_true(),
            "Xor" => a.is_true() != b.is_true(),
            _ => return None,
        };
        Some(Number::Int(i64::from(truth)))
    })
}

/// The inputs from the left to the right under a function of two.
fn folded(
    inputs: &[&Known],
    kind: Type,
    function: impl Fn(Number, Number) -> Option<Number>,
) -> Result<Vec<Known>> {
    let shapes: Vec<&[u64]> = inputs.iter().map(|i| i.shape.as_slice()).collect();
    let shape = broadcast(&shapes)?;
    let elements = all_known(inputs, &shape).and_then(|lists| {
        let one = |index: Vec<u64>| {
            let mut numbers = (inputs.iter().zip(&lists))
                .map(|(input, list)| list.get(stretched(&index, &input.shape)).copied());
            let first = numbers.next()??;
            numbers.try_fold(first, |a, b| function(a, b?))
        };
        indices(&shape).map(one).collect::<Option<Vec<_>>>()
    });
    Ok(vec![Known::of(kind, shape).with(elements)])
}

/// The elements of all inputs, where they and the output are few.
fn all_known<'a>(inputs: &[&'a Known], shape: &[u64]) -> Option<Vec<&'a Vec<Number>>> {
    if count(shape) > u128::from(MOST_ELEMENTS) {
        return None;
    }
    inputs.iter().map(|i| i.elements.as_ref()).collect()
}

/// A function of two known numbers.
fn binary(op: &str, a: Number, b: Number, whole: bool, fmod: bool) -> Option<Number> {
    if whole {
        return of_integers(op, a.int(), b.int(), fmod).map(Number::Int);
    }
    let (x, y) = (a.float(), b.float());
    Some(Number::Float(match op {
        "Add" | "Sum" => x + y,
        "Sub" => x - y,
        "Mul" => x * y,
        "Div" => x / y,
        "Pow" => x.powf(y),
        "Max" => x.max(y),
        "Min" => x.min(y),
        "Mod" => x % y,
        _ => return None,
    }))
}

fn of_integers(op: &str, x: i64, y: i64, fmod: bool) -> Option<i64> {
    match op {
        "Add" | "Sum" => x.checked_add(y),
        "Sub" => x.checked_sub(y),
        "Mul" => x.checked_mul(y),
        "Div" => x.checked_div(y),
        "Pow" => x.checked_pow(u32::try_from(y).ok()?),
        "Max" => Some(x.max(y)),
        "Min" => Some(x.min(y)),
        // The sign is the divisor's, unless it is C's remainder.
        "Mod" if fmod => x.checked_rem(y),
        "Mod" => {
            let rest = x.checked_rem(y)?;
            let other_side = rest != 0 && (rest < 0) != (y < 0);
            Some(if other_side { rest + y } else { rest })
        }
        _ => None,
    }
}

/// The second input's element where the first one is true, else the third one's.
pub(super) fn choose(call: &Call<'_>) -> Result<Vec<Known>> {
    let inputs = [call.input(0)?, call.input(1)?, call.input(2)?];
    let shape = broadcast(&inputs.map(|i| i.shape.as_slice()))?;
    let elements = all_known(&inputs, &shape).and_then(|lists| {
        let one = |index: Vec<u64>| {
            let at = |i: usize| lists[i].get(stretched(&index, &inputs[i].shape)).copied();
            if at(0)?.is_true() { at(1) } else { at(2) }
        };
        indices(&shape).map(one).collect::<Option<Vec<_>>>()
    });
    Ok(vec![Known::of(inputs[1].kind, shape).with(elements)])
}

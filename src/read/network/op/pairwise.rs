//! Functions of the elements of several tensors, of a tensor and a parameter, or of a tensor and a
//! number. Shapes are broadcast: from the last axis on each extent is equal or 1.

use crate::problem::{Operand, Operator as Kind, Pairwise};
use crate::read::network::axes;
use crate::read::network::site::{Outcome, Site, Source};
use crate::read::network::tensor::{Tensor, product};
use crate::read::network::vector_cost;

use super::{Operator, Producers, Read};

const NUMBER: &str = "the second operand, a number";
const SHAPE: &str = "all axes of the operand, such as `[64, 1, 1]`";
const OPERANDS: [&str; 3] = ["value", "parameter", "constant"];

/// A function of the table in `problem::function`, by its name.
pub(super) const fn function(name: &'static str) -> Operator {
    Operator {
        name,
        keys: &["value", "parameter", "constant", "reversed"],
        producers: Producers::OneOrMore,
        read: Read::Layer(read),
    }
}

/// An element of the second input where the first one says so, else of the third, or a number.
pub(super) const WHERE: Operator = Operator {
    name: "where",
    keys: &["value"],
    producers: Producers::TwoOrThree,
    read: Read::Layer(either),
};

fn read(site: &Site<'_>) -> Option<Outcome> {
    let function = Pairwise::parse(site.op)?;
    let help = "`true` where the number or parameter is the first operand";
    let reversed = site.table.optional("reversed", help);
    if let Some(field) = reversed {
        field.boolean()?;
    }
    let given: Vec<&str> = OPERANDS
        .into_iter()
        .filter(|key| site.table.has(key))
        .collect();
    let sources = site.sources()?;
    match (given.as_slice(), sources) {
        ([], [_, _]) => several(site, function, sources),
        ([], [_, _, ..]) if takes_several(function) => several(site, function, sources),
        ([], [_]) => {
            let why = "has one producer and no second operand; name two producers in `from`, or give `value`, `parameter` or `constant`";
            site.reject(why.to_owned());
            None
        }
        ([], _) => {
            site.table
                .reject_key("from", format!("`{}` takes two producers", site.op));
            None
        }
        (&["value"], [source]) => {
            site.table.optional("value", NUMBER)?.number()?;
            with_number(site, function, source)
        }
        (&[key], [source]) => with_operand(site, function, source, key),
        _ => {
            let why = "is one operand too many; a layer has two producers, or one with `value`, `parameter` or `constant`";
            let key = given.last().copied().unwrap_or("from");
            site.table.reject_key(key, why);
            None
        }
    }
}

/// Functions that go on from two operands to more.
fn takes_several(function: Pairwise) -> bool {
    use Pairwise::{Add, And, Max, Min, Mul, Or};
    matches!(function, Add | Mul | Max | Min | And | Or)
}

fn several(site: &Site<'_>, function: Pairwise, sources: &[Source]) -> Option<Outcome> {
    let output = broadcast(site, sources)?;
    let read = sources.iter().map(|s| s.tensor.elements()).sum();
    let cost = vector_cost::pairwise(function).saturating_mul(vector_cost::combine(sources.len()));
    let operations = output.elements().saturating_mul(cost);
    let kind = match function {
        Pairwise::Add => Kind::Add,
        Pairwise::Mul => Kind::Mul,
        other => Kind::Pairwise(other),
    };
    site.stream(output, read, 0, operations, kind)
}

fn with_number(site: &Site<'_>, function: Pairwise, source: &Source) -> Option<Outcome> {
    let tensor = source.tensor.clone();
    let elements = tensor.elements();
    let operations = elements.saturating_mul(vector_cost::pairwise(function));
    let kind = Kind::With(function, Operand::Number);
    let outcome = site.stream(tensor, elements, 0, operations, kind)?;
    Some(outcome.fusable())
}

/// A tensor with a parameter or a constant, which is read as a weight. A vector can be applied while
/// the tensor leaves the array, as a batch normalisation's scale is.
fn with_operand(
    site: &Site<'_>,
    function: Pairwise,
    source: &Source,
    key: &str,
) -> Option<Outcome> {
    let field = site.table.required(key, SHAPE)?;
    let shape = axes::sizes(&field)?;
    let operand = Source {
        name: key.to_owned(),
        tensor: Tensor::of_shape(&shape),
        width: source.width.clone(),
    };
    let output = broadcast(site, &[source.clone(), operand])?;
    if output.shape() != source.tensor.shape() {
        field.reject(format!(
            "is larger than `{}`'s {}; put an expand before the layer",
            source.name, source.tensor
        ));
        return None;
    }
    let is_vector = shape.iter().filter(|&&extent| extent > 1).count() <= 1;
    let elements = output.elements();
    let operations = elements.saturating_mul(vector_cost::pairwise(function));
    let parameters = product(&shape);
    let operand = if key == "parameter" {
        Operand::Parameter(shape)
    } else {
        Operand::Constant(shape)
    };
    let kind = Kind::With(function, operand);
    let outcome = site.stream(output, elements, parameters, operations, kind)?;
    Some(if is_vector {
        outcome.fusable()
    } else {
        outcome
    })
}

fn either(site: &Site<'_>) -> Option<Outcome> {
    let number = site.table.optional("value", NUMBER);
    let sources = site.sources()?;
    if number.is_some() == (sources.len() == 3) {
        let why = "takes a condition and two producers, or a condition, one producer and `value`";
        site.reject(why.to_owned());
        return None;
    }
    if let Some(number) = &number {
        number.number()?;
    }
    let output = broadcast(site, sources)?;
    let read = sources.iter().map(|s| s.tensor.elements()).sum();
    let operations = output.elements().saturating_mul(vector_cost::WHERE);
    let number = number.is_some();
    site.stream(output, read, 0, operations, Kind::Where { number })
}

/// The shape of a function of these tensors, or an error that names two of them.
pub(super) fn broadcast(site: &Site<'_>, sources: &[Source]) -> Option<Tensor> {
    let largest = sources
        .iter()
        .rev()
        .max_by_key(|s| (s.tensor.rank(), s.tensor.elements()))?;
    let mut shape = largest.tensor.shape();
    for source in sources {
        let own = source.tensor.shape();
        let from = shape.len() - own.len();
        for (whole, &extent) in shape[from..].iter_mut().zip(&own) {
            if *whole == 1 {
                *whole = extent;
            } else if extent != 1 && extent != *whole {
                let (a, b) = (largest, source);
                site.reject(format!(
                    "`{}` gives {}, but `{}` gives {}; from the last axis on their extents must be equal or 1",
                    a.name, a.tensor, b.name, b.tensor
                ));
                return None;
            }
        }
    }
    Some(largest.tensor.like(&shape))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::network::op::OPERATORS;

    #[test]
    fn every_function_is_an_operator() {
        for (function, name) in Pairwise::ALL {
            let own = OPERATORS.iter().find(|operator| operator.name == name);
            assert!(own.is_some(), "{function:?}");
            assert!(vector_cost::pairwise(function) > 0);
        }
    }
}

//! Functions of single elements: activations, roots, rounding, changes of width.

use crate::problem::{Function, Operator as Kind};
use crate::read::network::site::{Outcome, Site};
use crate::read::network::vector_cost;

use super::{Operator, Producers, Read};

/// max(x, 0).
pub(super) const RELU: Operator = of("relu", |site| map(site, vector_cost::RELU, Kind::Relu));
/// min(max(x, 0), 6).
pub(super) const RELU6: Operator = of("relu6", |site| map(site, vector_cost::RELU6, Kind::Relu));
/// The Gaussian error linear unit.
pub(super) const GELU: Operator = of("gelu", |site| map(site, vector_cost::GELU, Kind::Gelu));

/// A function of the table in `problem::function`, by its name.
pub(super) const fn function(name: &'static str) -> Operator {
    of(name, |site| {
        let function = Function::parse(site.op)?;
        let cost = vector_cost::function(function);
        map(site, cost, Kind::Elementwise(function))
    })
}

const fn of(name: &'static str, read: fn(&Site<'_>) -> Option<Outcome>) -> Operator {
    Operator {
        name,
        keys: &[],
        producers: Producers::One,
        read: Read::Layer(read),
    }
}

/// The same shape, with `cost` vector operations for each element; it can be applied while a
/// producer's output leaves the array.
fn map(site: &Site<'_>, cost: u128, kind: Kind) -> Option<Outcome> {
    let tensor = site.source()?.tensor.clone();
    let elements = tensor.elements();
    let operations = elements.saturating_mul(cost);
    let outcome = site.stream(tensor, elements, 0, operations, kind)?;
    Some(outcome.fusable())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::network::op::OPERATORS;

    #[test]
    fn every_function_is_an_operator() {
        for (function, name) in Function::ALL {
            let own = OPERATORS.iter().find(|operator| operator.name == name);
            assert!(own.is_some(), "{function:?}");
            assert!(vector_cost::function(function) > 0);
        }
    }
}

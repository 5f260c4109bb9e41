//! `rope`: rotary position embedding (Su et al., arXiv 2104.09864).

use crate::problem::Operator as Kind;
use crate::read::field::Field;
use crate::read::network::site::{Outcome, Site};
use crate::read::network::tensor::product;
use crate::read::network::vector_cost;

use super::{Operator, Producers, Read};

/// The operator: pairs of the last axis are rotated by an angle for each position.
pub(super) const ROPE: Operator = Operator {
    name: "rope",
    keys: &["axis", "features", "with_batch"],
    producers: Producers::One,
    read: Read::Layer(read),
};

const AXIS: &str = "the axis of the positions, counted from 0 without the batch";
const FEATURES: &str = "how many of the last axis are rotated, an even number";

/// The sine and the cosine of each position and pair are read as a table; features that are not
/// rotated are moved.
fn read(site: &Site<'_>) -> Option<Outcome> {
    let source = site.source()?;
    let shape = source.tensor.shape();
    if shape.len() < 2 {
        let (name, tensor) = (&source.name, &source.tensor);
        site.reject(format!(
            "takes positions x features, but `{name}` gives {tensor}; put a reshape before it"
        ));
        return None;
    }
    let last = shape.len() - 1;
    let axis = site.axis("axis", AXIS, source, Some(last - 1))?;
    let features = (site.table).or_default("features", FEATURES, shape[last], Field::extent)?;
    if features > shape[last] || features % 2 == 1 || axis == last {
        let key = if axis == last { "axis" } else { "features" };
        let (name, tensor) = (&source.name, &source.tensor);
        site.table.reject_key(
            key,
            format!(
                "does not fit `{name}`, which gives {tensor}: pairs of its last axis are rotated; give an even number of at most {} features, and another axis of positions",
                shape[last]
            ),
        );
        return None;
    }
    let table = vec![shape[axis], features];
    let tensor = source.tensor.clone();
    let elements = tensor.elements();
    let rotated = elements / u128::from(shape[last]) * u128::from(features);
    let operations = rotated
        .saturating_mul(vector_cost::ROPE)
        .saturating_add(elements - rotated);
    let read = product(&table);
    site.stream(tensor, elements, read, operations, Kind::Rope { table })
}

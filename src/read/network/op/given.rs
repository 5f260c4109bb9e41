//! `cache`, `parameter` and `constant`: tensors that are there before the run. They are no work of
//! their own; who reads one pays for it.

use crate::problem::Operator as Kind;
use crate::read::network::axes;
use crate::read::network::site::{Outcome, Site};
use crate::read::network::tensor::Tensor;

use super::{Operator, Producers, Read};

const SHAPE: &str = "the sizes without the batch, such as `[12, 128, 64]`";
const WHOLE_SHAPE: &str = "all sizes, such as `[197, 768]`; a parameter has no batch";

/// A tensor of an earlier run, such as the keys and values of earlier tokens.
pub(super) const CACHE: Operator = operator("cache", &["shape", "with_batch"], |site| {
    let shape = site.shape_of("shape", SHAPE, site.batch)?;
    let outcome = site.view(Tensor::of_shape(&shape))?;
    Some(outcome.with(Kind::Cache))
});
/// A weight that is no layer's own: a table of positions, an expert's matrix.
pub(super) const PARAMETER: Operator =
    operator("parameter", &["shape"], |site| whole(site, Kind::Parameter));
/// Elements that stay as they are: a mask, a table of angles.
pub(super) const CONSTANT: Operator =
    operator("constant", &["shape"], |site| whole(site, Kind::Constant));

const fn operator(
    name: &'static str,
    keys: &'static [&'static str],
    read: fn(&Site<'_>) -> Option<Outcome>,
) -> Operator {
    Operator {
        name,
        keys,
        producers: Producers::None,
        read: Read::Layer(read),
    }
}

fn whole(site: &Site<'_>, kind: Kind) -> Option<Outcome> {
    let shape = axes::sizes(&site.table.required("shape", WHOLE_SHAPE)?)?;
    let outcome = site.view(Tensor::of_shape(&shape))?;
    Some(outcome.with(kind))
}

//! `cache`: a tensor that is there before the run, such as the keys and values of earlier tokens.

use crate::problem::Operator as Kind;
use crate::read::network::tensor::Tensor;

use super::{Operator, Producers, view};

/// The operator: no work of its own; who reads the tensor pays for it.
pub(super) const CACHE: Operator = Operator {
    name: "cache",
    keys: &["shape"],
    producers: Producers::None,
    read: |site| {
        let (_, shape) = view::shape(site)?;
        let outcome = site.view(Tensor::of(site.batch, shape));
        outcome.map(|o| o.with(Kind::Cache))
    },
};

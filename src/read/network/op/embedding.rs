//! `embedding`: a table row for each token number.

use crate::problem::Operator as Kind;
use crate::read::network::site::{Outcome, Site};
use crate::read::network::tensor::Tensor;
use crate::read::network::vector_cost;

use super::{Operator, Producers, Read};

/// The operator: every element of its input is a token number, of which one row is read.
pub(super) const EMBEDDING: Operator = Operator {
    name: "embedding",
    keys: &["vocabulary", "features"],
    producers: Producers::One,
    read: Read::Layer(read),
};

fn read(site: &Site<'_>) -> Option<Outcome> {
    let vocabulary = site.extent("vocabulary", "the number of rows of the table");
    let features = site.extent("features", "the number of features of a row");
    let tokens = &site.source()?.tensor;
    let mut axes = tokens.axes.clone();
    let (vocabulary, features) = (vocabulary?, features?);
    axes.push(features);
    let output = Tensor::of(tokens.batch, axes);
    let elements = output.elements();
    let operations = elements.saturating_mul(vector_cost::EMBEDDING);
    let kind = Kind::Embedding {
        vocabulary,
        features,
    };
    site.stream(output, tokens.elements(), elements, operations, kind)
}

//! `reduce`: the elements of some axes become one.

use crate::problem::{Operator as Kind, Reduction};
use crate::read::field::Field;
use crate::read::network::site::{Outcome, Site};
use crate::read::network::tensor::{Tensor, product};
use crate::read::network::vector_cost;

use super::{Operator, Producers, Read};

/// The operator; without `axes` over all axes but the batch. Each axis keeps an extent of 1.
pub(super) const REDUCE: Operator = Operator {
    name: "reduce",
    keys: &["function", "axes", "keep_axes", "with_batch"],
    producers: Producers::One,
    read: Read::Layer(read),
};

const FUNCTION: &str = "what becomes of the elements, such as `mean`";
const AXES: &str = "the axes, counted from 0 without the batch";
const KEEP: &str = "`false` where the axes are left out of the output";

fn read(site: &Site<'_>) -> Option<Outcome> {
    let function = site.table.required("function", FUNCTION);
    let function = function.and_then(|field| field.choice(&Reduction::ALL));
    let source = site.source()?;
    let shape = source.tensor.shape();
    let axes = site.axes("axes", AXES, source, (1..shape.len()).collect())?;
    let keep = (site.table).or_default("keep_axes", KEEP, true, Field::boolean)?;
    let gone: Vec<u64> = axes.iter().map(|&axis| shape[axis]).collect();
    let kept = |axis: &usize| !axes.contains(axis);
    let output: Vec<u64> = if keep {
        (0..shape.len())
            .map(|a| if kept(&a) { shape[a] } else { 1 })
            .collect()
    } else {
        (0..shape.len()).filter(kept).map(|a| shape[a]).collect()
    };
    let output: Tensor = source.tensor.like(&output);
    let (function, count) = (function?, product(&gone));
    let cost = vector_cost::reduction(function);
    let read = source.tensor.elements();
    let operations = read.saturating_mul(cost.each);
    let operations = operations.saturating_add(output.elements().saturating_mul(cost.result));
    let kind = Kind::Reduce { function, count };
    site.stream(output, read, 0, operations, kind)
}

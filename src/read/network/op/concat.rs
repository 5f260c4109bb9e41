//! `concat`: tensors side by side along an axis.

use crate::problem::Operator as Kind;
use crate::read::field::Field;
use crate::read::network::site::{Outcome, Site, Source};

use super::{Operator, Producers, Read, slice};

/// The operator: along `axis`, by default the channels or features. The parts lie behind each other
/// where all axes before are 1; else every element is moved, unless it is a `view`.
pub(super) const CONCAT: Operator = Operator {
    name: "concat",
    keys: &["axis", "view", "with_batch"],
    producers: Producers::Several,
    read: Read::Layer(concat),
};

const AXIS: &str = "the axis to join, counted from 0 without the batch";
const VIEW: &str = "`true` where the producers write into one tensor, so that none is moved";

fn concat(site: &Site<'_>) -> Option<Outcome> {
    let sources = site.sources()?;
    let first = sources.first()?;
    let default = first.tensor.channel_axis() + 1;
    let default = default.min(first.tensor.rank() - 1);
    let axis = site.axis("axis", AXIS, first, Some(default))?;
    let mut shape = first.tensor.shape();
    let mut joined: u128 = 0;
    for source in sources {
        if !joins(first, source, axis) {
            // The message counts as the layer does.
            let shown = axis - usize::from(!site.with_batch()?);
            let (a, b) = (first, source);
            site.reject(format!(
                "`{}` gives {}, but `{}` gives {}; they must be equal in all axes but the joined one, axis {shown}",
                a.name, a.tensor, b.name, b.tensor
            ));
            return None;
        }
        joined += u128::from(source.tensor.shape()[axis]);
    }
    shape[axis] = u64::try_from(joined).unwrap_or(u64::MAX);
    let output = first.tensor.like(&shape);
    let apart = slice::lies_apart(&shape, axis);
    if site
        .table
        .or_default("view", VIEW, !apart, Field::boolean)?
    {
        return site.view(output).map(|o| o.with(Kind::Concat));
    }
    site.moved(output, Kind::Concat)
}

/// Whether the shapes agree in every other axis.
fn joins(first: &Source, other: &Source, axis: usize) -> bool {
    let others = |source: &Source| {
        let mut rest = source.tensor.shape();
        (axis < rest.len()).then(|| rest.remove(axis));
        rest
    };
    first.tensor.rank() == other.tensor.rank() && others(first) == others(other)
}

//! `slice` and `split`: some elements of an axis.

use crate::problem::Operator as Kind;
use crate::read::field::{Field, LARGEST_EXTENT};
use crate::read::network::site::{Link, Outcome, Part, Parts, Site, Source};

use super::{Operator, Producers, Read};

/// Elements `start` to `end`, the end exclusive, `step` apart.
pub(super) const SLICE: Operator = Operator {
    name: "slice",
    keys: &["axis", "start", "end", "step", "view", "with_batch"],
    producers: Producers::One,
    read: Read::Layer(slice),
};

/// Parts of these sizes; the first is `NAME.0`.
pub(super) const SPLIT: Operator = Operator {
    name: "split",
    keys: &["axis", "sizes", "view", "with_batch"],
    producers: Producers::One,
    read: Read::Parts(split),
};

const AXIS: &str = "the axis, counted from 0 without the batch";
const VIEW: &str = "`true` where the next layer reads the elements where they lie";

fn slice(site: &Site<'_>) -> Option<Outcome> {
    let source = site.source()?;
    let axis = site.axis("axis", AXIS, source, None)?;
    let extent = source.tensor.shape()[axis];
    let number = |key, help, least, default| {
        let decode = |field: &Field<'_>| field.integer(least, LARGEST_EXTENT);
        site.table.or_default(key, help, default, decode)
    };
    let start = number("start", "the first element, counted from 0", 0, 0);
    let end = number("end", "the first element that is left out", 1, extent);
    let step = number("step", "how far apart the elements lie", 1, 1);
    let (start, end, step) = (start?, end?, step?);
    if end > extent || start >= end {
        let key = if start < extent && site.table.has("end") {
            "end"
        } else {
            "start"
        };
        site.table.reject_key(
            key,
            format!(
                "elements {start} to {end} are none of the {extent} of axis {} of `{}`, which gives {}; give start < end <= {extent}",
                axis - usize::from(!site.with_batch()?),
                source.name,
                source.tensor
            ),
        );
        return None;
    }
    taken(site, source, axis, [(end - start).div_ceil(step), step])
}

/// So many elements of an axis, so far apart: a view where they lie behind each other, else a move.
fn taken(
    site: &Site<'_>,
    source: &Source,
    axis: usize,
    [count, step]: [u64; 2],
) -> Option<Outcome> {
    let mut shape = source.tensor.shape();
    let whole = shape[axis] == count;
    let apart = !whole && (lies_apart(&shape, axis) || (step > 1 && count > 1));
    shape[axis] = count;
    let output = source.tensor.like(&shape);
    let view = (site.table).or_default("view", VIEW, !apart, Field::boolean)?;
    if view {
        let kind = if whole { Kind::View } else { Kind::Slice };
        return site.view(output).map(|o| o.with(kind));
    }
    site.moved(output, Kind::Slice)
}

/// Whether parts of an axis have elements of other parts between theirs: an axis before it is
/// longer than 1.
pub(super) fn lies_apart(shape: &[u64], axis: usize) -> bool {
    shape[..axis].iter().any(|&extent| extent > 1)
}

fn split(site: &Site<'_>) -> Option<Parts> {
    let field = (site.table).required("sizes", "the sizes of the parts, such as `[64, 64]`")?;
    let sizes = sizes(&field)?;
    let source = site.source()?;
    let axis = site.axis("axis", AXIS, source, None)?;
    let (had, has) = (source.tensor.shape()[axis], sizes.iter().sum::<u64>());
    if had != has {
        field.reject(format!(
            "has {has} elements in all, but axis {} of `{}`, which gives {}, has {had}; give sizes with that sum",
            axis - usize::from(!site.with_batch()?),
            source.name,
            source.tensor
        ));
        return None;
    }
    let part = |(index, &size): (usize, &u64)| {
        Some(Part {
            suffix: index.to_string(),
            op: site.op,
            from: vec![Link::Source(0)],
            outcome: taken(site, source, axis, [size, 1])?,
            optional: true,
        })
    };
    let list: Vec<Option<Part>> = sizes.iter().enumerate().map(part).collect();
    let list = list.into_iter().collect::<Option<_>>()?;
    Some(Parts { list })
}

/// Sizes of parts, of which there may be more than axes.
fn sizes(field: &Field<'_>) -> Option<Vec<u64>> {
    const MOST_PARTS: usize = 1 << 12;
    let items = field.list()?;
    if items.len() > MOST_PARTS {
        let count = items.len();
        field.reject(format!(
            "has {count} parts; at most {MOST_PARTS} are supported"
        ));
        return None;
    }
    let sizes: Vec<Option<u64>> = items.iter().map(Field::extent).collect();
    sizes.into_iter().collect()
}

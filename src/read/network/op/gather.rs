//! `gather` and its like, and `scatter`: elements at places that another tensor gives.

use crate::problem::Operator as Kind;
use crate::read::field::Field;
use crate::read::network::axes;
use crate::read::network::site::{Outcome, Site, Source};
use crate::read::network::tensor::Tensor;

use super::{Operator, Producers, Read};

/// Slices along an axis, at places that the second producer or a constant list gives.
pub(super) const GATHER: Operator = Operator {
    name: "gather",
    keys: &["axis", "indices", "with_batch"],
    producers: Producers::OneOrTwo,
    read: Read::Layer(gather),
};

/// One element for each place; the output has the shape of the places.
pub(super) const GATHER_ELEMENTS: Operator = Operator {
    name: "gather_elements",
    keys: &["axis", "with_batch"],
    producers: Producers::Two,
    read: Read::Layer(gather_elements),
};

/// Slices at places of several axes, whose coordinates are the last axis of the second producer.
pub(super) const GATHER_ND: Operator = Operator {
    name: "gather_nd",
    keys: &["batch_axes"],
    producers: Producers::Two,
    read: Read::Layer(gather_nd),
};

/// The first producer with the elements of the third one at the places that the second one gives.
pub(super) const SCATTER: Operator = Operator {
    name: "scatter",
    keys: &["view"],
    producers: Producers::Three,
    read: Read::Layer(scatter),
};

const AXIS: &str = "the axis, counted from 0 without the batch";
const INDICES: &str = "the shape of the constant list of places, such as `[1]`";
const VIEW: &str = "`true` where the first producer is changed in place";

fn gather(site: &Site<'_>) -> Option<Outcome> {
    let sources = site.sources()?;
    let (source, places) = match (sources, site.table.optional("indices", INDICES)) {
        ([data, places], None) => (data, (places.tensor.shape(), true)),
        ([data], Some(field)) => (data, (axes::sizes(&field)?, false)),
        _ => {
            site.reject(
                "takes a second producer or `indices`, but not both; give one of them".to_owned(),
            );
            return None;
        }
    };
    let axis = site.axis("axis", AXIS, source, None)?;
    let shape = source.tensor.shape();
    let (places, read_too) = places;
    let output = [&shape[..axis], &places, &shape[axis + 1..]].concat();
    taken(site, source.tensor.like(&output), &places, read_too)
}

fn gather_elements(site: &Site<'_>) -> Option<Outcome> {
    let [data, places] = site.sources()? else {
        return None;
    };
    site.axis("axis", AXIS, data, None)?;
    let shape = places.tensor.shape();
    if shape.len() != data.tensor.rank() {
        site.reject(mismatch(data, places, "both must have as many axes"));
        return None;
    }
    taken(site, data.tensor.like(&shape), &shape, true)
}

fn gather_nd(site: &Site<'_>) -> Option<Outcome> {
    let help = "how many first axes both have";
    let batch = site
        .table
        .or_default("batch_axes", help, 0, |f| f.integer(0, 8))?;
    let batch = usize::try_from(batch).ok()?;
    let [data, places] = site.sources()? else {
        return None;
    };
    let (shape, own) = (data.tensor.shape(), places.tensor.shape());
    let (last, before) = own.split_last()?;
    let named = usize::try_from(*last).unwrap_or(usize::MAX);
    let left = batch.checked_add(named).and_then(|n| shape.get(n..));
    let (Some(left), true) = (left, before.len() >= batch) else {
        let why = "the last axis of the places must not be longer than the axes of the data";
        site.reject(mismatch(data, places, why));
        return None;
    };
    let output = [before, left].concat();
    taken(site, Tensor::of_shape(&output), &own, true)
}

/// What is taken is read and written, and the places are read where they are no constant.
fn taken(site: &Site<'_>, output: Tensor, places: &[u64], read_too: bool) -> Option<Outcome> {
    let elements = output.elements();
    let places = if read_too {
        Tensor::of_shape(places).elements()
    } else {
        0
    };
    let read = elements.saturating_add(places);
    site.stream(output, read, 0, elements, Kind::Gather)
}

fn scatter(site: &Site<'_>) -> Option<Outcome> {
    let view = site.table.or_default("view", VIEW, false, Field::boolean)?;
    let [data, places, updates] = site.sources()? else {
        return None;
    };
    let output = data.tensor.clone();
    let moved = updates.tensor.elements();
    if moved > output.elements() {
        let why = "there must not be more new elements than there are in all";
        site.reject(mismatch(data, updates, why));
        return None;
    }
    let read = moved.saturating_add(places.tensor.elements());
    if view {
        // Only the new elements are written; the others stay where they are.
        let written = Tensor::of(1, vec![1]);
        let mut outcome = site.stream(written, read, 0, moved, Kind::Scatter)?;
        if let crate::problem::LayerKind::Stream(stream) = &mut outcome.kind {
            stream.output =
                crate::problem::Bits(moved.saturating_mul(u128::from(site.precision.output)));
        }
        outcome.output = output;
        return Some(outcome);
    }
    let all = output.elements();
    let read = read.saturating_add(all);
    site.stream(output, read, 0, all.saturating_add(moved), Kind::Scatter)
}

fn mismatch(a: &Source, b: &Source, why: &str) -> String {
    format!(
        "`{}` gives {}, but `{}` gives {}; {why}",
        a.name, a.tensor, b.name, b.tensor
    )
}

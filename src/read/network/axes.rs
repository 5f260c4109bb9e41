//! Axes and shapes that a layer names: counted without the batch, or with it where the layer says
//! `with_batch: true`. Inside the reader axis 0 is the batch.

use crate::read::field::{Field, LARGEST_EXTENT, quote};

use super::site::{Site, Source};
use super::tensor::Tensor;

/// A tensor has no more axes, the batch included.
const MOST_AXES: usize = 9;
const WITH_BATCH: &str = "`true` where axes and sizes count the batch as axis 0";

impl Site<'_> {
    /// Whether the layer counts the batch as axis 0.
    pub(super) fn with_batch(&self) -> Option<bool> {
        (self.table).or_default("with_batch", WITH_BATCH, false, Field::boolean)
    }

    /// A list of sizes as a whole shape: with the batch in front where the layer does not count it.
    pub(super) fn shape_of(&self, key: &str, help: &'static str, batch: u64) -> Option<Vec<u64>> {
        let field = self.table.required(key, help)?;
        let own = sizes(&field)?;
        let with_batch = self.with_batch()?;
        let batch = (!with_batch).then_some(batch);
        Some(batch.into_iter().chain(own).collect())
    }

    /// One axis of a tensor; `default` is one of the whole shape.
    pub(super) fn axis(
        &self,
        key: &str,
        help: &'static str,
        source: &Source,
        default: Option<usize>,
    ) -> Option<usize> {
        let field = match default {
            Some(default) => match self.table.optional(key, help) {
                Some(field) => field,
                None => return Some(default),
            },
            None => self.table.required(key, help)?,
        };
        self.axis_at(&field, source)
    }

    /// Some axes of a tensor, each at most once, in their order; one may stand without brackets.
    pub(super) fn axes(
        &self,
        key: &str,
        help: &'static str,
        source: &Source,
        default: Vec<usize>,
    ) -> Option<Vec<usize>> {
        let Some(field) = self.table.optional(key, help) else {
            return Some(default);
        };
        if !field.is_list() {
            return self.axis_at(&field, source).map(|axis| vec![axis]);
        }
        let mut found = Vec::new();
        for item in field.list()? {
            let axis = self.axis_at(&item, source)?;
            if found.contains(&axis) {
                item.reject("is listed twice; keep one of them");
                return None;
            }
            found.push(axis);
        }
        found.sort_unstable();
        Some(found)
    }

    fn axis_at(&self, field: &Field<'_>, source: &Source) -> Option<usize> {
        let first = usize::from(!self.with_batch()?);
        let axes = source.tensor.rank() - first;
        if axes == 0 {
            let name = &source.name;
            field.reject(format!(
                "`{name}` gives {}, which has no axis beside the batch; say `with_batch: true` and count the batch as axis 0",
                source.tensor
            ));
            return None;
        }
        let axis = field.integer(0, axes as u64 - 1)?;
        usize::try_from(axis).ok().map(|axis| axis + first)
    }
}

/// A list of sizes.
pub(super) fn sizes(field: &Field<'_>) -> Option<Vec<u64>> {
    let items = field.list()?;
    let shape: Vec<Option<u64>> = items
        .iter()
        .map(|item| item.integer(1, LARGEST_EXTENT))
        .collect();
    let shape: Vec<u64> = shape.into_iter().collect::<Option<_>>()?;
    if shape.len() >= MOST_AXES {
        field.reject(format!(
            "has {} axes; at most {} are supported",
            shape.len(),
            MOST_AXES - 1
        ));
        return None;
    }
    Some(shape)
}

/// Whether a tensor keeps to the limits of axes and extents; reports where it does not.
pub(super) fn within_limits(item: &Field<'_>, name: &str, tensor: &Tensor) -> Option<()> {
    let shape = tensor.shape();
    let (name, largest) = (quote(name), shape.iter().max().copied().unwrap_or(1));
    if shape.len() > MOST_AXES {
        let count = shape.len();
        item.reject(format!(
            "{name}: its output has {count} axes with the batch; at most {MOST_AXES} are supported"
        ));
        return None;
    }
    if largest > LARGEST_EXTENT {
        item.reject(format!(
            "{name}: an axis of its output has {largest} elements, more than {LARGEST_EXTENT}; check its sizes"
        ));
        return None;
    }
    Some(())
}

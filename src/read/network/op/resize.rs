//! `resize` and `upsample`: other numbers of rows and columns.

use crate::problem::Operator as Kind;
use crate::read::field::{Field, LARGEST_EXTENT};
use crate::read::network::site::{Outcome, Site, Source};
use crate::read::network::vector_cost;

use super::{Operator, Producers, Read};

/// The operator over all axes behind the channels: `size`, or `scale` of each.
pub(super) const RESIZE: Operator = operator("resize");
/// The same under its usual name for larger outputs.
pub(super) const UPSAMPLE: Operator = operator("upsample");

const fn operator(name: &'static str) -> Operator {
    Operator {
        name,
        keys: &["size", "scale", "mode"],
        producers: Producers::One,
        read: Read::Layer(read),
    }
}

const SIZE: &str = "the rows and columns of the output, such as `[32, 32]`";
const SCALE: &str = "how many times as many rows and columns, such as `[2, 2]`";
const MODE: &str = "`nearest`, `linear` or `cubic`";
/// Inputs of an output on one axis.
const MODES: [(&str, u32); 3] = [("nearest", 1), ("linear", 2), ("cubic", 4)];

fn read(site: &Site<'_>) -> Option<Outcome> {
    let taps = (site.table).or_default("mode", MODE, 1, |field| field.choice(&MODES));
    let source = site.source()?;
    let mut shape = source.tensor.shape();
    if shape.len() < 3 {
        site.reject(format!(
            "takes channels and at least one axis behind them, but `{}` gives {}; put a reshape before it",
            source.name, source.tensor
        ));
        return None;
    }
    let rows = &mut shape[2..];
    let wanted = outputs(site, source, rows)?;
    let taps = u128::from(taps?);
    let resized = rows.iter().zip(&wanted).filter(|(had, has)| had != has);
    let taps = resized.fold(1_u128, |all, _| all.saturating_mul(taps));
    rows.copy_from_slice(&wanted);
    let output = source.tensor.like(&shape);
    let operations = output.elements().saturating_mul(vector_cost::resize(taps));
    let read = source.tensor.elements();
    site.stream(output, read, 0, operations, Kind::Resize { taps })
}

/// The sizes that the layer asks for, one for each of `rows`.
fn outputs(site: &Site<'_>, source: &Source, rows: &[u64]) -> Option<Vec<u64>> {
    let (key, help) = match (site.table.has("size"), site.table.has("scale")) {
        (true, false) => ("size", SIZE),
        (false, true) => ("scale", SCALE),
        (true, true) => {
            let why = "does not go with `size`; remove one or the other";
            site.table.reject_key("scale", why);
            return None;
        }
        (false, false) => {
            let why = format!("is missing; give {SIZE}, or `scale`");
            site.table.reject_key("size", why);
            return None;
        }
    };
    let field = site.table.required(key, help)?;
    let items = if field.is_list() {
        field.list()?
    } else {
        vec![field.clone(); rows.len()]
    };
    if items.len() != rows.len() {
        field.reject(format!(
            "has {} item(s), but `{}`, which gives {}, has {} axes behind its channels; give one number for each",
            items.len(), source.name, source.tensor, rows.len()
        ));
        return None;
    }
    let sizes = items.iter().zip(rows).map(|(item, &rows)| {
        if key == "size" {
            item.extent()
        } else {
            scaled(item, rows)
        }
    });
    let sizes: Vec<Option<u64>> = sizes.collect();
    sizes.into_iter().collect()
}

/// ⌊rows · scale⌋, at least 1.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an extent is below 2^24, and the product is checked before it is rounded"
)]
fn scaled(field: &Field<'_>, rows: u64) -> Option<u64> {
    let size = (field.not_negative()? * rows as f64).floor();
    if (1.0..=LARGEST_EXTENT as f64).contains(&size) {
        return Some(size as u64);
    }
    field.reject(format!(
        "would leave {size} of {rows} rows, but there must be between 1 and {LARGEST_EXTENT}; give another scale"
    ));
    None
}

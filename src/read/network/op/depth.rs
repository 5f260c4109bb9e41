//! `depth_to_space` and `space_to_depth`: channels become rows and columns, and back.

use crate::problem::Operator as Kind;
use crate::read::field::Field;
use crate::read::network::site::{Outcome, Site};
use crate::read::network::tensor::Tensor;

use super::{Operator, Producers, Read};

/// Blocks of channels become squares of `block` rows and columns.
pub(super) const DEPTH_TO_SPACE: Operator = operator("depth_to_space", |site| moved(site, true));
/// Squares of `block` rows and columns become channels.
pub(super) const SPACE_TO_DEPTH: Operator = operator("space_to_depth", |site| moved(site, false));

const fn operator(name: &'static str, read: fn(&Site<'_>) -> Option<Outcome>) -> Operator {
    Operator {
        name,
        keys: &["block", "view"],
        producers: Producers::One,
        read: Read::Layer(read),
    }
}

const VIEW: &str = "`true` where the next layer reads the elements in this order";

fn moved(site: &Site<'_>, widens: bool) -> Option<Outcome> {
    let field = site
        .table
        .required("block", "the rows and columns of a square")?;
    let block = field.integer(1, 1 << 12)?;
    let view = site.table.or_default("view", VIEW, false, Field::boolean)?;
    let (source, [channels, height, width]) = site.image()?;
    let square = block * block;
    let fits = if widens {
        channels.is_multiple_of(square)
    } else {
        height.is_multiple_of(block) && width.is_multiple_of(block)
    };
    if !fits {
        let (name, tensor) = (&source.name, &source.tensor);
        field.reject(format!(
            "is {block}, by which `{name}`'s {tensor} cannot be divided; give another size"
        ));
        return None;
    }
    let sizes = if widens {
        let rows = site.product_extent("number of rows", &[height, block])?;
        let columns = site.product_extent("number of columns", &[width, block])?;
        [channels / square, rows, columns]
    } else {
        let channels = site.product_extent("number of channels", &[channels, square])?;
        [channels, height / block, width / block]
    };
    let output = Tensor::image(source.tensor.batch, sizes);
    let kind = Kind::Transpose { axes: None };
    if view {
        return site.view(output).map(|o| o.with(kind));
    }
    site.moved(output, kind)
}

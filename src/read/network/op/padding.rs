//! `padding`: a number, one for each axis, a pair for each axis, ONNX's `pads`, or what keeps the size.

use crate::read::field::{Field, LARGEST_EXTENT};
use crate::read::network::site::Site;

/// Padding of `AXES` axes.
#[derive(Clone, Copy)]
pub(super) enum Padding<const AXES: usize> {
    /// Rows before and after the tensor, on each axis.
    Given([[u64; 2]; AXES]),
    /// As many rows as give ⌈rows/stride⌉ outputs; an odd one stands behind, or else before.
    Same {
        /// Whether the odd row stands before the tensor.
        odd_before: bool,
    },
}

impl<const AXES: usize> Padding<AXES> {
    /// The padding that the layer states; none where it states none.
    pub(super) fn read(site: &Site<'_>, help: &'static str) -> Option<Self> {
        match site.table.optional("padding", help) {
            None => Some(Self::Given([[0; 2]; AXES])),
            Some(field) => Self::of_field(&field),
        }
    }

    fn of_field(field: &Field<'_>) -> Option<Self> {
        if field.is_text() {
            return field.choice(&[
                ("same", Self::Same { odd_before: false }),
                ("same_lower", Self::Same { odd_before: true }),
                ("valid", Self::Given([[0; 2]; AXES])),
            ]);
        }
        if !field.is_list() {
            let all = field.integer(0, LARGEST_EXTENT)?;
            return Some(Self::Given([[all; 2]; AXES]));
        }
        let items = field.list()?;
        let sides: Vec<Option<[u64; 2]>> = items.iter().map(sides).collect();
        let sides: Vec<[u64; 2]> = sides.into_iter().collect::<Option<_>>()?;
        let count = sides.len();
        if AXES > 1 && count == 2 * AXES && !items.iter().any(Field::is_list) {
            // As ONNX's `pads`: before each axis, then after each.
            return Some(Self::Given(std::array::from_fn(|axis| {
                [sides[axis][0], sides[AXES + axis][0]]
            })));
        }
        let given = <[[u64; 2]; AXES]>::try_from(sides).ok();
        if given.is_none() {
            field.reject(format!(
                "must be one number, {AXES} of them, {AXES} pairs `[before, after]` or {} numbers as ONNX's `pads`, but has {count} item(s)",
                2 * AXES
            ));
        }
        given.map(Self::Given)
    }

    /// Rows before and after on an axis of `rows` rows, for a kernel that spans `span` of them.
    pub(super) fn on(self, axis: usize, [rows, span, stride]: [u64; 3]) -> [u64; 2] {
        match self {
            Padding::Given(sides) => sides[axis],
            Padding::Same { odd_before } => {
                let outputs = rows.div_ceil(stride);
                let reach = (outputs - 1).saturating_mul(stride).saturating_add(span);
                let all = reach.saturating_sub(rows);
                let (less, more) = (all / 2, all - all / 2);
                if odd_before {
                    [more, less]
                } else {
                    [less, more]
                }
            }
        }
    }

    /// The padding where the size of the input is not known; reports where it is needed.
    pub(super) fn given(self, site: &Site<'_>) -> Option<[[u64; 2]; AXES]> {
        if let Padding::Given(sides) = self {
            return Some(sides);
        }
        let why = "follows from the size of the input, which `dims` does not give; give numbers";
        site.table.reject_key("padding", why);
        None
    }
}

/// One number for both sides, or a pair.
fn sides(field: &Field<'_>) -> Option<[u64; 2]> {
    if !field.is_list() {
        return field.integer(0, LARGEST_EXTENT).map(|side| [side; 2]);
    }
    let items = field.list()?;
    let [before, after] = items.as_slice() else {
        let count = items.len();
        field.reject(format!(
            "must be [before, after] or one number for both, but has {count} item(s)"
        ));
        return None;
    };
    let side = |field: &Field<'_>| field.integer(0, LARGEST_EXTENT);
    let (before, after) = (side(before), side(after));
    Some([before?, after?])
}

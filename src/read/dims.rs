//! Dimension letters and roles as files spell them.

use crate::problem::{Dim, Role};

use super::field::{Field, quote};
use super::table::Table;

/// The three roles by name.
pub(super) const ROLES: [(&str, Role); 3] = [
    ("input", Role::Input),
    ("weight", Role::Weight),
    ("output", Role::Output),
];

/// The dimension of a letter; reports at `field` where there is none.
pub(super) fn parse(field: &Field<'_>, text: &str) -> Option<Dim> {
    let found = Dim::parse(text);
    if found.is_none() {
        field.reject(unknown(text));
    }
    found
}

/// What to say of a letter that is no dimension.
pub(super) fn unknown(text: &str) -> String {
    let hint = match text {
        "B" => "a matmul's B is `G` here",
        "M" => "a matmul's M is `N` here",
        "H" => "the output's rows are `P`",
        "W" => "the output's columns are `Q`",
        "D" => "the output's depth is `Z`",
        _ => {
            "use `G` (groups), `N` (batch), `K` (output channels), `C` (input channels), `P`, `Q` (output rows, columns), `R`, `S` (kernel rows, columns), `Z`, `T` (depth of output and kernel)"
        }
    };
    format!("{} is no dimension; {hint}", quote(text))
}

/// The entries of a table of extents; a letter or an extent is `None` where it was reported.
pub(super) fn extents(table: &Table<'_>) -> Option<Vec<(Option<Dim>, Option<u64>)>> {
    let entry = |key| {
        let value = table.optional(key, "the extent in this dimension")?;
        Some((parse(&value, key), value.extent()))
    };
    let known = table.keys().filter_map(entry).collect();
    table.has_text_keys().then_some(known)
}

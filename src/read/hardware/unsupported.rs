//! Fields that the file format has and this version does not: the values that mean
//! what this version does are accepted, the others are an error and never ignored.

use crate::read::table::Table;

/// `dataflow`: any.
pub(super) fn dataflow(table: &Table<'_>) {
    let help = "`any`, or leave it out";
    let Some(field) = table.optional("dataflow", help) else {
        return;
    };
    let known = [
        ("any", true),
        ("weight_stationary", false),
        ("output_stationary", false),
        ("input_stationary", false),
        ("row_stationary", false),
    ];
    if let Some(named) = field.choices(&known)
        && named != [true]
    {
        field.reject("dataflows other than `any` are not supported by this version; write `any` or leave it out");
    }
}

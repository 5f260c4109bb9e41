//! Fields that the file format has and this version does not: the values that mean
//! what this version does are accepted, the others are an error and never ignored.

use crate::problem::Role;
use crate::read::dims::ROLES;
use crate::read::field::Field;
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

/// `holds`: all three operands.
pub(super) fn holds(table: &Table<'_>) {
    let help = "`[input, weight, output]`, or leave it out";
    let Some(field) = table.optional("holds", help) else {
        return;
    };
    let Some(roles) = field.choices(&ROLES) else {
        return;
    };
    if let Some(role) = Role::ALL.into_iter().find(|r| !roles.contains(r)) {
        field.reject(format!(
            "leaves out {role}; a memory that does not hold all three operands is not supported by this version; add it or leave `holds` out"
        ));
    }
}

/// `overlap`: no `none` and no `choose`.
pub(super) fn overlap(field: &Field<'_>) -> Option<()> {
    if !field.is_one_of(&["none", "choose"]) {
        return Some(());
    }
    field.reject(
        "`none` and `choose` are not supported by this version; use `ideal` or `double_buffer`",
    );
    None
}

/// A switch of which only one value is supported.
pub(super) fn switch(table: &Table<'_>, key: &str, supported: bool) {
    let Some(field) = table.optional(key, "") else {
        return;
    };
    if field.boolean() == Some(!supported) {
        field.reject(format!(
            "`{key}: {}` is not supported by this version; leave it out",
            !supported
        ));
    }
}

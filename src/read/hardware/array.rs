//! One array of a hardware file.

use crate::problem::{Array, Axis, Dim, DimSet};
use crate::read::dims;
use crate::read::field::Field;
use crate::read::table::Table;

/// Decodes an array.
pub(super) fn decode(table: &Table<'_>) -> Option<Array> {
    table.check_keys(&["array", "axes", "split_dims"]);
    let split_dims = table.or_default("split_dims", "", false, Field::boolean);
    let name = table
        .required("array", "the array's name")
        .and_then(|f| f.word());
    let help = "a list such as `[{name: rows, size: 32}, {name: cols, size: 32}]`";
    let items = table.required("axes", help)?.list_of(AXIS)?;
    let axes: Vec<Option<Axis>> = items.iter().map(axis).collect();
    unique_names(&items, &axes);
    let (axes, split_dims) = (
        axes.into_iter().collect::<Option<Vec<Axis>>>()?,
        split_dims?,
    );
    if split_dims && let Some(axis) = axes.iter().find(|a| !a.multicast || !a.reduce) {
        table.reject_key(
            "split_dims",
            format!("stands beside the axis `{}` without multicast or reduction; only one of both is supported in an array", axis.name),
        );
        return None;
    }
    Some(Array {
        name: name?.to_owned(),
        axes,
        split_dims,
    })
}

const AXIS: &str = "an axis such as `{name: rows, size: 32}`";

fn axis(field: &Field<'_>) -> Option<Axis> {
    let table = field.table(&["name", "size", "dims", "multicast", "reduce"])?;
    let multicast = table.or_default("multicast", "", true, Field::boolean);
    let reduce = table.or_default("reduce", "", true, Field::boolean);
    let name = table
        .required("name", "the axis's name")
        .and_then(|f| f.word());
    let size = table
        .required("size", "the number of elements along the axis")
        .and_then(|f| f.extent());
    let help = "the dimensions that may be spread over the axis, such as `[K, C]`, or leave it out for all";
    let dims = table.or_default("dims", help, DimSet::ALL, dim_set);
    Some(Axis {
        name: name?.to_owned(),
        size: size?,
        dims: dims?,
        multicast: multicast?,
        reduce: reduce?,
    })
}

fn dim_set(field: &Field<'_>) -> Option<DimSet> {
    let items = field.list()?;
    let mut found: Vec<Dim> = Vec::new();
    for item in &items {
        let Some(dim) = item.text().and_then(|text| dims::parse(item, text)) else {
            continue;
        };
        if found.contains(&dim) {
            item.reject(format!("{dim} is listed twice; keep one of them"));
        }
        found.push(dim);
    }
    (found.len() == items.len()).then(|| DimSet::of(&found))
}

fn unique_names(items: &[Field<'_>], axes: &[Option<Axis>]) {
    for (i, axis) in axes.iter().enumerate() {
        let Some(axis) = axis else { continue };
        if axes[..i].iter().flatten().any(|a| a.name == axis.name) {
            let name = &axis.name;
            items[i].reject(format!(
                "the name `{name}` is taken by an axis before it; give each axis of an array a name of its own"
            ));
        }
    }
}

//! The spatial loops of each array of a mapping.

use crate::problem::{Array, ArrayMapping, Dim, Hardware, PerDim};
use crate::read::dims;
use crate::read::field::Field;
use crate::read::table::Table;

use super::level::Levels;

/// Decodes every array; one without an entry spreads nothing.
pub(super) fn decode(levels: &Levels<'_>, hardware: &Hardware) -> Option<Vec<ArrayMapping>> {
    let read: Vec<Option<ArrayMapping>> = hardware
        .arrays()
        .map(|(level, array)| {
            let axes = match levels.entry(level) {
                Some(table) => axes(table, array)?,
                None => array.axes.iter().map(|_| PerDim::all(1)).collect(),
            };
            Some(ArrayMapping { level, axes })
        })
        .collect();
    read.into_iter().collect()
}

fn axes(table: &Table<'_>, array: &Array) -> Option<Vec<PerDim<u64>>> {
    table.check_keys(&["array", "spatial"]);
    let names: Vec<&str> = array.axes.iter().map(|a| a.name.as_str()).collect();
    let help = "the factors on each axis, such as `{rows: {K: 32}}`";
    let spatial = table.required("spatial", help)?.table(&names)?;
    let axes: Vec<Option<PerDim<u64>>> = names
        .iter()
        .map(|name| {
            let help = "factors such as `{K: 32}`";
            spatial.or_default(name, help, PerDim::all(1), factors)
        })
        .collect();
    axes.into_iter().collect()
}

fn factors(field: &Field<'_>) -> Option<PerDim<u64>> {
    let mut factors = PerDim::all(1);
    for (d, value) in dims::extents(&field.open_table()?)? {
        let d: Dim = d?;
        factors[d] = value?;
    }
    Some(factors)
}

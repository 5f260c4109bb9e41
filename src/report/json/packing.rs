//! Blocks with their addresses as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::object;
use crate::report::detail::Detail;
use crate::report::packing::{LeastCapacity, PackingReport};

/// Writes a list of objects with the names of the CSV; where the least capacity was asked for, an object
/// with it, what is proved of it, and this list as `blocks`.
pub(super) fn write(report: &PackingReport<'_>, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let PackingReport {
        packing,
        offsets,
        least,
    } = *report;
    let rows = packing.blocks.iter().zip(offsets).map(|(block, offset)| {
        let mut row =
            json!({"id": block.id, "lower": block.lower, "upper": block.upper, "size": block.size});
        if let Some(alignment) = block.alignment {
            row["alignment"] = alignment.into();
        }
        if !block.gaps.is_empty() {
            row["gaps"] = block.gaps.iter().map(|(a, b)| json!([a, b])).collect();
        }
        row["offset"] = (*offset).into();
        row
    });
    let rows: Value = rows.collect();
    let all = match least {
        None => rows,
        Some(LeastCapacity { capacity, bound }) => {
            let status = if capacity == bound {
                "optimal"
            } else {
                "feasible"
            };
            json!({"capacity": capacity, "bound_capacity": bound, "status": status, "base": packing.base, "blocks": rows})
        }
    };
    object::write(&all, out)
}

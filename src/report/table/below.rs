//! What stands below the table of a run: what was proved, over which space, and the memory plan.

use std::io::{self, Write};

use super::{plan, training};
use crate::problem::result::Status;
use crate::problem::{RunResult, Space};

/// The text.
///
/// # Errors
/// Never: a vector can be written.
pub(in crate::report) fn below(result: &RunResult) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    summary(result, &mut text)?;
    if let Some(own) = &result.memory_plan {
        plan::write(own, &mut text)?;
    }
    Ok(text)
}

/// What was proved, over which space, and why the rest was not.
fn summary(result: &RunResult, out: &mut dyn Write) -> io::Result<()> {
    let total = result.total_layers();
    writeln!(
        out,
        "{} of {} layers proved optimal; space: {} tile extents, {} node orders, {}{}",
        total.layers_optimal,
        total.layers,
        result.space.tiles,
        result.space.orders,
        result.space.spatial,
        restriction(&result.space)
    )?;
    if let Some((total, row)) = result.ratio() {
        let (largest, name) = (row.ratio().unwrap_or(1.0), &row.name);
        writeln!(
            out,
            "the layers alone take {total:.2} times the lower bound for any mapping, at most {largest:.2} times ({name})"
        )?;
    }
    for line in training::lines(result) {
        writeln!(out, "{line}")?;
    }
    for note in &result.notes {
        writeln!(out, "note: {note}")?;
    }
    for row in &result.layers {
        if let (Some(reason), true) = (&row.reason, row.status() != Status::Optimal) {
            writeln!(out, "{}: {}: {reason}", row.name, row.status().name())?;
        }
    }
    Ok(())
}

/// What the mappings were restricted to, if they were.
pub(super) fn restriction(space: &Space) -> String {
    let dataflow = match space.dataflow.as_str() {
        "any" => String::new(),
        names => format!(", {}", names.replace(',', " or ")),
    };
    let constraints = match space.constraints.as_slice() {
        [] => String::new(),
        [one] => format!(", with the constraint {one}"),
        all => format!(", with the constraints {}", all.join(" ")),
    };
    dataflow + &constraints
}

//! Reports of a comparison of mappers: one result type in, one format per file out.

mod csv;
mod json;
pub mod plot;
mod table;

use std::io::{self, Write};

use super::{Detail, Format};
use crate::problem::comparison::Comparison;

/// Writes the report of a comparison over one network or several on the same hardware; of a table's
/// detail the width counts, and whether every layer is shown.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(
    results: &[Comparison],
    format: Format,
    detail: Detail,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Table => table::write(results, detail, out),
        Format::Json => json::write(results, out),
        Format::Csv => csv::write(results, out),
    }
}

/// A ratio to the reference.
fn ratio_text(ratio: f64) -> String {
    // A mapping that is not the best never looks like it.
    if ratio > 1.0 && ratio < 1.0005 {
        return "1.001".to_owned();
    }
    format!("{ratio:.3}")
}

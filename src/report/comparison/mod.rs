//! Reports of a comparison of mappers: one result type in, one format per file out.

mod csv;
mod json;
pub mod plot;
mod table;

use std::io::{self, Write};

use super::{Detail, Format};
use crate::problem::comparison::Comparison;

/// Writes the report of a comparison; of a table's detail the width counts, and whether every layer is shown.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(
    result: &Comparison,
    format: Format,
    detail: Detail,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Table => table::write(result, detail, out),
        Format::Json => json::write(result, out),
        Format::Csv => csv::write(result, out),
    }
}

/// What a mapper's space is, as the comparison names it.
fn ratio_text(ratio: f64) -> String {
    // A mapping that is not the best never looks like it.
    if ratio > 1.0 && ratio < 1.0005 {
        return "1.001".to_owned();
    }
    format!("{ratio:.3}")
}

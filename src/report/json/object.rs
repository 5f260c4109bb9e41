//! How JSON is written: indented, with a line end.

use std::io::{self, Write};

use serde::Serialize;

/// Writes one value.
pub(super) fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

//! Addresses of blocks: CSV with one line for each, or JSON with one object for each.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::problem::packing::Packing;

/// Writes `id,lower,upper,size,offset`, in the order of the input.
///
/// # Errors
/// If `out` cannot be written.
pub fn csv(packing: &Packing, offsets: &[u64], out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["id", "lower", "upper", "size", "offset"])?;
    for (block, offset) in packing.blocks.iter().zip(offsets) {
        let numbers = [block.lower, block.upper, block.size, *offset].map(|n| n.to_string());
        let fields = std::iter::once(&block.id).chain(&numbers);
        writer.write_record(fields)?;
    }
    writer.flush()
}

/// Writes a list of objects with the same names.
///
/// # Errors
/// If `out` cannot be written.
pub fn json(packing: &Packing, offsets: &[u64], out: &mut dyn Write) -> io::Result<()> {
    let rows = packing.blocks.iter().zip(offsets).map(|(block, offset)| {
        json!({"id": block.id, "lower": block.lower, "upper": block.upper, "size": block.size, "offset": offset})
    });
    serde_json::to_writer_pretty(&mut *out, &rows.collect::<Value>())?;
    writeln!(out)
}

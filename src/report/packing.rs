//! Addresses of blocks: CSV with one line for each, or JSON with one object for each.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::csv::plain_record;
use crate::problem::packing::Packing;

/// What is known of the least capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeastCapacity {
    /// A capacity in which all blocks have addresses, in bytes.
    pub capacity: u64,
    /// No smaller one than this has.
    pub bound: u64,
}

/// Writes `id,lower,upper,size,offset`, in the order of the input, with the alignment and the gaps of
/// blocks where any have some.
///
/// # Errors
/// If `out` cannot be written.
pub fn csv(packing: &Packing, offsets: &[u64], out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let aligned = packing.blocks.iter().any(|block| block.alignment.is_some());
    let gaps = packing.blocks.iter().any(|block| !block.gaps.is_empty());
    let head = ["id", "lower", "upper", "size"].into_iter();
    let head = head.chain(aligned.then_some("alignment"));
    let head = head.chain(gaps.then_some("gaps")).chain(["offset"]);
    plain_record(&mut writer, head)?;
    for (block, offset) in packing.blocks.iter().zip(offsets) {
        let mut fields = vec![block.id.clone()];
        fields.extend([block.lower, block.upper, block.size].map(|n| n.to_string()));
        if aligned {
            fields.push(packing.alignment_of(block).to_string());
        }
        if gaps {
            fields.push(gap_text(&block.gaps));
        }
        fields.push(offset.to_string());
        plain_record(&mut writer, fields)?;
    }
    writer.flush()
}

fn gap_text(gaps: &[(u64, u64)]) -> String {
    let spans = gaps.iter().map(|(start, end)| format!("{start}-{end}"));
    spans.collect::<Vec<_>>().join(" ")
}

/// Writes a list of objects with the same names; where the least capacity was asked for, an object
/// with it, what is proved of it, and this list as `blocks`.
///
/// # Errors
/// If `out` cannot be written.
pub fn json(
    packing: &Packing,
    offsets: &[u64],
    least: Option<LeastCapacity>,
    out: &mut dyn Write,
) -> io::Result<()> {
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
    serde_json::to_writer_pretty(&mut *out, &all)?;
    writeln!(out)
}

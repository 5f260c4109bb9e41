//! One CSV record for each block.

use std::io::{self, Write};

use super::records::plain_record;
use crate::report::detail::Detail;
use crate::report::packing::PackingReport;

/// Writes `id,lower,upper,size,offset`, in the order of the input, with the alignment and the gaps of
/// blocks where any have some.
pub(super) fn write(report: &PackingReport<'_>, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let PackingReport {
        packing, offsets, ..
    } = *report;
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

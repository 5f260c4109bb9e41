//! One CSV record for each layer.

use std::io::{self, Write};

use super::records::plain_record;
use crate::problem::{Bits, Hardware, LayerRow, Role, RunResult};
use crate::report::dataflow::dataflow_text;
use crate::report::detail::Detail;

/// Writes a header and one record for each layer; what there is none of stays empty.
pub(super) fn write(result: &RunResult, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let mut records = csv::Writer::from_writer(out);
    plain_record(&mut records, header(&result.hardware))?;
    for row in &result.layers {
        plain_record(&mut records, record(row, &result.hardware))?;
    }
    records.flush()
}

fn header(hardware: &Hardware) -> Vec<String> {
    let first = [
        "name",
        "op",
        "pass",
        "status",
        "proof",
        "cycles",
        "bound_cycles",
        "lower_bound_cycles",
        "ratio",
        "macs",
        "box_macs",
        "utilization",
        "compute_cycles",
        "bottleneck",
        "energy_pj",
    ];
    let last = [
        "seconds", "milps", "nodes", "cuts", "same_as", "fused", "dataflow",
    ];
    let mut names: Vec<String> = first.map(str::to_owned).to_vec();
    for (level, memory) in hardware.memories() {
        names.push(format!("memory_cycles.{}", memory.name));
        for role in Role::ALL {
            names.push(format!("traffic_bytes.{}.{role}", memory.name));
        }
        for role in Role::ALL.into_iter().filter(|_| level > 0) {
            names.push(format!("occupied_bytes.{}.{role}", memory.name));
        }
    }
    names.extend(last.map(str::to_owned));
    names
}

fn record(row: &LayerRow, hardware: &Hardware) -> Vec<String> {
    let cost = row.cost.as_ref();
    let mut fields = vec![
        row.name.clone(),
        row.op.clone(),
        row.pass.name().to_owned(),
        row.status().name().to_owned(),
        row.proof().name().to_owned(),
        text(row.cycles()),
        row.bound_cycles.to_string(),
        row.lower_bound_cycles.to_string(),
        text(row.ratio()),
        row.macs().to_string(),
        row.box_macs().to_string(),
        text(row.utilization(hardware)),
        text(cost.map(|cost| cost.compute_cycles)),
        row.bottleneck(hardware).to_owned(),
        text(cost.and_then(|cost| cost.energy_pj)),
    ];
    for (level, _) in hardware.memories() {
        let memory = cost.and_then(|cost| cost.memories.iter().find(|m| m.level == level));
        fields.push(text(memory.map(|memory| memory.busy_cycles)));
        for role in row.tensor_roles() {
            let bits = cost.map(|cost| cost.traffic(level, role));
            fields.push(text(bits.map(Bits::bytes)));
        }
        for role in row.tensor_roles().into_iter().filter(|_| level > 0) {
            let bits = memory.map(|memory| memory.occupied[role as usize]);
            fields.push(text(bits.map(Bits::bytes)));
        }
    }
    let statistics = &row.statistics;
    fields.extend([
        format!("{:.6}", statistics.seconds),
        statistics.programs.to_string(),
        statistics.nodes.to_string(),
        statistics.cuts.to_string(),
        row.same_as.clone().unwrap_or_default(),
        row.fused.join(" "),
        dataflow_text(row, hardware).unwrap_or_default(),
    ]);
    fields
}

fn text(value: Option<impl ToString>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{run, unknown_row};

    #[test]
    fn every_record_has_the_fields_of_the_header() {
        let mut result = run();
        result.layers.push(unknown_row());
        let mut text = Vec::new();
        super::write(&result, super::Detail::default(), &mut text)
            .expect("a vector can be written");
        let mut records = csv::Reader::from_reader(text.as_slice());
        let header = records.headers().expect("a header").clone();
        let rows: Vec<csv::StringRecord> = records.records().map(|r| r.expect("even")).collect();
        assert_eq!(rows.len(), 5);
        let field = |row: usize, name: &str| {
            let column = header.iter().position(|h| h == name).expect("a column");
            rows[row].get(column).map(str::to_owned)
        };
        assert_eq!(field(0, "cycles").as_deref(), Some("903168"));
        assert_eq!(
            field(0, "traffic_bytes.dram.input").as_deref(),
            Some("100.5")
        );
        assert_eq!(
            field(0, "occupied_bytes.sram.weight").as_deref(),
            Some("73728")
        );
        assert_eq!(field(0, "fused").as_deref(), Some("bn1 relu1"));
        assert_eq!(field(0, "ratio").as_deref(), Some("1"));
        assert_eq!(field(4, "cycles").as_deref(), Some(""));
        assert_eq!(field(4, "ratio").as_deref(), Some(""));
    }
}

//! A decoded solution as JSON.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::object;
use crate::problem::format::FORMAT;
use crate::report::decoded::{DecodedReport, Verdict};
use crate::report::detail::Detail;
use crate::report::mapping;
use crate::report::numbers::{decimal, integer};

/// Writes one JSON object; its `mapping` is what `evaluate` reads.
pub(super) fn write(report: &DecodedReport<'_>, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let mut all = Map::new();
    all.insert("format".into(), json!(FORMAT));
    all.insert("layer".into(), json!(report.layer));
    all.insert("solver".into(), json!(report.solver));
    all.insert("class".into(), json!(report.class));
    all.insert("objective".into(), json!(report.measure.name()));
    all.insert("log_objective".into(), decimal(report.log_objective));
    all.insert("check".into(), json!(verdict_name(&report.verdict)));
    if let Verdict::NoMapping(why) | Verdict::Refused(why) = &report.verdict {
        all.insert("reason".into(), json!(why));
    }
    let cycles = report.cost.map_or(Value::Null, |c| integer(c.cycles));
    all.insert("cycles".into(), cycles);
    if let Some(energy) = report.cost.and_then(|c| c.energy_pj) {
        all.insert("energy_pj".into(), decimal(energy));
    }
    if let Some(rows) = report.rows_added {
        all.insert("rows_added".into(), json!(rows));
    }
    let mut own = mapping::document(report.layer, report.nest, report.hardware, report.mapping);
    own.phase = report.phase;
    all.insert("mapping".into(), serde_json::to_value(own)?);
    object::write(&all, out)
}

fn verdict_name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "accepted",
        Verdict::Costlier => "costlier",
        Verdict::NoMapping(_) => "no_mapping",
        Verdict::Refused(_) => "refused",
    }
}

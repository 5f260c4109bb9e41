//! A solution of an exported program, decoded: for people and as JSON.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::numbers::{decimal, grouped, integer};
use super::{mapping, nest};
use crate::problem::format::FORMAT;
use crate::problem::goal::Measure;
use crate::problem::result::Cost;
use crate::problem::{Hardware, LoopNest, Mapping, PhaseIndex};

/// What a decoded solution is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The checker accepts it, and it costs what its objective says.
    Accepted,
    /// The checker accepts it, but it costs more: tangents are missing in the program.
    Costlier,
    /// It is no mapping of the layer.
    NoMapping(String),
    /// The independent checker refuses it: an internal error.
    Refused(String),
}

/// A solution and what became of it.
#[derive(Clone, Debug)]
pub struct DecodedReport<'a> {
    /// What the loop nest is called.
    pub name: String,
    /// The layer.
    pub layer: &'a str,
    /// The phase, where it is computed phase by phase.
    pub phase: Option<PhaseIndex>,
    /// Its loop nest.
    pub nest: &'a LoopNest,
    /// The hardware.
    pub hardware: &'a Hardware,
    /// Who found the solution.
    pub solver: &'static str,
    /// What was minimised.
    pub measure: Measure,
    /// The solution's objective: the natural logarithm of the measure.
    pub log_objective: f64,
    /// The class.
    pub class: &'a str,
    /// The mapping.
    pub mapping: &'a Mapping,
    /// Its exact cost; `None` where it is no mapping.
    pub cost: Option<&'a Cost>,
    /// What it is worth.
    pub verdict: Verdict,
    /// Rows added to the program, where that was asked for.
    pub rows_added: Option<usize>,
}

impl DecodedReport<'_> {
    /// The unit of what was minimised.
    fn unit(&self) -> &'static str {
        match self.measure {
            Measure::Cycles => "cycles",
            Measure::Traffic => "bits",
            Measure::Energy => "pJ",
            Measure::EnergyDelay => "pJ x cycles",
        }
    }

    fn verdict_text(&self) -> String {
        match &self.verdict {
            Verdict::Accepted => {
                "the checker accepts it, and it costs what its objective says".into()
            }
            Verdict::Costlier => {
                "the checker accepts it, but it costs more than its objective says: \
                                  the program lacks tangents there"
                    .into()
            }
            Verdict::NoMapping(why) => format!("it is no mapping: {why}"),
            Verdict::Refused(why) => format!("internal error, the checker refuses it: {why}"),
        }
    }

    fn verdict_name(&self) -> &'static str {
        match self.verdict {
            Verdict::Accepted => "accepted",
            Verdict::Costlier => "costlier",
            Verdict::NoMapping(_) => "no_mapping",
            Verdict::Refused(_) => "refused",
        }
    }
}

/// Writes the mapping as a loop nest with what it costs.
///
/// # Errors
/// If `out` cannot be written.
pub fn table(report: &DecodedReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let unit = report.unit();
    writeln!(
        out,
        "{}: solution of {}, class {}",
        report.name, report.solver, report.class
    )?;
    writeln!(
        out,
        "objective: {:.9}, that is {:.3} {unit}",
        report.log_objective,
        report.log_objective.exp()
    )?;
    if let Some(cost) = report.cost {
        let exact = match report.measure {
            Measure::Cycles => grouped(cost.cycles),
            measure => format!("{}", measure.of(cost)),
        };
        writeln!(out, "exactly: {exact} {unit}")?;
    }
    writeln!(out, "check: {}", report.verdict_text())?;
    match report.rows_added {
        Some(0) => writeln!(out, "cuts: nothing is missing")?,
        Some(rows) => writeln!(out, "cuts: {rows} rows added; solve the program again")?,
        None if report.verdict != Verdict::Accepted => {
            writeln!(
                out,
                "cuts: --cuts FILE.lp writes the program with what is missing"
            )?;
        }
        None => {}
    }
    if let Some(cost) = report.cost {
        writeln!(out)?;
        for line in nest::lines(report.nest, report.hardware, report.mapping, cost) {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}

/// Writes one JSON object; its `mapping` is what `evaluate` reads.
///
/// # Errors
/// If `out` cannot be written.
pub fn json(report: &DecodedReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut object = Map::new();
    object.insert("format".into(), json!(FORMAT));
    object.insert("layer".into(), json!(report.layer));
    object.insert("solver".into(), json!(report.solver));
    object.insert("class".into(), json!(report.class));
    object.insert("objective".into(), json!(report.measure.name()));
    object.insert("log_objective".into(), decimal(report.log_objective));
    object.insert("check".into(), json!(report.verdict_name()));
    if let Verdict::NoMapping(why) | Verdict::Refused(why) = &report.verdict {
        object.insert("reason".into(), json!(why));
    }
    let cycles = report.cost.map_or(Value::Null, |c| integer(c.cycles));
    object.insert("cycles".into(), cycles);
    if let Some(energy) = report.cost.and_then(|c| c.energy_pj) {
        object.insert("energy_pj".into(), decimal(energy));
    }
    if let Some(rows) = report.rows_added {
        object.insert("rows_added".into(), json!(rows));
    }
    let mut own = mapping::document(report.layer, report.nest, report.hardware, report.mapping);
    own.phase = report.phase;
    object.insert("mapping".into(), serde_json::to_value(own)?);
    serde_json::to_writer_pretty(&mut *out, &Value::Object(object))?;
    writeln!(out)
}

//! A decoded solution for people.

use std::io::{self, Write};

use crate::problem::goal::Measure;
use crate::report::decoded::{DecodedReport, Verdict};
use crate::report::detail::Detail;
use crate::report::nest;
use crate::report::numbers::grouped;

/// Writes the mapping as a loop nest with what it costs.
pub(super) fn write(report: &DecodedReport<'_>, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let unit = report.measure.unit();
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
    writeln!(out, "check: {}", verdict_text(&report.verdict))?;
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

fn verdict_text(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Accepted => "the checker accepts it, and it costs what its objective says".into(),
        Verdict::Costlier => "the checker accepts it, but it costs more than its objective says: \
                              the program lacks tangents there"
            .into(),
        Verdict::NoMapping(why) => format!("it is no mapping: {why}"),
        Verdict::Refused(why) => format!("internal error, the checker refuses it: {why}"),
    }
}

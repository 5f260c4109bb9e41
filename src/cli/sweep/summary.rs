//! What a sweep says on standard output when it is done.

use super::args::SweepArguments;
use crate::cli::Outcome;
use crate::cli::args::width;
use crate::cli::output::Output;
use crate::problem::PlannedPoint;
use crate::problem::result::Status;
use crate::problem::sweep::PointResult;
use crate::report::Detail;
use crate::report::sweep::{csv, layers, table};
use crate::sweep::memo::Counts;

/// The best points, how many there are, what was proved of them, and where they stand.
pub(super) fn write(
    points: &[PointResult],
    counts: &Counts,
    arguments: &SweepArguments,
) -> anyhow::Result<()> {
    let detail = Detail {
        all: arguments.all,
        width: width(None),
        ..Detail::default()
    };
    let folder = &arguments.output;
    let with = |status: Status| points.iter().filter(|p| p.status == status).count();
    let mut parts = vec![format!("{} proved optimal", with(Status::Optimal))];
    let gap = points.iter().filter_map(|p| p.gap).fold(0.0, f64::max);
    for (status, text) in [
        (
            Status::Feasible,
            format!("with a gap of at most {:.2} %", gap * 100.0),
        ),
        (Status::Unknown, "without a mapping so far".to_owned()),
        (
            Status::Infeasible,
            "where a layer has no mapping".to_owned(),
        ),
    ] {
        if with(status) > 0 {
            parts.push(format!("{} {text}", with(status)));
        }
    }
    let Counts {
        searched,
        cached,
        inherited,
    } = *counts;
    let planned = planned(points);
    Output::Standard.write(|out| {
        table::write(points, detail, out)?;
        writeln!(out, "{} points: {}", points.len(), parts.join(", "))?;
        if !planned.is_empty() {
            for line in textwrap::wrap(&planned, detail.width) {
                writeln!(out, "{line}")?;
            }
        }
        writeln!(
            out,
            "loop nests: {searched} searched for, {inherited} of them proved by a bound of another point; {cached} from the cache"
        )?;
        writeln!(out, "{}", folder.join(csv::FILE).display())?;
        writeln!(out, "{}", folder.join(layers::FILE).display())
    })
}

/// How many steps are planned, how many of them proved, and why others are not.
fn planned(points: &[PointResult]) -> String {
    let plans: Vec<&PlannedPoint> = points.iter().filter_map(|p| p.planned.as_ref()).collect();
    let proved = plans.iter().filter(|own| own.gap <= 0.0).count();
    let among = plans.iter().filter(|own| own.status == Status::Optimal);
    let gap = plans.iter().map(|own| own.gap).fold(0.0, f64::max);
    let mut parts = Vec::new();
    if !plans.is_empty() {
        parts.push(format!(
            "memory plans: {}, {proved} with the bound for any plan, others at most {:.2} % above; {} proved among their modes",
            plans.len(),
            gap * 100.0,
            among.count()
        ));
    }
    let without = points.iter().filter(|p| p.plan_left_out.is_some()).count();
    let why = points.iter().find_map(|p| p.plan_left_out.as_deref());
    parts.extend(why.map(|why| format!("{without} points without a plan ({why})")));
    parts.join("; ")
}

/// A point without a mapping is a result, and one with a gap; one of which neither is known is done where
/// a limit that the user set may have stopped it.
pub(super) fn outcome(points: &[PointResult], limited: bool) -> Outcome {
    let done = |point: &PointResult| match point.status {
        Status::Optimal | Status::Feasible | Status::Infeasible => true,
        Status::Unknown => limited,
    };
    if points.iter().all(done) {
        Outcome::Done
    } else {
        Outcome::Failed
    }
}

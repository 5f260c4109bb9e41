//! What a sweep says on standard output when it is done.

use std::path::Path;

use crate::cli::Outcome;
use crate::cli::output::Output;
use crate::problem::result::Status;
use crate::problem::sweep::PointResult;
use crate::sweep::memo::Counts;

/// How many points there are, what was proved of them, and where they stand.
pub(super) fn write(points: &[PointResult], counts: &Counts, folder: &Path) -> anyhow::Result<()> {
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
    Output::Standard.write(|out| {
        writeln!(out, "{} points: {}", points.len(), parts.join(", "))?;
        writeln!(
            out,
            "loop nests: {searched} searched for, {inherited} of them proved by a bound of another point; {cached} from the cache"
        )?;
        writeln!(out, "{}", folder.join(crate::report::sweep::csv::FILE).display())
    })
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

//! `solve --pareto cycles,energy`: the Pareto front of every layer, each point with its proof.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::args::SolveArguments;
use super::output::Output;
use super::progress::Bar;
use super::solve::{graph, is_done, is_limited, options, require_match, restrict, space};
use super::verify::{Checks, Restrictions, not_checked};
use super::warnings::Notice;
use super::{Outcome, input, interrupt};
use crate::network::fronts;
use crate::network::inference::InferenceOptions;
use crate::problem::front::{FrontEnd, FrontPoint, FrontResult, FrontRow};
use crate::problem::result::Status;
use crate::problem::{Hardware, Work};
use crate::report;

/// Runs the command.
pub(super) fn run(arguments: &SolveArguments) -> anyhow::Result<Outcome> {
    let (network, mut hardware) = input::read(&arguments.inputs)?;
    restrict(&mut hardware, &arguments.among.dataflow)?;
    let graph = graph(&network, arguments)?;
    let fixed = input::constraints(arguments.constraints.as_deref(), &graph, &hardware)?;
    require_match(&graph, arguments.layers.as_ref())?;
    input::require_energy("--pareto cycles,energy", &hardware)?;
    let interrupt = interrupt::flag()?;
    let options = InferenceOptions {
        fixed,
        ..options(arguments, Arc::clone(&interrupt))
    };
    let output = Output::open(arguments.report.output.as_deref())?;
    let format = arguments.report.format();
    if arguments.report.show_mapping && !format.is_for_people() {
        Notice::ShowMappingNeedsTable.show();
    }

    let start = Instant::now();
    let bar = Bar::new();
    let layers = fronts::of_graph(&graph, &hardware, &options, &|step| bar.show(step));
    bar.finish();
    let mut result = FrontResult {
        network: network.name.clone(),
        mode: graph.mode.name(),
        batch: network.batch,
        space: space(&hardware, &options),
        layers: layers?,
        seconds: start.elapsed().as_secs_f64(),
        notes: input::energy_notes(&hardware),
        hardware,
    };
    let restrictions = Restrictions {
        work: &graph,
        fixed: &options.fixed,
    };
    let failures = verified(&mut result.layers, &result.hardware, restrictions);
    output.write(|out| report::write(&result, format, arguments.report.detail(), out))?;
    failures.iter().for_each(Notice::show);
    let limited = is_limited(arguments);
    Ok(outcome(
        &result,
        !failures.iter().any(Notice::is_failure),
        limited,
        &interrupt,
    ))
}

/// Checks the mappings of every point. A point that fails is withdrawn, and comes back as an
/// internal error.
fn verified(
    rows: &mut [FrontRow],
    hardware: &Hardware,
    restrictions: Restrictions<'_>,
) -> Vec<Notice> {
    let mut failures = Vec::new();
    for FrontRow { name, front, .. } in rows {
        let checks = Checks::new(hardware, Some(restrictions), name);
        let parts = front.points.iter().flat_map(|point| &point.parts);
        failures.extend(parts.filter_map(|part| match (&part.work, &part.mapping) {
            (Work::Mapped(nest), Some(mapping)) => not_checked(name, nest, hardware, mapping),
            _ => None,
        }));
        let mut withdrawn = false;
        front.points.retain(|point| match failure(point, &checks) {
            Some(what) => {
                let layer = name.clone();
                failures.push(Notice::CheckFailed { layer, what });
                withdrawn = true;
                false
            }
            None => true,
        });
        if withdrawn {
            front.end = FrontEnd::default();
            front.reason = Some("internal error: a point is withdrawn".to_owned());
        }
    }
    failures
}

/// What is wrong with a point.
fn failure(point: &FrontPoint, checks: &Checks<'_>) -> Option<String> {
    let cycles: u128 = point.parts.iter().map(|part| part.cost.cycles).sum();
    if cycles != point.cycles {
        return Some("its cycles are not the sum of its phases'".to_owned());
    }
    point
        .parts
        .iter()
        .find_map(|part| match (&part.work, &part.mapping) {
            (Work::Mapped(nest), Some(mapping)) => checks.failure(nest, mapping, &part.cost),
            (Work::Mapped(_), None) => Some("a cost without a mapping".to_owned()),
            _ => None,
        })
}

/// An incomplete front is only done if a limit that the user set may have stopped it.
fn outcome(result: &FrontResult, good: bool, limited: bool, interrupt: &AtomicBool) -> Outcome {
    let rows = &result.layers;
    if interrupt.load(Ordering::SeqCst) {
        let found = rows.iter().filter(|row| !row.front.points.is_empty());
        let notice = Notice::Interrupted {
            found: found.count(),
            layers: rows.len(),
        };
        notice.show();
        return Outcome::Interrupted;
    }
    let done = |row: &FrontRow| {
        let status = row.front.status();
        if status == Status::Infeasible {
            let reason = row.front.reason.clone();
            let notice = Notice::NoMapping {
                layer: row.name.clone(),
                reason: reason.unwrap_or_else(|| "the space is empty".to_owned()),
            };
            notice.show();
        }
        is_done(status, limited)
    };
    let all: Vec<bool> = rows.iter().map(done).collect();
    if good && all.into_iter().all(|done| done) {
        return Outcome::Done;
    }
    Outcome::Failed
}

//! `solve`: the mapping of fewest cycles for every layer, with its proof.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::bail;
use regex::Regex;

use super::args::{DataflowArgument, SolveArguments, TilesArgument};
use super::dataflow::restricted;
use super::output::Output;
use super::progress::Bar;
use super::sweep::pictures;
use super::verify::Restrictions;
use super::warnings::Notice;
use super::{Outcome, input, interrupt, jobs, memory_plan, run_pictures, step, verify};
use crate::exact::SolveOptions;
use crate::network::forward;
use crate::network::inference::{self, InferenceOptions};
use crate::problem::goal::Measure;
use crate::problem::graph::Graph;
use crate::problem::result::Status;
use crate::problem::{
    Fixed, Hardware, LayerRow, Network, RunResult, Space, TrainingStep, Workload,
};
use crate::report::{self, Format};

/// Runs the command.
pub(super) fn run(arguments: &SolveArguments) -> anyhow::Result<Outcome> {
    let (network, mut hardware) = input::read(&arguments.inputs)?;
    restrict(&mut hardware, &arguments.among.dataflow)?;
    let graph = graph(&network, arguments)?;
    let fixed = input::constraints(arguments.constraints.as_deref(), &graph, &hardware)?;
    require_match(&graph, arguments.layers.as_ref())?;
    let objective = Measure::from(arguments.objective);
    if objective.has_energy() {
        input::require_energy(&format!("--objective {}", objective.name()), &hardware)?;
    }
    let interrupt = interrupt::flag()?;
    let mut options = InferenceOptions {
        fixed,
        ..options(arguments, Arc::clone(&interrupt))
    };
    let planned = memory_plan::is_wanted(arguments, (&network, &graph), &hardware);
    let kept = memory_plan::kept(arguments, planned);
    options.solve.memo = kept.as_ref().map(memory_plan::memo);
    let output = Output::open(arguments.report.output.as_deref())?;
    let picture = pictures::open(&arguments.pictures)?;
    let format = arguments.report.format();
    if arguments.report.show_mapping && !format.is_for_people() {
        Notice::ShowMappingNeedsTable.show();
    }

    let mut result = map(&network, &graph, hardware, &options, arguments)?;
    let restrictions = Restrictions {
        work: &graph,
        fixed: &options.fixed,
    };
    let failures = verify::rows(&mut result.layers, &result.hardware, Some(restrictions));
    if planned {
        memory_plan::add(&mut result, (&network, &graph), arguments, &options)?;
    }
    output.write(|out| report::write(&result, format, arguments.report.detail(), out))?;

    if let Some(picture) = picture {
        run_pictures::write(picture, &arguments.pictures, &result)?;
    }

    if let Some(kept) = &kept {
        memory_plan::show_failure(kept);
    }
    failures.iter().for_each(Notice::show);
    for row in &result.layers {
        row_notice(row, format).iter().for_each(Notice::show);
    }
    let failed = failures.iter().any(Notice::is_failure);
    Ok(outcome(&result, failed, is_limited(arguments), &interrupt))
}

/// Whether a limit was set under which a layer may be left without a mapping.
pub(super) fn is_limited(arguments: &SolveArguments) -> bool {
    arguments.time_limit.is_some() || arguments.memory_limit.is_some() || arguments.work.is_given()
}

pub(super) fn options(arguments: &SolveArguments, interrupt: Arc<AtomicBool>) -> InferenceOptions {
    let defaults = SolveOptions::default();
    InferenceOptions {
        solve: SolveOptions {
            divisors_only: arguments.among.tiles == TilesArgument::Divisors,
            method: arguments.method.into(),
            time_limit: arguments.time_limit,
            cpu_limit: arguments.work.cpu_limit,
            node_limit: arguments.work.node_limit,
            memory_limit: arguments.memory_limit.or(defaults.memory_limit),
            interrupt,
            objective: arguments.objective.into(),
            tie_break: arguments.tie_break.into(),
            ..defaults
        },
        fuse: !arguments.no_fuse,
        jobs: jobs::of(arguments.jobs),
        layers: arguments.layers.clone(),
        fixed: Vec::new(),
    }
}

/// The dataflows of the command line in place of the hardware file's.
pub(super) fn restrict(hardware: &mut Hardware, named: &[DataflowArgument]) -> anyhow::Result<()> {
    *hardware = restricted(hardware.clone(), named)?;
    Ok(())
}

/// The operations of the step that is mapped.
pub(super) fn graph(network: &Network, arguments: &SolveArguments) -> anyhow::Result<Graph> {
    let file = &arguments.inputs.network;
    step::graph(network, &arguments.step, !arguments.no_fuse, file)
}

/// A pattern that no layer matches is a mistake, not an empty result.
pub(super) fn require_match(work: &dyn Workload, layers: Option<&Regex>) -> anyhow::Result<()> {
    let jobs = work.jobs();
    match layers {
        Some(regex) if !jobs.iter().any(|job| regex.is_match(job.name)) => {
            bail!("--layers {regex}: no layer of {} matches", work.network())
        }
        _ => Ok(()),
    }
}

fn map(
    network: &Network,
    graph: &Graph,
    hardware: Hardware,
    options: &InferenceOptions,
    arguments: &SolveArguments,
) -> anyhow::Result<RunResult> {
    let start = Instant::now();
    let bar = Bar::new();
    let optimizer = step::optimizer(&arguments.step)?;
    // What a step takes is compared with inference, unless only a part of it is mapped.
    let whole = optimizer.is_some() && options.layers.is_none();
    let inference = whole.then(|| forward::graph(network, options.fuse));
    let show = |step: inference::Progress<'_>| bar.show(step);
    let mapped = match &inference {
        Some(inference) => inference::train(graph, inference, &hardware, options, &show)
            .map(|(rows, beside)| (rows, beside.iter().map(LayerRow::cycles).sum())),
        None => inference::map(graph, &hardware, options, &show).map(|rows| (rows, None)),
    };
    bar.finish();
    let (layers, inference_cycles) = mapped?;
    Ok(RunResult {
        network: network.name.clone(),
        notes: input::notes(&layers, &hardware),
        partial: arguments.layers.is_some(),
        memory_plan: None,
        what_if: Vec::new(),
        origins: graph.origins(network),
        training: optimizer.map(|optimizer| TrainingStep {
            optimizer: optimizer.name(),
            inference_cycles,
        }),
        space: space(&hardware, options),
        hardware,
        mode: graph.mode.name(),
        batch: network.batch,
        objective: Measure::from(arguments.objective),
        layers,
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// The space of mappings that is searched.
pub(super) fn space(hardware: &Hardware, options: &InferenceOptions) -> Space {
    let constraints = constraint_names(&options.fixed);
    Space::of(hardware, options.solve.divisors_only).constrained(constraints)
}

/// Where the constraints are written.
fn constraint_names(fixed: &[(Vec<usize>, Fixed)]) -> Vec<String> {
    fixed.iter().map(|(_, fixed)| fixed.name.clone()).collect()
}

/// What is to be said of a row that is not proved optimal, as far as the result does not say it.
fn row_notice(row: &LayerRow, format: Format) -> Option<Notice> {
    let layer = row.name.clone();
    let reason = row.reason.clone();
    match row.status() {
        Status::Optimal => None,
        Status::Infeasible => Some(Notice::NoMapping {
            layer,
            reason: reason.unwrap_or_else(|| "the space is empty".to_owned()),
        }),
        Status::Feasible | Status::Unknown if format.is_for_people() => None,
        Status::Feasible | Status::Unknown => Some(Notice::NotProved {
            layer,
            gap_percent: row.gap().map(|gap| gap * 100.0),
            reason: reason.unwrap_or_else(|| "the search stopped".to_owned()),
        }),
    }
}

/// Whether a layer is done: a mapping with its gap is a result, whichever limit ended the search; a
/// layer without one is only done if a limit that the user set may have stopped it.
pub(super) fn is_done(status: Status, limited: bool) -> bool {
    match status {
        Status::Optimal | Status::Feasible => true,
        Status::Unknown => limited,
        Status::Infeasible => false,
    }
}

/// How the run went.
fn outcome(result: &RunResult, failed: bool, limited: bool, interrupt: &AtomicBool) -> Outcome {
    let rows = &result.layers;
    if interrupt.load(Ordering::SeqCst) {
        let notice = Notice::Interrupted {
            found: rows.iter().filter(|row| row.cost.is_some()).count(),
            layers: rows.len(),
        };
        notice.show();
        return Outcome::Interrupted;
    }
    if !failed && rows.iter().all(|row| is_done(row.status(), limited)) {
        return Outcome::Done;
    }
    Outcome::Failed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_with_its_gap_is_a_result_whichever_limit_ended_the_search() {
        for limited in [true, false] {
            assert!(is_done(Status::Optimal, limited) && is_done(Status::Feasible, limited));
            assert!(!is_done(Status::Infeasible, limited));
            assert_eq!(is_done(Status::Unknown, limited), limited);
        }
    }
}

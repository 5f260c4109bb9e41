//! `evaluate`: the exact cost of mappings someone wrote.

use crate::problem::goal::Measure;
use std::time::Instant;

use anyhow::anyhow;

use super::args::EvaluateArguments;
use super::output::Output;
use super::warnings::Notice;
use super::{Outcome, input, step, verify};
use crate::cost::{self, bound};
use crate::network::phases;
use crate::problem::certificate::{Amount, Certificate, Closing, Evidence};
use crate::problem::{
    Hardware, Job, LayerRow, LoopNest, Mapping, NestId, ProblemError, RunResult, Space,
    TrainingStep, Work, Workload,
};
use crate::read;
use crate::report;

/// Runs the command.
pub(super) fn run(arguments: &EvaluateArguments) -> anyhow::Result<Outcome> {
    let start = Instant::now();
    let (network, hardware) = input::read(&arguments.inputs)?;
    let graph = step::graph(&network, &arguments.step, true, &arguments.inputs.network)?;
    let mappings = read::mappings(&arguments.mapping, &graph, &hardware)
        .map_err(|error| anyhow!(input::one_error_per_line([error].iter())))?;
    let output = Output::open(arguments.report.output.as_deref())?;

    let (mut layers, mut failures) = evaluate(&graph, &hardware, mappings);
    failures.extend(verify::rows(&mut layers, &hardware, None));
    let result = RunResult {
        network: network.name.clone(),
        notes: input::notes(&layers, &hardware),
        partial: true,
        memory_plan: None,
        what_if: Vec::new(),
        origins: graph.origins(&network),
        training: step::optimizer(&arguments.step)?.map(|optimizer| TrainingStep {
            optimizer: optimizer.name(),
            inference_cycles: None,
        }),
        space: Space::of(&hardware, false),
        hardware,
        mode: graph.mode.name(),
        batch: network.batch,
        objective: Measure::Cycles,
        layers,
        seconds: start.elapsed().as_secs_f64(),
    };
    let report = &arguments.report;
    if !result.layers.is_empty() {
        output.write(|out| report::write(&result, report.format(), report.detail(), out))?;
    }
    failures.iter().for_each(Notice::show);
    Ok(if failures.iter().any(Notice::is_failure) {
        Outcome::Failed
    } else {
        Outcome::Done
    })
}

/// A row for every mapping that is one of its layer, and an error for every other. The rows of
/// all phases of a layer become one; those of some phases stand for themselves.
fn evaluate(
    work: &dyn Workload,
    hardware: &Hardware,
    mappings: Vec<(NestId, Mapping)>,
) -> (Vec<LayerRow>, Vec<Notice>) {
    let mut rows: Vec<(NestId, LayerRow)> = Vec::new();
    let mut errors = Vec::new();
    for (of, mapping) in mappings {
        let name = work.nest_name(of);
        let (Some(job), Some(nest)) = (work.job(of.layer), work.nest(of)) else {
            errors.push(bad(&name, "it has no multiply-accumulates to map"));
            continue;
        };
        match row(&job, nest, hardware, mapping) {
            Ok(row) => rows.push((of, row)),
            Err(error) => errors.push(bad(&name, &error.to_string())),
        }
    }
    (phases::joined(work, hardware, rows), errors)
}

fn bad(layer: &str, what: &str) -> Notice {
    Notice::BadMapping {
        layer: layer.to_owned(),
        what: what.to_owned(),
    }
}

fn row(
    job: &Job<'_>,
    nest: &LoopNest,
    hardware: &Hardware,
    mapping: Mapping,
) -> Result<LayerRow, ProblemError> {
    let cost = cost::evaluate(nest, hardware, &mapping)?;
    let lower_bounds = bound::lower_bounds(nest, hardware);
    let lower_bound = lower_bounds.best();
    let (value, bound) = (Amount::Whole(cost.cycles), Amount::Whole(lower_bound));
    let evidence = Evidence::closed([Closing::LowerBound]);
    let certificate = Certificate::found(Measure::Cycles, value, bound, evidence)
        .unwrap_or_else(|error| Certificate::contradicted(Measure::Cycles, &error));
    Ok(LayerRow {
        certificate,
        cost: Some(cost),
        mapping: Some(mapping),
        bound_cycles: lower_bound,
        lower_bound_cycles: lower_bound,
        lower_bounds,
        pass: job.pass,
        ..LayerRow::without_mapping(job.name, job.op, Work::Mapped(Box::new(nest.clone())))
    })
}

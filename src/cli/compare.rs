//! `compare`: the exact mapper against published heuristics, with the same evaluator and check.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::bail;

use super::args::CompareArguments;
use super::output::Output;
use super::progress::Bar;
use super::verify::{not_checked, unchecked, without_check};
use super::warnings::Notice;
use super::{Outcome, input, interrupt, jobs, solve};
use crate::check;
use crate::mapper::trial::Budget;
use crate::mapper::{Mapper, registry};
use crate::network::compare::{self, CompareOptions};
use crate::problem::comparison::{Attempt, Comparison, LayerComparison, MapperInfo, Part, Stop};
use crate::problem::result::Status;
use crate::problem::{Hardware, Network, phases};
use crate::report;
use crate::report::comparison::plot;

/// Runs the command.
pub(super) fn run(arguments: &CompareArguments) -> anyhow::Result<Outcome> {
    let mappers = mappers(&arguments.mappers)?;
    let (networks, hardware) = arguments.inputs();
    let options = arguments.onnx.options(arguments.batch);
    let (networks, hardware) = input::read_several((&networks, hardware), &options)?;
    for network in &networks {
        solve::require_match(network, arguments.layers.as_ref())?;
    }
    let interrupt = interrupt::flag()?;
    let output = Output::open(arguments.output.as_deref())?;
    let file = arguments.plot.as_deref();
    let file = file.map(|path| Output::open(Some(path))).transpose()?;
    let options = options_of(arguments, mappers, Arc::clone(&interrupt));
    let mut results = Vec::new();
    for network in &networks {
        results.push(compared((network, &hardware), arguments, &options)?);
    }
    let failures: Vec<Notice> = results.iter_mut().flat_map(verify).collect();
    output.write(|out| {
        report::write(
            results.as_slice(),
            arguments.format(),
            arguments.detail(),
            out,
        )
    })?;
    if let Some(file) = file {
        let picture = plot::svg(&results)?;
        file.write(|out| out.write_all(picture.as_bytes()))?;
    }
    failures.iter().for_each(Notice::show);
    Ok(outcome(
        &results,
        !failures.iter().any(Notice::is_failure),
        interrupt.load(Ordering::SeqCst),
    ))
}

fn options_of(
    arguments: &CompareArguments,
    mappers: Vec<&'static dyn Mapper>,
    interrupt: Arc<AtomicBool>,
) -> CompareOptions {
    CompareOptions {
        budget: Budget {
            evaluations: arguments.evaluations,
            time: arguments.time_budget,
            cpu: arguments.work.cpu_limit,
            nodes: arguments.work.node_limit,
            seed: arguments.seed,
            interrupt,
        },
        exact_time: None,
        jobs: jobs::of(arguments.jobs),
        layers: arguments.layers.clone(),
        mappers,
    }
}

/// What all mappers find for one network.
fn compared(
    (network, hardware): (&Network, &Hardware),
    arguments: &CompareArguments,
    options: &CompareOptions,
) -> anyhow::Result<Comparison> {
    let start = Instant::now();
    let bar = Bar::new();
    let found = compare::compare(network, hardware, options, &|step| bar.show(step));
    bar.finish();
    let (layers, streamed_layers) = found?;
    if layers.is_empty() {
        bail!(
            "{}: none of the layers has a mapping to choose; all of them are streamed",
            network.name
        );
    }
    Ok(Comparison {
        network: network.name.clone(),
        batch: network.batch,
        mappers: options.mappers.iter().map(|m| info(*m)).collect(),
        seed: arguments.seed,
        evaluations: arguments.evaluations,
        time_budget_seconds: arguments.time_budget.map(|time| time.as_secs_f64()),
        layers,
        streamed_layers,
        seconds: start.elapsed().as_secs_f64(),
        hardware: hardware.clone(),
    })
}

/// How it went: a layer that no mapper could map is a failure.
fn outcome(results: &[Comparison], sound: bool, interrupted: bool) -> Outcome {
    let all = results.iter().flat_map(|result| &result.layers);
    let mappers = results.first().map_or(0, |result| result.mappers.len());
    let has_none =
        |layer: &LayerComparison| (0..mappers).all(|mapper| layer.outcome(mapper).cycles.is_none());
    let (without, with): (Vec<_>, Vec<_>) = all.partition(|layer| has_none(layer));
    if interrupted {
        let notice = Notice::Interrupted {
            found: with.len(),
            layers: with.len() + without.len(),
        };
        notice.show();
        return Outcome::Interrupted;
    }
    for layer in &without {
        unmapped(layer, mappers).show();
    }
    if sound && without.is_empty() {
        Outcome::Done
    } else {
        Outcome::Failed
    }
}

/// Why no mapper has a mapping of a layer.
fn unmapped(layer: &LayerComparison, mappers: usize) -> Notice {
    let mut outcomes = (0..mappers).map(|mapper| layer.outcome(mapper));
    let infeasible = outcomes.find(|o| o.status() == Status::Infeasible);
    let layer = layer.name.clone();
    match infeasible.and_then(|o| o.reason) {
        Some(reason) => Notice::NoMapping { layer, reason },
        None => Notice::NotProved {
            layer,
            gap_percent: None,
            reason: "none of the mappers found one within its budget".to_owned(),
        },
    }
}

/// The mappers of these names; all of them where none is named.
fn mappers(names: &[String]) -> anyhow::Result<Vec<&'static dyn Mapper>> {
    if names.is_empty() {
        return Ok(registry::ALL.to_vec());
    }
    let mut found: Vec<&'static dyn Mapper> = Vec::new();
    for name in names {
        let Some(mapper) = registry::find(name) else {
            bail!("--mappers: there is no mapper `{name}`");
        };
        if found.iter().any(|known| known.name() == mapper.name()) {
            bail!("--mappers: `{name}` is listed twice");
        }
        found.push(mapper);
    }
    Ok(found)
}

fn info(mapper: &dyn Mapper) -> MapperInfo {
    MapperInfo {
        name: mapper.name(),
        description: mapper.description(),
        space: mapper.space(),
        parameters: mapper.parameters(),
    }
}

/// Checks every mapping, and that none is better than one proved optimal. What fails is
/// withdrawn and comes back as an internal error.
fn verify(result: &mut Comparison) -> Vec<Notice> {
    let names: Vec<&str> = result.mappers.iter().map(|m| m.name).collect();
    let mut failures = Vec::new();
    for layer in &mut result.layers {
        for part in &mut layer.parts {
            let label = part
                .phase
                .map_or(layer.name.clone(), |p| phases::label(&layer.name, p));
            for (index, name) in names.iter().enumerate() {
                if let Some((mapping, _)) = &part.attempts[index].best {
                    let what = format!("{label}, {name}");
                    let notice = not_checked(&what, &part.nest, &result.hardware, mapping);
                    if notice.is_some() {
                        let own = &mut part.attempts[index];
                        own.certificate = without_check(&own.certificate);
                    }
                    failures.extend(notice);
                }
                if let Some(what) = failure(part, index, &result.hardware) {
                    let reason = format!("internal error: {what}");
                    part.attempts[index] = Attempt::nothing(Stop::Finished, reason);
                    failures.push(Notice::CheckFailed {
                        layer: format!("{label}, {name}"),
                        what,
                    });
                }
            }
        }
    }
    failures
}

fn failure(part: &Part, index: usize, hardware: &Hardware) -> Option<String> {
    let own = &part.attempts[index];
    let (mapping, cost) = own.best.as_ref()?;
    if unchecked(&part.nest, hardware, mapping).is_none()
        && let Err(error) = check::check(&part.nest, hardware, mapping, cost)
    {
        return Some(error.to_string());
    }
    let optimal = part
        .attempts
        .iter()
        .filter(|a| a.status() == Status::Optimal);
    let bound = optimal.filter_map(|a| a.bound_cycles).max()?;
    (cost.cycles < bound).then(|| {
        format!(
            "{} cycles are fewer than the {bound} that are proved to be least",
            cost.cycles
        )
    })
}

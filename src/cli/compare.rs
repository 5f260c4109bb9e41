//! `compare`: the exact mapper against published heuristics, with the same evaluator and check.

use std::sync::Arc;
use std::sync::atomic::Ordering;
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
use crate::problem::{Hardware, phases};
use crate::report;
use crate::report::comparison::plot;

/// Runs the command.
pub(super) fn run(arguments: &CompareArguments) -> anyhow::Result<Outcome> {
    let mappers = mappers(&arguments.mappers)?;
    let (network, hardware) = input::read(&arguments.inputs)?;
    solve::require_match(&network, arguments.layers.as_ref())?;
    let interrupt = interrupt::flag()?;
    let output = Output::open(arguments.output.as_deref())?;
    let plot = arguments.plot.as_deref();
    let plot = plot.map(|path| Output::open(Some(path))).transpose()?;
    let options = CompareOptions {
        budget: Budget {
            evaluations: arguments.evaluations,
            time: arguments.time_budget,
            cpu: arguments.work.cpu_limit,
            nodes: arguments.work.node_limit,
            seed: arguments.seed,
            interrupt: Arc::clone(&interrupt),
        },
        exact_time: None,
        jobs: jobs::of(arguments.jobs),
        layers: arguments.layers.clone(),
        mappers,
    };
    let start = Instant::now();
    let bar = Bar::new();
    let found = compare::compare(&network, &hardware, &options, &|step| bar.show(step));
    bar.finish();
    let (layers, streamed_layers) = found?;
    if layers.is_empty() {
        bail!(
            "{}: none of the layers has a mapping to choose; all of them are streamed",
            network.name
        );
    }
    let mut result = Comparison {
        network: network.name.clone(),
        batch: network.batch,
        mappers: options.mappers.iter().map(|m| info(*m)).collect(),
        seed: arguments.seed,
        evaluations: arguments.evaluations,
        time_budget_seconds: arguments.time_budget.map(|time| time.as_secs_f64()),
        layers,
        streamed_layers,
        seconds: start.elapsed().as_secs_f64(),
        hardware,
    };
    let failures = verify(&mut result);
    output.write(|out| report::write(&result, arguments.format(), arguments.detail(), out))?;
    if let Some(plot) = plot {
        let picture = plot::svg(&result)?;
        plot.write(|out| out.write_all(picture.as_bytes()))?;
    }
    failures.iter().for_each(Notice::show);
    Ok(outcome(
        &result,
        !failures.iter().any(Notice::is_failure),
        interrupt.load(Ordering::SeqCst),
    ))
}

/// How it went: a layer that no mapper could map is a failure.
fn outcome(result: &Comparison, sound: bool, interrupted: bool) -> Outcome {
    let all = 0..result.mappers.len();
    let without = |layer: &&LayerComparison| all.clone().all(|m| layer.outcome(m).cycles.is_none());
    let layers = || result.layers.iter().filter(without);
    if interrupted {
        let notice = Notice::Interrupted {
            found: result.layers.len() - layers().count(),
            layers: result.layers.len(),
        };
        notice.show();
        return Outcome::Interrupted;
    }
    for layer in layers() {
        let outcomes: Vec<_> = all.clone().map(|m| layer.outcome(m)).collect();
        let infeasible = outcomes.iter().find(|o| o.status() == Status::Infeasible);
        let reason = infeasible.and_then(|o| o.reason.clone());
        let notice = match reason {
            Some(reason) => Notice::NoMapping {
                layer: layer.name.clone(),
                reason,
            },
            None => Notice::NotProved {
                layer: layer.name.clone(),
                gap_percent: None,
                reason: "none of the mappers found one within its budget".to_owned(),
            },
        };
        notice.show();
    }
    if sound && layers().next().is_none() {
        Outcome::Done
    } else {
        Outcome::Failed
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

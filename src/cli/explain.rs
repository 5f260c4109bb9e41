//! `explain`: a layer's best mapping, what binds, and why nothing is better.

use std::sync::atomic::Ordering;

use super::args::{ExplainArguments, LayerArguments, TilesArgument, width};
use super::output::Output;
use super::progress::Spinner;
use super::verify::not_checked;
use super::warnings::Notice;
use super::{Outcome, input, interrupt, layer};
use crate::check;
use crate::exact::SolveOptions;
use crate::exact::explain::explain;
use crate::problem::Workload;
use crate::problem::goal::Measure;
use crate::report::explain::ExplainReport;
use crate::report::{self, Detail};

/// Runs the command.
pub(super) fn run(arguments: &ExplainArguments, named: &LayerArguments) -> anyhow::Result<Outcome> {
    let (network, mut hardware) = input::read(&arguments.inputs)?;
    super::solve::restrict(&mut hardware, &arguments.among.dataflow)?;
    let step = layer::step(&network, named, &arguments.inputs.network)?;
    let (id, nest) = layer::nest(&step, named)?;
    let measure = Measure::from(arguments.objective);
    if measure.has_energy() {
        input::require_energy(&format!("--objective {}", measure.name()), &hardware)?;
    }
    let interrupt = interrupt::flag()?;
    let options = SolveOptions {
        divisors_only: arguments.among.tiles == TilesArgument::Divisors,
        objective: measure,
        time_limit: arguments.time_limit,
        cpu_limit: arguments.work.cpu_limit,
        node_limit: arguments.work.node_limit,
        interrupt: interrupt.clone(),
        ..SolveOptions::default()
    };
    let output = Output::open(arguments.output.as_deref())?;
    let spinner = Spinner::new();
    let explanation = explain(nest, &hardware, &options, &|step| spinner.show(step));
    spinner.finish();
    let name = step.nest_name(id);
    if let Some((mapping, _)) = &explanation.solution.best
        && let Some(notice) = not_checked(&name, nest, &hardware, mapping)
    {
        notice.show();
    } else if let Some((mapping, cost)) = &explanation.solution.best
        && let Err(error) = check::check(nest, &hardware, mapping, cost)
    {
        let (layer, what) = (name, error.to_string());
        Notice::CheckFailed { layer, what }.show();
        return Ok(Outcome::Failed);
    }
    let result = ExplainReport {
        name,
        layer: &step.operations[id.layer].name,
        phase: id.phase,
        network: &network.name,
        nest,
        hardware: &hardware,
        measure,
        explanation: &explanation,
    };
    let detail = Detail {
        width: width(arguments.output.as_deref()),
        ..Detail::default()
    };
    output.write(|out| report::write(&result, arguments.format, detail, out))?;
    Ok(match explanation.solution.best {
        _ if interrupt.load(Ordering::SeqCst) => Outcome::Interrupted,
        Some(_) => Outcome::Done,
        None => Outcome::Failed,
    })
}

//! `export`: the integer program of a layer, or of a network's memory plan, as an LP or MPS file.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{anyhow, bail};

use super::args::{ExportArguments, LayerArguments, ProgramArguments, ProgramKind, TilesArgument};
use super::output::Output;
use super::program_file::{FileFormat, format_of, one_line};
use super::{Outcome, export_residency, input, interrupt, layer};
use crate::exact::SolveOptions;
use crate::exact::program::{self, LayerProgram, ProgramOptions};
use crate::problem::goal::Measure;
use crate::problem::graph::Graph;
use crate::problem::{Hardware, NestId, Workload};

/// Runs the command.
pub(super) fn run(arguments: &ExportArguments) -> anyhow::Result<Outcome> {
    let format = format_of(&arguments.output, "--output")?;
    match (arguments.kind, &arguments.layer) {
        (Some(ProgramKind::Residency), _) => export_residency::run(arguments, format),
        (None, Some(name)) => {
            let layer = LayerArguments {
                layer: name.clone(),
                part: arguments.part,
            };
            export_layer(arguments, &layer, format)
        }
        (None, None) => bail!("--layer: name the layer whose program is to be written"),
    }
}

/// Writes a layer's program.
fn export_layer(
    arguments: &ExportArguments,
    layer: &LayerArguments,
    format: FileFormat,
) -> anyhow::Result<Outcome> {
    let (network, mut hardware) = input::read(&arguments.inputs)?;
    let own = &arguments.program;
    let step = layer::step(&network, layer, &arguments.inputs.network)?;
    let (id, nest) = layer::nest(&step, layer)?;
    let options = options(own, &mut hardware)?;
    let output = Output::open(Some(&arguments.output))?;
    let made = program::build(nest, &hardware, &options)
        .map_err(|what| anyhow!("{}: {what}", step.nest_name(id)))?;
    let text = text(&made, &title(&step, &hardware, id, own), format);
    output.write(|out| out.write_all(text.as_bytes()))?;
    Output::Standard.write(|out| summary(&made, &arguments.output, out))?;
    Ok(Outcome::Done)
}

/// The program as text.
pub(super) fn text(made: &LayerProgram, title: &[String], format: FileFormat) -> String {
    match format {
        FileFormat::Lp => made.lp(title),
        FileFormat::Mps => made.mps(title),
    }
}

/// What the arguments ask of the program.
pub(super) fn options(
    arguments: &ProgramArguments,
    hardware: &mut Hardware,
) -> anyhow::Result<ProgramOptions> {
    super::solve::restrict(hardware, &arguments.among.dataflow)?;
    let objective = Measure::from(arguments.objective);
    if objective.has_energy() {
        input::require_energy(&format!("--objective {}", objective.name()), hardware)?;
    }
    Ok(ProgramOptions {
        solve: SolveOptions {
            divisors_only: arguments.among.tiles == TilesArgument::Divisors,
            objective,
            time_limit: arguments.time_limit,
            interrupt: interrupt::flag()?,
            ..SolveOptions::default()
        },
        columns: arguments.columns.into(),
        branch: arguments.fix_order.clone(),
    })
}

/// The first comments of a file: what was asked.
pub(super) fn title(
    step: &Graph,
    hardware: &Hardware,
    id: NestId,
    arguments: &ProgramArguments,
) -> Vec<String> {
    let of = format!(
        "Layer program of {} ({} of {}, batch {}) on {}, pass {}, by deepmatrix {}.",
        step.nest_name(id),
        step.operations[id.layer].op,
        step.network,
        step.batch,
        hardware.name,
        step.operations[id.layer].pass.name(),
        env!("CARGO_PKG_VERSION"),
    );
    let branch = arguments
        .fix_order
        .as_ref()
        .map_or(String::new(), |name| format!(" --fix-order {name}"));
    let asked = format!(
        "Asked: --objective {} --tiles {} --columns {}{branch}",
        Measure::from(arguments.objective).name(),
        arguments.among.tiles.name(),
        arguments.columns.name(),
    );
    [of, asked].iter().map(|text| one_line(text)).collect()
}

/// One line about what was written.
fn summary(made: &LayerProgram, path: &Path, out: &mut dyn Write) -> io::Result<()> {
    let facts = &made.facts;
    let optimum = match facts.settled {
        Some((objective, _)) => format!("; its optimum is {objective:.9}"),
        None => String::new(),
    };
    writeln!(
        out,
        "{}: {} binaries in {} of the classes, {} rows{optimum}",
        path.display(),
        facts.binaries,
        facts.classes.len(),
        facts.rows
    )
}

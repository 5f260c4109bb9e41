//! `export --program residency`: the integer program of a network's memory plan.

use std::collections::BTreeMap;

use anyhow::anyhow;

use super::args::{ExportArguments, TilesArgument};
use super::output::Output;
use super::program_file::{FileFormat, one_line};
use super::{Outcome, input, interrupt, jobs, planning, solve, step};
use crate::exact::{SolveOptions, TieBreak};
use crate::memory::{self, Cutting, Known, ModeOptions, ResidencyProgram};
use crate::problem::graph::Graph;
use crate::problem::{Hardware, Network};

/// Writes the program.
pub(super) fn run(arguments: &ExportArguments, format: FileFormat) -> anyhow::Result<Outcome> {
    let (network, mut hardware) = input::read(&arguments.inputs)?;
    solve::restrict(&mut hardware, &arguments.program.among.dataflow)?;
    let fuse = !arguments.no_fuse;
    let graph = planning::graph(&network, &arguments.inputs, &arguments.step, fuse)?;
    let options = modes(arguments)?;
    let output = Output::open(Some(&arguments.output))?;
    let made = program(&graph, &hardware, &options)?;
    let title = title(arguments, &network, &hardware)?;
    let text = match format {
        FileFormat::Lp => made.lp(&title),
        FileFormat::Mps => made.mps(&title),
    };
    output.write(|out| out.write_all(text.as_bytes()))?;
    let facts = &made.facts;
    Output::Standard.write(|out| {
        writeln!(
            out,
            "{}: {} binaries, {} integers, {} rows; the best plan by a rule ({}) has {} cycles",
            arguments.output.display(),
            facts.binaries,
            facts.integers,
            facts.rows,
            facts.rule,
            facts.rule_cycles
        )
    })?;
    Ok(Outcome::Done)
}

/// How the modes are found.
fn modes(arguments: &ExportArguments) -> anyhow::Result<ModeOptions> {
    Ok(ModeOptions {
        given: None,
        solve: SolveOptions {
            divisors_only: arguments.program.among.tiles == TilesArgument::Divisors,
            time_limit: arguments.program.time_limit,
            interrupt: interrupt::flag()?,
            tie_break: TieBreak::Traffic,
            ..SolveOptions::default()
        },
        together: arguments.program.time_limit,
        per_operation: arguments.modes_per_operation,
        switches: crate::memory::Switches::ALL,
        jobs: jobs::of(arguments.jobs),
        known: Known::default(),
        fixed: BTreeMap::new(),
    })
}

fn program(
    graph: &Graph,
    hardware: &Hardware,
    options: &ModeOptions,
) -> anyhow::Result<ResidencyProgram> {
    let step = memory::schedule(graph, hardware, Cutting::default(), options)?;
    memory::program(&step.schedule).map_err(|error| anyhow!("{}: {error}", hardware.name))
}

/// The first comments of the file: what was asked.
fn title(
    arguments: &ExportArguments,
    network: &Network,
    hardware: &Hardware,
) -> anyhow::Result<Vec<String>> {
    let mode = match step::optimizer(&arguments.step)? {
        None => "inference".to_owned(),
        Some(optimizer) => format!("training --optimizer {}", optimizer.name()),
    };
    let of = format!(
        "Residency program of {} (batch {}) on {}, by deepmatrix {}.",
        network.name,
        network.batch,
        hardware.name,
        env!("CARGO_PKG_VERSION"),
    );
    let fused = if arguments.no_fuse { " --no-fuse" } else { "" };
    let asked = format!(
        "Asked: --program residency --mode {mode} --tiles {} --modes-per-operation {}{fused}",
        arguments.program.among.tiles.name(),
        arguments.modes_per_operation,
    );
    Ok([of, asked].iter().map(|text| one_line(text)).collect())
}

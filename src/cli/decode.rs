//! `decode`: the mapping that a solution of an exported program describes.

use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow, bail};

use super::args::{DecodeArguments, Inputs};
use super::export::{options, title};
use super::output::Output;
use super::program_file::{FileFormat, format_of};
use super::{Outcome, input, layer};
use crate::check;
use crate::exact::program::{self, Decoded, ProgramOptions, Standing, decoded};
use crate::files;
use crate::problem::graph::Graph;
use crate::problem::{Hardware, LoopNest, NestId, Workload};
use crate::read::solution;
use crate::report::decoded::{DecodedReport, Verdict};
use crate::report::{self, Detail};

/// Runs the command.
pub(super) fn run(arguments: &DecodeArguments) -> anyhow::Result<Outcome> {
    require_lp(arguments)?;
    let [network, hardware] = arguments.inputs.as_slice() else {
        bail!("--for: it takes the network and the hardware file");
    };
    let inputs = Inputs {
        network: network.clone(),
        hardware: hardware.clone(),
        batch: arguments.batch,
        onnx: arguments.onnx.clone(),
    };
    let (network, mut hardware) = input::read(&inputs)?;
    let step = layer::step(&network, &arguments.layer, &inputs.network)?;
    let (id, nest) = layer::nest(&step, &arguments.layer)?;
    let options = options(&arguments.program, &mut hardware)?;
    let file = solution::read(&arguments.solution)
        .map_err(|error| anyhow!(input::one_error_per_line([error].iter())))?;
    let found = decoded(nest, &hardware, &file.values)
        .map_err(|what| anyhow!("{}: {what}", arguments.solution.display()))?;
    let standing = found.standing(&options.solve, file.objective);
    let case = Case {
        arguments,
        step: &step,
        hardware: &hardware,
        nest,
        id,
        options: &options,
    };
    let written = case.cuts(&found, standing, file.objective)?;
    let result = case.report(
        &found,
        standing,
        file.solver.name(),
        file.objective,
        written,
    );
    Output::Standard
        .write(|out| report::write(&result, arguments.format, Detail::default(), out))?;
    Ok(match result.verdict {
        Verdict::Accepted | Verdict::Costlier => Outcome::Done,
        Verdict::NoMapping(_) | Verdict::Refused(_) => Outcome::Failed,
    })
}

fn require_lp(arguments: &DecodeArguments) -> anyhow::Result<()> {
    for (option, path) in [("--cuts", &arguments.cuts), ("--after", &arguments.after)] {
        if let Some(path) = path
            && format_of(path, option)? != FileFormat::Lp
        {
            bail!(
                "{option} {}: rows are added to .lp files only; export the program as one",
                path.display()
            );
        }
    }
    Ok(())
}

/// A solution with what it is one of.
struct Case<'a> {
    arguments: &'a DecodeArguments,
    step: &'a Graph,
    hardware: &'a Hardware,
    nest: &'a LoopNest,
    id: NestId,
    options: &'a ProgramOptions,
}

impl Case<'_> {
    /// Writes the program with the rows that the solution violates, if that was asked for and
    /// there are any; the number of rows.
    fn cuts(
        &self,
        found: &Decoded,
        standing: Standing,
        objective: f64,
    ) -> anyhow::Result<Option<usize>> {
        let Some(path) = &self.arguments.cuts else {
            return Ok(None);
        };
        if standing == Standing::Exact {
            return Ok(Some(0));
        }
        let from = self.arguments.after.as_ref().unwrap_or(path);
        let text = self.solved(from)?;
        let rows = found.missing(self.nest, self.hardware, &self.options.solve, objective);
        let comment = format!(
            "{} rows added after a solution of objective {objective:.9} in class {}.",
            rows.len(),
            found.class
        );
        let longer = program::with_rows(&text, &comment, &rows).ok_or_else(|| {
            anyhow!(
                "{}: it is no LP file that export wrote; name the file that was solved, or a new one",
                from.display()
            )
        })?;
        files::write(path, |out| out.write_all(longer.as_bytes()))
            .with_context(|| format!("cannot write the program to {}", path.display()))?;
        Ok(Some(rows.len()))
    }

    /// The text of the program that was solved: of the file, or as `export` writes it.
    fn solved(&self, path: &Path) -> anyhow::Result<String> {
        let title = title(self.step, self.hardware, self.id, &self.arguments.program);
        if !path.exists() && self.arguments.after.is_none() {
            let made = program::build(self.nest, self.hardware, self.options)
                .map_err(|what| anyhow!("{}: {what}", self.step.nest_name(self.id)))?;
            return Ok(made.lp(&title));
        }
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the program {}", path.display()))?;
        let own = program::first_comment(&title);
        if !text.starts_with(&own) {
            bail!(
                "{}: it is not the program of {} on {}; name the file that was solved, or a new one",
                path.display(),
                self.step.nest_name(self.id),
                self.hardware.name
            );
        }
        Ok(text)
    }

    fn report<'r>(
        &'r self,
        found: &'r Decoded,
        standing: Standing,
        solver: &'static str,
        objective: f64,
        rows_added: Option<usize>,
    ) -> DecodedReport<'r> {
        let verdict = match (&found.cost, standing) {
            (Err(error), _) => Verdict::NoMapping(error.to_string()),
            (Ok(cost), standing) => {
                match check::check(self.nest, self.hardware, &found.mapping, cost) {
                    Err(error) => Verdict::Refused(error.to_string()),
                    Ok(()) if standing == Standing::Exact => Verdict::Accepted,
                    Ok(()) => Verdict::Costlier,
                }
            }
        };
        DecodedReport {
            name: self.step.nest_name(self.id),
            layer: &self.step.operations[self.id.layer].name,
            phase: self.id.phase,
            nest: self.nest,
            hardware: self.hardware,
            solver,
            measure: self.options.solve.objective,
            log_objective: objective,
            class: &found.class,
            mapping: &found.mapping,
            cost: found.cost.as_ref().ok(),
            verdict,
            rows_added,
        }
    }
}

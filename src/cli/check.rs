//! `check`: validates input files and reports all errors at once.

use std::path::Path;

use super::args::{CheckArguments, StepArguments};
use super::output::Output;
use super::warnings::Notice;
use super::{Outcome, step};
use crate::cost;
use crate::problem::graph::{Graph, Mode};
use crate::problem::{Hardware, Network, Workload};
use crate::read::{self, FileKind, NetworkOptions, ReadError};

/// What is known of the files so far.
#[derive(Default)]
struct Findings<'a> {
    /// The step over each valid network.
    steps: Vec<Graph>,
    hardware: Vec<Hardware>,
    mappings: Vec<&'a Path>,
    /// One line for each valid file.
    valid: Vec<String>,
    errors: Vec<Notice>,
}

/// Runs the command.
pub(super) fn run(arguments: &CheckArguments) -> anyhow::Result<Outcome> {
    let mut findings = Findings::default();
    for file in &arguments.files {
        if let Err(error) = findings.read(file, arguments) {
            findings.refuse(&error);
        }
    }
    findings.check_mappings();
    Output::Standard
        .write(|out| (findings.valid.iter()).try_for_each(|line| writeln!(out, "{line}")))?;
    findings.errors.iter().for_each(Notice::show);
    Ok(if findings.errors.is_empty() {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

impl<'a> Findings<'a> {
    /// Reads a network or hardware file; mappings wait until all of these are read.
    fn read(&mut self, file: &'a Path, arguments: &CheckArguments) -> Result<(), ReadError> {
        match read::kind(file)? {
            FileKind::Network => {
                let batch = arguments.batch;
                let network = read::network(file, &NetworkOptions { batch })?;
                self.network(file, &network, &arguments.step);
            }
            FileKind::Hardware => {
                let hardware = read::hardware(file)?;
                let (name, elements) = (&hardware.name, hardware.processing_elements());
                self.accept(
                    file,
                    &format!("hardware {name}, {elements} processing elements"),
                );
                self.hardware.push(hardware);
            }
            FileKind::Mapping => self.mappings.push(file),
        }
        Ok(())
    }

    /// A valid network, unless it has no such step.
    fn network(&mut self, file: &Path, network: &Network, arguments: &StepArguments) {
        let step = match step::graph(network, arguments, true, file) {
            Ok(step) => step,
            Err(error) => {
                self.errors.push(Notice::BadFile(error.to_string()));
                return;
            }
        };
        let (name, layers) = (&network.name, network.layers.len());
        let line = format!("network {name}, {layers} layers");
        let line = match step.mode {
            Mode::Inference => line,
            Mode::Training => {
                let operations = step.operations.len();
                format!("{line}, {operations} operations of a training step")
            }
        };
        self.accept(file, &line);
        self.steps.push(step);
    }

    fn check_mappings(&mut self) {
        for file in std::mem::take(&mut self.mappings) {
            match (self.steps.as_slice(), self.hardware.as_slice()) {
                ([step], [hardware]) => match check_mapping(file, step, hardware) {
                    Ok((count, errors)) => {
                        if errors.is_empty() {
                            let s = if count == 1 { "" } else { "s" };
                            self.accept(file, &format!("{count} mapping{s}"));
                        }
                        self.errors.extend(errors);
                    }
                    Err(error) => self.refuse(&error),
                },
                _ => self.errors.push(Notice::MappingAlone {
                    file: file.display().to_string(),
                }),
            }
        }
    }

    fn accept(&mut self, file: &Path, what: &str) {
        self.valid.push(format!("{}: {what}", file.display()));
    }

    fn refuse(&mut self, error: &ReadError) {
        let lines = error.to_string();
        let notices = lines.lines().map(|line| Notice::BadFile(line.to_owned()));
        self.errors.extend(notices);
    }
}

/// The number of mappings in a file, and an error for each that is none of its layer.
fn check_mapping(
    file: &Path,
    work: &dyn Workload,
    hardware: &Hardware,
) -> Result<(usize, Vec<Notice>), ReadError> {
    let mappings = read::mappings(file, work, hardware)?;
    let errors = (mappings.iter())
        .filter_map(|(of, mapping)| {
            let what = match work.nest(*of) {
                Some(nest) => cost::evaluate(nest, hardware, mapping).err()?.to_string(),
                None => "it has no multiply-accumulates to map".to_owned(),
            };
            let what = format!("{}: {what}", file.display());
            Some(Notice::BadMapping {
                layer: work.nest_name(*of),
                what,
            })
        })
        .collect();
    Ok((mappings.len(), errors))
}

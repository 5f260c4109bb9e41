//! `check`: validates input files and reports all errors at once.

use std::path::Path;

use super::args::{CheckArguments, StepArguments};
use super::output::Output;
use super::warnings::Notice;
use super::{Outcome, input, step};
use crate::check;
use crate::cost;
use crate::problem::graph::{Graph, Mode};
use crate::problem::{Fixed, Hardware, LoopNest, Mapping, Network, Workload};
use crate::read::{FileKind, Opened, ReadError};

/// What is known of the files so far.
#[derive(Default)]
struct Findings {
    /// The step over each valid network.
    steps: Vec<Graph>,
    hardware: Vec<Hardware>,
    mappings: Vec<Opened>,
    constraints: Vec<Opened>,
    /// What valid constraints files fix, each entry with the indices of its layers.
    fixed: Vec<(Vec<usize>, Fixed)>,
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
    if let Some(file) = &arguments.constraints {
        match Opened::of_kind(file, FileKind::Constraints) {
            Ok(opened) => findings.constraints.push(opened),
            Err(error) => findings.refuse(&error),
        }
    }
    findings.check_constraints();
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

impl Findings {
    /// Reads a network or hardware file; mappings wait until all of these are read.
    fn read(&mut self, file: &Path, arguments: &CheckArguments) -> Result<(), ReadError> {
        let options = arguments.onnx.options(arguments.batch);
        let opened = Opened::open(file, &options)?;
        match opened.kind() {
            FileKind::Network => {
                let network = opened.network(&options)?;
                input::show_assumptions(&network);
                self.network(file, &network, &arguments.step);
            }
            FileKind::Hardware => {
                let hardware = opened.hardware()?;
                let (name, elements) = (&hardware.name, hardware.processing_elements());
                self.accept(
                    file,
                    &format!("hardware {name}, {elements} processing elements"),
                );
                self.hardware.push(hardware);
            }
            FileKind::Constraints => self.constraints.push(opened),
            FileKind::Mapping => self.mappings.push(opened),
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

    fn check_constraints(&mut self) {
        for opened in std::mem::take(&mut self.constraints) {
            let file = opened.path();
            let ([step], [hardware]) = (self.steps.as_slice(), self.hardware.as_slice()) else {
                let file = file.display().to_string();
                self.errors.push(Notice::ConstraintsAlone { file });
                continue;
            };
            match opened.constraints(step, hardware) {
                Ok(fixed) => {
                    let mut layers: Vec<usize> = fixed.iter().flat_map(|f| f.0.clone()).collect();
                    layers.sort_unstable();
                    layers.dedup();
                    let what = format!(
                        "constraints, {} for {}",
                        counted(fixed.len(), ["entry", "entries"]),
                        counted(layers.len(), ["layer", "layers"])
                    );
                    self.accept(file, &what);
                    self.fixed.extend(fixed);
                }
                Err(error) => self.refuse(&error),
            }
        }
    }

    fn check_mappings(&mut self) {
        for opened in std::mem::take(&mut self.mappings) {
            let file = opened.path();
            match (self.steps.as_slice(), self.hardware.as_slice()) {
                ([step], [hardware]) => match check_mapping(&opened, step, hardware, &self.fixed) {
                    Ok((count, errors)) => {
                        if errors.is_empty() {
                            self.accept(file, &counted(count, ["mapping", "mappings"]));
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

/// A number with its noun.
fn counted(number: usize, [one, many]: [&str; 2]) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The number of mappings in a file, and an error for each that is none of its layer, or does not
/// keep to what is fixed of it.
fn check_mapping(
    opened: &Opened,
    work: &dyn Workload,
    hardware: &Hardware,
    fixed: &[(Vec<usize>, Fixed)],
) -> Result<(usize, Vec<Notice>), ReadError> {
    let mappings = opened.mappings(work, hardware)?;
    let errors = (mappings.iter())
        .filter_map(|(of, mapping)| {
            let what = match work.nest(*of) {
                Some(nest) => {
                    let entries = fixed.iter().filter(|f| f.0.contains(&of.layer));
                    let own: Vec<&Fixed> = entries.map(|f| &f.1).collect();
                    wrong(nest, hardware, &own, mapping)?
                }
                None => "it has no multiply-accumulates to map".to_owned(),
            };
            let what = format!("{}: {what}", opened.path().display());
            Some(Notice::BadMapping {
                layer: work.nest_name(*of),
                what,
            })
        })
        .collect();
    Ok((mappings.len(), errors))
}

/// What is wrong with a mapping. The dataflows of the hardware restrict a search, not what may be
/// written by hand.
fn wrong(
    nest: &LoopNest,
    hardware: &Hardware,
    fixed: &[&Fixed],
    mapping: &Mapping,
) -> Option<String> {
    let of_cost = cost::evaluate(nest, hardware, mapping).err();
    of_cost.map(|error| error.to_string()).or_else(|| {
        let any = Hardware {
            dataflow: Vec::new(),
            ..hardware.clone()
        };
        let kept = check::restrict::check(nest, &any, fixed, mapping);
        kept.err().map(|error| error.to_string())
    })
}

//! `check`: validates input files and reports all errors at once.

use std::path::Path;

use super::Outcome;
use super::args::CheckArguments;
use super::output::Output;
use super::warnings::Notice;
use crate::check;
use crate::cost;
use crate::problem::{Fixed, Hardware, LoopNest, Mapping, Network};
use crate::read::{self, FileKind, NetworkOptions, ReadError};

/// What is known of the files so far.
#[derive(Default)]
struct Findings<'a> {
    networks: Vec<Network>,
    hardware: Vec<Hardware>,
    mappings: Vec<&'a Path>,
    constraints: Vec<&'a Path>,
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
        if let Err(error) = findings.read(file, arguments.batch) {
            findings.refuse(&error);
        }
    }
    findings
        .constraints
        .extend(arguments.constraints.as_deref());
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

impl<'a> Findings<'a> {
    /// Reads a network or hardware file; mappings wait until all of these are read.
    fn read(&mut self, file: &'a Path, batch: Option<u64>) -> Result<(), ReadError> {
        match read::kind(file)? {
            FileKind::Network => {
                let network = read::network(file, &NetworkOptions { batch })?;
                let (name, layers) = (&network.name, network.layers.len());
                self.accept(file, &format!("network {name}, {layers} layers"));
                self.networks.push(network);
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
            FileKind::Constraints => self.constraints.push(file),
            FileKind::Mapping => self.mappings.push(file),
        }
        Ok(())
    }

    fn check_constraints(&mut self) {
        for file in std::mem::take(&mut self.constraints) {
            let ([network], [hardware]) = (self.networks.as_slice(), self.hardware.as_slice())
            else {
                let file = file.display().to_string();
                self.errors.push(Notice::ConstraintsAlone { file });
                continue;
            };
            match read::constraints(file, network, hardware) {
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
        for file in std::mem::take(&mut self.mappings) {
            match (self.networks.as_slice(), self.hardware.as_slice()) {
                ([network], [hardware]) => {
                    match check_mapping(file, network, hardware, &self.fixed) {
                        Ok((count, errors)) => {
                            if errors.is_empty() {
                                self.accept(file, &counted(count, ["mapping", "mappings"]));
                            }
                            self.errors.extend(errors);
                        }
                        Err(error) => self.refuse(&error),
                    }
                }
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
    file: &Path,
    network: &Network,
    hardware: &Hardware,
    fixed: &[(Vec<usize>, Fixed)],
) -> Result<(usize, Vec<Notice>), ReadError> {
    let mappings = read::mappings(file, network, hardware)?;
    let errors = (mappings.iter())
        .filter_map(|(of, mapping)| {
            let what = match network.nest(*of) {
                Some(nest) => {
                    let entries = fixed.iter().filter(|f| f.0.contains(&of.layer));
                    let own: Vec<&Fixed> = entries.map(|f| &f.1).collect();
                    wrong(nest, hardware, &own, mapping)?
                }
                None => "it has no multiply-accumulates to map".to_owned(),
            };
            let what = format!("{}: {what}", file.display());
            Some(Notice::BadMapping {
                layer: network.nest_name(*of),
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

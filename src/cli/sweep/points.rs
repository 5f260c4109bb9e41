//! The points of a sweep as networks and hardware, all read and checked before the first is solved.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use anyhow::{anyhow, bail};

use super::args::SweepArguments;
use super::planned::Wish;
use crate::cli::args::{StepArguments, StepMode};
use crate::cli::dataflow::restricted;
use crate::cli::input::{one_error_per_line, one_standard_input};
use crate::cli::step;
use crate::problem::graph::Graph;
use crate::problem::{Hardware, Optimizer};
use crate::read::ReadError;
use crate::read::vary::{DATAFLOW, MODE, Template, Variable, hint, words};
use crate::sweep::points::{Choice, choices};
use crate::sweep::range::{Value, Vary};

/// A point that is ready to be solved.
pub(super) struct Point {
    pub(super) choice: Choice,
    pub(super) graph: Arc<Graph>,
    /// The step with its tensors, where it is planned.
    pub(super) planned: Option<Arc<Graph>>,
    pub(super) optimizer: Option<Optimizer>,
    pub(super) hardware: Hardware,
}

/// Both input files.
pub(super) struct Templates {
    pub(super) network: Template,
    pub(super) hardware: Template,
}

/// Opens both files, and reads them as they stand, so that their own errors come first. Each is
/// opened once: it may be a pipe.
pub(super) fn open(arguments: &SweepArguments) -> anyhow::Result<Templates> {
    let inputs = &arguments.inputs;
    one_standard_input(inputs)?;
    let options = inputs.onnx.options(inputs.batch);
    let network = Template::network(&inputs.network, &options);
    let hardware = Template::hardware(&inputs.hardware);
    let as_they_stand = [
        checked(&network, |own| own.network_as_it_stands(&options).err()),
        checked(&hardware, |own| own.read_hardware(&[]).err()),
    ];
    match (network, hardware) {
        (Ok(network), Ok(hardware)) if as_they_stand.iter().all(Option::is_none) => {
            Ok(Templates { network, hardware })
        }
        _ => Err(anyhow!(one_error_per_line(as_they_stand.iter().flatten()))),
    }
}

/// The error of a file that was opened or not.
fn checked(
    opened: &Result<Template, ReadError>,
    read: impl FnOnce(&Template) -> Option<ReadError>,
) -> Option<ReadError> {
    match opened {
        Ok(template) => read(template),
        Err(error) => Some(error.clone()),
    }
}

/// All choices of the sweep, each field known and with values of its kind.
pub(super) fn all_choices(
    arguments: &SweepArguments,
    templates: &Templates,
) -> anyhow::Result<Vec<Choice>> {
    for vary in &arguments.vary {
        check_field(vary, templates)?;
    }
    let varied = |field: &str| arguments.vary.iter().any(|vary| vary.field == field);
    if varied(DATAFLOW) && !arguments.among.dataflow.is_empty() {
        bail!("--dataflow and --vary {DATAFLOW}: give one of both");
    }
    if varied(MODE) && arguments.step.mode == StepMode::Training {
        bail!("--mode and --vary {MODE}: give one of both");
    }
    if varied("batch") && arguments.inputs.batch.is_some() {
        bail!("--batch and --vary batch: give one of both");
    }
    choices(&arguments.vary, arguments.paired).map_err(|error| anyhow!(error))
}

fn check_field(vary: &Vary, templates: &Templates) -> anyhow::Result<()> {
    let all = || (templates.hardware.variables().iter()).chain(templates.network.variables());
    let Some(variable) = all().find(|own| own.name == vary.field) else {
        let names: Vec<&str> = all().map(|own| own.name.as_str()).collect();
        bail!(
            "--vary {}: there is no such field; {}",
            vary.field,
            hint(&vary.field, &names)
        );
    };
    for value in &vary.values {
        check_value(variable, value)?;
    }
    Ok(())
}

fn check_value(variable: &Variable, value: &Value) -> anyhow::Result<()> {
    let (name, words) = (&variable.name, words(variable.kind));
    match value {
        Value::Word(word) if words.is_empty() => {
            bail!("--vary {name}: `{word}` is no number; give numbers or ranges")
        }
        Value::Word(word) if !words.contains(&word.as_str()) => {
            bail!(
                "--vary {name}: there is no {name} `{word}`; {}",
                hint(word, &words)
            )
        }
        Value::Number(number) if !words.is_empty() => {
            bail!(
                "--vary {name}: {number} is no {name}; use {}",
                words.join(", ")
            )
        }
        _ => Ok(()),
    }
}

/// The step of a choice: its mode in place of the command line's, if that is varied.
fn step_of(arguments: &StepArguments, choice: &Choice) -> StepArguments {
    let mode = choice.values.iter().find(|(field, _)| field == MODE);
    let mode = mode.map(|(_, value)| match value {
        Value::Word(word) if word == "training" => StepMode::Training,
        _ => StepMode::Inference,
    });
    StepArguments {
        mode: mode.unwrap_or(arguments.mode),
        // Of a varied mode only training has an optimizer.
        optimizer: arguments
            .optimizer
            .filter(|_| mode != Some(StepMode::Inference)),
    }
}

/// The points of these choices, with every file's errors at the first choice that has any.
pub(super) fn points(
    arguments: &SweepArguments,
    templates: &Templates,
    choices: Vec<Choice>,
) -> anyhow::Result<Vec<Point>> {
    let mut steps: BTreeMap<Vec<String>, (Arc<Graph>, Wish<'_>)> = BTreeMap::new();
    let mut points = Vec::with_capacity(choices.len());
    for choice in choices {
        let texts: Vec<(&str, String)> = (choice.values.iter())
            .map(|(field, value)| (field.as_str(), value.to_string()))
            .collect();
        let settings: Vec<(&str, &str)> = texts.iter().map(|(f, v)| (*f, v.as_str())).collect();
        let failed = |error: ReadError| anyhow!("--vary {}: {}", choice.text(), messages(&error));
        let hardware = templates.hardware.read_hardware(&settings);
        let hardware = restricted(hardware.map_err(failed)?, &arguments.among.dataflow)?;
        let of_network = |field: &str| {
            templates
                .network
                .variables()
                .iter()
                .any(|v| v.name == field)
        };
        let own = settings.iter().filter(|(field, _)| of_network(field));
        let key: Vec<String> = own
            .map(|(field, value)| format!("{field}={value}"))
            .collect();
        let step = step_of(&arguments.step, &choice);
        let optimizer = step::optimizer(&step)?;
        let (graph, wish) = match steps.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let options = arguments.inputs.onnx.options(arguments.inputs.batch);
                let network = templates.network.read_network(&settings, &options);
                let network = network.map_err(failed)?;
                let file = &arguments.inputs.network;
                let graph = step::graph(&network, &step, !arguments.no_fuse, file)?;
                let wish = Wish::new(arguments, network, step, &graph);
                place.insert((Arc::new(graph), wish))
            }
        };
        points.push(Point {
            graph: Arc::clone(graph),
            planned: wish.graph(&hardware)?,
            optimizer,
            hardware,
            choice,
        });
    }
    Ok(points)
}

/// The errors of a file without its name: the value that is wrong stands on the command line.
fn messages(error: &ReadError) -> String {
    let all = error.errors.iter().map(|problem| {
        if problem.field.is_empty() {
            problem.message.clone()
        } else {
            format!("{}: {}", problem.field, problem.message)
        }
    });
    all.collect::<Vec<_>>().join("; ")
}

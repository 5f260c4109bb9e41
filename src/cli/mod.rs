//! The command line: one function per command.

mod allocate;
mod args;
mod check;
mod compare;
mod dataflow;
mod decode;
mod evaluate;
mod explain;
mod explain_step;
mod export;
mod export_residency;
mod fold;
mod graph;
mod import;
mod init;
mod input;
mod interrupt;
mod jobs;
mod layer;
mod list;
mod memory_plan;
mod messages;
mod output;
mod pareto;
mod planning;
mod program_file;
mod progress;
mod run_pictures;
mod shell;
mod solve;
mod step;
mod sweep;
mod usage;
mod verify;
mod warnings;

pub use args::Arguments;
pub use fold::folded;
pub use usage::parse;

use args::Command;
use messages::Severity;

/// How a command that ran to its end went; a command that could not start is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All that was asked for was done, or a limit that the user set was met and said.
    Done,
    /// No mapping exists for a layer, or an input is wrong; what there is was written.
    Failed,
    /// Interrupted; what was found so far was written.
    Interrupted,
}

impl Outcome {
    /// The exit status of the program; 2, wrong usage, is given by the argument parser.
    #[must_use]
    pub fn exit_status(self) -> u8 {
        match self {
            Outcome::Done => 0,
            Outcome::Failed => 1,
            Outcome::Interrupted => 130,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// If an input is wrong or the result cannot be written.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    messages::set(arguments.messages.volume(), arguments.messages.color);
    match &arguments.command {
        Command::Solve(arguments) if arguments.pareto.is_some() => pareto::run(arguments),
        Command::Solve(arguments) => solve::run(arguments),
        Command::Sweep(arguments) => sweep::run(arguments),
        Command::Merge(arguments) => sweep::merge::run(arguments),
        Command::Compare(arguments) => compare::run(arguments),
        Command::Evaluate(arguments) => evaluate::run(arguments),
        Command::Export(arguments) => export::run(arguments),
        Command::Decode(arguments) => decode::run(arguments),
        Command::Explain(arguments) => match arguments.layer() {
            Some(layer) => explain::run(arguments, &layer?),
            None => explain_step::run(arguments),
        },
        Command::Check(arguments) => check::run(arguments),
        Command::Allocate(arguments) => allocate::run(arguments),
        Command::Graph(arguments) => graph::run(arguments),
        Command::Import(arguments) => import::run(arguments),
        Command::List(arguments) => list::run(arguments),
        Command::Init(arguments) => init::run(arguments),
        Command::Completions(arguments) => shell::completions(arguments),
        Command::Man(arguments) => shell::man(arguments),
    }
}

/// Writes the error of a command to standard error; some hold several, one a line.
pub fn show_error(error: &anyhow::Error) {
    let text = format!("{error:#}");
    for line in text.split("\nerror: ") {
        messages::show(Severity::Error, line);
    }
}

//! Which program of a layer a command is about.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::common::{AmongArguments, ObjectiveArgument, seconds};
use crate::exact::program::ColumnChoice;

/// Which program of a layer.
#[derive(Args, Debug)]
pub(in crate::cli) struct ProgramArguments {
    /// What is minimised
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) objective: ObjectiveArgument,
    /// Which columns are written
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) columns: ColumnsArgument,
    /// Write one class only, or those whose names begin so: `IWO`, `I1W1O1I3W3O3_P`
    #[arg(long, value_name = "CLASS")]
    pub(in crate::cli) fix_order: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) among: AmongArguments,
    /// Time limit for the layer's solution, from which the program is made
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(in crate::cli) time_limit: Option<Duration>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ColumnsArgument {
    /// Those that the proved bound cannot exclude from a better mapping, and the best mapping's
    /// with some around it
    #[default]
    Survivors,
    /// Every column of every class
    All,
}

impl ColumnsArgument {
    /// The name of the choice.
    pub(in crate::cli) fn name(self) -> &'static str {
        match self {
            ColumnsArgument::Survivors => "survivors",
            ColumnsArgument::All => "all",
        }
    }
}

impl From<ColumnsArgument> for ColumnChoice {
    fn from(argument: ColumnsArgument) -> Self {
        match argument {
            ColumnsArgument::Survivors => ColumnChoice::Survivors,
            ColumnsArgument::All => ColumnChoice::All,
        }
    }
}

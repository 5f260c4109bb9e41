//! What is exported.

use crate::exact::options::SolveOptions;

/// Which columns are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColumnChoice {
    /// Those that the proved bound cannot exclude from a better mapping, and those of the best one.
    #[default]
    Survivors,
    /// All of them.
    All,
}

/// What is exported.
#[derive(Clone, Debug, Default)]
pub struct ProgramOptions {
    /// Tiles, objective, limits of time.
    pub solve: SolveOptions,
    /// The columns.
    pub columns: ColumnChoice,
    /// The name of a class, or what the names of several begin with: the others are left out.
    pub branch: Option<String>,
}

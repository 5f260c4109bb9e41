//! What is said of an exported program.

use crate::exact::survey::LeftOut;
use crate::problem::Certificate;
use crate::problem::goal::Measure;
use crate::problem::result::Cost;

/// What is said of a program.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What is minimised.
    pub objective: Measure,
    /// The best mapping's cost.
    pub best: Cost,
    /// What is proved of it.
    pub certificate: Certificate,
    /// The names of the classes that are written.
    pub classes: Vec<String>,
    /// The number of all classes, as far as they were counted.
    pub all_classes: Counted,
    /// Binaries, classes and columns.
    pub binaries: usize,
    /// Rows.
    pub rows: usize,
    /// What was left out.
    pub left_out: Without,
    /// The columns that come nearest, written beside those that cannot be excluded.
    pub nearest: usize,
    /// The file's optimum, and the programs that HiGHS solved until it was exact.
    pub settled: Option<(f64, u64)>,
    /// The energy in pJ in which energies count.
    pub energy_unit: Option<f64>,
}

/// What a file is without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// Nothing: all columns of all classes are written.
    Nothing,
    /// What the classes' bounds exclude; `parts` where only those chains of long dimensions were
    /// counted that a bound over parts leaves.
    Excluded {
        /// What was left out of the classes that are written.
        columns: LeftOut,
        /// Whether long dimensions were bounded in two parts.
        parts: bool,
    },
    /// Everything that is not near the best mapping: branch and price proved that nothing is
    /// better, but what the classes' bounds alone leave is too much to be listed.
    Proved,
}

/// A number that may be more than was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// So many.
    Exactly(usize),
    /// More than these.
    MoreThan(usize),
}

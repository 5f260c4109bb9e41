//! A solution of an exported program, decoded.

use crate::problem::goal::Measure;
use crate::problem::result::Cost;
use crate::problem::{Hardware, LoopNest, Mapping, PhaseIndex};

/// What a decoded solution is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The checker accepts it, and it costs what its objective says.
    Accepted,
    /// The checker accepts it, but it costs more: tangents are missing in the program.
    Costlier,
    /// It is no mapping of the layer.
    NoMapping(String),
    /// The independent checker refuses it: an internal error.
    Refused(String),
}

/// A solution and what became of it.
#[derive(Clone, Debug)]
pub struct DecodedReport<'a> {
    /// What the loop nest is called.
    pub name: String,
    /// The layer.
    pub layer: &'a str,
    /// The phase, where it is computed phase by phase.
    pub phase: Option<PhaseIndex>,
    /// Its loop nest.
    pub nest: &'a LoopNest,
    /// The hardware.
    pub hardware: &'a Hardware,
    /// Who found the solution.
    pub solver: &'static str,
    /// What was minimised.
    pub measure: Measure,
    /// The solution's objective: the natural logarithm of the measure.
    pub log_objective: f64,
    /// The class.
    pub class: &'a str,
    /// The mapping.
    pub mapping: &'a Mapping,
    /// Its exact cost; `None` where it is no mapping.
    pub cost: Option<&'a Cost>,
    /// What it is worth.
    pub verdict: Verdict,
    /// Rows added to the program, where that was asked for.
    pub rows_added: Option<usize>,
}

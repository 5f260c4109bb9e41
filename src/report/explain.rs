//! The explanation of a layer's mapping with what it is of.

use crate::problem::explanation::Explanation;
use crate::problem::goal::Measure;
use crate::problem::{Hardware, LoopNest, PhaseIndex};

/// An explanation with what it is of.
#[derive(Clone, Debug)]
pub struct ExplainReport<'a> {
    /// What the loop nest is called.
    pub name: String,
    /// The layer.
    pub layer: &'a str,
    /// The phase, where it is computed phase by phase.
    pub phase: Option<PhaseIndex>,
    /// The network.
    pub network: &'a str,
    /// The loop nest.
    pub nest: &'a LoopNest,
    /// The hardware.
    pub hardware: &'a Hardware,
    /// What was minimised.
    pub measure: Measure,
    /// The explanation.
    pub explanation: &'a Explanation,
}

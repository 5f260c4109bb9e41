//! Results: what a mapping costs, and what was proved of it.

use serde::{Deserialize, Serialize};

use super::certificate::Certificate;
pub use super::costs::{Cost, MemoryCost, PortTraffic};
use super::goal::Measure;
use super::mapping::Mapping;
pub use super::status::{Proof, Status};

/// Lower bounds in cycles that hold for every mapping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LowerBounds {
    /// Multiply-accumulates over processing elements.
    pub compute: u128,
    /// The bounds of every memory's ports, outermost first.
    pub memories: Vec<MemoryBound>,
}

/// Lower bounds of the cycles for which one memory's ports are busy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryBound {
    /// Index of the memory in [`super::Hardware::levels`].
    pub level: usize,
    /// Touched bits of each operand that must pass, once in and once out.
    pub compulsory: u128,
    /// Loomis–Whitney with window: what the storage further in leaves to be moved.
    pub loomis_whitney: u128,
}

impl LowerBounds {
    /// The largest of the bounds.
    #[must_use]
    pub fn best(&self) -> u128 {
        let memories = self.compulsory().max(self.loomis_whitney());
        self.compute.max(memories)
    }

    /// The largest compulsory bound of a memory.
    #[must_use]
    pub fn compulsory(&self) -> u128 {
        self.memories
            .iter()
            .map(|m| m.compulsory)
            .max()
            .unwrap_or(0)
    }

    /// The largest Loomis–Whitney bound of a memory.
    #[must_use]
    pub fn loomis_whitney(&self) -> u128 {
        let bounds = self.memories.iter().map(|m| m.loomis_whitney);
        bounds.max().unwrap_or(0)
    }
}

/// How much work a proof took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct SolverStatistics {
    /// Seconds of one core.
    pub seconds: f64,
    /// Linear and integer programs solved by HiGHS.
    pub programs: u64,
    /// Nodes of the branch-and-bound tree.
    pub nodes: u64,
    /// Tangent cuts added.
    pub cuts: u64,
    /// Columns priced into the restricted programs.
    pub columns: u64,
}

impl SolverStatistics {
    /// The work of both.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            seconds: self.seconds + other.seconds,
            programs: self.programs + other.programs,
            nodes: self.nodes + other.nodes,
            cuts: self.cuts + other.cuts,
            columns: self.columns + other.columns,
        }
    }
}

/// How equally good mappings were told apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Tie {
    /// What was minimised next, in this order.
    pub broken_by: &'static [Measure],
    /// What is proved of the last of these that was minimised, with what those before it rest on;
    /// nothing where one was not reached.
    pub certificate: Certificate,
}

impl Tie {
    /// Whether the mapping is proved to have the least of each.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.certificate.status() == Status::Optimal
    }
}

/// The outcome of mapping one loop nest.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// What was proved, by what, and what was left out.
    pub certificate: Certificate,
    /// The best mapping found, with its exact cost.
    pub best: Option<(Mapping, Cost)>,
    /// No mapping of the space has fewer cycles than this.
    pub bound_cycles: u128,
    /// How equally good mappings were told apart; `None` where they were not.
    pub tie: Option<Tie>,
    /// What was minimised, and what no mapping of the space has less of; `None` for cycles.
    pub objective_bound: Option<(Measure, f64)>,
    /// Bounds that hold for every mapping.
    pub lower_bounds: LowerBounds,
    /// Why there is no mapping, or why the search stopped.
    pub reason: Option<String>,
    /// Work done.
    pub statistics: SolverStatistics,
}

impl Solution {
    /// What was proved.
    #[must_use]
    pub fn status(&self) -> Status {
        self.certificate.status()
    }

    /// By what.
    #[must_use]
    pub fn proof(&self) -> Proof {
        self.certificate.proof()
    }
}

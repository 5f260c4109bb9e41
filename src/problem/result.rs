//! Results: what a mapping costs, and what was proved of it.

use serde::{Deserialize, Serialize};

use super::certificate::Certificate;
use super::goal::Measure;
use super::mapping::Mapping;
use super::operation::Role;
use super::units::Bits;

/// Bits moved through the ports of one memory for one operand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortTraffic {
    /// Bits read from the memory.
    pub read: Bits,
    /// Bits written to the memory.
    pub write: Bits,
}

/// The exact cost of one memory's work, all instances alike below an array (the busiest one).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryCost {
    /// Index of the memory in [`super::Hardware::levels`].
    pub level: usize,
    /// Traffic through its ports for input, weight and output.
    pub traffic: [PortTraffic; 3],
    /// Space taken by input, weight and output, doubled where double-buffered.
    pub occupied: [Bits; 3],
    /// Which operands take twice their footprint.
    pub doubled: [bool; 3],
    /// Busy cycles of its busiest port, 0 where nothing limits it.
    pub busy_cycles: u128,
    /// Cycles that the transfers of input, weight and output across its outer boundary add,
    /// 0 where they are overlapped.
    pub added_cycles: [u128; 3],
}

/// The exact cost of a mapping (problem definition, sections 4 and 5).
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// Cycles: the largest of the compute cycles and every port's busy cycles, and the added cycles.
    pub cycles: u128,
    /// Steps of the busiest processing element.
    pub compute_cycles: u128,
    /// Every memory, outermost first.
    pub memories: Vec<MemoryCost>,
    /// Energy in pJ; `None` where no energy field is given at all.
    pub energy_pj: Option<f64>,
}

impl Cost {
    /// Cycles that transfers add which are not overlapped.
    #[must_use]
    pub fn added_cycles(&self) -> u128 {
        self.memories.iter().flat_map(|m| m.added_cycles).sum()
    }

    /// Bits through the ports of the outermost memory.
    #[must_use]
    pub fn outermost_bits(&self) -> u128 {
        let traffic = self.memories.first().map(|m| m.traffic);
        let bits = |t: &PortTraffic| (t.read + t.write).0;
        traffic.iter().flatten().map(bits).sum()
    }

    /// Bits moved through the ports of the memory at `level` for `role`.
    #[must_use]
    pub fn traffic(&self, level: usize, role: Role) -> Bits {
        self.memories
            .iter()
            .filter(|m| m.level == level)
            .map(|m| m.traffic[role as usize].read + m.traffic[role as usize].write)
            .sum()
    }
}

/// What was proved of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// No mapping of the space has fewer cycles (to within a relative 1e-6).
    Optimal,
    /// A mapping with a valid bound that does not meet it.
    Feasible,
    /// No mapping of the space fits.
    Infeasible,
    /// Nothing was found and nothing proved within the limit.
    Unknown,
}

impl Status {
    /// The name used in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Status::Optimal => "optimal",
            Status::Feasible => "feasible",
            Status::Infeasible => "infeasible",
            Status::Unknown => "unknown",
        }
    }
}

/// How the bound was obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The bound of the integer program.
    Milp,
    /// A bound that holds for any mapping meets the mapping found.
    LowerBound,
    /// Everything that matters was enumerated: the only mapping of a streamed operation, or all
    /// spatial choices where the steps that they leave at best are met.
    Enumeration,
    /// A bound that was proved on other hardware, and holds on this one too (`mapper::monotone`).
    Monotone,
}

impl Proof {
    /// The name used in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Proof::Milp => "milp",
            Proof::LowerBound => "lower_bound",
            Proof::Enumeration => "enumeration",
            Proof::Monotone => "monotone",
        }
    }
}

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

//! What was proved of an operation, and by what.

use serde::{Deserialize, Serialize};

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
    /// A bound that was proved on other hardware, and holds on this one too (`cost::monotone`).
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

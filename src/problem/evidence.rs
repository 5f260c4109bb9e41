//! What a proof rests on: by what the space was closed, and what of it was left out.

use std::fmt;

use serde::{Deserialize, Serialize};

/// By what something was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// There is one way to do the work.
    OnlyWay,
    /// A bound that holds for every mapping, whatever its space.
    LowerBound,
    /// The fewest steps that any spatial choice leaves; all of them were tried.
    FewestSteps,
    /// A bound proved on other hardware that holds here too (`cost::monotone`).
    Monotone,
    /// Not even the smallest tiles fit a memory.
    LeastFootprints,
    /// What restrictions ask for leaves no class or no tile.
    Restrictions,
    /// Lagrangian bounds of the nodes of a branch-and-bound tree.
    Lagrangian,
    /// Every choice that the bounds of a node left was evaluated.
    Enumeration,
    /// The solver of integer programs found nothing better, twice.
    Solver,
    /// The dual bound of the solver of integer programs, less what its tolerances may leave open.
    SolverBound,
    /// Every operation of a step in its fastest mode.
    Arithmetic,
    /// The time of the busiest port with what must pass it in any plan of a step.
    Transfers,
    /// A shortest path over all divisions of a step into stages, what stays between them, and what moves early or late.
    ShortestPath,
    /// More bytes are alive at once than a memory holds.
    PeakLoad,
    /// A search of all arrangements ended.
    Search,
}

impl Closing {
    /// The name used in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Closing::OnlyWay => "only_way",
            Closing::LowerBound => "lower_bound",
            Closing::FewestSteps => "fewest_steps",
            Closing::Monotone => "monotone",
            Closing::LeastFootprints => "least_footprints",
            Closing::Restrictions => "restrictions",
            Closing::Lagrangian => "lagrangian",
            Closing::Enumeration => "enumeration",
            Closing::Solver => "solver",
            Closing::SolverBound => "solver_bound",
            Closing::Arithmetic => "arithmetic",
            Closing::Transfers => "transfers",
            Closing::ShortestPath => "shortest_path",
            Closing::PeakLoad => "peak_load",
            Closing::Search => "search",
        }
    }
}

/// What no bound speaks of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Skipped {
    /// What a limit or an interrupt left open; its name.
    Left(String),
    /// Mappings that may be better and were not evaluated.
    Unevaluated(u64),
    /// Everything: the search did not begin.
    NotStarted,
    /// A bound contradicts a mapping, so that none of them is believed.
    Contradicted(String),
    /// Parts of the space that are named by themselves, such as modes of a plan.
    Part(String),
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Skipped::Left(limit) => write!(f, "what {limit} left open"),
            Skipped::Unevaluated(1) => f.write_str("1 mapping that was not evaluated"),
            Skipped::Unevaluated(many) => write!(f, "{many} mappings that were not evaluated"),
            Skipped::NotStarted => f.write_str("everything: the search did not begin"),
            Skipped::Contradicted(what) | Skipped::Part(what) => f.write_str(what),
        }
    }
}

/// What closed the space, and what of it was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Evidence {
    closed_by: Vec<Closing>,
    skipped: Vec<Skipped>,
}

impl Evidence {
    /// Everything was closed by these.
    #[must_use]
    pub fn closed(by: impl IntoIterator<Item = Closing>) -> Self {
        let mut closed_by: Vec<Closing> = by.into_iter().collect();
        closed_by.sort_unstable();
        closed_by.dedup();
        Self {
            closed_by,
            skipped: Vec::new(),
        }
    }

    /// The same, but for these.
    #[must_use]
    pub fn without(mut self, skipped: impl IntoIterator<Item = Skipped>) -> Self {
        self.skipped.extend(skipped);
        self.skipped.sort();
        self.skipped.dedup();
        self
    }

    /// What both rest on.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let closings = self.closed_by.iter().chain(&other.closed_by).copied();
        let skipped = self.skipped.iter().chain(&other.skipped).cloned();
        Self::closed(closings).without(skipped)
    }

    /// By what it was closed.
    #[must_use]
    pub fn closed_by(&self) -> &[Closing] {
        &self.closed_by
    }

    /// What was left out.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Whether everything is closed by something.
    pub(super) fn is_complete(&self) -> bool {
        self.skipped.is_empty() && !self.closed_by.is_empty()
    }
}

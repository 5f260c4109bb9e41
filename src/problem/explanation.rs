//! What is said of why a mapping is the best.

use super::mapping::Node;
use super::result::Solution;
use super::what_if::HardwareChange;

/// A layer's solution with the reasons for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The solution.
    pub solution: Solution,
    /// The bound of every order of the outermost nodes.
    pub orders: Vec<OrderBound>,
    /// What the layer takes where there is twice or half as much of one thing.
    pub changes: Vec<Change>,
}

/// The bound of all mappings of one order of the outermost nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrderBound {
    /// The order's name, as in exported programs.
    pub name: String,
    /// The nodes, that whose tile changes least often first.
    pub order: Vec<Node>,
    /// Whether it was searched before it was time to stop; else nothing is known.
    pub searched: bool,
    /// The bound of its relaxation, in units of what is minimised; infinite where no mapping fits.
    pub relaxation: f64,
    /// Nodes of the tree that proved more, 0 where the relaxation was enough.
    pub nodes: u64,
    /// Whether it is proved that none of its mappings is better than the best one.
    pub closed: bool,
    /// What is proved where it is not closed.
    pub open: f64,
}

/// The solution where there is twice or half as much of one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What there is more or less of.
    pub change: HardwareChange,
    /// How much there was.
    pub from: String,
    /// How much there is.
    pub to: String,
    /// The solution; `None` where it was not searched for, as after an interrupt.
    pub solution: Option<Solution>,
}

/// What a change does to the step of a whole network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepChange {
    /// What there is more or less of.
    pub change: HardwareChange,
    /// How much there was.
    pub from: String,
    /// How much there is.
    pub to: String,
    /// What became of the search.
    pub found: FoundStep,
}

/// A step on changed hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundStep {
    /// One of so many cycles was found; there may be a faster one.
    Cycles(u128),
    /// None was found.
    None,
    /// None was looked for, as after an interrupt.
    NotSearched,
}

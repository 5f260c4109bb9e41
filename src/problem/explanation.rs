//! What is said of why a mapping is the best.

use super::result::Solution;

/// A layer's solution with the reasons for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The solution.
    pub solution: Solution,
    /// The bound of every order of the outermost nodes.
    pub orders: Vec<OrderBound>,
    /// What the layer takes where there is twice as much of one thing.
    pub changes: Vec<Change>,
}

/// The bound of all mappings of one order of the outermost nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderBound {
    /// The order's name, as in exported programs.
    pub name: String,
    /// The bound of its relaxation, in units of what is minimised; infinite where no mapping fits.
    pub relaxation: f64,
    /// Nodes of the tree that proved more, 0 where the relaxation was enough.
    pub nodes: u64,
    /// Whether it is proved that none of its mappings is better than the best one.
    pub closed: bool,
    /// What is proved where it is not closed.
    pub open: f64,
}

/// The solution where there is twice as much of one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What there is more of, with its unit.
    pub name: String,
    /// How much there was.
    pub from: String,
    /// How much there is.
    pub to: String,
    /// The solution.
    pub solution: Solution,
}

//! What the search needs to know of a problem.

use super::node::Node;

/// A space of solutions in which the search looks for the best one: what it consists of, and not
/// how to go about it.
pub trait Space {
    /// A part of the space.
    type Part: Clone;

    /// Gives a deferred node its own program, whose objective bounds every solution of the node's
    /// part from below, and the columns that the part allows.
    fn relax(&self, node: &mut Node<Self::Part>);

    /// What is decided of a part.
    fn decided(&self, part: &Self::Part) -> Decided;

    /// Smaller nodes that together cover a node, made in one way; `None` where that way leads to none.
    fn refine(&mut self, node: &Node<Self::Part>, way: Refinement)
    -> Option<Vec<Node<Self::Part>>>;

    /// Tries a choice of columns as a solution. False where something that the choice stands for
    /// could not be evaluated: then it is not known to be no improvement.
    fn try_choice(&mut self, part: &Self::Part, choice: &[u32]) -> bool;

    /// The largest objective that would still be an improvement.
    fn target(&self) -> f64;

    /// Learns a bound on everything that is still open.
    fn bounded(&mut self, bound: f64) {
        let _ = bound;
    }
}

/// What is decided of a part of a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Whether nothing is left to decide but the columns, of which some may still stand for many
    /// (`Group::exact`).
    pub all_but_columns: bool,
    /// How many solutions `try_choice` evaluates to find the best one of the part with a choice of
    /// columns; `None` if that does not find it.
    pub evaluations: Option<usize>,
}

impl Decided {
    /// Whether only the values of the part's program matter.
    #[must_use]
    pub fn is_single(self) -> bool {
        self.all_but_columns && self.evaluations.is_some()
    }
}

/// A way to make a node smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refinement {
    /// The node with the columns that it no longer allows left out of its program, where that
    /// saves memory.
    Compact,
    /// Smaller parts of the space, or columns that bound it better, where that is to come before
    /// any branching on columns.
    Part,
    /// Exact columns for a node whose prices tell no columns apart, where that is better than to
    /// split those that are tied.
    Ties,
    /// Exact columns, or fewer of those that are not, for a node that has nothing left to be split.
    Exact,
}

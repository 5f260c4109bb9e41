//! What a search took.

/// Work done in a search.
#[derive(Clone, Copy, Debug, Default)]
pub struct TreeStatistics {
    /// Nodes processed.
    pub nodes: u64,
    /// Programs solved by HiGHS.
    pub programs: u64,
    /// Tangents.
    pub tangents: u64,
    /// Columns.
    pub columns: u64,
    /// Nodes by what closed them.
    pub closed: Closed,
    /// Choices that were not evaluated though they may be improvements.
    pub unevaluated: u64,
}

/// Nodes by what closed them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closed {
    /// By their bound, or because no choice is left.
    pub bound: u64,
    /// By evaluating every choice that the bound left.
    pub enumeration: u64,
    /// By the solver of integer programs.
    pub solver: u64,
}

impl TreeStatistics {
    /// Adds the work of another search.
    pub fn add(&mut self, other: &Self) {
        self.nodes += other.nodes;
        self.programs += other.programs;
        self.tangents += other.tangents;
        self.columns += other.columns;
        self.closed.bound += other.closed.bound;
        self.closed.enumeration += other.closed.enumeration;
        self.closed.solver += other.closed.solver;
        self.unevaluated += other.unevaluated;
    }
}

//! Finishes a node of the tree by solving its program as a whole.

use std::sync::Arc;
use std::time::Duration;

use super::piece::Piece;
use super::tree::{Node, Space, TreeStatistics};
use super::whole::{End, Judge, run};

/// Solves the program of a node of a single class, with the columns that are left in it.
pub fn finish<S: Space>(
    space: &mut S,
    node: &Node<S::Class>,
    statistics: &mut TreeStatistics,
) -> End {
    let mut piece = Piece::new(
        0,
        Arc::clone(&node.program),
        node.active.clone(),
        node.imposed.clone(),
    );
    piece.add_prices(&node.prices);
    let mut judge = NodeJudge { space, node };
    let (end, work) = run(vec![piece], &mut judge);
    statistics.programs += work.programs;
    statistics.tangents += work.tangents;
    end
}

/// A node's space as what a solve reports to.
struct NodeJudge<'a, S: Space> {
    space: &'a mut S,
    node: &'a Node<S::Class>,
}

impl<S: Space> Judge for NodeJudge<'_, S> {
    fn target(&self) -> f64 {
        self.space.target()
    }

    fn offer(&mut self, _origin: usize, choice: &[u32]) {
        self.space
            .try_choice(&self.node.class, &self.node.program, choice);
    }

    fn stop(&self) -> bool {
        self.space.watch().stopped()
    }

    fn time_left(&self) -> Option<Duration> {
        self.space.watch().time_left()
    }
}

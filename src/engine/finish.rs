//! Finishes a node of the tree by solving its program as a whole.

use std::sync::Arc;
use std::time::Duration;

use super::opinion::Witness;
use super::piece::Piece;
use super::tree::{Node, Space, TreeStatistics};
use super::whole::{End, Judge, run};

/// Solves the program of a node of a single class, with the columns that are left in it; `known` is
/// a choice of it with its objective. How that ended, and the number of choices that could not be
/// evaluated.
pub fn finish<S: Space>(
    space: &mut S,
    node: &Node<S::Class>,
    known: Option<(f64, Vec<u32>)>,
    statistics: &mut TreeStatistics,
) -> (End, u64) {
    let mut piece = Piece::new(
        0,
        Arc::clone(&node.program),
        node.active.clone(),
        node.imposed.clone(),
    );
    piece.add_prices(&node.prices);
    let mut judge = NodeJudge {
        space,
        node,
        known,
        unevaluated: 0,
    };
    let (end, work) = run(vec![piece], &mut judge);
    statistics.programs += work.programs;
    statistics.tangents += work.tangents;
    (end, judge.unevaluated)
}

/// A node's space as what a solve reports to.
struct NodeJudge<'a, S: Space> {
    space: &'a mut S,
    node: &'a Node<S::Class>,
    known: Option<(f64, Vec<u32>)>,
    unevaluated: u64,
}

impl<S: Space> Judge for NodeJudge<'_, S> {
    fn target(&self) -> f64 {
        self.space.target()
    }

    fn floor(&self) -> f64 {
        self.node.bound
    }

    fn witness(&self) -> Option<Witness> {
        let (objective, choice) = self.known.clone()?;
        Some(Witness {
            origin: 0,
            choice,
            objective,
        })
    }

    fn offer(&mut self, _origin: usize, choice: &[u32]) {
        let node = self.node;
        let tried = (self.space).try_choice(&node.class, &node.program, choice);
        self.unevaluated += u64::from(!tried);
    }

    fn stop(&self) -> bool {
        self.space.watch().stopped()
    }

    fn time_left(&self) -> Option<Duration> {
        self.space.watch().time_left()
    }
}

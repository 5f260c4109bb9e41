//! Finishes a node of the search by handing its program to HiGHS as a whole.

use std::sync::Arc;
use std::time::Duration;

use super::judge::{Judge, Witness};
use super::node::Node;
use super::piece::Piece;
use super::space::Space;
use super::statistics::TreeStatistics;
use super::watch::Watch;
use super::whole::{End, run};

/// Solves the program of a node of which only the columns are left to decide, with the columns that
/// are left in it; `known` is a choice of it with its objective. How that ended, and the number of
/// choices that could not be evaluated.
pub(super) fn finish<S: Space>(
    space: &mut S,
    node: &Node<S::Part>,
    known: Option<(f64, Vec<u32>)>,
    watch: &Watch,
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
        watch,
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
    node: &'a Node<S::Part>,
    known: Option<(f64, Vec<u32>)>,
    watch: &'a Watch,
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
        let tried = self.space.try_choice(&self.node.part, choice);
        self.unevaluated += u64::from(!tried);
    }

    fn stop(&self) -> bool {
        self.watch.stopped()
    }

    fn time_left(&self) -> Option<Duration> {
        self.watch.time_left()
    }
}

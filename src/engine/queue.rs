//! The open nodes of a search.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::node::Node;
use super::tuning::HEAVY_SHARE;

/// The open nodes, the one of least bound first.
pub(super) struct Queue<P>(BinaryHeap<Queued<P>>);

impl<P> Queue<P> {
    pub(super) fn new(nodes: Vec<Node<P>>) -> Self {
        Self(nodes.into_iter().map(Queued).collect())
    }

    pub(super) fn push(&mut self, node: Node<P>) {
        self.0.push(Queued(node));
    }

    /// The least bound of the open nodes; infinity where there is none.
    pub(super) fn least_bound(&self) -> f64 {
        self.0.peek().map_or(f64::INFINITY, |first| first.0.bound)
    }

    /// The node of least bound; where memory is so full that it grows short, the one that holds
    /// most of it.
    pub(super) fn next(&mut self, fullness: f64) -> Option<Node<P>> {
        if fullness <= HEAVY_SHARE {
            return self.0.pop().map(|own| own.0);
        }
        let mut all = std::mem::take(&mut self.0).into_vec();
        let heaviest = (0..all.len()).max_by_key(|&i| (all[i].0.weight, Reverse(i)));
        let found = heaviest.map(|i| all.swap_remove(i).0);
        self.0 = all.into();
        found
    }
}

/// A node by its bound, the least one the largest.
struct Queued<P>(Node<P>);

impl<P> PartialEq for Queued<P> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl<P> Eq for Queued<P> {}
impl<P> PartialOrd for Queued<P> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<P> Ord for Queued<P> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.bound.total_cmp(&self.0.bound)
    }
}

#[cfg(test)]
mod tests {
    use super::super::program::Program;
    use super::*;

    fn node(bound: f64, weight: usize) -> Node<()> {
        Node {
            weight,
            ..Node::new((), Program::default(), bound)
        }
    }

    #[test]
    fn the_least_bound_comes_first_and_the_heaviest_where_memory_is_short() {
        let nodes = vec![node(2.0, 1), node(1.0, 2), node(3.0, 9)];
        let mut queue = Queue::new(nodes);
        assert_eq!(queue.least_bound().to_bits(), 1.0_f64.to_bits());
        let bounds = |queue: &mut Queue<()>, fullness: f64| queue.next(fullness).map(|n| n.weight);
        assert_eq!(bounds(&mut queue, 1.0), Some(9));
        assert_eq!(bounds(&mut queue, 0.0), Some(2));
        assert_eq!(bounds(&mut queue, 0.0), Some(1));
        assert_eq!(bounds(&mut queue, 0.0), None);
        assert!(queue.least_bound().is_infinite());
    }
}

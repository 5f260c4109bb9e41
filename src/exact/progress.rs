//! When a space was searched locally, and when it is to be so again.

use super::tuning::{LOCAL_RISE, LOCAL_STALL};

/// How far local searches of a space have come.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Local searches so far: each has a seed of its own.
    searches: u64,
    /// The bound on what is open when it last rose.
    bound: f64,
    /// Nodes since then, or since the last local search.
    nodes: u64,
    /// How often a local search followed a bound that did not rise.
    stalls: u32,
}

impl Progress {
    /// The seed of the next local search.
    pub(super) fn next_seed(&mut self) -> u64 {
        let seed = self.searches;
        self.searches += 1;
        seed
    }

    /// Notes that a node is left with this bound on all that is open; whether the bound has stood for
    /// so long that a better mapping may be what is missing. Each time it takes twice as many nodes.
    pub(super) fn stalls(&mut self, bound: f64) -> bool {
        if bound > self.bound + LOCAL_RISE || bound < self.bound {
            // It rose, or another search began.
            self.bound = bound;
            self.nodes = 0;
            return false;
        }
        self.nodes += 1;
        let is_stalled = self.nodes >= LOCAL_STALL << self.stalls.min(32);
        if is_stalled {
            self.nodes = 0;
            self.stalls += 1;
        }
        is_stalled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_stalls_after_ever_more_nodes() {
        let mut progress = Progress::default();
        assert!(!progress.stalls(1.0));
        let nodes_until = |progress: &mut Progress| -> u64 {
            let mut nodes = 1;
            while !progress.stalls(1.0) {
                nodes += 1;
            }
            nodes
        };
        assert_eq!(nodes_until(&mut progress), LOCAL_STALL);
        assert_eq!(nodes_until(&mut progress), 2 * LOCAL_STALL);
        assert!(!progress.stalls(1.0 + 2.0 * LOCAL_RISE));
        let risen = (0..4 * LOCAL_STALL - 1).any(|_| progress.stalls(1.0 + 2.0 * LOCAL_RISE));
        assert!(!risen);
        assert_eq!((progress.next_seed(), progress.next_seed()), (0, 1));
    }
}

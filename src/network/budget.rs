//! The limits of a row, shared by all loop nests that are solved for it.
//!
//! A row has one deadline, from the moment at which the first of its loop nests is begun. Each
//! nest may take an equal part of what is then left, times the number of nests that are solved at
//! the same time; what it does not take is left to those after it, and each has its turn.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::engine::thread_time;
use crate::exact::SolveOptions;

/// The limits of a row as far as they are not used up.
pub(super) struct Budget {
    time: Option<Duration>,
    cpu: Option<Duration>,
    nodes: Option<u64>,
    /// Nests solved at the same time at most.
    jobs: u32,
    left: Mutex<Left>,
}

struct Left {
    /// When the first nest was begun.
    started: Option<Instant>,
    cpu: Duration,
    nodes: u64,
    /// Nests that were not begun.
    nests: u32,
}

/// What one nest may take, with the processor time of its thread when it began.
pub(super) struct Share {
    pub(super) time: Option<Duration>,
    pub(super) cpu: Option<Duration>,
    pub(super) nodes: Option<u64>,
    thread_time: Duration,
}

impl Share {
    /// The options of the nest.
    pub(super) fn options(&self, options: &SolveOptions) -> SolveOptions {
        SolveOptions {
            time_limit: self.time,
            cpu_limit: self.cpu,
            node_limit: self.nodes,
            ..options.clone()
        }
    }
}

impl Budget {
    /// The limits of these options for so many nests.
    pub(super) fn new(options: &SolveOptions, jobs: usize, nests: usize) -> Self {
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).max(1);
        Self {
            time: options.time_limit,
            cpu: options.cpu_limit,
            nodes: options.node_limit,
            jobs: if is_reproducible(options) {
                1
            } else {
                small(jobs)
            },
            left: Mutex::new(Left {
                started: None,
                cpu: options.cpu_limit.unwrap_or_default(),
                nodes: options.node_limit.unwrap_or_default(),
                nests: small(nests),
            }),
        }
    }

    /// What the next nest may take.
    pub(super) fn share(&self) -> Share {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let started = *left.started.get_or_insert_with(Instant::now);
        let nests = left.nests.max(1);
        left.nests = nests - 1;
        let at_once = self.jobs.min(nests);
        let time = self.time.map(|limit| {
            let rest = limit.saturating_sub(started.elapsed());
            if nests == at_once {
                rest
            } else {
                rest / nests * at_once
            }
        });
        Share {
            time,
            cpu: self.cpu.map(|_| left.cpu / nests),
            nodes: self.nodes.map(|_| left.nodes.div_ceil(u64::from(nests))),
            thread_time: thread_time(),
        }
    }

    /// Takes what a nest has used off what is left.
    pub(super) fn used(&self, share: &Share, nodes: u64) {
        let cpu = thread_time().saturating_sub(share.thread_time);
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.cpu = left.cpu.saturating_sub(cpu);
        left.nodes = left.nodes.saturating_sub(nodes);
    }
}

/// Whether a limit is given that does not depend on what else runs: then the nests of a row are
/// solved one after the other, so that what one leaves to the next does not either.
pub(super) fn is_reproducible(options: &SolveOptions) -> bool {
    options.cpu_limit.is_some() || options.node_limit.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(seconds: u64, nodes: Option<u64>) -> SolveOptions {
        SolveOptions {
            time_limit: Some(Duration::from_secs(seconds)),
            node_limit: nodes,
            ..SolveOptions::default()
        }
    }

    #[test]
    fn every_nest_has_its_part_of_one_deadline() {
        let budget = Budget::new(&options(400, None), 2, 4);
        let half = Duration::from_millis(500);
        let whole = |time: Duration| (time + half).as_secs();
        let parts: Vec<u64> = (0..5)
            .map(|_| budget.share().time.map_or(0, whole))
            .collect();
        // Two at a time, none of which takes long: the last has all that is left.
        assert_eq!(parts, [200, 267, 400, 400, 400]);
        let one = Budget::new(&options(7, None), 8, 1);
        assert_eq!(one.share().time.map(|t| t.as_secs_f64().round()), Some(7.0));
    }

    #[test]
    fn what_is_not_used_is_left_to_the_next() {
        let budget = Budget::new(&options(10, Some(90)), 2, 3);
        let first = budget.share();
        assert_eq!(first.nodes, Some(30));
        budget.used(&first, 10);
        let second = budget.share();
        assert_eq!(second.nodes, Some(40));
        budget.used(&second, 40);
        assert_eq!(budget.share().nodes, Some(40));
    }

    #[test]
    fn a_limit_beyond_the_clock_is_shared_like_any_other() {
        let endless = SolveOptions {
            time_limit: Some(Duration::MAX),
            cpu_limit: Some(Duration::MAX),
            ..SolveOptions::default()
        };
        let budget = Budget::new(&endless, 3, 2);
        let share = budget.share();
        budget.used(&share, 0);
        assert!(share.time > Some(Duration::from_secs(1 << 40)));
        assert!(budget.share().cpu > Some(Duration::from_secs(1 << 40)));
    }
}

//! When a search must stop: a deadline, an interrupt, or lists that would not fit in memory.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;

use super::allowance::Allowance;

/// Why a search stopped early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The time limit.
    Time,
    /// The limit of processor time.
    Cpu,
    /// The limit of tree nodes.
    Nodes,
    /// An interrupt.
    Interrupt,
    /// What it would need next does not fit in the memory that a search may take.
    Memory,
}

/// Says when to stop. Clones watch the same clock.
///
/// Whatever takes long asks now and then and returns what it has. **Once a watch says stop it
/// always does, and nothing made since may be used as if it were complete:** a bound, a filter
/// or a list of columns is only valid if the watch still runs after it is made.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Shared>);

/// The time at which a limit from now on is met; none where it is too long for the clock, which
/// no search lives to see.
#[must_use]
pub fn deadline(limit: Option<Duration>) -> Option<Instant> {
    Instant::now().checked_add(limit?)
}

/// The processor time of this thread so far; 0 where the system does not tell.
#[must_use]
pub fn thread_time() -> Duration {
    ThreadTime::try_now().map_or(Duration::ZERO, |time| time.as_duration())
}

/// Processor time that the thread which made it may take.
#[derive(Clone, Copy, Debug)]
struct CpuLimit {
    thread: ThreadId,
    end: Duration,
}

impl CpuLimit {
    fn new(limit: Duration) -> Self {
        Self {
            thread: thread::current().id(),
            end: thread_time().saturating_add(limit),
        }
    }

    /// What is left; on any other thread, whose time is not that of the search, nothing is known.
    fn left(&self) -> Option<Duration> {
        let own = thread::current().id() == self.thread;
        own.then(|| self.end.saturating_sub(thread_time()))
    }
}

#[derive(Debug, Default)]
struct Shared {
    deadline: Option<Instant>,
    cpu: Option<CpuLimit>,
    most_nodes: Option<u64>,
    nodes: AtomicU64,
    interrupt: Arc<AtomicBool>,
    allowance: Option<Allowance>,
    cause: OnceLock<Cause>,
}

impl Watch {
    /// Stops at a deadline, or when the flag is set.
    #[must_use]
    pub fn new(deadline: Option<Instant>, interrupt: Arc<AtomicBool>) -> Self {
        Self::with_memory(deadline, interrupt, None)
    }

    /// The same, and where the thread that made it holds more bytes than it is allowed.
    #[must_use]
    pub fn with_memory(
        deadline: Option<Instant>,
        interrupt: Arc<AtomicBool>,
        allowance: Option<Allowance>,
    ) -> Self {
        Self(Arc::new(Shared {
            deadline,
            interrupt,
            allowance,
            ..Shared::default()
        }))
    }

    /// The same, and where the thread that calls this has taken so much processor time from now
    /// on, or after so many tree nodes.
    #[must_use]
    pub fn with_work(self, cpu: Option<Duration>, most_nodes: Option<u64>) -> Self {
        let Shared {
            deadline,
            interrupt,
            allowance,
            ..
        } = &*self.0;
        Self(Arc::new(Shared {
            deadline: *deadline,
            cpu: cpu.map(CpuLimit::new),
            most_nodes,
            interrupt: Arc::clone(interrupt),
            allowance: *allowance,
            ..Shared::default()
        }))
    }

    /// Counts a tree node; stops at the first one that is beyond the limit.
    pub fn count_node(&self) {
        let before = self.0.nodes.fetch_add(1, Ordering::Relaxed);
        if self.0.most_nodes.is_some_and(|most| before >= most) {
            self.stop(Cause::Nodes);
        }
    }

    /// Whether to stop now.
    #[must_use]
    pub fn stopped(&self) -> bool {
        let Shared {
            deadline,
            interrupt,
            allowance,
            cause,
            cpu,
            ..
        } = &*self.0;
        if cause.get().is_some() {
            return true;
        }
        if interrupt.load(Ordering::Relaxed) {
            self.stop(Cause::Interrupt);
            return true;
        }
        if deadline.is_some_and(|d| Instant::now() >= d) {
            self.stop(Cause::Time);
            return true;
        }
        if cpu.and_then(|cpu| cpu.left()) == Some(Duration::ZERO) {
            self.stop(Cause::Cpu);
            return true;
        }
        if allowance.is_some_and(|own| own.is_exceeded()) {
            self.stop(Cause::Memory);
            return true;
        }
        false
    }

    /// Stops from now on, for this reason unless there was one before.
    pub fn stop(&self, cause: Cause) {
        let _ = self.0.cause.set(cause);
    }

    /// Why it stopped, if it did.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.0.cause.get().copied()
    }

    /// The time until the deadline, or what is left of the processor time if that is less; none
    /// without a limit.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        let end = self.0.deadline;
        let wall = end.map(|d| d.saturating_duration_since(Instant::now()));
        let cpu = self.0.cpu.and_then(|cpu| cpu.left());
        wall.into_iter().chain(cpu).min()
    }

    /// Part of what may be held in memory that is held, from 0 on; 0 without a limit.
    #[must_use]
    pub fn fullness(&self) -> f64 {
        self.0.allowance.map_or(0.0, |own| own.fullness())
    }

    /// A watch for a loop of short rounds, which looks at the clock in one of 64 only.
    #[must_use]
    pub fn ticker(&self) -> Ticker {
        Ticker {
            watch: self.clone(),
            rounds: AtomicU8::new(0),
        }
    }
}

/// A watch that looks at the clock in one of 64 rounds.
#[derive(Debug)]
pub struct Ticker {
    watch: Watch,
    rounds: AtomicU8,
}

impl Ticker {
    /// Whether to stop, as far as the last look told.
    #[must_use]
    pub fn stopped(&self) -> bool {
        if self
            .rounds
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(64)
        {
            self.watch.stopped()
        } else {
            self.watch.cause().is_some()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_that_stopped_stays_stopped_for_its_first_reason() {
        let flag = Arc::new(AtomicBool::new(false));
        let watch = Watch::new(None, Arc::clone(&flag));
        let (clone, ticker) = (watch.clone(), watch.ticker());
        assert!(!watch.stopped() && !ticker.stopped());
        flag.store(true, Ordering::Relaxed);
        assert!(clone.stopped());
        flag.store(false, Ordering::Relaxed);
        assert!(watch.stopped() && ticker.stopped());
        watch.stop(Cause::Memory);
        assert_eq!(watch.cause(), Some(Cause::Interrupt));
    }

    #[test]
    fn processor_time_stops_its_own_thread() {
        let limit = Duration::from_millis(20);
        let watch = Watch::default().with_work(Some(limit), None);
        // Waiting takes none.
        thread::sleep(3 * limit);
        assert!(!watch.stopped());
        let start = thread_time();
        let mut rounds = 0_u64;
        while !watch.stopped() {
            rounds = std::hint::black_box(rounds + 1);
            assert!(thread_time() < start + 10 * limit, "after {rounds} rounds");
        }
        assert_eq!(watch.cause(), Some(Cause::Cpu));
    }

    #[test]
    fn so_many_nodes_and_no_more() {
        let watch = Watch::default().with_work(None, Some(2));
        watch.count_node();
        watch.count_node();
        assert!(!watch.stopped());
        watch.count_node();
        assert_eq!((watch.stopped(), watch.cause()), (true, Some(Cause::Nodes)));
    }

    #[test]
    fn a_limit_that_the_clock_does_not_reach_is_none() {
        assert_eq!(deadline(Some(Duration::MAX)), None);
        assert_eq!(deadline(None), None);
        assert!(deadline(Some(Duration::from_secs(1))) > Some(Instant::now()));
        let watch = Watch::default().with_work(Some(Duration::MAX), Some(u64::MAX));
        watch.count_node();
        assert!(!watch.stopped());
    }

    #[test]
    fn a_deadline_stops() {
        let now = Instant::now();
        assert!(Watch::new(Some(now), Arc::default()).stopped());
        let later = Watch::new(Some(now + Duration::from_secs(3600)), Arc::default());
        assert!(!later.stopped());
        assert!(later.time_left() > Some(Duration::from_secs(3000)));
    }
}

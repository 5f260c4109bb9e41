//! When a search must stop: a deadline, an interrupt, or lists that would not fit in memory.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::allowance::Allowance;

/// Why a search stopped early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The time limit.
    Time,
    /// An interrupt.
    Interrupt,
    /// What it would need next does not fit in the memory that a layer may take.
    Memory,
}

/// Says when to stop. Clones watch the same clock.
///
/// Whatever takes long asks now and then and returns what it has. **Once a watch says stop it
/// always does, and nothing made since may be used as if it were complete:** a bound, a filter
/// or a list of columns is only valid if the watch still runs after it is made.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    deadline: Option<Instant>,
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
            cause: OnceLock::new(),
        }))
    }

    /// Whether to stop now.
    #[must_use]
    pub fn stopped(&self) -> bool {
        let Shared {
            deadline,
            interrupt,
            allowance,
            cause,
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

    /// The time until the deadline, if there is one.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        self.0
            .deadline
            .map(|d| d.saturating_duration_since(Instant::now()))
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
    fn a_deadline_stops() {
        let now = Instant::now();
        assert!(Watch::new(Some(now), Arc::default()).stopped());
        let later = Watch::new(Some(now + Duration::from_secs(3600)), Arc::default());
        assert!(!later.stopped());
        assert!(later.time_left() > Some(Duration::from_secs(3000)));
    }
}

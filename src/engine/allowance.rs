//! What a search may take in memory: the bytes that its thread has allocated and not given back
//! since the search began, those of HiGHS included.

use std::thread::{self, ThreadId};

use tikv_jemalloc_ctl::thread::{ThreadLocal, allocatedp, deallocatedp};

/// Bytes that one search may hold unless something else is asked for. What the allocator keeps
/// beside them, and the program itself, are to stay below a gibibyte with it.
pub const DEFAULT_BYTES: u64 = 640 << 20;

thread_local! {
    /// The allocator's counters of this thread: bytes allocated and bytes given back; none where
    /// the allocator does not count.
    static COUNTERS: Option<(ThreadLocal<u64>, ThreadLocal<u64>)> =
        allocatedp::read().ok().zip(deallocatedp::read().ok());
}

/// Bytes that a search on the thread that made this may still take.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    thread: ThreadId,
    start: u64,
    most: u64,
}

impl Allowance {
    /// So many bytes from now on, for this thread.
    #[must_use]
    pub fn new(most: u64) -> Self {
        Self {
            thread: thread::current().id(),
            start: balance(),
            most,
        }
    }

    /// The bytes held beyond those at the start; 0 on any other thread, whose bytes are not
    /// those of the search.
    #[must_use]
    pub fn held(&self) -> u64 {
        if thread::current().id() != self.thread {
            return 0;
        }
        // More given back than allocated: what was held before the search began.
        let held = balance().wrapping_sub(self.start);
        if held.cast_signed() < 0 { 0 } else { held }
    }

    /// The part of what is allowed that is held, above 1 where more is.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "compared with a part, not with a number of bytes"
    )]
    pub fn fullness(&self) -> f64 {
        self.held() as f64 / self.most.max(1) as f64
    }

    /// Whether more is held than is allowed.
    #[must_use]
    pub fn is_exceeded(&self) -> bool {
        self.held() > self.most
    }
}

/// Bytes that this thread has allocated less those that it has given back, modulo 2^64: it may
/// give back what another thread allocated.
fn balance() -> u64 {
    COUNTERS.with(|counters| {
        let difference = |(allocated, given_back): &(ThreadLocal<u64>, ThreadLocal<u64>)| {
            allocated.get().wrapping_sub(given_back.get())
        };
        counters.as_ref().map_or(0, difference)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_counted_until_it_is_given_back() {
        let allowance = Allowance::new(1 << 20);
        let block = vec![1_u8; 8 << 20];
        let held = allowance.held();
        assert!((8 << 20..9 << 20).contains(&held), "{held}");
        assert!(allowance.is_exceeded());
        let elsewhere = thread::spawn(move || allowance.held()).join();
        assert_eq!(elsewhere.ok(), Some(0));
        drop(block);
        assert!(!allowance.is_exceeded(), "{}", allowance.held());
    }

    #[test]
    fn giving_back_what_was_there_before_does_not_count() {
        let block = vec![1_u8; 8 << 20];
        let allowance = Allowance::new(0);
        drop(block);
        assert_eq!(allowance.held(), 0);
    }
}

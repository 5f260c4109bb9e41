//! The points of a sweep in parallel, those with less of everything first.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::points::Choice;
use super::range::{Value, Vary};

/// Stack of a solving thread, that of a main thread.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// Endings of the fields of which more never costs cycles.
const MORE_IS_BETTER: [&str; 3] = [".capacity_bytes", "bandwidth_bytes_per_cycle", ".size"];

/// Whether more of a field never costs cycles.
pub(super) fn more_is_better(field: &str) -> bool {
    MORE_IS_BETTER.iter().any(|end| field.ends_with(end))
}

/// The rank of each choice: how many steps it is above the one with least of everything. What
/// holds with less, a mapping, holds with more, and so points of one rank learn from those of
/// lower ones. Points with a single dataflow come a step after those with any.
#[must_use]
pub fn ranks(vary: &[Vary], choices: &[Choice]) -> Vec<usize> {
    let rank = |(field, value): &(String, Value)| match value {
        Value::Word(word) => usize::from(word != "any"),
        Value::Number(number) if more_is_better(field) => {
            let own = vary.iter().filter(|own| own.field == *field);
            let smaller = own
                .flat_map(|own| &own.values)
                .filter(|other| matches!(other, Value::Number(other) if other < number));
            smaller.count()
        }
        Value::Number(_) => 0,
    };
    let of = |choice: &Choice| choice.values.iter().map(rank).sum();
    choices.iter().map(of).collect()
}

/// Runs `work` for every point, rank by rank, with the number of jobs that the point may use
/// itself; ends early when `stop` is set.
///
/// # Errors
/// The first error of a point, which stops the others, or that threads cannot be started.
pub fn run<P, E>(
    points: &[(usize, P)],
    jobs: usize,
    stop: &AtomicBool,
    work: &(dyn Fn(&P, usize) -> Result<(), E> + Sync),
) -> Result<(), E>
where
    P: Sync,
    E: Send + From<io::Error>,
{
    let mut ranks: Vec<usize> = points.iter().map(|point| point.0).collect();
    ranks.sort_unstable();
    ranks.dedup();
    for rank in ranks {
        let own: Vec<&P> = (points.iter())
            .filter(|point| point.0 == rank)
            .map(|point| &point.1)
            .collect();
        run_rank(&own, jobs.max(1), stop, work)?;
        if stop.load(Ordering::SeqCst) {
            break;
        }
    }
    Ok(())
}

/// The points of one rank, each taken by the next thread that is free. These are no threads of a
/// pool: while one of a pool waits for work inside a point, it would begin another point.
fn run_rank<P, E>(
    points: &[&P],
    jobs: usize,
    stop: &AtomicBool,
    work: &(dyn Fn(&P, usize) -> Result<(), E> + Sync),
) -> Result<(), E>
where
    P: Sync,
    E: Send + From<io::Error>,
{
    let threads = jobs.min(points.len());
    let each = jobs / threads;
    let next = AtomicUsize::new(0);
    let failure: Mutex<Option<E>> = Mutex::new(None);
    let fail = |error: E| {
        stop.store(true, Ordering::SeqCst);
        let mut first = failure.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(error);
    };
    let take = || {
        while !stop.load(Ordering::SeqCst) {
            let Some(point) = points.get(next.fetch_add(1, Ordering::SeqCst)) else {
                return;
            };
            if let Err(error) = work(point, each) {
                fail(error);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            let thread = thread::Builder::new().stack_size(STACK_BYTES);
            if let Err(error) = thread.spawn_scoped(scope, take) {
                fail(E::from(error));
            }
        }
    });
    let failure = failure.into_inner();
    failure
        .unwrap_or_else(PoisonError::into_inner)
        .map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::points::choices;

    #[test]
    fn less_comes_first_and_any_dataflow_before_one() {
        let texts = [
            "sram.capacity_bytes=4096,1024",
            "clock_mhz=1,2",
            "dataflow=row_stationary,any",
        ];
        let vary: Vec<Vary> = texts.map(|t| Vary::parse(t).expect("values")).to_vec();
        let all = choices(&vary, false).expect("points");
        assert_eq!(ranks(&vary, &all), [2, 1, 2, 1, 1, 0, 1, 0]);
    }

    #[test]
    fn ranks_are_run_in_order_and_an_error_stops() {
        let points = [(2, 'c'), (0, 'a'), (1, 'b'), (3, 'd')];
        let seen = Mutex::new(String::new());
        let stop = AtomicBool::new(false);
        let work = |point: &char, jobs: usize| -> Result<(), anyhow::Error> {
            seen.lock().expect("no panic").push(*point);
            assert_eq!(jobs, 2);
            anyhow::ensure!(*point != 'c', "full");
            Ok(())
        };
        let error = run(&points, 2, &stop, &work).expect_err("an error");
        assert_eq!(error.to_string(), "full");
        assert_eq!(*seen.lock().expect("no panic"), "abc");
    }
}

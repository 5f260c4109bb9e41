//! How many jobs run at the same time.

use std::num::NonZero;
use std::thread;

use super::warnings::Notice;

/// Jobs for each core, at most: more take memory and turn by turn of the same cores.
const PER_CORE: usize = 4;

/// The jobs that were asked for, or one for each core; no more than cores have use for.
pub(super) fn of(asked: Option<usize>) -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let asked = asked.unwrap_or(cores);
    let given = asked.min(cores.saturating_mul(PER_CORE));
    if given < asked {
        Notice::JobsCapped { asked, given }.show();
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_capped() {
        let cores = of(None);
        assert!(cores >= 1);
        assert_eq!(of(Some(1)), 1);
        assert_eq!(of(Some(usize::MAX)), PER_CORE * cores);
    }
}

//! Ctrl-C: the first one stops the search, the second one the program.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use super::{Outcome, messages};

/// A flag that the first Ctrl-C (or SIGTERM) sets.
pub(super) fn flag() -> anyhow::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if set.swap(true, Ordering::SeqCst) {
            process::exit(i32::from(Outcome::Interrupted.exit_status()));
        }
        let text = "stopping; what was found so far follows (again to exit at once)";
        messages::say(text);
    })
    .context("cannot handle interrupts")?;
    Ok(flag)
}

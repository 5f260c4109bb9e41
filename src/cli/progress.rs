//! A progress bar on standard error, if that is a terminal.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::messages;
use super::warnings::Notice;
use crate::escape::visible_line;
use crate::network::inference::Progress;

const TEMPLATE: &str = "{elapsed_precise} [{bar:30}] {pos}/{len} distinct layers  {msg}";

/// Standard error, unless only errors are shown there.
fn target() -> ProgressDrawTarget {
    if messages::shows_progress() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    }
}

/// The bar and the layers being solved.
pub(super) struct Bar {
    bar: ProgressBar,
    running: Mutex<BTreeSet<String>>,
}

impl Bar {
    /// A bar; `indicatif` hides it where standard error is no terminal.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), target());
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.progress_chars("=> "));
        }
        Self {
            bar,
            running: Mutex::new(BTreeSet::new()),
        }
    }

    /// Shows a step of the run.
    pub(super) fn show(&self, step: Progress<'_>) {
        let mut running = (self.running.lock()).unwrap_or_else(PoisonError::into_inner);
        match step {
            Progress::Distinct(count) => {
                self.bar
                    .set_length(u64::try_from(count).unwrap_or(u64::MAX));
                if !self.bar.is_hidden() {
                    self.bar.enable_steady_tick(Duration::from_millis(200));
                }
            }
            Progress::Started(layer) => {
                running.insert(layer.to_owned());
            }
            Progress::Finished(layer, status) => {
                running.remove(layer);
                self.bar.inc(1);
                let (what, how) = (layer.to_owned(), status.name().to_owned());
                self.bar.suspend(|| Notice::Finished { what, how }.show());
            }
        }
        let names: Vec<&str> = running.iter().map(String::as_str).collect();
        self.bar
            .set_message(visible_line(&names.join(", ")).into_owned());
    }

    /// Removes the bar.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

const POINTS: &str = "{elapsed_precise} [{bar:30}] {pos}/{len} points  {eta} left";

/// The bar of a sweep's points.
pub(super) struct PointBar(ProgressBar);

impl PointBar {
    /// A bar for so many points.
    pub(super) fn new(points: usize) -> Self {
        let length = u64::try_from(points).ok();
        let bar = ProgressBar::with_draw_target(length, target());
        if let Ok(style) = ProgressStyle::with_template(POINTS) {
            bar.set_style(style.progress_chars("=> "));
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self(bar)
    }

    /// One more point is finished: which, and how.
    pub(super) fn finished(&self, point: &str, how: &str) {
        self.0.inc(1);
        let (what, how) = (point.to_owned(), how.to_owned());
        self.0.suspend(|| Notice::Finished { what, how }.show());
    }

    /// Removes the bar.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

/// What a command is doing, where the number of its steps is not known.
pub(super) struct Spinner(ProgressBar);

impl Spinner {
    /// A spinner; `indicatif` hides it where standard error is no terminal.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, target());
        if let Ok(style) = ProgressStyle::with_template("{elapsed_precise} {spinner} {msg}") {
            bar.set_style(style);
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self(bar)
    }

    /// Shows a step.
    pub(super) fn show(&self, step: &str) {
        self.0.set_message(step.to_owned());
    }

    /// Removes the spinner.
    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

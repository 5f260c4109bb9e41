//! Messages on standard error: which are shown, and in which colours.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU8, Ordering};

use super::fold::folded;
use crate::escape::visible;

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Volume {
    /// Errors alone, and no progress.
    Quiet,
    /// Warnings and hints, too.
    #[default]
    Normal,
    /// Also what is done meanwhile.
    Verbose,
}

/// Whether messages are coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Color {
    // Without descriptions, so that help has them on one line.
    #[default]
    Auto,
    Always,
    Never,
}

impl From<Color> for clap::ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => clap::ColorChoice::Auto,
            Color::Always => clap::ColorChoice::Always,
            Color::Never => clap::ColorChoice::Never,
        }
    }
}

/// How grave a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severity {
    Error,
    Warning,
    Hint,
    /// What is done meanwhile.
    Note,
}

impl Severity {
    /// The word in front of a message.
    pub(super) fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Hint => "hint",
            Severity::Note => "note",
        }
    }

    /// Bold red, yellow, cyan, and green.
    fn style(self) -> &'static str {
        match self {
            Severity::Error => "\u{1b}[1;31m",
            Severity::Warning => "\u{1b}[1;33m",
            Severity::Hint => "\u{1b}[1;36m",
            Severity::Note => "\u{1b}[1;32m",
        }
    }
}

const PLAIN: &str = "\u{1b}[0m";

// One process runs one command, whose options hold for all of its messages.
static VOLUME: AtomicU8 = AtomicU8::new(1);
static COLORED: AtomicU8 = AtomicU8::new(0);

/// Takes the command line's options for all messages that follow.
pub(super) fn set(volume: Volume, color: Color) {
    VOLUME.store(volume as u8, Ordering::Relaxed);
    COLORED.store(u8::from(is_colored(color)), Ordering::Relaxed);
}

/// Whether standard error is coloured.
pub(super) fn is_colored(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let asked = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            asked && io::stderr().is_terminal() && env::var_os("TERM").is_none_or(|t| t != "dumb")
        }
    }
}

/// Whether progress may be shown.
pub(super) fn shows_progress() -> bool {
    VOLUME.load(Ordering::Relaxed) > Volume::Quiet as u8
}

/// Whether what is done meanwhile is said.
pub(super) fn is_verbose() -> bool {
    VOLUME.load(Ordering::Relaxed) == Volume::Verbose as u8
}

/// Writes a message; standard error that cannot be written is no reason to stop.
pub(super) fn show(severity: Severity, text: &str) {
    let is_shown = match severity {
        Severity::Error => true,
        Severity::Warning | Severity::Hint => shows_progress(),
        Severity::Note => is_verbose(),
    };
    if !is_shown {
        return;
    }
    let word = severity.word();
    let lines = folded(&visible(&format!("{word}: {text}")));
    let lines = match COLORED.load(Ordering::Relaxed) {
        0 => lines,
        _ => lines.replacen(word, &format!("{}{word}{PLAIN}", severity.style()), 1),
    };
    let _ = writeln!(io::stderr(), "{lines}");
}

/// Writes a line that is no message of a kind, unless only errors are shown.
pub(super) fn say(text: &str) {
    if shows_progress() {
        let _ = writeln!(io::stderr(), "{text}");
    }
}

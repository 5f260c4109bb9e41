//! Messages on standard error: which are shown, in which colours, and how long lines are folded.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU8, Ordering};

use crate::escape::visible;

/// Characters of a line of a message, at most.
const WIDEST: usize = 160;
/// What stands before the further lines of a message.
const INDENT: &str = "    ";

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
    let colored = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let asked = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            asked && io::stderr().is_terminal() && env::var_os("TERM").is_none_or(|t| t != "dumb")
        }
    };
    VOLUME.store(volume as u8, Ordering::Relaxed);
    COLORED.store(u8::from(colored), Ordering::Relaxed);
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

/// The text with its long lines folded, those that follow indented: where a sentence or its part
/// ends, at a space, or where there is none in the middle of a word.
#[must_use]
pub fn folded(text: &str) -> String {
    let lines = text.lines().map(fold);
    lines.collect::<Vec<_>>().join("\n")
}

fn fold(line: &str) -> String {
    let mut folded = String::new();
    let mut rest = line;
    while let Some((limit, _)) = rest.char_indices().nth(WIDEST - folded_indent(&folded)) {
        let head = &rest[..limit];
        let part = |end: &str| head.rfind(end).map(|at| at + end.len());
        // Help stands behind the last semicolon.
        let far_enough = |at: &usize| *at > limit / 3;
        let at = (part("; ").filter(far_enough))
            .or_else(|| part(" "))
            .filter(|at| !head[..*at].trim().is_empty())
            .unwrap_or(limit);
        folded.push_str(head[..at].trim_end());
        folded.push('\n');
        folded.push_str(INDENT);
        rest = rest[at..].trim_start();
    }
    folded.push_str(rest);
    folded
}

fn folded_indent(folded: &str) -> usize {
    if folded.is_empty() { 0 } else { INDENT.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_at_their_help() {
        let short = "error: file: a short one; do this";
        assert_eq!(folded(short), short);
        let what = format!("error: file:3: layers[3]: {}", "it is wrong ".repeat(9));
        let long = format!("{}; give {}", what.trim_end(), "something else ".repeat(3));
        let lines = folded(&long);
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].ends_with(';') && lines[1].starts_with("    give "));
    }

    #[test]
    fn no_line_is_wider_and_nothing_is_lost() {
        for text in [
            "x".repeat(1000),
            "ab ".repeat(400),
            "é: ".repeat(300),
            "→".repeat(161),
        ] {
            let lines = folded(&format!("error: {text}"));
            assert!(lines.lines().all(|line| line.chars().count() <= WIDEST));
            let all = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(all(&lines), all(&format!("error: {text}")));
        }
    }
}

//! Lines of messages that are no longer than they may be: long ones folded, endless names cut in the middle.

use std::borrow::Cow;

use crate::report::shortened;

/// Characters of a line of a message, at most.
const WIDEST: usize = 160;
/// What stands before the further lines of a message.
const INDENT: &str = "    ";
/// Characters of a name that a person reads; of a longer one the middle is left out.
const LONGEST_NAME: usize = 120;
/// No part of a path is longer, so that what is longer without a blank or `/` is no file's name.
const LONGEST_PART: usize = 255;
/// Names of a list that a message shows.
const MOST_NAMES: usize = 5;

/// The text with its long lines folded, those that follow indented: where a sentence or its part
/// ends, at a space, or where there is none in the middle of a word.
#[must_use]
pub fn folded(text: &str) -> String {
    let lines = text.lines().map(|line| fold(&cut(line)));
    lines.collect::<Vec<_>>().join("\n")
}

/// A name as a message shows it.
pub(super) fn name(text: &str) -> Cow<'_, str> {
    middle_out(text, LONGEST_NAME)
}

/// The first names of a list, and how many more there are.
pub(super) fn names<T: AsRef<str>>(all: &[T]) -> String {
    let shown: Vec<_> = all
        .iter()
        .take(MOST_NAMES)
        .map(|n| name(n.as_ref()))
        .collect();
    match all.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The text with `…` in the place of its middle, where it has more characters.
fn middle_out(text: &str, most: usize) -> Cow<'_, str> {
    if text.chars().nth(most).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(shortened(text, most))
}

/// The line with what is too long for a file's name cut in its middle.
fn cut(line: &str) -> Cow<'_, str> {
    let ends = |c: char| c.is_whitespace() || c == '/';
    let is_long = |part: &str| part.chars().nth(LONGEST_PART).is_some();
    if !line.split(ends).any(is_long) {
        return Cow::Borrowed(line);
    }
    let parts = line.split_inclusive(ends).map(|part| {
        if is_long(part) {
            middle_out(part, LONGEST_NAME)
        } else {
            Cow::Borrowed(part)
        }
    });
    Cow::Owned(parts.collect())
}

fn fold(line: &str) -> String {
    let mut folded = String::new();
    let mut rest = line;
    while let Some(limit) = too_wide(rest, WIDEST - folded_indent(&folded)) {
        let head = &rest[..limit];
        // Help stands behind the last semicolon.
        let ends = ["; ", " ", "/"].iter();
        let parts = ends.filter_map(|end| head.rfind(end).map(|at| at + end.len()));
        let at = parts
            .into_iter()
            .find(|at| *at > limit / 3)
            .unwrap_or(limit);
        folded.push_str(head[..at].trim_end());
        folded.push('\n');
        folded.push_str(INDENT);
        rest = rest[at..].trim_start();
    }
    folded.push_str(rest);
    folded
}

/// Where the part of a line ends that has so many characters, if there are more; what colours it
/// has no width.
fn too_wide(line: &str, width: usize) -> Option<usize> {
    let mut colouring = false;
    let mut count = 0;
    for (at, letter) in line.char_indices() {
        colouring |= letter == '\u{1b}';
        if colouring {
            colouring = letter != 'm';
            continue;
        }
        if count == width {
            return Some(at);
        }
        count += 1;
    }
    None
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
            "x".repeat(250),
            "ab ".repeat(400),
            "é: ".repeat(300),
            "→".repeat(161),
            format!("{}/file.yaml:3: it is wrong", "folder/long".repeat(300)),
        ] {
            let lines = folded(&format!("error: {text}"));
            assert!(lines.lines().all(|line| line.chars().count() <= WIDEST));
            let all = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(all(&lines), all(&format!("error: {text}")));
        }
    }

    #[test]
    fn endless_names_keep_their_ends() {
        let endless = format!(
            "error: file.yaml:3: layers[0]: `a{}z` is wrong",
            "é".repeat(5000)
        );
        let lines = folded(&endless);
        assert!(lines.lines().count() <= 2, "{lines}");
        assert!(
            lines.starts_with("error: file.yaml:3: layers[0]: `aé"),
            "{lines}"
        );
        assert!(
            lines.contains("é…é") && lines.ends_with("éz` is wrong"),
            "{lines}"
        );
        assert_eq!(name("short"), "short");
        assert_eq!(name(&"ab ".repeat(2000)).chars().count(), LONGEST_NAME);
    }

    #[test]
    fn lists_say_how_many_more_there_are() {
        assert_eq!(names(&["a", "b"]), "a, b");
        let many: Vec<String> = (0..10_000).map(|i| format!("n{i}")).collect();
        assert_eq!(names(&many), "n0, n1, n2, n3, n4 and 9995 more");
    }

    #[test]
    fn colours_have_no_width() {
        let line = format!("\u{1b}[1;31merror\u{1b}[0m: {}", "x".repeat(153));
        assert_eq!(folded(&line), line);
        let lines = folded(&format!("{line} y"));
        assert_eq!(lines.lines().count(), 2, "{lines}");
    }
}

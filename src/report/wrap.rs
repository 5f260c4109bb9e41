//! Lines of words that are no wider than they may be.

use std::io::{self, Write};

use textwrap::Options;

/// Writes the lines of a text, those that are too wide in several, each two further in than the first.
///
/// # Errors
/// If `out` cannot be written.
pub(super) fn write(text: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    for line in text.lines() {
        if line.chars().count() <= width {
            writeln!(out, "{line}")?;
            continue;
        }
        let indent = line.len() - line.trim_start().len() + 2;
        let options = Options::new(width)
            .subsequent_indent(&SPACES[..indent.min(SPACES.len())])
            .break_words(false);
        for own in textwrap::wrap(line, options) {
            writeln!(out, "{own}")?;
        }
    }
    Ok(())
}

const SPACES: &str = "        ";

#[cfg(test)]
mod tests {
    #[test]
    fn lines_that_fit_stay_as_they_are() {
        let text = "  a   b\n  many words that go on and on\n";
        let mut out = Vec::new();
        super::write(text, 20, &mut out).expect("a vector can be written");
        let lines = String::from_utf8(out).expect("it is text");
        assert_eq!(lines, "  a   b\n  many words that go\n    on and on\n");
    }
}

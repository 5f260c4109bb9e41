//! Control characters made visible: a name from a file must not move a cursor, colour a terminal or
//! turn the direction of a text.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Whether a character acts on what shows it, line ends and tabs aside.
fn acts(letter: char) -> bool {
    let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (letter.is_control() && letter != '\n' && letter != '\t')
}

/// The text with `\u001b` in the place of such characters, as JSON and YAML write them in quotes.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        push(letter, &mut shown);
    }
    Cow::Owned(shown)
}

/// As [`visible`], and on one line.
#[must_use]
pub fn visible_line(text: &str) -> Cow<'_, str> {
    match visible(text) {
        shown if shown.contains(['\n', '\t']) => {
            Cow::Owned(shown.replace('\n', "\\n").replace('\t', "\\t"))
        }
        shown => shown,
    }
}

fn push(letter: char, shown: &mut String) {
    if acts(letter) {
        // A text is written in full: writing into one never fails.
        let _ = write!(shown, "\\u{:04x}", u32::from(letter));
    } else {
        shown.push(letter);
    }
}

/// A writer that makes what it passes on visible.
pub struct Visible<W: Write> {
    out: W,
    /// The first bytes of a character of which the others have not come yet.
    begun: Vec<u8>,
}

impl<W: Write> Visible<W> {
    /// A writer into another one.
    pub fn new(out: W) -> Self {
        Self {
            out,
            begun: Vec::new(),
        }
    }

    /// Passes whole characters on; what is no text stays as it is.
    fn pass(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        loop {
            let error = match std::str::from_utf8(bytes) {
                Ok(text) => return self.out.write_all(visible(text).as_bytes()),
                Err(error) => error,
            };
            let (good, rest) = bytes.split_at(error.valid_up_to());
            // Valid by the line before.
            let text = std::str::from_utf8(good).unwrap_or_default();
            self.out.write_all(visible(text).as_bytes())?;
            let Some(wrong) = error.error_len() else {
                self.begun = rest.to_vec();
                return Ok(());
            };
            self.out.write_all(&rest[..wrong])?;
            bytes = &rest[wrong..];
        }
    }
}

impl<W: Write> Write for Visible<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.begun.is_empty() {
            self.pass(bytes)?;
        } else {
            let mut joined = std::mem::take(&mut self.begun);
            joined.extend_from_slice(bytes);
            self.pass(&joined)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let begun = std::mem::take(&mut self.begun);
        self.out.write_all(&begun)?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_shown() {
        assert_eq!(visible("plain → ü\n\ttext"), "plain → ü\n\ttext");
        assert_eq!(
            visible("a\u{1b}[31mb\rc\u{7f}"),
            "a\\u001b[31mb\\u000dc\\u007f"
        );
        assert_eq!(visible("\u{9b}1m\u{202e}x"), "\\u009b1m\\u202ex");
        assert_eq!(visible_line("a\nb\tc\u{7}"), "a\\nb\\tc\\u0007");
    }

    /// Escaped so, a JSON text still holds the same characters.
    #[test]
    fn json_stays_what_it_is() {
        let name = "a\u{9b}b\u{7f}c\u{202e}\u{1b}";
        let text = serde_json::to_string(name).expect("JSON");
        let shown = visible(&text);
        assert!(!shown.contains(acts));
        let read: String = serde_json::from_str(&shown).expect("JSON");
        assert_eq!(read, name);
    }

    #[test]
    fn characters_come_in_pieces() {
        let text = "ü\u{9b}→\u{202e}𝄞\u{1b}".as_bytes();
        for size in 1..=5 {
            let mut out = Vec::new();
            let mut visible = Visible::new(&mut out);
            for piece in text.chunks(size) {
                assert_eq!(visible.write(piece).expect("written"), piece.len());
            }
            assert_eq!(
                String::from_utf8(out).expect("text"),
                "ü\\u009b→\\u202e𝄞\\u001b"
            );
        }
        // Bytes that are no text pass as they are.
        let mut out = Vec::new();
        let mut visible = Visible::new(&mut out);
        visible.write_all(b"a\xffb\xc2").expect("written");
        visible.flush().expect("written");
        assert_eq!(out, b"a\xffb\xc2");
    }
}

//! Lines of fields: walks the events of a second parser, and only when there is an error to place.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser};

/// The path of a key of a table.
pub(super) fn key_path(parent: &str, key: &str) -> String {
    let key = key.escape_debug();
    if parent.is_empty() {
        key.to_string()
    } else {
        format!("{parent}.{key}")
    }
}

/// The path of an item of a list.
pub(super) fn item_path(parent: &str, index: usize) -> String {
    format!("{parent}[{index}]")
}

/// What stands in a message for the line of another field, until the text is there to look it up.
/// Texts of a file are escaped before they stand in a message, so that none has these characters.
const MARKS: [char; 2] = ['\u{2}', '\u{3}'];

/// The line of another field, as part of a message.
pub(super) fn line_of(field: &str) -> String {
    let [open, close] = MARKS;
    format!("{open}{field}{close}")
}

/// The line of each field of a text.
pub(super) struct Lines {
    first: BTreeMap<String, usize>,
    repeated: Vec<(String, usize)>,
}

/// A list or table that the walk is inside of.
enum Open {
    List { path: String, next: usize },
    Table { path: String, key: Option<String> },
}

impl Lines {
    /// Walks the whole text, or as much of it as can be read.
    pub(super) fn of(text: &str) -> Self {
        let mut lines = Self {
            first: BTreeMap::new(),
            repeated: Vec::new(),
        };
        let mut open: Vec<Open> = Vec::new();
        for event in Parser::new_from_str(text) {
            let Ok((event, span)) = event else { break };
            match event {
                Event::SequenceEnd | Event::MappingEnd => {
                    open.pop();
                }
                Event::Scalar(..)
                | Event::Alias(_)
                | Event::SequenceStart(..)
                | Event::MappingStart(..) => {
                    let (path, is_key) = enter(&event, &mut open);
                    lines.note(&path, span.start.line(), is_key);
                    open_container(&event, path, &mut open);
                }
                _ => {}
            }
        }
        lines
    }

    fn note(&mut self, path: &str, line: usize, is_key: bool) {
        if !self.first.contains_key(path) {
            self.first.insert(path.to_owned(), line);
        } else if is_key {
            self.repeated.push((path.to_owned(), line));
        }
    }

    /// The keys that their table has already, with their lines.
    pub(super) fn repeated(self) -> Vec<(String, usize)> {
        self.repeated
    }

    /// A message with the lines of the other fields that it names.
    pub(super) fn placed(&self, message: &str) -> String {
        let [open, close] = MARKS;
        let mut parts = message.split(open);
        let mut placed = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (field, rest) = part.split_once(close).unwrap_or((part, ""));
            let line = self.line(field).map(|line| format!("line {line}"));
            placed.push_str(line.as_deref().unwrap_or("elsewhere"));
            placed.push_str(rest);
        }
        placed
    }

    /// The line of a field, or of the nearest field around it that the text has.
    pub(super) fn line(&self, field: &str) -> Option<usize> {
        let mut path = field;
        loop {
            if let Some(&line) = self.first.get(path) {
                return Some(line);
            }
            if path.is_empty() {
                return None;
            }
            path = &path[..path.rfind(['.', '[']).unwrap_or(0)];
        }
    }
}

/// The path of the node that begins here, and whether it is a key. A key has the path of its value: the line of a field is its key's.
fn enter(event: &Event, open: &mut [Open]) -> (String, bool) {
    match open.last_mut() {
        None => (String::new(), false),
        Some(Open::List { path, next }) => {
            *next += 1;
            (item_path(path, *next - 1), false)
        }
        Some(Open::Table { path, key }) => {
            if let Some(key) = key.take() {
                return (key_path(path, &key), false);
            }
            let text = match event {
                Event::Scalar(text, ..) => text.to_string(),
                _ => String::from("?"),
            };
            let of_key = key_path(path, &text);
            *key = Some(text);
            (of_key, true)
        }
    }
}

fn open_container(event: &Event, path: String, open: &mut Vec<Open>) {
    match event {
        Event::SequenceStart(..) => open.push(Open::List { path, next: 0 }),
        Event::MappingStart(..) => open.push(Open::Table { path, key: None }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_line_of_their_key() {
        let lines = Lines::of(
            "# title\nname: x\nlayers:\n  - name: a\n    kernel: [3,\n      3]\n  - {name: b}\n",
        );
        assert_eq!(lines.line("name"), Some(2));
        assert_eq!(lines.line("layers"), Some(3));
        assert_eq!(lines.line("layers[0].kernel[1]"), Some(6));
        assert_eq!(lines.line("layers[1].name"), Some(7));
        assert_eq!(lines.line("layers[1].kernel[0]"), Some(7));
        assert_eq!(lines.line(""), Some(2));
        assert_eq!(lines.line("source"), Some(2));
    }
}

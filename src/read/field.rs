//! One value of a file with its path: decoding that reports every error and goes on.

use std::cell::RefCell;
use std::fmt::Display;

use serde_yaml::Value;

use super::locate::item_path;
use super::suggest;

/// No extent, size or count is larger.
pub(super) const LARGEST_EXTENT: u64 = 1 << 24;
/// Longer texts are cut in messages.
const LONGEST_QUOTE: usize = 40;

/// The errors found so far, each with its field path.
#[derive(Default)]
pub(super) struct Log(RefCell<Vec<(String, String)>>);

impl Log {
    /// All errors as (field path, message).
    pub(super) fn into_messages(self) -> Vec<(String, String)> {
        self.0.into_inner()
    }
}

/// A value, where it stands, and what a good value would be.
///
/// Every method that returns `None` has reported why.
#[derive(Clone)]
pub(super) struct Field<'a> {
    pub(super) value: &'a Value,
    path: String,
    help: &'static str,
    log: &'a Log,
}

impl<'a> Field<'a> {
    /// The whole document.
    pub(super) fn root(value: &'a Value, log: &'a Log) -> Self {
        Self::at(value, String::new(), "", log)
    }

    /// A value at a path; `help` says what to give there.
    pub(super) fn at(value: &'a Value, path: String, help: &'static str, log: &'a Log) -> Self {
        Self {
            value,
            path,
            help,
            log,
        }
    }

    /// The path of the field.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The log that the field reports to.
    pub(super) fn log(&self) -> &'a Log {
        self.log
    }

    /// Reports an error of this field.
    pub(super) fn reject(&self, message: impl Display) {
        self.log.push(self.path.clone(), message);
    }

    /// Reports that the value is not what it must be.
    pub(super) fn mismatch(&self, must: impl Display) {
        let is = describe(self.value);
        let help = if self.help.is_empty() {
            String::new()
        } else {
            format!("; give {}", self.help)
        };
        self.reject(format!("must be {must}, but is {is}{help}"));
    }

    /// Whether the value is a list.
    pub(super) fn is_list(&self) -> bool {
        self.value.is_sequence()
    }

    /// Whether the value is a table with this key.
    pub(super) fn has_key(&self, key: &str) -> bool {
        self.value.get(key).is_some()
    }

    /// The text of a key of the value, where there is one; reports nothing.
    pub(super) fn key_text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    /// Every text of this key, or of its list, in the value and in all that lies below it.
    pub(super) fn each_text_below(&self, key: &str, see: &mut dyn FnMut(&str)) {
        each_text_below(self.value, key, see);
    }

    /// Whether the value is `[]`.
    pub(super) fn is_empty_list(&self) -> bool {
        self.value.as_sequence().is_some_and(Vec::is_empty)
    }

    /// Whether the value is null, that is, absent or empty.
    pub(super) fn is_null(&self) -> bool {
        self.value.is_null()
    }

    /// Whether the value is a text.
    pub(super) fn is_text(&self) -> bool {
        self.value.is_string()
    }

    /// The items of a list that is not empty; what is said of the list holds for each item.
    pub(super) fn list(&self) -> Option<Vec<Field<'a>>> {
        self.list_of(self.help)
    }

    /// The items of a list that is not empty; `help` says what to give as an item.
    pub(super) fn list_of(&self, help: &'static str) -> Option<Vec<Field<'a>>> {
        let Value::Sequence(items) = self.value else {
            self.mismatch("a list");
            return None;
        };
        if items.is_empty() {
            self.mismatch("a list of at least one item");
            return None;
        }
        let item = |(i, value)| Field::at(value, item_path(&self.path, i), help, self.log);
        Some(items.iter().enumerate().map(item).collect())
    }

    /// A text that is not empty.
    pub(super) fn text(&self) -> Option<&'a str> {
        match self.value.as_str() {
            Some(text) if !text.trim().is_empty() => Some(text),
            _ => {
                self.mismatch("a text");
                None
            }
        }
    }

    /// A name: letters, digits, `_` and `-`, so that it can stand in paths such as `sram.capacity_bytes`.
    pub(super) fn word(&self) -> Option<&'a str> {
        let text = self.text()?;
        let fits = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if text.chars().all(fits) {
            return Some(text);
        }
        self.mismatch("a name of letters, digits, `_` and `-`");
        None
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Option<bool> {
        let value = self.value.as_bool();
        if value.is_none() {
            self.mismatch("`true` or `false`");
        }
        value
    }

    /// A whole number between `least` and `most`.
    pub(super) fn integer(&self, least: u64, most: u64) -> Option<u64> {
        let Value::Number(number) = self.value else {
            self.mismatch("a whole number");
            return None;
        };
        match number.as_u64() {
            Some(n) if n < least => self.mismatch(format_args!("at least {least}")),
            Some(n) if n > most => self.mismatch(format_args!("at most {most}")),
            Some(n) => return Some(n),
            None if number.is_i64() => self.mismatch(format_args!("at least {least}")),
            None => self.mismatch("a whole number"),
        }
        None
    }

    /// An extent, a size or a count: a whole number from 1.
    pub(super) fn extent(&self) -> Option<u64> {
        self.integer(1, LARGEST_EXTENT)
    }

    /// The number as decimal text, exactly as far as the file's digits go.
    pub(super) fn decimal(&self) -> Option<String> {
        if let Value::Number(number) = self.value {
            if let Some(n) = number.as_u64() {
                return Some(n.to_string());
            }
            if let Some(x) = number.as_f64().filter(|x| x.is_finite()) {
                return Some(x.to_string());
            }
        }
        self.mismatch("a number");
        None
    }

    /// Any number, also a negative or an infinite one.
    pub(super) fn number(&self) -> Option<f64> {
        let number = self.value.as_f64();
        if number.is_none() {
            self.mismatch("a number");
        }
        number
    }

    /// A number that is not negative.
    pub(super) fn not_negative(&self) -> Option<f64> {
        let number: f64 = self.decimal()?.parse().ok()?;
        if number >= 0.0 {
            return Some(number);
        }
        self.mismatch("at least 0");
        None
    }

    /// Reports the value as one that the field does not take.
    pub(super) fn bad_value(&self, must: impl Display) {
        self.mismatch(must);
    }

    /// One of the named values.
    pub(super) fn choice<T: Copy>(&self, values: &[(&'static str, T)]) -> Option<T> {
        let names: Vec<&str> = values.iter().map(|v| v.0).collect();
        let Some(text) = self.value.as_str() else {
            self.mismatch(suggest::list(&names));
            return None;
        };
        let found = values.iter().find(|v| v.0 == text).map(|v| v.1);
        if found.is_none() {
            let hint = suggest::hint(text, &names);
            self.reject(format!("{} is not known here; {hint}", quote(text)));
        }
        found
    }

    /// A list of named values, each at most once; a single one may stand without brackets.
    pub(super) fn choices<T: Copy + PartialEq>(
        &self,
        values: &[(&'static str, T)],
    ) -> Option<Vec<T>> {
        if self.is_text() {
            return self.choice(values).map(|one| vec![one]);
        }
        let items = self.list()?;
        let mut found = Vec::new();
        for item in &items {
            let Some(value) = item.choice(values) else {
                continue;
            };
            if found.contains(&value) {
                item.reject("is listed twice; keep one of them");
            }
            found.push(value);
        }
        (found.len() == items.len()).then_some(found)
    }
}

impl Log {
    /// Adds an error.
    pub(super) fn push(&self, path: String, message: impl Display) {
        let found = (path, message.to_string());
        let mut all = self.0.borrow_mut();
        // What is wrong with a value is said once, also where several places read it.
        if all.last() != Some(&found) {
            all.push(found);
        }
    }
}

/// A text in back quotes on one line, cut where it is long.
pub(super) fn quote(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST_QUOTE).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("`{}`", short.escape_debug())
}

fn each_text_below(value: &Value, key: &str, see: &mut dyn FnMut(&str)) {
    match value {
        Value::Mapping(mapping) => {
            for (own, inner) in mapping {
                match inner {
                    Value::String(text) if own.as_str() == Some(key) => see(text),
                    Value::Sequence(items) if own.as_str() == Some(key) => {
                        items.iter().filter_map(Value::as_str).for_each(&mut *see);
                    }
                    _ => each_text_below(inner, key, see),
                }
            }
        }
        Value::Sequence(items) => {
            for item in items {
                each_text_below(item, key, see);
            }
        }
        _ => {}
    }
}

/// A value in words.
fn describe(value: &Value) -> String {
    match value {
        Value::Null => "empty".to_owned(),
        Value::Bool(b) => format!("`{b}`"),
        Value::Number(n) => n.to_string(),
        Value::String(text) => format!("the text {}", quote(text)),
        Value::Sequence(items) if items.is_empty() => "an empty list".to_owned(),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) => "a table".to_owned(),
        Value::Tagged(tagged) => format!("a value with the tag {}", quote(&tagged.tag.to_string())),
    }
}

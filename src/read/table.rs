//! A table of `key: value` with its known keys.

use std::fmt::Display;

use serde_yaml::{Mapping, Value};

use super::field::{Field, quote};
use super::locate::key_path;
use super::suggest;

/// A table and where it stands.
pub(super) struct Table<'a> {
    mapping: &'a Mapping,
    field: Field<'a>,
}

impl<'a> Field<'a> {
    /// A table with keys of this set only.
    pub(super) fn table(&self, keys: &[&str]) -> Option<Table<'a>> {
        let table = self.open_table()?;
        table.check_keys(keys);
        Some(table)
    }

    /// A table with any keys.
    pub(super) fn open_table(&self) -> Option<Table<'a>> {
        if let Value::Mapping(mapping) = self.value {
            Some(Table::new(mapping, self.clone()))
        } else {
            self.mismatch("a table of `key: value`");
            None
        }
    }
}

impl<'a> Table<'a> {
    /// The table at `field`.
    pub(super) fn new(mapping: &'a Mapping, field: Field<'a>) -> Self {
        Self { mapping, field }
    }

    /// The table as a field, to report errors of the whole.
    pub(super) fn field(&self) -> &Field<'a> {
        &self.field
    }

    /// Reports every key that is not in `keys`.
    pub(super) fn check_keys(&self, keys: &[&str]) {
        self.has_text_keys();
        for name in self.keys() {
            if !keys.contains(&name) {
                let hint = suggest::hint(name, keys);
                self.reject_key(name, format!("unknown key {}; {hint}", quote(name)));
            }
        }
    }

    /// Whether every key is a text; reports where one is not.
    pub(super) fn has_text_keys(&self) -> bool {
        let all = self.mapping.keys().all(Value::is_string);
        if !all {
            self.field
                .reject("has a key that is not a name; every entry is `name: value`");
        }
        all
    }

    /// Reports an error of one key.
    pub(super) fn reject_key(&self, key: &str, message: impl Display) {
        let path = key_path(self.field.path(), key);
        self.field.log().push(path, message);
    }

    /// The keys that are texts, in the file's order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.mapping.keys().filter_map(Value::as_str)
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.mapping.contains_key(key)
    }

    /// The field of a key, if it is there; `help` says what to give.
    pub(super) fn optional(&self, key: &str, help: &'static str) -> Option<Field<'a>> {
        let value = self.mapping.get(key)?;
        let path = key_path(self.field.path(), key);
        Some(Field::at(value, path, help, self.field.log()))
    }

    /// The field of a key; reports where it is not there.
    pub(super) fn required(&self, key: &str, help: &'static str) -> Option<Field<'a>> {
        let field = self.optional(key, help);
        if field.is_none() {
            self.reject_key(key, format!("is missing; give {help}"));
        }
        field
    }

    /// A text that may be absent.
    pub(super) fn optional_text(&self, key: &str, help: &'static str) -> Option<String> {
        self.optional(key, help)?.text().map(str::to_owned)
    }

    /// The value of a key, or `default` where the key is absent; `None` where the value is wrong.
    pub(super) fn or_default<T>(
        &self,
        key: &str,
        help: &'static str,
        default: T,
        read: impl FnOnce(&Field<'a>) -> Option<T>,
    ) -> Option<T> {
        match self.optional(key, help) {
            Some(field) => read(&field),
            None => Some(default),
        }
    }

    /// Reports keys that contradict another one.
    pub(super) fn forbid(&self, keys: &[&str], why: &str) -> Option<()> {
        let mut allowed = Some(());
        for key in keys.iter().filter(|k| self.has(k)) {
            self.reject_key(key, why);
            allowed = None;
        }
        allowed
    }
}

//! A list as JSON objects.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::object;
use crate::report::detail::Detail;
use crate::report::listing::{Entry, Listing};

/// Writes a list of objects.
pub(super) fn write(list: &Listing, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let object = |row: &Vec<Entry>| -> Value {
        let fields = list.columns.iter().zip(row);
        let fields = fields.map(|(column, own)| (column.key.to_owned(), own.value.clone()));
        Value::Object(fields.collect::<Map<_, _>>())
    };
    let all: Vec<Value> = list.rows.iter().map(object).collect();
    object::write(&all, out)
}

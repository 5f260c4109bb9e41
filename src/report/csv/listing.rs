//! One CSV record for each row of a list.

use std::io::{self, Write};

use serde_json::Value;

use super::records::{io_error, plain_record};
use crate::report::detail::Detail;
use crate::report::listing::Listing;

/// Writes a header and the records.
pub(super) fn write(list: &Listing, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let mut records = csv::Writer::from_writer(out);
    let names = list.columns.iter().map(|column| column.key);
    records.write_record(names).map_err(io_error)?;
    for row in &list.rows {
        let fields = row.iter().map(|entry| match &entry.value {
            Value::Number(number) => number.to_string(),
            _ => entry.shown.clone(),
        });
        plain_record(&mut records, fields)?;
    }
    records.flush()
}

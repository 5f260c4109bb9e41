//! How CSV is written: no text is a formula to a spreadsheet.

use std::borrow::Cow;
use std::io::{self, Write};

/// Writes a record in which no text is a formula to a spreadsheet: one that begins like a formula
/// gets a `'` in front.
pub(in crate::report) fn plain_record<W: Write>(
    records: &mut csv::Writer<W>,
    fields: impl IntoIterator<Item = impl AsRef<str>>,
) -> io::Result<()> {
    for field in fields {
        let field = plain(field.as_ref());
        records.write_field(field.as_ref()).map_err(io_error)?;
    }
    records.write_record(None::<&[u8]>).map_err(io_error)
}

fn plain(field: &str) -> Cow<'_, str> {
    let begins = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if begins && field != "-" && field.parse::<f64>().is_err() {
        return Cow::Owned(format!("'{field}"));
    }
    Cow::Borrowed(field)
}

/// The error of the writer below, so that a closed pipe is still known as one.
pub(in crate::report) fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_formula() {
        let mut records = csv::Writer::from_writer(Vec::new());
        let fields = ["=1+1", "+x", "-x", "@x", "-1.5", "-", "x=1", ""];
        plain_record(&mut records, fields).expect("written");
        let text = records.into_inner().expect("flushed");
        assert_eq!(text, b"'=1+1,'+x,'-x,'@x,-1.5,-,x=1,\n");
    }
}

//! Blocks with lifetimes from a CSV file: `id,lower,upper,size`, the end exclusive.

use std::collections::BTreeMap;
use std::path::Path;

use csv::StringRecord;

use super::error::{Problem, ReadError, whole};
use super::source::text;
use super::suggest;
use crate::problem::packing::Block;

/// The columns, all of which a file must have, in any order.
const COLUMNS: [&str; 4] = ["id", "lower", "upper", "size"];

/// Times and sizes stay below this, so that sums do not overflow.
const LARGEST: u64 = 1 << 53;

/// Reads the file.
pub(super) fn read(path: &Path) -> Result<Vec<Block>, ReadError> {
    let fail = |errors| ReadError {
        file: path.to_path_buf(),
        errors,
    };
    let text = text(path).map_err(|message| fail(whole(None, message)))?;
    decode(&text).map_err(fail)
}

fn decode(text: &str) -> Result<Vec<Block>, Vec<Problem>> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let broken = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        whole(Some(number(line)), format!("cannot be read: {error}"))
    };
    let header = reader.headers().map_err(|e| broken(&e))?.clone();
    let columns = columns(&header)?;
    let mut rows = Rows {
        columns,
        width: header.len(),
        ..Rows::default()
    };
    for record in reader.records() {
        match record {
            Ok(record) => rows.add(&record),
            Err(error) => rows.problems.extend(broken(&error)),
        }
    }
    if rows.problems.is_empty() {
        Ok(rows.blocks)
    } else {
        Err(rows.problems)
    }
}

/// Where each column stands.
fn columns(header: &StringRecord) -> Result<[usize; 4], Vec<Problem>> {
    let mut problems = Vec::new();
    for name in header.iter().filter(|name| !COLUMNS.contains(name)) {
        let hint = suggest::hint(name, &COLUMNS);
        problems.extend(at(1, name, format!("unknown column; {hint}")));
    }
    let mut columns = [0; 4];
    for (place, name) in columns.iter_mut().zip(COLUMNS) {
        let mut found = header.iter().enumerate().filter(|(_, own)| *own == name);
        match (found.next(), found.next()) {
            (Some((column, _)), None) => *place = column,
            (Some(_), Some(_)) => {
                problems.extend(at(
                    1,
                    name,
                    "the column stands twice; leave one out".to_owned(),
                ));
            }
            (None, _) => {
                let message = "the column is missing; the first line is `id,lower,upper,size`";
                problems.extend(at(1, name, message.to_owned()));
            }
        }
    }
    if problems.is_empty() {
        Ok(columns)
    } else {
        Err(problems)
    }
}

/// The rows read so far.
#[derive(Default)]
struct Rows {
    columns: [usize; 4],
    width: usize,
    blocks: Vec<Block>,
    lines: BTreeMap<String, usize>,
    problems: Vec<Problem>,
}

impl Rows {
    fn add(&mut self, record: &StringRecord) {
        let line = record.position().map_or(0, |p| number(p.line()));
        if record.len() != self.width {
            let message = format!(
                "has {} fields, the first line {}; give every column a value",
                record.len(),
                self.width
            );
            self.problems.extend(at(line, "", message));
            return;
        }
        let [id, lower, upper, size] = self.columns;
        let id = record[id].to_owned();
        let lower = self.integer(line, "lower", &record[lower]);
        let upper = self.integer(line, "upper", &record[upper]);
        let size = self.integer(line, "size", &record[size]);
        if let Some(first) = self.lines.insert(id.clone(), line) {
            let message = format!("`{id}` stands on line {first} already; give it another one");
            self.problems.extend(at(line, "id", message));
        }
        let (Some(lower), Some(upper), Some(size)) = (lower, upper, size) else {
            return;
        };
        if upper <= lower {
            let message = format!("{upper} is not after `lower`, {lower}; the end is exclusive");
            self.problems.extend(at(line, "upper", message));
        }
        if size == 0 {
            let message = "a block has at least 1 byte; leave it out".to_owned();
            self.problems.extend(at(line, "size", message));
        }
        self.blocks.push(Block {
            id,
            lower,
            upper,
            size,
        });
    }

    fn integer(&mut self, line: usize, field: &str, text: &str) -> Option<u64> {
        let value = text.parse::<u64>().ok().filter(|&v| v <= LARGEST);
        if value.is_none() {
            let message =
                format!("`{text}` is no whole number from 0 to {LARGEST}; write digits only");
            self.problems.extend(at(line, field, message));
        }
        value
    }
}

fn at(line: usize, field: &str, message: String) -> Vec<Problem> {
    vec![Problem {
        line: Some(line),
        field: field.to_owned(),
        message,
    }]
}

fn number(line: u64) -> usize {
    usize::try_from(line).unwrap_or(usize::MAX)
}

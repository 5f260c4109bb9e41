//! Blocks with lifetimes from a CSV file: `id,lower,upper,size`, the end exclusive, and what else
//! `MiniMalloc`'s files may hold: `alignment`, `offset`, `gaps`, and its older names of columns.

use std::collections::BTreeMap;
use std::path::Path;

use csv::StringRecord;

use super::error::{Problem, ReadError, whole};
use super::source::text;
use super::suggest;
use crate::problem::packing::Block;

/// The columns, in any order; a file must have the first four.
const COLUMNS: [&str; 7] = [
    "id",
    "lower",
    "upper",
    "size",
    "alignment",
    "offset",
    "gaps",
];
const REQUIRED: usize = 4;

/// Other names of columns. An `end` is the last time at which a block is alive, not the one after.
const ALIASES: [(&str, &str); 5] = [
    ("buffer", "id"),
    ("buffer_id", "id"),
    ("begin", "lower"),
    ("start", "lower"),
    (END, "upper"),
];
const END: &str = "end";

/// Times, sizes and addresses stay below this, so that sums do not overflow.
const LARGEST: u64 = 1 << 53;
const LARGEST_ALIGNMENT: u64 = 1 << 32;

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
    let mut rows = Rows {
        columns: columns(&header)?,
        width: header.len(),
        inclusive: header.iter().any(|name| name == END),
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

/// The usual name of a column.
fn usual(name: &str) -> &str {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    alias.map_or(name, |(_, usual)| usual)
}

/// Where each column stands, if it is there.
fn columns(header: &StringRecord) -> Result<[Option<usize>; COLUMNS.len()], Vec<Problem>> {
    let mut problems = Vec::new();
    let unknown = |name: &&str| !COLUMNS.contains(&usual(name));
    for name in header.iter().filter(unknown) {
        let hint = suggest::hint(name, &COLUMNS);
        problems.extend(at(1, name, format!("unknown column; {hint}")));
    }
    let mut columns = [None; COLUMNS.len()];
    for (place, (index, name)) in columns.iter_mut().zip(COLUMNS.iter().enumerate()) {
        let own = header.iter().enumerate();
        let mut found = own.filter(|(_, own)| usual(own) == *name);
        *place = found.next().map(|(column, _)| column);
        if found.next().is_some() {
            let message = "the column stands twice; leave one out";
            problems.extend(at(1, name, message.to_owned()));
        }
        if place.is_none() && index < REQUIRED {
            let message = "the column is missing; the first line is `id,lower,upper,size`";
            problems.extend(at(1, name, message.to_owned()));
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
    columns: [Option<usize>; COLUMNS.len()],
    width: usize,
    /// Whether ends are the last times, not those after.
    inclusive: bool,
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
        let fields = self
            .columns
            .map(|place| place.and_then(|at| record.get(at)));
        let [id, lower, upper, size, alignment, offset, gaps] =
            fields.map(Option::unwrap_or_default);
        if let Some(first) = self.lines.insert(id.to_owned(), line) {
            let message = format!("`{id}` stands on line {first} already; give it another one");
            self.problems.extend(at(line, "id", message));
        }
        let lower = self.integer(line, "lower", lower, (0, LARGEST));
        let upper = self.integer(line, "upper", upper, (0, LARGEST));
        let size = self.integer(line, "size", size, (0, LARGEST));
        let alignment = self.optional(line, "alignment", alignment, (1, LARGEST_ALIGNMENT));
        let fixed = self.optional(line, "offset", offset, (0, LARGEST));
        let (Some(lower), Some(upper), Some(size)) = (lower, upper, size) else {
            return;
        };
        let upper = upper + u64::from(self.inclusive);
        if upper <= lower {
            let message = format!("{upper} is not after `lower`, {lower}; the end is exclusive");
            self.problems.extend(at(line, "upper", message));
            return;
        }
        self.check_fixed(line, fixed, alignment);
        let gaps = self.gaps(line, gaps, (lower, upper));
        self.blocks.push(Block {
            alignment,
            fixed,
            gaps,
            ..Block::new(id.to_owned(), lower, upper, size)
        });
    }

    fn check_fixed(&mut self, line: usize, fixed: Option<u64>, alignment: Option<u64>) {
        if let (Some(fixed), Some(alignment)) = (fixed, alignment)
            && !fixed.is_multiple_of(alignment)
        {
            let message = format!("{fixed} is no multiple of `alignment`, {alignment}; change one");
            self.problems.extend(at(line, "offset", message));
        }
    }

    /// Spans such as `3-5 8-9` at which the block is not alive, in order.
    fn gaps(&mut self, line: usize, text: &str, life: (u64, u64)) -> Vec<(u64, u64)> {
        let mut gaps = Vec::new();
        let mut from = life.0;
        for word in text.split_whitespace() {
            let ends = word.split_once('-');
            let ends =
                ends.and_then(|(a, b)| Some((a.parse::<u64>().ok()?, b.parse::<u64>().ok()?)));
            let last = u64::from(self.inclusive);
            match ends.map(|(start, end)| (start, end.saturating_add(last))) {
                Some((start, end)) if from <= start && start < end && end <= life.1 => {
                    gaps.push((start, end));
                    from = end;
                }
                _ => {
                    let message = format!(
                        "`{word}` is no span in the block's life, after those before it; write 3-5"
                    );
                    self.problems.extend(at(line, "gaps", message));
                }
            }
        }
        if gaps.iter().map(|gap| gap.1 - gap.0).sum::<u64>() == life.1 - life.0 {
            let message = "the block is never alive; leave it out".to_owned();
            self.problems.extend(at(line, "gaps", message));
        }
        gaps
    }

    /// A number, or none in an empty field.
    fn optional(&mut self, line: usize, field: &str, text: &str, range: (u64, u64)) -> Option<u64> {
        if text.is_empty() {
            return None;
        }
        self.integer(line, field, text, range)
    }

    fn integer(&mut self, line: usize, field: &str, text: &str, range: (u64, u64)) -> Option<u64> {
        let (least, most) = range;
        let value = text.parse::<u64>().ok();
        let value = value.filter(|value| (least..=most).contains(value));
        if value.is_none() {
            let message =
                format!("`{text}` is no whole number from {least} to {most}; write digits only");
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

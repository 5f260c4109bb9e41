//! The errors of one file.

use std::fmt;
use std::path::PathBuf;

use crate::escape::visible_line;

/// Everything that is wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The file, as the caller named it.
    pub file: PathBuf,
    /// Its errors by line; never empty.
    pub errors: Vec<Problem>,
}

/// One error of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1; absent where the error is not of one place.
    pub line: Option<usize>,
    /// Path of the field, such as `layers[3].kernel[0]`; empty for the whole file.
    pub field: String,
    /// What is wrong, and what to do.
    pub message: String,
}

/// One line for each error: `file:line: field: message`.
impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.errors.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{}:", visible_line(&self.file.to_string_lossy()))?;
            if let Some(line) = problem.line {
                write!(f, "{line}:")?;
            }
            if !problem.field.is_empty() {
                write!(f, " {}:", visible_line(&problem.field))?;
            }
            write!(f, " {}", visible_line(&problem.message))?;
        }
        Ok(())
    }
}

impl std::error::Error for ReadError {}

/// What to say of a file that is nested too deeply.
pub(super) const NESTING: &str =
    "is nested too deeply; no field of an input file lies deeper than ten levels";

/// One error of the whole file.
pub(super) fn whole(line: Option<usize>, message: String) -> Vec<Problem> {
    let field = String::new();
    vec![Problem {
        line,
        field,
        message,
    }]
}

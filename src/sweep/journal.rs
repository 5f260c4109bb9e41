//! `points.jsonl`: one line for each finished point, appended as it comes and never changed.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use thiserror::Error;

use crate::files;
use crate::problem::format::{Formatted, refusal};
use crate::problem::sweep::PointResult;

/// The name of the file in the folder of a sweep.
pub const FILE: &str = "points.jsonl";

/// A larger file is no journal: with twenty layers it would hold some eighty thousand points.
const LARGEST_BYTES: u64 = 1 << 30;

/// Why a journal cannot be used.
#[derive(Debug, Error)]
pub enum JournalError {
    /// It cannot be opened, read or written.
    #[error("cannot {what} {}: {error}", file.display())]
    Io {
        /// `read` or `write`.
        what: &'static str,
        /// The file.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Another process writes to it.
    #[error(
        "{}: another sweep is writing here; wait for it to end, or give each a folder of its own (--shard, then merge)",
        file.display()
    )]
    Locked {
        /// The file.
        file: PathBuf,
    },
    /// A line is of a format that this version does not read.
    #[error("{}:{line}: {what}", file.display())]
    Format {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A line claims what its own numbers contradict.
    #[error("{}:{line}: {what}; delete the line, and its point is computed anew", file.display())]
    Claim {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What contradicts what.
        what: String,
    },
    /// A line is no point.
    #[error(
        "{}:{line}: is not a point of a sweep: {error}; delete the line, and its point is computed anew",
        file.display()
    )]
    Line {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Why.
        error: serde_json::Error,
    },
}

/// An open journal, locked against other processes.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines.
    length: u64,
}

/// What a journal holds when it is opened.
#[derive(Debug, Default)]
pub struct Found {
    /// The points, in the order in which they were finished.
    pub points: Vec<PointResult>,
    /// Whether a last line without an end was dropped: the one that was being written when a
    /// sweep was stopped.
    pub torn: bool,
}

fn io_error(what: &'static str, file: &Path) -> impl FnOnce(io::Error) -> JournalError {
    let file = file.to_owned();
    move |error| JournalError::Io { what, file, error }
}

impl Journal {
    /// Opens the journal of a folder, which is made if it is not there; `anew` empties it.
    ///
    /// # Errors
    /// The folder or the file cannot be written, another process has it, or a line is no point.
    pub fn open(folder: &Path, anew: bool) -> Result<(Self, Found), JournalError> {
        fs::create_dir_all(folder).map_err(io_error("write", folder))?;
        let path = folder.join(FILE);
        let mut options = OpenOptions::new();
        let opened = options.read(true).append(true).create(true).open(&path);
        let file = opened.map_err(io_error("write", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::Locked { file: path }),
            Err(TryLockError::Error(error)) => return Err(io_error("lock", &path)(error)),
        }
        let mut journal = Self {
            path,
            file,
            length: 0,
        };
        if anew {
            journal.cut()?;
            return Ok((journal, Found::default()));
        }
        let found = journal.read_all()?;
        if found.torn {
            journal.cut()?;
        }
        Ok((journal, found))
    }

    fn read_all(&mut self) -> Result<Found, JournalError> {
        let read = self.file.seek(SeekFrom::Start(0));
        let text = read
            .and_then(|_| files::read_from(&self.file, LARGEST_BYTES))
            .map_err(io_error("read", &self.path))?;
        let end = text.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        self.length = end as u64;
        Ok(Found {
            points: lines(&self.path, &text[..end])?,
            torn: end < text.len(),
        })
    }

    /// Drops what stands behind the whole lines.
    fn cut(&mut self) -> Result<(), JournalError> {
        self.file
            .set_len(self.length)
            .map_err(io_error("write", &self.path))
    }

    /// Appends a point as one line, and hands it to the disk. A line that could be written in part
    /// only is taken back, so that the earlier ones stay as they are.
    ///
    /// # Errors
    /// The line cannot be written, as on a full disk.
    pub fn append(&mut self, point: &PointResult) -> Result<(), JournalError> {
        let line = serde_json::to_vec(point).map_err(io::Error::from);
        let written = line.and_then(|mut line| {
            line.push(b'\n');
            self.file.write_all(&line)?;
            self.file.sync_data()?;
            Ok(line.len() as u64)
        });
        match written {
            Ok(length) => {
                self.length += length;
                Ok(())
            }
            Err(error) => {
                // Should that fail too, the next sweep drops the torn line.
                let _ = self.file.set_len(self.length);
                Err(io_error("write", &self.path)(error))
            }
        }
    }
}

/// The points of a folder's journal, which no sweep may be writing to; a torn last line is left out.
///
/// # Errors
/// The file cannot be read, or a line is no point.
pub fn read(folder: &Path) -> Result<Found, JournalError> {
    let path = folder.join(FILE);
    let text = files::read(&path, LARGEST_BYTES).map_err(io_error("read", &path))?;
    let end = text.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
    Ok(Found {
        points: lines(&path, &text[..end])?,
        torn: end < text.len(),
    })
}

fn lines(path: &Path, text: &[u8]) -> Result<Vec<PointResult>, JournalError> {
    let lines = text.split(|&b| b == b'\n').enumerate();
    lines
        .filter(|(_, line)| !line.is_empty())
        .map(|(index, line)| point(line, path, index + 1))
        .collect()
}

/// The point of a line, if it is one of a format that is read, and no number contradicts another.
fn point(text: &[u8], path: &Path, line: usize) -> Result<PointResult, JournalError> {
    let file = || path.to_owned();
    let no_point = |error| JournalError::Line {
        file: file(),
        line,
        error,
    };
    // A newer format may lack what this one has.
    let Formatted { format } = serde_json::from_slice(text).map_err(no_point)?;
    if let Some(what) = refusal(format) {
        let file = file();
        return Err(JournalError::Format { file, line, what });
    }
    let point: PointResult = serde_json::from_slice(text).map_err(no_point)?;
    match point.contradiction() {
        None => Ok(point),
        Some(what) => {
            let file = file();
            Err(JournalError::Claim { file, line, what })
        }
    }
}

/// What tells the points of one sweep apart: the values of its varied fields, as text.
#[must_use]
pub fn identity(vary: &Map<String, Value>) -> String {
    let mut pairs: Vec<String> = vary.iter().map(|(f, v)| format!("{f}={v}")).collect();
    pairs.sort();
    pairs.join(" ")
}

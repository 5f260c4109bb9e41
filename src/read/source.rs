//! Where the text of an input comes from: a file, a shipped file's bare name, or standard input.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::shipped::{self, Shipped};
use crate::files;

/// Input files are small; a larger one is a mistake.
pub(super) const LARGEST_FILE_BYTES: u64 = 64 << 20;

/// The argument that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// Whether an argument stands for standard input.
#[must_use]
pub fn is_standard_input(path: &Path) -> bool {
    path == Path::new(STANDARD_INPUT)
}

/// The text that an argument names, or what is wrong with it: of standard input for `-`, of a file,
/// a pipe included, and where there is none of that path of the shipped file of that name.
pub(super) fn input(path: &Path, among: &[Shipped]) -> Result<String, String> {
    if !among.is_empty() && is_standard_input(path) {
        return utf8(&standard_input()?);
    }
    match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => match shipped::text(path, among) {
            Some(text) => Ok(text.to_owned()),
            None => Err(shipped::hint(path, among).unwrap_or_else(|| explain(&error))),
        },
        _ => text(path),
    }
}

/// The text of the shipped file of this name, or that there is none.
pub(super) fn shipped_input(name: &Path, among: Shipped) -> Result<String, String> {
    let text = shipped::text(name, &[among]).map(str::to_owned);
    text.ok_or_else(|| shipped::hint(name, &[among]).unwrap_or_else(|| NO_NAME.to_owned()))
}

const NO_NAME: &str = "is no name of a shipped file";

/// The text of a file, or what is wrong with it.
pub(super) fn text(path: &Path) -> Result<String, String> {
    utf8(&bytes(path, LARGEST_FILE_BYTES)?)
}

/// The bytes of a file of at most so many, or what is wrong with it.
pub(super) fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    files::read(path, most).map_err(|error| refused(&error, most))
}

fn standard_input() -> Result<Vec<u8>, String> {
    let most = LARGEST_FILE_BYTES;
    files::read_from(io::stdin().lock(), most).map_err(|error| refused(&error, most))
}

/// Why at most so many bytes cannot be read.
fn refused(error: &io::Error, most: u64) -> String {
    if error.kind() != ErrorKind::FileTooLarge {
        return explain(error);
    }
    let mebibytes = most >> 20;
    format!("is larger than {mebibytes} MiB; is it the right file?")
}

/// Why a file cannot be read.
pub(super) fn explain(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file; check the path".to_owned(),
        ErrorKind::IsADirectory => "is a directory; give a file in it".to_owned(),
        ErrorKind::PermissionDenied => "may not be read; change its permissions".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

/// The bytes as text, without the mark that some editors put at its begin.
fn utf8(bytes: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        format!("is not UTF-8 text (byte {at}); save it as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned())
}

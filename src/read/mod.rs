//! Files to problem data: networks, hardware and mappings, with every error of a file at once.
//!
//! One loader parses the text (`document`); each kind of file then decodes the values itself,
//! so that an error names its line and its field and says what to do about it.

#![expect(
    clippy::option_option,
    reason = "`None` is an error that was reported, everywhere in this module; a value that may be absent is an `Option` inside"
)]

mod blocks;
mod dims;
mod document;
mod error;
mod field;
mod hardware;
mod kind;
mod locate;
mod mapping;
mod network;
pub mod onnx;
mod opened;
mod options;
mod shipped;
pub mod solution;
mod source;
mod suggest;
mod syntax;
mod table;
pub mod vary;

use std::path::Path;

use crate::problem::packing::Block;
use crate::problem::{Fixed, Hardware, Mapping, NestId, Network, Workload};

use document::Document;
pub use error::{Problem, ReadError};
pub use kind::FileKind;
pub use opened::Opened;
pub use options::NetworkOptions;
pub use shipped::Shipped;
pub use source::is_standard_input;

/// Reads a network, with its shapes inferred and checked; of an ONNX file the network that it
/// stands for. Where there is no file of this path, a shipped network of this bare name is read, and
/// standard input for `-`.
///
/// # Errors
/// All errors of the file, with their lines.
pub fn network(path: &Path, options: &NetworkOptions) -> Result<Network, ReadError> {
    Document::network(path, options)?.network_of(options)
}

/// Reads the shipped network of this name, whatever files there are.
///
/// # Errors
/// There is none of this name, or all errors of its file.
pub fn shipped_network(name: &str, options: &NetworkOptions) -> Result<Network, ReadError> {
    Document::shipped(name, Shipped::Networks)?.network_of(options)
}

/// Reads the shipped hardware of this name, whatever files there are.
///
/// # Errors
/// There is none of this name, or all errors of its file.
pub fn shipped_hardware(name: &str) -> Result<Hardware, ReadError> {
    Document::shipped(name, Shipped::Hardware)?.decode(hardware::decode)
}

/// The text of the network file that an ONNX file stands for, and the network, as which it was read once.
///
/// # Errors
/// All errors of the file, with their nodes.
pub fn network_text(path: &Path, options: &NetworkOptions) -> Result<(String, Network), ReadError> {
    let document = Document::network(path, options)?;
    let network = document.network_of(options)?;
    Ok((document.text().to_owned(), network))
}

/// Reads a hardware description: a file, a shipped one's bare name, or `-` for standard input.
///
/// # Errors
/// All errors of the file, with their lines.
pub fn hardware(path: &Path) -> Result<Hardware, ReadError> {
    Document::open(path, &[Shipped::Hardware])?.decode(hardware::decode)
}

/// Reads a hardware description from its text; messages call it `name`.
///
/// # Errors
/// All errors of the text, with their lines.
pub fn hardware_of_text(name: &Path, text: &str) -> Result<Hardware, ReadError> {
    Document::of_text(name, Ok(text.to_owned()))?.decode(hardware::decode)
}

/// Reads mappings of layers of a network or of operations of a step, each with what it is of.
///
/// The file holds one mapping, a list of mappings, a row of a result, or a whole result as
/// `solve --format json` prints it, of which the rows with a mapping are taken whose pass `work` has.
///
/// # Errors
/// All errors of the file, with their lines. Only the form is checked here:
/// whether the tiles nest and fit is for the evaluator to say.
pub fn mappings(
    path: &Path,
    work: &dyn Workload,
    hardware: &Hardware,
) -> Result<Vec<(NestId, Mapping)>, ReadError> {
    opened::mappings(&Document::open(path, &[])?, work, hardware)
}

/// Reads what a constraints file fixes of mappings, each entry with the indices of its layers or
/// operations.
///
/// # Errors
/// All errors of the file, with their lines: names and extents that a level or layer does not
/// have. Whether a mapping is left is for the solver to say.
pub fn constraints(
    path: &Path,
    work: &dyn Workload,
    hardware: &Hardware,
) -> Result<Vec<(Vec<usize>, Fixed)>, ReadError> {
    opened::constraints(&Document::open(path, &[])?, work, hardware)
}

/// Reads blocks of memory with their lifetimes from a CSV file, `id,lower,upper,size` and, where
/// there are such columns, `alignment`, `offset` (a fixed address) and `gaps`.
///
/// # Errors
/// All errors of the file, with their lines.
pub fn blocks(path: &Path) -> Result<Vec<Block>, ReadError> {
    blocks::read(path)
}

/// Tells by its keys what a file is.
///
/// # Errors
/// The file cannot be read, or its keys are those of no kind of file.
pub fn kind(path: &Path) -> Result<FileKind, ReadError> {
    if onnx::is_onnx(path) {
        return Ok(FileKind::Network);
    }
    opened::kind_of(&opened::any(path)?)
}

/// The few candidates that a word most likely misspells, the nearest first.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    suggest::near_names(word, candidates)
}

//! Files of programs: their formats, and lines of their comments.

use std::path::Path;

use anyhow::bail;

/// The format of a program's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileFormat {
    Lp,
    Mps,
}

/// The format that a file's name ends with.
pub(super) fn format_of(path: &Path, option: &str) -> anyhow::Result<FileFormat> {
    match path.extension().and_then(|e| e.to_str()) {
        Some("lp") => Ok(FileFormat::Lp),
        Some("mps") => Ok(FileFormat::Mps),
        _ => bail!(
            "{option} {}: the name of a program ends with .lp or .mps",
            path.display()
        ),
    }
}

/// Names in files are any text; a comment is one line.
pub(super) fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

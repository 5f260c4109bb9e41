//! Where the result goes: a file that is opened before long work, or standard output.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The place for the result.
pub(super) enum Output {
    /// Standard output.
    Standard,
    /// An open file and its path.
    File(File, PathBuf),
}

impl Output {
    /// Opens the file, or takes standard output.
    pub(super) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Output::Standard);
        };
        let file = File::create(path)
            .with_context(|| format!("cannot write the result to {}", path.display()))?;
        Ok(Output::File(file, path.to_owned()))
    }

    /// Writes the result. A reader that closed standard output has seen enough: no error.
    pub(super) fn write(
        self,
        report: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        match self {
            Output::Standard => match write_to(io::stdout().lock(), report) {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
                other => other.context("cannot write the result to standard output"),
            },
            Output::File(file, path) => write_to(file, report)
                .with_context(|| format!("cannot write the result to {}", path.display())),
        }
    }
}

fn write_to(
    target: impl Write,
    report: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffered = BufWriter::new(target);
    report(&mut buffered)?;
    buffered.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_opened_is_named() {
        let error = Output::open(Some(Path::new("/no/such/folder/out.json"))).err();
        let text = error.map(|error| format!("{error:#}")).unwrap_or_default();
        assert!(
            text.starts_with("cannot write the result to /no/such/folder/out.json: "),
            "{text}"
        );
    }

    #[test]
    fn the_file_holds_the_result() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.txt");
        let output = Output::open(Some(&path)).expect("it can be written");
        output
            .write(|out| writeln!(out, "result"))
            .expect("it is written");
        assert_eq!(
            std::fs::read_to_string(path).expect("it exists"),
            "result\n"
        );
    }
}

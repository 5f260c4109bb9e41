//! Where the result goes: a file that is opened before long work, or standard output.

use std::fs::{self, File, OpenOptions};
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
    /// Opens the file, whose content stays until the result is written, or takes standard output.
    pub(super) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Output::Standard);
        };
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
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
            Output::File(file, path) => emptied(&file)
                .and_then(|()| write_to(file, report))
                .with_context(|| format!("cannot write the result to {}", path.display())),
        }
    }

    /// Gives the result up: no empty file is left behind.
    pub(super) fn give_up(self) {
        if let Output::File(file, path) = self
            && file.metadata().is_ok_and(|m| m.is_file() && m.len() == 0)
        {
            // What cannot be removed is an empty file and no more.
            let _ = fs::remove_file(path);
        }
    }
}

/// Empties a file that has content of its own: a pipe has none.
fn emptied(file: &File) -> io::Result<()> {
    if file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    Ok(())
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
    fn what_is_given_up_leaves_no_file_and_loses_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let (new, old) = (folder.path().join("new"), folder.path().join("old"));
        fs::write(&old, "an older and longer result").expect("it is written");
        for path in [&new, &old] {
            Output::open(Some(path))
                .expect("it can be written")
                .give_up();
        }
        assert!(!new.exists());
        let kept = fs::read_to_string(&old).expect("it exists");
        assert_eq!(kept, "an older and longer result");
        let output = Output::open(Some(&old)).expect("it can be written");
        output.write(|out| write!(out, "new")).expect("it is");
        assert_eq!(fs::read_to_string(&old).expect("it exists"), "new");
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

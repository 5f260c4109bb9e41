//! Where the result goes: a file that is looked at before long work, or standard output.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::escape::Visible;
use crate::files::Target;

/// The place for the result.
pub(super) enum Output {
    /// Standard output.
    Standard,
    /// A file that can be written, and its path.
    File(Target, PathBuf),
}

impl Output {
    /// Looks whether the file can be written, whose content stays until the result is, or takes
    /// standard output.
    pub(super) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Output::Standard);
        };
        let target = Target::open(path)
            .with_context(|| format!("cannot write the result to {}", path.display()))?;
        Ok(Output::File(target, path.to_owned()))
    }

    /// Writes the result, with control characters made visible: a file whole or not at all. A
    /// reader that closed standard output has seen enough: no error.
    pub(super) fn write(
        self,
        report: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        match self {
            Output::Standard => {
                let mut buffered = BufWriter::new(io::stdout().lock());
                let written = visibly(&mut buffered, report).and_then(|()| buffered.flush());
                match written {
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
                    other => other.context("cannot write the result to standard output"),
                }
            }
            Output::File(target, path) => (target.write(|out| visibly(out, report)))
                .with_context(|| format!("cannot write the result to {}", path.display())),
        }
    }
}

fn visibly(
    out: &mut dyn Write,
    report: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut visible = Visible::new(out);
    report(&mut visible)?;
    visible.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

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
    fn what_is_not_written_leaves_no_file_and_loses_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let (new, old) = (folder.path().join("new"), folder.path().join("old"));
        fs::write(&old, "an older and longer result").expect("it is written");
        for path in [&new, &old] {
            drop(Output::open(Some(path)).expect("it can be written"));
        }
        assert!(!new.exists());
        let kept = fs::read_to_string(&old).expect("it exists");
        assert_eq!(kept, "an older and longer result");
        let output = Output::open(Some(&old)).expect("it can be written");
        output.write(|out| write!(out, "new\u{1b}")).expect("it is");
        let text = fs::read_to_string(&old).expect("it exists");
        assert_eq!(text, "new\\u001b");
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

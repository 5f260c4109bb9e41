//! The one way in which results are written to files: beside the old file and then in its place, so
//! that a full disk or a killed program leaves what was there before.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file that can be written, as far as that can be known before.
#[derive(Debug)]
pub enum Target {
    /// A regular file, or none yet: its path without links, and the permissions to keep.
    Replaced(PathBuf, Option<Permissions>),
    /// A pipe or a device, which takes what is written as it comes.
    Stream(File),
}

/// Numbers the drafts of this process.
static DRAFTS: AtomicU64 = AtomicU64::new(0);

impl Target {
    /// Looks whether a file can be written, whose content stays until it is.
    ///
    /// # Errors
    /// It is a directory, may not be written, or its folder takes no file beside it.
    pub fn open(path: &Path) -> io::Result<Self> {
        let (path, permissions) = match fs::metadata(path) {
            Ok(found) if found.is_dir() => return Err(ErrorKind::IsADirectory.into()),
            Ok(found) if found.is_file() => {
                // A file that may not be written is none to replace, whatever its folder allows.
                OpenOptions::new().write(true).open(path)?;
                (fs::canonicalize(path)?, Some(found.permissions()))
            }
            Ok(_) => return Ok(Target::Stream(OpenOptions::new().write(true).open(path)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => (linked(path), None),
            Err(error) => return Err(error),
        };
        let draft = Draft::new(&path)?;
        drop(draft);
        Ok(Target::Replaced(path, permissions))
    }

    /// Writes the file whole, or leaves what was there.
    ///
    /// # Errors
    /// It cannot be written, as on a full disk.
    pub fn write(self, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        match self {
            Target::Stream(file) => buffered(&file, content),
            Target::Replaced(path, permissions) => {
                let draft = Draft::new(&path)?;
                buffered(&draft.file, content)?;
                if let Some(permissions) = permissions {
                    draft.file.set_permissions(permissions)?;
                }
                draft.file.sync_all()?;
                draft.replace(&path)
            }
        }
    }
}

/// The bytes of a file of no more than `limit` bytes.
///
/// # Errors
/// It cannot be read, or is larger.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_from(File::open(path)?, limit)
}

/// What follows in an open file or in standard input, no more than `limit` bytes.
///
/// # Errors
/// It cannot be read, or more follows: `FileTooLarge`.
pub fn read_from(source: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let what = format!("it is larger than {} MiB", limit >> 20);
        return Err(io::Error::new(ErrorKind::FileTooLarge, what));
    }
    Ok(bytes)
}

/// Writes a file whole, or leaves what was there, without waiting for the disk: for what can be
/// computed anew.
///
/// # Errors
/// It cannot be written.
pub fn write_quickly(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let draft = Draft::new(path)?;
    buffered(&draft.file, content)?;
    draft.replace(path)
}

/// Writes a file whole, or leaves what was there.
///
/// # Errors
/// It cannot be written.
pub fn write(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    Target::open(path)?.write(content)
}

fn buffered(file: &File, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    content(&mut out)?;
    out.flush()
}

/// The path at which a link to a file that is not there yet points.
fn linked(path: &Path) -> PathBuf {
    match fs::read_link(path) {
        Ok(target) => path.parent().unwrap_or(Path::new("")).join(target),
        Err(_) => path.to_path_buf(),
    }
}

/// A file beside the one that it will replace; where it does not, it is removed.
struct Draft {
    path: PathBuf,
    file: File,
    kept: bool,
}

impl Draft {
    fn new(path: &Path) -> io::Result<Self> {
        let name = path.file_name().ok_or(ErrorKind::InvalidFilename)?;
        let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
        let mut own = OsString::from(".");
        own.push(name);
        own.push(format!(".{}-{number}.draft", process::id()));
        let path = path.with_file_name(own);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        Ok(Self {
            path,
            file,
            kept: false,
        })
    }

    fn replace(mut self, path: &Path) -> io::Result<()> {
        fs::rename(&self.path, path)?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            // A draft that stays is of no use and does no harm.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<String> = names.map(|n| n.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_fails_leaves_the_old_file_and_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("result");
        fs::write(&path, "old").expect("writable");
        let failed = write(&path, |out| {
            out.write_all(&vec![b'x'; 1 << 20])?;
            Err(ErrorKind::StorageFull.into())
        });
        assert_eq!(failed.expect_err("an error").kind(), ErrorKind::StorageFull);
        assert_eq!(fs::read_to_string(&path).expect("a file"), "old");
        assert_eq!(names(folder.path()), ["result"]);
        write(&path, |out| write!(out, "new")).expect("writable");
        assert_eq!(fs::read_to_string(&path).expect("a file"), "new");
        assert_eq!(names(folder.path()), ["result"]);
    }

    #[test]
    fn opening_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        Target::open(&folder.path().join("new")).expect("writable");
        assert!(names(folder.path()).is_empty());
        let within = Target::open(&folder.path().join("no/such"));
        assert_eq!(within.expect_err("an error").kind(), ErrorKind::NotFound);
        let itself = Target::open(folder.path());
        assert_eq!(
            itself.expect_err("an error").kind(),
            ErrorKind::IsADirectory
        );
    }

    #[test]
    fn links_and_permissions_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&path, "old").expect("writable");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("permissions");
        symlink(&path, &link).expect("a link");
        write(&link, |out| write!(out, "new")).expect("writable");
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&path).expect("a file"), "new");
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        write(Path::new("/dev/null"), |out| write!(out, "x")).expect("a device");
    }
}

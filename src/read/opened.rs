//! A file of any kind that is opened once: a pipe, as standard input often is, cannot be read again.

use std::path::{Path, PathBuf};

use super::document::Document;
use super::kind::FileKind;
use super::shipped::Shipped;
use super::{NetworkOptions, ReadError, hardware, kind, mapping, onnx};
use crate::problem::{Fixed, Hardware, Mapping, NestId, Network, Workload};

/// A parsed file with its kind.
pub struct Opened {
    path: PathBuf,
    document: Document,
    kind: FileKind,
}

impl Opened {
    /// Opens a network, hardware, mapping or constraints file, or the shipped network or hardware of
    /// this bare name.
    ///
    /// # Errors
    /// The file cannot be read, or its keys are those of no kind of file.
    pub fn open(path: &Path, options: &NetworkOptions) -> Result<Self, ReadError> {
        let (document, kind) = if onnx::is_onnx(path) {
            (Document::network(path, options)?, FileKind::Network)
        } else {
            let document = any(path)?;
            let kind = kind_of(&document)?;
            if kind == FileKind::Network {
                options.require_import(path)?;
            }
            (document, kind)
        };
        let path = path.to_path_buf();
        Ok(Self {
            path,
            document,
            kind,
        })
    }

    /// Opens a file of one kind, whatever its keys look like.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of_kind(path: &Path, kind: FileKind) -> Result<Self, ReadError> {
        Ok(Self {
            path: path.to_path_buf(),
            document: Document::open(path, &[])?,
            kind,
        })
    }

    /// The file, as the caller named it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file is.
    #[must_use]
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// The network of the file.
    ///
    /// # Errors
    /// All errors of the file, with their lines.
    pub fn network(&self, options: &NetworkOptions) -> Result<Network, ReadError> {
        self.document.network_of(options)
    }

    /// The hardware of the file.
    ///
    /// # Errors
    /// All errors of the file, with their lines.
    pub fn hardware(&self) -> Result<Hardware, ReadError> {
        self.document.decode(hardware::decode)
    }

    /// The mappings of the file, as [`super::mappings`].
    ///
    /// # Errors
    /// All errors of the file, with their lines.
    pub fn mappings(
        &self,
        work: &dyn Workload,
        hardware: &Hardware,
    ) -> Result<Vec<(NestId, Mapping)>, ReadError> {
        mappings(&self.document, work, hardware)
    }

    /// What the file fixes of mappings, as [`super::constraints`].
    ///
    /// # Errors
    /// All errors of the file, with their lines.
    pub fn constraints(
        &self,
        work: &dyn Workload,
        hardware: &Hardware,
    ) -> Result<Vec<(Vec<usize>, Fixed)>, ReadError> {
        constraints(&self.document, work, hardware)
    }
}

/// Opens a file of which kind ever.
pub(super) fn any(path: &Path) -> Result<Document, ReadError> {
    Document::open(path, &[Shipped::Networks, Shipped::Hardware])
}

/// Tells by its keys what a file is.
pub(super) fn kind_of(document: &Document) -> Result<FileKind, ReadError> {
    document.decode(kind::decode)
}

/// The mappings of a file.
pub(super) fn mappings(
    document: &Document,
    work: &dyn Workload,
    hardware: &Hardware,
) -> Result<Vec<(NestId, Mapping)>, ReadError> {
    document.decode(|root| mapping::decode(root, work, hardware))
}

/// What a file fixes of mappings, each entry named by its place in the file.
pub(super) fn constraints(
    document: &Document,
    work: &dyn Workload,
    hardware: &Hardware,
) -> Result<Vec<(Vec<usize>, Fixed)>, ReadError> {
    let entries = document.decode(|root| mapping::fixed::decode(root, work, hardware))?;
    let named = entries.into_iter().map(|mut entry| {
        entry.fixed.name = document.place(&entry.path);
        (entry.layers, entry.fixed)
    });
    Ok(named.collect())
}

//! What a file is, told by its keys.

use super::field::Field;

/// A kind of input file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A network: has `layers`.
    Network,
    /// A hardware description: has `levels`.
    Hardware,
    /// What is fixed of mappings: a table with `levels` and `layers`, or a list with an entry that
    /// has `levels` and no `layer`.
    Constraints,
    /// A mapping (`layer` and `levels`), a list of mappings, or a result or one of its rows.
    Mapping,
}

/// Recognises the kind of the file.
pub(super) fn decode(root: &Field<'_>) -> Option<FileKind> {
    if root.is_list() {
        let entries = root.list()?;
        let fixes = |entry: &Field<'_>| entry.has_key("levels") && !entry.has_key("layer");
        return Some(if entries.iter().any(fixes) {
            FileKind::Constraints
        } else {
            FileKind::Mapping
        });
    }
    let table = root.open_table()?;
    if ["layer", "mapping", "phases", "deepmatrix"]
        .iter()
        .any(|key| table.has(key))
    {
        Some(FileKind::Mapping)
    } else if table.has("layers") && table.has("levels") {
        Some(FileKind::Constraints)
    } else if table.has("layers") {
        Some(FileKind::Network)
    } else if table.has("levels") {
        Some(FileKind::Hardware)
    } else {
        root.reject(
            "is no network (it has no `layers`), no hardware description (no `levels`) and no mapping (no `layer` with `levels`); add the missing key",
        );
        None
    }
}

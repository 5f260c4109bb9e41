//! The files of a folder.

use std::fs;
use std::path::{Path, PathBuf};

/// All files with this extension in a folder and the folders in it, in order.
pub fn below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    enter(folder, extension, &mut found);
    found.sort();
    found
}

fn enter(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            enter(&path, extension, found);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
}

//! Writes down what the sources that decide a solution are, so that a solution kept by one build
//! is taken by another one only where both find solutions alike.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The modules that decide which solution is found and what it costs.
const DECIDING: [&str; 11] = [
    "classes",
    "columns",
    "cost",
    "engine",
    "exact",
    "formulate",
    "layer",
    "mapper",
    "network",
    "problem",
    "tiling",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for module in DECIDING {
        let folder = Path::new("src").join(module);
        println!("cargo::rerun-if-changed={}", folder.display());
        sources(&folder, &mut files)?;
    }
    files.sort();
    let mut hasher = blake3::Hasher::new();
    for file in files {
        hasher.update(file.to_string_lossy().as_bytes());
        hasher.update(&fs::read(&file)?);
    }
    println!(
        "cargo::rustc-env=DEEPMATRIX_SOLVER={}",
        hasher.finalize().to_hex()
    );
    Ok(())
}

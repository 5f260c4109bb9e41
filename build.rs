//! Writes down what decides a solution, so that a solution kept by one build is taken by another one
//! only where both find solutions alike: the sources without their comments, and the version of HiGHS.
//! Beside that, the list of the networks and hardware files that the program carries.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The modules that decide which solution is found and what it costs.
const DECIDING: [&str; 11] = [
    "classes", "columns", "cost", "engine", "exact", "layer", "mapper", "memory", "network",
    "problem", "tiling",
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

/// The tokens of a source; comments are none, and those of documentation are left out.
fn code(tokens: TokenStream, text: &mut String) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if is_punct(&token, '#') {
            // `#[doc = …]`, or `#![doc = …]` for a whole file.
            let inner = tokens.next_if(|t| is_punct(t, '!'));
            if tokens.next_if(is_documentation).is_some() {
                continue;
            }
            text.push_str(if inner.is_some() { "#! " } else { "# " });
            continue;
        }
        match token {
            TokenTree::Group(group) => {
                let (open, close) = brackets(group.delimiter());
                text.push_str(open);
                code(group.stream(), text);
                text.push_str(close);
            }
            other => {
                text.push_str(&other.to_string());
                text.push(' ');
            }
        }
    }
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_documentation(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else {
        return false;
    };
    let first = group.stream().into_iter().next();
    matches!(first, Some(TokenTree::Ident(name)) if name == "doc")
}

fn brackets(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

/// The locked version of HiGHS.
fn highs(lock: &str) -> Option<&str> {
    let (_, package) = lock.split_once("name = \"highs-sys\"\n")?;
    package.lines().next()
}

/// The input files of a folder as a constant: names without the extension, and texts.
fn shipped(constant: &str, folder: &str, list: &mut String) -> io::Result<()> {
    println!("cargo::rerun-if-changed={folder}");
    let mut files = Vec::new();
    sources(Path::new(folder), &mut files)?;
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    files.sort_by_key(|file| file.file_stem().map(ToOwned::to_owned));
    // A text is written in full: writing into one never fails.
    let _ = writeln!(list, "const {constant}: &[(&str, &str)] = &[");
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let path = fs::canonicalize(&file)?;
        let path = path.to_string_lossy();
        let _ = writeln!(list, "    ({name:?}, include_str!({path:?})),");
    }
    let _ = writeln!(list, "];");
    Ok(())
}

fn main() -> io::Result<()> {
    let mut list = String::new();
    shipped("NETWORKS", "inputs/networks", &mut list)?;
    shipped("HARDWARE", "inputs/hardware", &mut list)?;
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&out).join("shipped.rs"), list)?;

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
        let source = fs::read_to_string(&file)?;
        let tokens: TokenStream = source
            .parse()
            .map_err(|error| io::Error::other(format!("{}: {error}", file.display())))?;
        let mut text = String::new();
        code(tokens, &mut text);
        hasher.update(text.as_bytes());
    }
    println!("cargo::rerun-if-changed=Cargo.lock");
    let lock = fs::read_to_string("Cargo.lock")?;
    hasher.update(highs(&lock).unwrap_or_default().as_bytes());
    println!(
        "cargo::rustc-env=DEEPMATRIX_SOLVER={}",
        hasher.finalize().to_hex()
    );
    Ok(())
}

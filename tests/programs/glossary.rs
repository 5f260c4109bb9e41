//! The glossary and the README's table of files name what is there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::files::below;

/// The file of a Rust path, and what of the path is left: the names inside it.
fn place(path: &str) -> Option<(PathBuf, Vec<String>)> {
    let words: Vec<&str> = path.split("::").collect();
    (1..=words.len()).rev().find_map(|count| {
        let folder = Path::new("src").join(words[..count].join("/"));
        let found = [folder.with_extension("rs"), folder.join("mod.rs")];
        let file = found.into_iter().find(|file| file.exists())?;
        let rest = words[count..].iter().map(|&word| word.to_owned());
        Some((file, rest.collect()))
    })
}

/// Whether a name is one of a file, or of those below its folder that it hands on.
fn has(file: &Path, name: &str) -> bool {
    let own = file.file_name().is_some_and(|own| own == "mod.rs");
    let files = match file.parent() {
        Some(folder) if own => below(folder, "rs"),
        _ => vec![file.to_owned()],
    };
    files.iter().any(|file| {
        let text = fs::read_to_string(file).expect("a file");
        text.split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == name)
    })
}

#[test]
fn the_types_of_the_glossary_are_there() {
    let page = fs::read_to_string("formulations/notation.md").expect("the page");
    let glossary = page.split("## Glossary").nth(1).expect("a glossary");
    let rows = glossary.split("\n## ").next().expect("its rows");
    let mut terms = Vec::new();
    for row in rows.lines().filter(|row| row.starts_with("| ")).skip(1) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 3, "{row}");
        terms.push(cells[0].trim().to_lowercase());
        for path in cells[2].split('`').filter(|text| text.contains("::")) {
            let (file, names) = place(path).unwrap_or_else(|| panic!("no file of {path}"));
            for name in names {
                assert!(has(&file, &name), "{}: no `{name}`", file.display());
            }
        }
    }
    let mut sorted = terms.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(terms, sorted, "one row for each term, in order");
    assert!(terms.len() > 40);
}

#[test]
fn the_table_of_files_in_the_readme_is_complete() {
    let page = fs::read_to_string("README.md").expect("the page");
    let table = page.split("## Files").nth(1).expect("a table of files");
    let named: Vec<&str> = table
        .split('`')
        .filter(|text| text.starts_with("src/"))
        .collect();
    for path in &named {
        assert!(Path::new(path).exists(), "{path}");
    }
    for entry in fs::read_dir("src").expect("a folder") {
        let path = entry.expect("an entry").path();
        let own = path.to_str().expect("a name");
        let root = ["src/lib.rs", "src/main.rs"].contains(&own);
        assert!(root || named.contains(&own), "{own} is missing");
    }
}

//! Every page of the repository can be reached from the README, and every link leads somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::files;

/// The pages and folders to which a page links, from the root.
fn links(page: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(page).unwrap_or_else(|e| panic!("{}: {e}", page.display()));
    let folder = page.parent().unwrap_or(Path::new(""));
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let targets = targets.filter_map(|target| target.split('#').next());
    let own = targets.filter(|target| !target.is_empty() && !target.contains("://"));
    own.map(|target| plain(&folder.join(target))).collect()
}

/// A path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut all = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                all.pop();
            }
            Component::CurDir => {}
            other => all.push(other),
        }
    }
    all
}

/// The page that a link shows: of a folder its README.
fn page(target: &Path) -> PathBuf {
    if target.is_dir() {
        target.join("README.md")
    } else {
        target.to_owned()
    }
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

#[test]
fn every_page_is_reached_from_the_readme() {
    let mut reached = BTreeSet::from([PathBuf::from("README.md")]);
    let mut open = vec![PathBuf::from("README.md")];
    while let Some(own) = open.pop() {
        for target in links(&own) {
            assert!(
                target.exists(),
                "{} links to {}",
                own.display(),
                target.display()
            );
            let page = page(&target);
            if is_page(&page) && page.exists() && reached.insert(page.clone()) {
                open.push(page);
            }
        }
    }
    // Broken inputs may have any name.
    let is_input = |own: &Path| own.starts_with("tests/errors");
    let mut all: Vec<PathBuf> = ["CHANGELOG.md", "CONTRIBUTING.md"]
        .map(PathBuf::from)
        .to_vec();
    for folder in ["formulations", "inputs", "results", "tests"] {
        all.extend(files::below(Path::new(folder), "md"));
    }
    let lost: Vec<&PathBuf> = all
        .iter()
        .filter(|own| !reached.contains(*own) && !is_input(own))
        .collect();
    assert!(lost.is_empty(), "no way leads from README.md to {lost:?}");
    assert!(reached.len() > 25, "{reached:?}");
}

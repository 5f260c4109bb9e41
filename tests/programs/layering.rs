//! Modules depend on each other in one direction only, as CONTRIBUTING.md states.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::files;

/// What each top-level module may use of the crate, from the top down. `src/main.rs` is `main`.
const ALLOWED: [(&str, &[&str]); 19] = [
    ("main", &["cli"]),
    (
        "cli",
        &[
            "report", "sweep", "network", "memory", "mapper", "exact", "cost", "check", "read",
            "problem", "files", "escape",
        ],
    ),
    ("report", &["cost", "problem", "files", "escape"]),
    ("sweep", &["exact", "cost", "problem", "files"]),
    ("network", &["mapper", "exact", "engine", "cost", "problem"]),
    ("memory", &["exact", "engine", "cost", "problem"]),
    ("mapper", &["exact", "engine", "cost", "problem"]),
    (
        "exact",
        &[
            "layer", "classes", "columns", "tiling", "engine", "cost", "problem",
        ],
    ),
    (
        "layer",
        &["classes", "columns", "tiling", "engine", "cost", "problem"],
    ),
    (
        "classes",
        &["columns", "tiling", "engine", "cost", "problem"],
    ),
    ("columns", &["tiling", "engine", "cost", "problem"]),
    ("tiling", &["engine", "cost", "problem"]),
    ("engine", &[]),
    ("check", &["problem"]),
    ("read", &["cost", "problem", "files", "escape"]),
    ("cost", &["problem"]),
    ("problem", &[]),
    ("files", &[]),
    ("escape", &[]),
];

/// Words that belong to one module alone.
const ONLY_IN_ENGINE: [&str; 4] = ["good_lp", "highs", "highs_sys", "unsafe"];

/// All source files with their module path, `src/read/network/mod.rs` as `[read, network]`.
pub fn modules() -> Vec<(Vec<String>, String)> {
    files::below(Path::new("src"), "rs")
        .iter()
        .filter(|file| file.as_path() != Path::new("src/lib.rs"))
        .map(|file| {
            let inside = file.strip_prefix("src").expect("below src");
            let name = inside.with_extension("");
            let parts = name.iter().map(|p| p.to_string_lossy().into_owned());
            let module = parts.filter(|p| p != "mod").collect();
            (module, fs::read_to_string(file).expect("a text"))
        })
        .collect()
}

/// The words of a source text: names, `::` and braces; comments and texts in quotes are left out.
pub fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for line in text.lines() {
        let code = line.split("//").next().unwrap_or_default();
        for (index, part) in code.split('"').enumerate() {
            if index % 2 == 0 {
                split(part, &mut words);
            }
        }
    }
    words
}

fn split(code: &str, words: &mut Vec<String>) {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = if is_name(first) {
            rest.find(|c| !is_name(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(length);
        if !word.trim().is_empty() {
            words.push(word.to_owned());
        }
        rest = after;
    }
}

/// The names that can follow `at` in a path: one, or those of a list in braces.
fn heads(words: &[String], at: usize) -> Vec<&str> {
    let Some(first) = words.get(at) else {
        return Vec::new();
    };
    if first != "{" {
        return vec![first];
    }
    let mut depth = 0;
    let mut heads = Vec::new();
    for (index, word) in words.iter().enumerate().skip(at) {
        match word.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        let begins = matches!(words[index].as_str(), "{" | ",");
        if depth == 1
            && begins
            && let Some(next) = words.get(index + 1)
        {
            heads.push(next.as_str());
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

/// The top-level modules that a file names by paths from the crate's root, absolute or with `super`.
fn used(module: &[String], words: &[String]) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (index, word) in words.iter().enumerate() {
        let after_path = index > 0 && words[index - 1] == "::";
        let root = match word.as_str() {
            "crate" | "deepmatrix" if words.get(index + 1).is_some_and(|w| w == "::") => index + 2,
            "super" if !after_path => {
                let ups = words[index..].chunks(2);
                let ups = ups.take_while(|c| c[0] == "super").count();
                // Inside `mod tests` one `super` is the file itself.
                if ups < module.len() {
                    continue;
                }
                index + 2 * ups
            }
            _ => continue,
        };
        used.extend(heads(words, root).into_iter().map(str::to_owned));
    }
    used
}

#[test]
fn dependencies_run_down() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (module, text) in modules() {
        let top = module[0].clone();
        let allowed = ALLOWED.iter().find(|a| a.0 == top);
        let Some((_, allowed)) = allowed else {
            wrong.push(format!("{top} is not in the list of modules"));
            continue;
        };
        for used in used(&module, &words(&text)) {
            let is_module = ALLOWED.iter().any(|a| a.0 == used);
            if is_module && used != top && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses {used}", module.join("::")));
            }
        }
        seen.insert(top);
    }
    assert_eq!(seen.len(), ALLOWED.len(), "{seen:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_list_of_modules_runs_down() {
    for (place, (top, allowed)) in ALLOWED.iter().enumerate() {
        for used in *allowed {
            let below = ALLOWED[place + 1..].iter().any(|own| own.0 == *used);
            assert!(below, "{used} does not stand below {top}");
        }
    }
}

/// What decides a solution is what the mapping of a network and its memory plan use, and nothing else.
#[test]
fn the_build_knows_all_modules_that_decide_a_solution() {
    let mut deciding = BTreeSet::from(["network", "memory"]);
    for (top, allowed) in &ALLOWED {
        if deciding.contains(top) {
            deciding.extend(*allowed);
        }
    }
    let build = fs::read_to_string("build.rs").expect("the build's program");
    let list = build.split("DECIDING:").nth(1).expect("the list");
    let list = list.split(';').nth(1).expect("its end");
    let written: BTreeSet<&str> = list.split('"').skip(1).step_by(2).collect();
    assert_eq!(written, deciding);
}

#[test]
fn the_solver_and_unsafe_code_stay_in_one_module() {
    let mut inside = 0;
    for (module, text) in modules() {
        let words = words(&text);
        let found: Vec<&str> = ONLY_IN_ENGINE
            .into_iter()
            .filter(|only| words.iter().any(|w| w == only))
            .collect();
        inside += usize::from(module[0] == "engine" && !found.is_empty());
        assert!(
            module[0] == "engine" || found.is_empty(),
            "{module:?}: {found:?}"
        );
    }
    assert!(inside > 0, "nothing uses the solver");
}

#[test]
fn paths_are_recognised() {
    let module = ["read", "network"].map(str::to_owned);
    let of = |text: &str| used(&module, &words(text)).into_iter().collect::<Vec<_>>();
    assert_eq!(of("use crate::problem::Dim;"), ["problem"]);
    assert_eq!(
        of("use crate::{cost::{self, bound}, engine};"),
        ["cost", "engine"]
    );
    assert_eq!(of("use super::super::mapper::exact;"), ["mapper"]);
    assert_eq!(of("let x: crate::cost::Cost; // crate::engine"), ["cost"]);
    assert_eq!(of("use super::field::Field; \"crate::engine\""), [""; 0]);
}

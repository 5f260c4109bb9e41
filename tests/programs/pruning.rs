//! The page of prunings is what the code says: identifiers, switches, laws and places.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::files::below;
use deepmatrix::exact::MethodSwitches;
use deepmatrix::memory;
use deepmatrix::memory::addresses::Rules;

const PAGE: &str = "formulations/pruning.md";

/// The cells of the page's rows that begin with `first`.
fn rows(page: &str, first: &str) -> Vec<Vec<String>> {
    let lines = page.lines().filter(|line| line.starts_with(first));
    let cells = |line: &str| -> Vec<String> {
        let own = line.trim_matches('|').split(" | ");
        own.map(|cell| cell.trim().to_owned()).collect()
    };
    lines.map(cells).collect()
}

/// Identifier and name of every switch of the code.
fn switches() -> Vec<(String, String)> {
    let of = |room: &'static str, rules: &'static [(&'static str, &'static str)]| {
        let own = rules.iter();
        own.map(move |&(id, name)| (id.to_owned(), format!("{room}::{name}")))
    };
    let method = MethodSwitches::rules().map(|(id, name)| (id.to_owned(), name));
    method
        .chain(of("memory", memory::Switches::RULES))
        .chain(of("memory::addresses", Rules::RULES))
        .collect()
}

fn plain(cell: &str) -> String {
    cell.trim_matches('`').to_owned()
}

#[test]
fn the_page_of_prunings_has_the_switches_of_the_code() {
    let page = fs::read_to_string(PAGE).expect("the page");
    let stated: BTreeSet<(String, String)> = rows(&page, "| PRU")
        .into_iter()
        .map(|row| {
            assert_eq!(row.len(), 6, "{row:?}");
            (row[0].clone(), plain(&row[3]))
        })
        .collect();
    let parts = rows(&page, "| ").into_iter().filter(|row| row.len() == 3);
    let parts = parts.filter(|row| row[1].starts_with('`'));
    let parts: BTreeSet<String> = parts.map(|row| plain(&row[1])).collect();
    let (own, others): (Vec<_>, Vec<_>) = switches().into_iter().partition(|own| own.0 != "-");
    assert_eq!(stated, own.into_iter().collect());
    assert_eq!(parts, others.into_iter().map(|own| own.1).collect());
}

/// Whether there is a test `module::name`, in a test program or in the crate.
fn has_test(law: &str) -> bool {
    let (module, name) = law.rsplit_once("::").expect("module and test");
    let path = module.replace("::", "/");
    let inside = path.strip_suffix("/tests").unwrap_or(&path);
    let suffixes = [format!("{path}.rs"), format!("{inside}.rs")];
    let declared = |text: &str| {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let own = format!("fn {name}() {{");
        lines
            .windows(2)
            .any(|pair| pair[0] == "#[test]" && pair[1] == own)
    };
    ["src", "tests"].iter().any(|folder| {
        below(Path::new(folder), "rs").into_iter().any(|file| {
            let own = file.to_string_lossy().replace('\\', "/");
            suffixes.iter().any(|suffix| own.ends_with(suffix))
                && fs::read_to_string(&file).is_ok_and(|text| declared(&text))
        })
    })
}

#[test]
fn every_pruning_has_a_law() {
    let page = fs::read_to_string(PAGE).expect("the page");
    let mut laws = BTreeSet::new();
    for row in rows(&page, "| PRU") {
        let law = plain(&row[4]);
        assert!(has_test(&law), "{}: no test {law}", row[0]);
        assert!(laws.insert(law), "{}: the law of another rule", row[0]);
        for place in row[5].split(", ") {
            let path = Path::new("src").join(plain(place).replace("::", "/"));
            let file = path.with_extension("rs");
            assert!(file.exists() || path.join("mod.rs").exists(), "{place}");
        }
    }
}

/// The code that applies a rule cites it.
#[test]
fn the_code_cites_every_pruning() {
    let page = fs::read_to_string(PAGE).expect("the page");
    for row in rows(&page, "| PRU") {
        let id = &row[0];
        for place in row[5].split(", ") {
            let file = Path::new("src")
                .join(plain(place).replace("::", "/"))
                .with_extension("rs");
            let text = fs::read_to_string(&file).unwrap_or_default();
            let cited = [
                format!("[{id}]"),
                format!("\\[{id}\\]"),
                format!("\"{id}\""),
            ];
            let cites = cited.iter().any(|own| text.contains(own.as_str()));
            assert!(cites, "{} does not cite {id}", file.display());
        }
    }
}

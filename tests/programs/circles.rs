//! Files use each other in one direction only: there is no circle.
//!
//! A file uses another one if it names it, or what it exports, by a path; `pub use` is followed to
//! the file that defines the name. Tests beside the code are left out.

use std::collections::{BTreeMap, BTreeSet};

use super::layering::{modules, words};

/// A module's path from the crate's root.
type Path = Vec<String>;

/// The source files by module, and where `pub use` finds what they export.
struct Crate {
    files: BTreeMap<Path, Vec<String>>,
    exports: BTreeMap<Path, Path>,
}

/// The names after `use` in a text, or a path of the code.
struct Used {
    path: Path,
    exported: bool,
}

impl Crate {
    fn new(files: Vec<(Path, String)>) -> Self {
        let words_of = |text: &str| words(text.split("#[cfg(test)]\nmod ").next().unwrap_or(text));
        let files = files.into_iter().map(|(m, text)| (m, words_of(&text)));
        let mut own = Self {
            files: files.collect(),
            exports: BTreeMap::new(),
        };
        let mut exports = BTreeMap::new();
        for (module, words) in &own.files {
            for used in own.used(module, words).into_iter().filter(|u| u.exported) {
                if let Some(name) = used.path.last() {
                    let exported = [module.as_slice(), std::slice::from_ref(name)].concat();
                    exports.insert(exported, used.path);
                }
            }
        }
        own.exports = exports;
        own
    }

    /// All paths of a file that lead into the crate.
    fn used(&self, module: &[String], words: &[String]) -> Vec<Used> {
        let mut all = Vec::new();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            // `pub(in crate::cli)` says where something is visible, and uses nothing.
            let starts = matches!(word.as_str(), "crate" | "super" | "self")
                && words.get(at + 1).is_some_and(|w| w == "::")
                && (at == 0 || words[at - 1] != "in");
            if word == "use" && words.get(at + 1).is_some_and(|w| w != "<") {
                let exported = at > 0 && matches!(words[at - 1].as_str(), "pub" | ")");
                let mut paths = Vec::new();
                at = tree(words, at + 1, &[], &mut paths);
                let inside = paths.iter().filter_map(|p| self.absolute(module, p));
                all.extend(inside.map(|path| Used { path, exported }));
            } else if starts {
                let mut path = vec![word.clone()];
                while words.get(at + 1).is_some_and(|w| w == "::") {
                    path.extend(words.get(at + 2).cloned());
                    at += 2;
                }
                let inside = self.absolute(module, &path);
                let exported = false;
                all.extend(inside.map(|path| Used { path, exported }));
            }
            at += 1;
        }
        all
    }

    /// A path from the crate's root; `None` for another crate's or a local name.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Path> {
        match path.first()?.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([module, &path[1..]].concat()),
            "super" => {
                let ups = path.iter().take_while(|p| *p == "super").count();
                let kept = module.len().checked_sub(ups)?;
                Some([&module[..kept], &path[ups..]].concat())
            }
            _ => {
                let inside = [module, &path[..1]].concat();
                let known = self.files.contains_key(&inside);
                known.then(|| [module, path].concat())
            }
        }
    }

    /// The module of the file in which a path ends.
    fn file_of(&self, path: &[String], exports: usize) -> Option<Path> {
        for length in (1..=path.len()).rev() {
            let prefix = &path[..length];
            if let Some(target) = self.exports.get(prefix).filter(|_| exports > 0) {
                return self.file_of(&[target, &path[length..]].concat(), exports - 1);
            }
            if self.files.contains_key(prefix) {
                return Some(prefix.to_vec());
            }
        }
        None
    }

    /// For every file the files that it uses. A folder's own file declares its parts and hands
    /// them on: that is no use of them.
    fn arrows(&self) -> BTreeMap<&Path, BTreeSet<Path>> {
        let of = |(module, words): (&'_ Path, &'_ Vec<String>)| {
            let used = self.used(module, words).into_iter();
            let named = used.filter(|u| !(u.exported && u.path.starts_with(module)));
            let files = named.filter_map(|u| self.file_of(&u.path, 9));
            files.filter(|f| f != module).collect()
        };
        let all = self.files.iter();
        all.map(|own| (own.0, of(own))).collect()
    }

    /// Every largest set of files that all lead to each other, as a line.
    fn circles(&self) -> BTreeSet<String> {
        let arrows = self.arrows();
        let reached: BTreeMap<&Path, BTreeSet<Path>> = arrows
            .keys()
            .map(|own| (*own, reached(&arrows, own)))
            .collect();
        let circle = |own: &Path| -> Vec<String> {
            let both = reached[own].iter().filter(|o| reached[*o].contains(own));
            both.map(|file| file.join("::")).collect()
        };
        let circles = reached.keys().map(|own| circle(own));
        let circles = circles.filter(|c| c.len() > 1);
        circles.map(|c| c.join(" ")).collect()
    }
}

/// All files to which arrows lead from one.
fn reached(arrows: &BTreeMap<&Path, BTreeSet<Path>>, from: &Path) -> BTreeSet<Path> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(next) = open.pop() {
        for other in &arrows[next] {
            if found.insert(other.clone()) {
                open.push(other);
            }
        }
    }
    found
}

/// Writes out the paths of a tree after `use`; the place of the word after it.
fn tree(words: &[String], mut at: usize, prefix: &[String], paths: &mut Vec<Path>) -> usize {
    let mut path = prefix.to_vec();
    while let Some(word) = words.get(at) {
        match word.as_str() {
            "::" => {}
            "{" => {
                at += 1;
                while words.get(at).is_some_and(|w| w != "}") {
                    at = tree(words, at, &path, paths);
                    at += usize::from(words.get(at).is_some_and(|w| w == ","));
                }
                return at + 1;
            }
            "as" => at += 1,
            "self" if !path.is_empty() => {}
            "," | ";" | "}" => break,
            name => path.push(name.to_owned()),
        }
        at += 1;
    }
    paths.push(path);
    at
}

#[test]
fn arrows_between_files_run_down() {
    let found = Crate::new(modules()).circles();
    assert!(found.is_empty(), "files in a circle: {found:#?}");
}

#[test]
fn circles_are_found_and_exports_followed() {
    let file = |module: &str, text: &str| {
        let module = module.split("::").map(str::to_owned).collect();
        (module, text.to_owned())
    };
    let circles = |files: &[(&str, &str)]| {
        let files = files.iter().map(|(m, t)| file(m, t)).collect();
        Crate::new(files).circles().into_iter().collect::<Vec<_>>()
    };
    let parts = [
        (
            "a",
            "mod x;\nmod y;\npub use x::{One, other::Two as Three};",
        ),
        ("a::x", "use super::y::Y;"),
        ("a::y", "fn f() -> crate::b::B {}"),
        ("b", "use crate::a::One;"),
    ];
    assert_eq!(circles(&parts), ["a::x a::y b"]);
    let mut down = parts;
    down[3].1 = "//! use crate::a::One;\n#[cfg(test)]\nmod tests { use crate::a::One; }";
    assert!(circles(&down).is_empty());
    let own = [
        ("a", "pub mod x;\nfn f() { x::g() }"),
        ("a::x", "use super::f;"),
    ];
    assert!(
        circles(&own).is_empty(),
        "a name of a file in code alone is no path"
    );
    let used = [("a", "mod x;\nuse x::g;"), ("a::x", "use super::f;")];
    assert_eq!(circles(&used), ["a a::x"]);
}

//! Every error of an input file is a line that says where it is, what is wrong and what to do.
//!
//! `tests/errors/<kind>-<case>.yaml` is read as that kind of file, and what it prints is `<kind>-<case>.stderr`.
//! With `UPDATE_GOLDEN=1` the expected texts are written anew, to be read before they are committed.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use deepmatrix::cli::folded;
use deepmatrix::problem::{Hardware, Network};
use deepmatrix::read::{self, NetworkOptions, ReadError};

fn network(path: &str) -> Network {
    read::network(Path::new(path), &NetworkOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn hardware(path: &str) -> Hardware {
    read::hardware(Path::new(path)).unwrap_or_else(|e| panic!("{e}"))
}

/// Reads a file as the kind that its name begins with.
fn error_of(path: &Path) -> Option<ReadError> {
    let stem = path.file_stem()?.to_str()?;
    let default = NetworkOptions::default();
    match stem.split('-').next()? {
        "hardware" => read::hardware(path).err(),
        "mapping" => read::mappings(
            path,
            &network("inputs/networks/vgg16.yaml"),
            &hardware("inputs/hardware/hard-32x32.yaml"),
        )
        .err(),
        "constraints" => read::constraints(
            path,
            &network("inputs/networks/vgg16.yaml"),
            &hardware("inputs/hardware/hard-32x32.yaml"),
        )
        .err(),
        "kind" => read::kind(path).err(),
        _ => read::network(path, &default).err(),
    }
}

fn cases() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir("tests/errors")
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    paths.extend(
        ["network-absent.yaml", "yaml-directory"].map(|f| Path::new("tests/errors").join(f)),
    );
    paths.sort();
    paths
}

/// The errors as the program shows them, without the word in front: long lines are folded.
fn shown(error: &ReadError) -> String {
    let text = error.to_string();
    let shown = text.lines().map(|line| {
        let line = folded(&format!("error: {line}"));
        format!("{}\n", line.trim_start_matches("error: "))
    });
    shown.collect()
}

#[test]
fn errors_are_as_expected() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() >= 30, "only {} cases", cases.len());
    for path in cases {
        let found = match error_of(&path) {
            Some(error) => shown(&error),
            None => "no error\n".to_owned(),
        };
        let golden = path.with_extension("stderr");
        if update {
            fs::write(&golden, &found).expect("writable");
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        if found != expected || found == "no error\n" {
            wrong.push(format!(
                "{}\nexpected:\n{expected}found:\n{found}",
                path.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The message for a file of this text, without its path.
fn message(text: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(text).expect("writable");
    let error = read::network(file.path(), &NetworkOptions::default()).expect_err("an error");
    error
        .to_string()
        .replace(&file.path().display().to_string(), "FILE")
}

#[test]
fn deep_nesting_is_one_line_and_no_overflow() {
    let deep =
        "FILE:1: is nested too deeply; no field of an input file lies deeper than ten levels";
    assert_eq!(message("[".repeat(100_000).as_bytes()), deep);
    assert_eq!(message("{a: ".repeat(100_000).as_bytes()), deep);
    assert_eq!(message("- ".repeat(100_000).as_bytes()), deep);
    assert_eq!(message("? ".repeat(100_000).as_bytes()), deep);
    assert_eq!(
        message(format!("{}{}", "[".repeat(500), "]".repeat(500)).as_bytes()),
        deep
    );
    let steps: Vec<String> = (0..2000)
        .map(|i| {
            format!(
                "{}a:
",
                " ".repeat(i)
            )
        })
        .collect();
    assert!(message(steps.concat().as_bytes()).contains("is nested too deeply"));
}

#[test]
fn hostile_texts_are_errors_and_no_panics() {
    for text in [
        &b""[..],
        b"\n\n",
        b"# only a comment\n",
        b"~",
        b"3",
        b"text",
        b"[]",
        b"{}",
        b"\0",
        b"\xff\xfe",
        b"a: &a [*a]",
        b"<<: 3",
        b"? [a, b]\n: c",
        b"%YAML 9.9\n---\na: b",
        b"a: !!binary x",
        b"!x {a: b}",
        b"a: b\na: c",
        b"a:\t- b",
        b"\xef\xbb\xbfname: x",
        b"name: x\r\nlayers: 3\r\n",
        b"- - - a",
        b"a: |\n  b\n c",
        b"{\"name\": \"x\", \"layers\": [",
        b"'",
        b"\"\\u",
        b"*x",
        b"&",
        b"--- a\n--- b",
    ] {
        let message = message(text);
        assert!(!message.is_empty());
        assert!(message.lines().all(|l| l.starts_with("FILE:")), "{message}");
        assert!(message.lines().count() < 8, "{message}");
    }
}

/// Pieces that a mutation puts into a file.
const PIECES: [&str; 20] = [
    "0",
    "-1",
    "1.5",
    "99999999999",
    "18446744073709551615",
    "x",
    "[",
    "]",
    "{",
    "}",
    "null",
    "true",
    ": ",
    ", ",
    "\n",
    "\n  ",
    "N",
    "dims: {N: 1, K: 1, C: 1, P: 1, Q: 1, R: 1, S: 1}, ",
    "1e300",
    "&a *a",
];

#[test]
fn mutated_inputs_never_panic_and_always_explain() {
    use rand::{Rng, SeedableRng};
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    let tiny = network("inputs/tiny/tiny.yaml");
    let tiny_hardware = hardware("inputs/tiny/tiny-hw.yaml");
    let mut sources = cases();
    sources.extend(["tiny.yaml", "tiny-hw.yaml"].map(|f| Path::new("inputs/tiny").join(f)));
    sources.extend(
        ["alexnet", "vgg16-hard"].map(|f| PathBuf::from(format!("inputs/networks/{f}.yaml"))),
    );
    sources.push(PathBuf::from("inputs/hardware/hard-32x32.yaml"));
    let texts: Vec<String> = sources
        .iter()
        .filter_map(|p| fs::read_to_string(p).ok())
        .collect();
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    for _ in 0..3000 {
        let text = &texts[random.random_range(0..texts.len())];
        let mut letters: Vec<char> = text.chars().collect();
        for _ in 0..random.random_range(1..4) {
            let from = random.random_range(0..=letters.len());
            let to = (from + random.random_range(0..6)).min(letters.len());
            let piece = PIECES[random.random_range(0..PIECES.len())];
            letters.splice(from..to, piece.chars());
        }
        fs::write(file.path(), letters.iter().collect::<String>()).expect("writable");
        let errors = [
            read::network(file.path(), &NetworkOptions::default()).err(),
            read::hardware(file.path()).err(),
            read::mappings(file.path(), &tiny, &tiny_hardware).err(),
            read::constraints(file.path(), &tiny, &tiny_hardware).err(),
            read::kind(file.path()).err(),
        ];
        for error in errors.into_iter().flatten() {
            assert!(!error.errors.is_empty());
            assert!(
                error
                    .errors
                    .iter()
                    .all(|e| !e.message.contains("compare it with")),
                "{error}"
            );
            assert_eq!(
                error.to_string().lines().count(),
                error.errors.len(),
                "{error}"
            );
        }
    }
}

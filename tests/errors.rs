//! Every error of an input file is a line that says where it is, what is wrong and what to do.
//!
//! `tests/errors/<kind>-<case>.yaml` is read as that kind of file, and what it prints is `<kind>-<case>.stderr`.
//! With `UPDATE_GOLDEN=1` the expected texts are written anew, to be read before they are committed.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

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

#[test]
fn errors_are_as_expected() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() >= 30, "only {} cases", cases.len());
    for path in cases {
        let found = match error_of(&path) {
            Some(error) => format!("{error}\n"),
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
    let steps: String = (0..2000)
        .map(|i| format!("{}a:\n", " ".repeat(i)))
        .collect();
    assert!(message(steps.as_bytes()).contains("is nested too deeply"));
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

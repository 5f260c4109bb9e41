//! No line on standard error is longer than 160 characters, whatever an input is called and however
//! much is wrong with it; file, line, field and what to do are still said.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::onnx_files::{Message, cases, graph, model, node, untyped, value};

const WIDEST: usize = 160;

/// What a command that fails says on standard error.
fn errors(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    for line in errors.lines() {
        let shown: String = line.chars().take(200).collect();
        assert!(line.chars().count() <= WIDEST, "{arguments:.80?}: {shown}");
    }
    assert_ne!(output.status.code(), Some(0), "{arguments:.80?}");
    errors
}

/// The message as one line again.
fn unfolded(errors: &str) -> String {
    errors.replace("\n    ", " ")
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    fs::write(folder.join(name), text).expect("writable");
}

#[test]
fn wrong_files_have_short_lines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for entry in fs::read_dir(root.join("tests/errors")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let path = path.to_str().expect("a text");
        if path.ends_with(".stderr") {
            continue;
        }
        let (network, hardware) = ("vgg16", "hard-32x32");
        let all: &[&[&str]] = match path {
            _ if path.contains("/constraints-") => {
                &[&["solve", network, hardware, "--constraints", path]]
            }
            _ if path.contains("/mapping-") => {
                &[&["evaluate", network, hardware, "--mapping", path]]
            }
            _ if path.contains("/hardware-") => &[&["solve", network, path]],
            _ => &[&["solve", path, hardware], &["check", path]],
        };
        for arguments in all {
            count += errors(root, arguments).lines().count();
        }
    }
    assert!(count > 200, "only {count} lines");
}

#[test]
fn broken_models_have_short_lines() {
    let place = tempfile::tempdir().expect("a folder");
    let mut arguments = vec!["check".to_owned()];
    for (name, bytes, _) in cases() {
        write(place.path(), &format!("{name}.onnx"), bytes);
        arguments.push(format!("{name}.onnx"));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let errors = errors(place.path(), &arguments);
    assert!(errors.lines().count() > arguments.len(), "{errors}");
}

/// 10,000 nodes of operators that are not known, each with an endless name.
#[test]
fn many_unknown_nodes_have_short_lines() {
    let long = "n".repeat(5_000);
    for operators in [1, 100] {
        let nodes: Vec<_> = (0..10_000)
            .map(|i| {
                let (from, to) = (format!("v{i}"), format!("v{}", i + 1));
                let own = node(&format!("Odd{}", i % operators), &[&from], &[&to], &[]);
                own.bytes(
                    3,
                    if i < 50 {
                        format!("{long}{i}")
                    } else {
                        format!("n{i}")
                    },
                )
            })
            .collect();
        let input = value("v0", 1, &[1, 4]);
        let file = model(&graph(&nodes, &[], &[input], &[untyped("v10000")]));
        let place = tempfile::tempdir().expect("a folder");
        write(place.path(), "m.onnx", &file.0);
        let errors = errors(place.path(), &["check", "m.onnx"]);
        assert!(errors.lines().count() < 400, "{}", errors.lines().count());
        let text = unfolded(&errors);
        assert!(
            text.contains("the operator `Odd0` is not supported"),
            "{text}"
        );
        assert!(
            text.contains(" more: the operator") || text.contains(" more errors"),
            "{text}"
        );
    }
}

/// A model whose input has a hundred sizes that only the command line can give.
#[test]
fn open_sizes_have_short_lines() {
    let dimension = |i: usize| Message::default().bytes(2, format!("size{i}"));
    let all: Vec<_> = (0..100).map(dimension).collect();
    let shape = Message::default().all(1, &all);
    let tensor = Message::default().int(1, 1).bytes(2, shape.0);
    let kind = Message::default().bytes(1, tensor.0);
    let input = Message::default().bytes(1, "x").bytes(2, kind.0);
    let file = model(&graph(
        &[node("Relu", &["x"], &["y"], &[])],
        &[],
        &[input],
        &[untyped("y")],
    ));
    let place = tempfile::tempdir().expect("a folder");
    write(place.path(), "m.onnx", &file.0);
    let text = unfolded(&errors(place.path(), &["check", "m.onnx"]));
    assert!(
        text.contains("`size0` of input `x`") && text.contains(" and 50 more; "),
        "{text}"
    );
    assert!(text.contains("--dim size49=N"), "{text}");
}

/// Commands about files in which a layer is called `NAME`, or in which that is an argument, with a part of
/// what they say.
const ABOUT_NAMES: [(&str, &str); 15] = [
    ("solve n.yaml h.yaml --layers nothing", "--layers nothing"),
    ("solve n.yaml small.yaml", "no mapping"),
    ("solve n.yaml NAME", "error"),
    ("solve n.yaml h.yaml --layers (NAME", "--layers"),
    ("explain n.yaml h.yaml --layer nothing", "no such layer"),
    ("explain n.yaml h.yaml --layer NAME?", "no such layer"),
    ("export n.yaml h.yaml --layer NAME -o no/x.lp", "no/x.lp"),
    ("evaluate n.yaml h.yaml --mapping m.yaml", "m.yaml:"),
    ("check broken.yaml", "broken.yaml:"),
    ("check twice.yaml", "twice.yaml:"),
    ("compare n.yaml h.yaml --mappers NAME", "'--mappers"),
    ("solve n.yaml h.yaml --NAME", "unexpected argument"),
    ("sweep n.yaml h.yaml --vary NAME=1 -o s", "--vary"),
    ("init hardware --macs NAME -o c.yaml", "--macs"),
    ("NAME", "unrecognized"),
];

/// Files in which a layer has this name.
fn write_named(folder: &Path, name: &str) {
    let tiny = fs::read_to_string("inputs/tiny/tiny.yaml").expect("a network");
    let hardware = fs::read_to_string("inputs/tiny/tiny-hw.yaml").expect("hardware");
    let called = |more: &str| tiny.replace("name: conv", &format!("{more}name: \"{name}\""));
    let wrong = called("").replace("kernel: [3, 3]", "kernel: three, strid: 1");
    let small = hardware.replace("capacity_bytes: 128", "capacity_bytes: 1");
    let mapping = format!("layer: \"{name}\"\nlevels: []\n");
    write(folder, "n.yaml", called(""));
    write(folder, "broken.yaml", wrong);
    write(folder, "twice.yaml", called(&format!("{name}: 1, ")));
    write(folder, "small.yaml", small);
    write(folder, "m.yaml", mapping);
    write(folder, "h.yaml", hardware);
}

#[test]
fn endless_names_have_short_lines() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path();
    for name in [
        "x".repeat(5_000),
        "two words ".repeat(500),
        "a/".repeat(2_500),
        "é".repeat(5_000),
    ] {
        write_named(folder, &name);
        for (command, said) in ABOUT_NAMES {
            let words = command.split(' ').map(|word| word.replace("NAME", &name));
            let words: Vec<String> = words.collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let text = unfolded(&errors(folder, &words));
            assert!(text.contains(said), "{command}: {text:.2000}");
            assert!(text.lines().count() < 60, "{command}");
        }
    }
}

/// A file that lies deep is named in full.
#[test]
fn long_paths_are_folded_and_not_cut() {
    let place = tempfile::tempdir().expect("a folder");
    let deep: Vec<String> = (0..10)
        .map(|i| format!("{i}{}", "folder".repeat(20)))
        .collect();
    let deep = deep.join("/");
    fs::create_dir_all(place.path().join(&deep)).expect("folders");
    let file = format!("{deep}/n.yaml");
    write(
        place.path(),
        &file,
        "name: n\nlayer: []\ninput: {features: 4}\n",
    );
    let errors = errors(place.path(), &["solve", &file, "shared-32x32"]);
    let all: String = errors.split_whitespace().collect();
    assert!(all.contains(&format!("error:{file}:2:layer:")), "{errors}");
    assert!(errors.contains("did you mean `layers`?"), "{errors}");
}

#[test]
fn usage_has_short_lines() {
    for (arguments, said) in [
        (
            &["compare", "n", "h", "--mappers", "greedi"] as &[&str],
            "local-search]",
        ),
        (&["solve", "n", "h", "--dataflow", "none"], "row_stationary"),
        (&["solve"], "Usage:"),
        (&["frobnicate"], "unrecognized"),
        (&["init", "hardware"], "--macs"),
    ] {
        for color in ["never", "always"] {
            let arguments = [arguments, &["--color", color]].concat();
            let output = Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
                .args(&arguments)
                .output()
                .expect("the program starts");
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2));
            assert_eq!(text.contains('\u{1b}'), color == "always", "{text}");
            let plain = console::strip_ansi_codes(&text).into_owned();
            let widest = plain.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(WIDEST) && plain.contains(said), "{plain}");
        }
    }
}

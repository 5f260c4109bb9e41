//! What is said on standard error: colours, how much, and how long lines are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn deepmatrix(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .args(arguments)
        .env_remove("NO_COLOR")
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn colours_are_as_asked() {
    let wrong = ["check", "no-file.yaml"];
    for (color, colored) in [
        (None, false),
        (Some("always"), true),
        (Some("never"), false),
        (Some("auto"), false),
    ] {
        let option: Vec<&str> = color.iter().flat_map(|color| ["--color", *color]).collect();
        let errors = text(&deepmatrix(&[&wrong[..], &option].concat()).stderr);
        assert_eq!(
            errors.starts_with("\u{1b}[1;31merror\u{1b}[0m: "),
            colored,
            "{color:?}: {errors}"
        );
        assert_eq!(errors.contains('\u{1b}'), colored, "{color:?}: {errors}");
        let usage = text(&deepmatrix(&[&option[..], &["frobnicate"]].concat()).stderr);
        assert_eq!(usage.contains('\u{1b}'), colored, "{color:?}: {usage}");
    }
}

#[test]
fn quiet_keeps_errors_alone_and_verbose_says_more() {
    // Without `vector`, a warning in the table is a part of the result; `--show-mapping` is a hint.
    let solve = [
        "solve",
        "inputs/tiny/tiny.yaml",
        "inputs/tiny/tiny-hw.yaml",
        "--show-mapping",
        "--format",
        "csv",
    ];
    let normal = deepmatrix(&solve);
    assert!(
        text(&normal.stderr).starts_with("hint: "),
        "{}",
        text(&normal.stderr)
    );
    let quiet = deepmatrix(&[&solve[..], &["--quiet"]].concat());
    assert_eq!(text(&quiet.stderr), "");
    let same = |own: &Output| text(&own.stdout).lines().count();
    assert_eq!(same(&quiet), same(&normal));
    let verbose = text(&deepmatrix(&[&solve[..], &["-v"]].concat()).stderr);
    for layer in ["note: conv: optimal", "note: fc: optimal"] {
        assert!(verbose.contains(layer), "{verbose}");
    }
    let errors = text(&deepmatrix(&["-q", "check", "no-file.yaml"]).stderr);
    assert!(errors.starts_with("error: no-file.yaml: "), "{errors}");
    let both = deepmatrix(&["-q", "-v", "check", "no-file.yaml"]);
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn jobs_beyond_all_cores_are_capped() {
    let solve = [
        "solve",
        "inputs/tiny/tiny.yaml",
        "inputs/tiny/tiny-hw.yaml",
        "--jobs",
    ];
    let output = deepmatrix(&[&solve[..], &["18446744073709551615"]].concat());
    assert_eq!(output.status.code(), Some(0));
    let errors = text(&output.stderr);
    assert!(
        errors.starts_with("warning: --jobs 18446744073709551615: "),
        "{errors}"
    );
    assert_eq!(text(&deepmatrix(&[&solve[..], &["1"]].concat()).stderr), "");
}

#[test]
fn shells_and_readers_of_manuals_are_served() {
    for (shell, sign) in [
        ("bash", "complete -F _deepmatrix"),
        ("zsh", "#compdef deepmatrix"),
        ("fish", "complete -c deepmatrix"),
        ("elvish", "edit:completion"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let output = deepmatrix(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains(sign), "{shell}");
    }
    let bash = deepmatrix(&["completions", "bash"]);
    let place = tempfile::tempdir().expect("a folder");
    fs::write(place.path().join("own.bash"), bash.stdout).expect("writable");
    let completed = Command::new("bash")
        .args(["-c", "source own.bash; COMP_WORDS=(deepmatrix sol); COMP_CWORD=1; _deepmatrix deepmatrix sol deepmatrix; echo ${COMPREPLY[@]}"])
        .current_dir(place.path())
        .output()
        .expect("bash runs");
    assert_eq!(
        text(&completed.stdout).trim(),
        "solve",
        "{}",
        text(&completed.stderr)
    );
    let folder = place.path().join("man/man1");
    let output = deepmatrix(&["man", "-o", folder.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let page = |name: &str| fs::read_to_string(folder.join(name)).expect("a page");
    assert!(page("deepmatrix.1").contains(".TH deepmatrix 1"));
    for name in ["solve", "init-hardware", "man"] {
        let page = page(&format!("deepmatrix-{name}.1"));
        assert!(
            page.contains("SYNOPSIS") && page.contains("Examples:"),
            "{page}"
        );
    }
}

/// Files with what the program prints.
fn golden() -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("README.md")];
    for folder in ["tests/errors", "tests/cmd"] {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let is_golden = |e: &std::ffi::OsStr| e == "stderr" || e == "trycmd";
            found.extend(path.extension().is_some_and(is_golden).then_some(path));
        }
    }
    found
}

/// The lines of messages, with their words in front.
fn messages(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a text");
    let is_stderr = path.extension().is_some_and(|e| e == "stderr");
    let words = ["error: ", "warning: ", "hint: "];
    let lines = text
        .lines()
        .filter(|line| is_stderr || words.iter().any(|word| line.starts_with(word)));
    let full = lines.map(|line| {
        if is_stderr && !line.starts_with(' ') {
            format!("error: {line}")
        } else {
            line.to_owned()
        }
    });
    full.collect()
}

#[test]
fn no_line_of_a_message_is_longer_than_160_characters() {
    let mut count = 0;
    for path in golden() {
        for line in messages(&path) {
            count += 1;
            assert!(line.chars().count() <= 160, "{}: {line}", path.display());
        }
    }
    assert!(count > 300, "only {count} lines were found");
}

#[test]
fn control_characters_in_arguments_are_visible() {
    for (arguments, seen) in [
        (&["check", "a\u{1b}[31mb"] as &[&str], "a\\u001b[31mb"),
        (&["frob\u{1b}[31m"], "frob"),
        (&["solve", "n", "h", "--objective", "\u{9b}1m"], "\\u009b1m"),
        (&["solve", "n", "h", "--layers", "\u{7}("], "unclosed group"),
    ] {
        let output = deepmatrix(&[arguments, &["--color", "always"]].concat());
        assert_ne!(output.status.code(), Some(0));
        let errors = text(&output.stderr).replace("\u{1b}[1;31merror\u{1b}[0m", "error");
        let acts = |c: char| c.is_control() && c != '\n';
        assert!(
            !errors.contains(acts) && errors.contains(seen),
            "{errors:?}"
        );
    }
}

//! The command line: exit status, and what goes to which stream.

use std::process::{Command, Output};

fn deepmatrix(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn wrong_usage_is_exit_status_2() {
    let wrong: [&[&str]; 8] = [
        &[],
        &["frobnicate"],
        &["solve", "network.yaml"],
        &[
            "solve",
            "network.yaml",
            "hardware.yaml",
            "--mode",
            "dreaming",
        ],
        &["solve", "network.yaml", "hardware.yaml", "--layers", "("],
        &[
            "solve",
            "network.yaml",
            "hardware.yaml",
            "--time-limit",
            "0",
        ],
        &["evaluate", "network.yaml", "hardware.yaml"],
        &["check"],
    ];
    for arguments in wrong {
        let output = deepmatrix(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_missing_file_is_exit_status_1_and_every_one_is_named() {
    let output = deepmatrix(&["solve", "no-network.yaml", "no-hardware.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let errors = text(&output.stderr);
    assert_eq!(errors.lines().count(), 2, "{errors}");
    for (line, file) in errors.lines().zip(["no-network.yaml", "no-hardware.yaml"]) {
        assert!(line.starts_with("error: ") && line.contains(file), "{line}");
    }
}

#[test]
fn help_has_examples_and_the_exit_status() {
    let output = deepmatrix(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let help = text(&output.stdout);
    assert!(
        help.contains("Examples:") && help.contains("Exit status:"),
        "{help}"
    );
    for command in ["solve", "evaluate", "check"] {
        let help = text(&deepmatrix(&[command, "--help"]).stdout);
        assert!(help.contains("Examples:"), "{help}");
    }
}

#[test]
fn a_model_in_place_of_another_file_is_said_to_be_one() {
    let model = "tests/onnx/packed_proto3.onnx";
    let output = deepmatrix(&["solve", model, model]);
    assert_eq!(output.status.code(), Some(1));
    let expected = format!(
        "error: {model}: is an ONNX model, which stands for a network; give a YAML file here\n"
    );
    assert_eq!(text(&output.stderr), expected);
}

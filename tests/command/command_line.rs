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

#[test]
fn what_is_taken_for_granted_of_a_model_is_said() {
    let model = "tests/onnx/bert_base_128.dynamo.onnx";
    let said = "warning: node `node_GatherND_46` (GatherND): its places are not in the file, and are taken to be all elements in their order, so that it moves nothing\n";
    for command in ["check", "graph", "import"] {
        let output = deepmatrix(&[command, model]);
        assert_eq!(output.status.code(), Some(0), "{command}");
        assert_eq!(text(&output.stderr), said, "{command}");
    }
    // The written file says it, and so does who reads it.
    let written = tempfile::Builder::new().suffix(".yaml").tempfile();
    let written = written.expect("a file");
    let path = written.path().to_str().expect("a path");
    deepmatrix(&["import", model, "-o", path]);
    let output = deepmatrix(&["check", path]);
    assert_eq!(text(&output.stderr), said);
    assert_eq!(
        text(&deepmatrix(&["check", "tests/onnx/resnet50.dynamo.onnx"]).stderr),
        ""
    );
    // Results have it beside the layer's node.
    let hardware = "inputs/hardware/shared-32x32.yaml";
    let rows = ["--layers", "^m.(reshape|where)$", "--format", "json"];
    let output = deepmatrix(&[&["solve", model, hardware], rows.as_slice()].concat());
    assert_eq!(text(&output.stderr), said);
    let result = text(&output.stdout);
    assert!(
        result.contains("\"assumed\": \"its places are not in the file"),
        "{result}"
    );
}

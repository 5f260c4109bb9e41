//! `compare` over several networks: each as alone, and all together.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const HARDWARE: &str = "inputs/tiny/tiny-hw.yaml";
const TINY: &str = "inputs/tiny/tiny.yaml";
const OTHER: &str = "tests/cmd/files/two-outputs.yaml";

/// Options with which results are the same every time.
const OPTIONS: &[&str] = &["--mappers", "exact,random", "--evaluations", "20"];

fn compared(inputs: &[&str], more: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .arg("compare")
        .args(inputs)
        .args(OPTIONS)
        .args(more)
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn json(inputs: &[&str]) -> Value {
    serde_json::from_str(&compared(inputs, &["--format", "json"])).expect("JSON")
}

/// A result without the times in it.
fn timeless(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let own = fields.iter().filter(|(key, _)| *key != "seconds");
            own.map(|(key, value)| (key.clone(), timeless(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(timeless).collect(),
        other => other.clone(),
    }
}

#[test]
fn networks_are_as_alone_and_their_sums_are_right() {
    let all = json(&[TINY, OTHER, HARDWARE]);
    let [tiny, other] = [TINY, OTHER].map(|network| json(&[network, HARDWARE]));
    let networks = all["networks"].as_array().expect("networks");
    assert_eq!(networks.len(), 2);
    for (own, alone) in networks.iter().zip([&tiny, &other]) {
        for key in ["network", "batch", "mappers", "layers", "streamed_layers"] {
            assert_eq!(timeless(&own[key]), timeless(&alone[key]), "{key}");
        }
    }
    for key in [
        "hardware",
        "seed",
        "evaluations",
        "time_budget_seconds",
        "format",
    ] {
        assert_eq!(all[key], tiny[key], "{key}");
    }
    for index in 0..2 {
        let of = |result: &Value, key: &str| result["mappers"][index][key].clone();
        let number = |result: &Value, key: &str| of(result, key).as_f64().expect("a number");
        let sum = |key: &str| number(&tiny, key) + number(&other, key);
        for key in ["cycles", "mapped", "best", "distinct_layers", "evaluations"] {
            assert!((number(&all, key) - sum(key)).abs() < 1e-9, "{key}");
        }
        // The exact mapper's cycles are the optimum's.
        let optimum = |result: &Value| result["mappers"][0]["cycles"].as_f64().expect("cycles");
        let mean = sum("cycles") / (optimum(&tiny) + optimum(&other));
        assert!((number(&all, "weighted_mean") - mean).abs() < 1e-9);
        let logs = |result| number(result, "mapped") * number(result, "geometric_mean").ln();
        let mean = ((logs(&tiny) + logs(&other)) / sum("mapped")).exp();
        assert!((number(&all, "geometric_mean") - mean).abs() < 1e-9);
        let worst = number(&tiny, "worst").max(number(&other, "worst"));
        assert!((number(&all, "worst") - worst).abs() < 1e-12);
        let first = (worst - number(&tiny, "worst")).abs() < 1e-12;
        let network = if first { "tiny" } else { "two-outputs" };
        assert_eq!(of(&all, "worst_network"), network);
    }
    assert_eq!(tiny["mappers"][0].get("worst_network"), None);
}

#[test]
fn csv_and_picture_have_all_networks() {
    let one = compared(&[TINY, HARDWARE], &["--format", "csv"]);
    let two = compared(&[TINY, OTHER, HARDWARE], &["--format", "csv"]);
    assert!(one.starts_with("layer,op,") && two.starts_with("network,layer,op,"));
    // Two mappers for two layers of each.
    assert_eq!((one.lines().count(), two.lines().count()), (5, 9));
    let of = |name: &str| two.lines().filter(|line| line.starts_with(name)).count();
    assert_eq!((of("tiny,"), of("two-outputs,")), (4, 4));

    let folder = tempfile::tempdir().expect("a folder");
    let plot = |inputs: &[&str]| {
        let file = folder.path().join("plot.svg");
        compared(inputs, &["--plot", file.to_str().expect("a path")]);
        fs::read_to_string(&file as &Path).expect("a picture")
    };
    assert!(plot(&[TINY, HARDWARE]).contains("tiny on tiny-hw: cycles over the optimum"));
    assert!(plot(&[TINY, OTHER, HARDWARE]).contains("2 networks on tiny-hw"));
}

/// Options may stand between the inputs, of which the last one is the hardware.
#[test]
fn options_may_stand_anywhere() {
    for inputs in [
        &[TINY, "--jobs", "1", HARDWARE] as &[&str],
        &["--jobs", "1", TINY, HARDWARE],
        &[TINY, HARDWARE, "--jobs", "1"],
    ] {
        assert!(compared(inputs, &[]).starts_with("tiny on tiny-hw, batch 1, seed 0, "));
    }
    let several = compared(&[TINY, "--jobs", "1", OTHER, HARDWARE], &[]);
    assert!(
        several.starts_with("2 networks on tiny-hw, batch 1, "),
        "{several}"
    );
    assert!(
        several.lines().all(|line| line.chars().count() <= 100),
        "{several}"
    );
}

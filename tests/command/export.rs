//! Exported programs: read back by HiGHS they have the optimum of the mapping, their solutions
//! decode to it, names are valid in both formats, and a second export is the same byte for byte.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use deepmatrix::engine::highs_file::{FileModel, FileSolution};
use serde_json::Value;

const NETWORK: &str = "tests/solvers/tiny.yaml";
const HARDWARE: &str = "inputs/tiny/tiny-hw.yaml";
const LAYERS: [&str; 10] = [
    "vector",
    "square",
    "tall",
    "deep",
    "attention",
    "pointwise",
    "window",
    "strided",
    "row",
    "batch",
];
const VGG: &str = "inputs/networks/vgg16.yaml";
const SHARED: &str = "inputs/hardware/shared-32x32.yaml";
/// Rounds of missing tangents until a decoded mapping costs what its objective says.
const ROUNDS: usize = 10;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .args(arguments)
        .output()
        .expect("the program runs")
}

fn standard(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A file of this test run.
fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("export");
    fs::create_dir_all(&folder).expect("a folder");
    folder.join(format!("{}-{name}", std::process::id()))
}

fn text_of(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

fn export(arguments: &[&str], path: &Path) {
    let asked = [&["export"], arguments, &["-o", text_of(path)]].concat();
    standard(&run(&asked));
}

fn solved(path: &Path) -> FileSolution {
    let model = FileModel::read(path).unwrap_or_else(|| panic!("HiGHS reads {}", path.display()));
    model
        .solve()
        .unwrap_or_else(|| panic!("HiGHS solves {}", path.display()))
}

/// The solution as HiGHS writes it.
fn write_solution(solution: &FileSolution, path: &Path) {
    let mut text = format!(
        "Model status\nOptimal\n\n# Primal solution values\nFeasible\nObjective {}\n# Columns {}\n",
        solution.objective,
        solution.values.len()
    );
    for (name, value) in &solution.values {
        let _ = writeln!(text, "{name} {value}");
    }
    text.push_str("# Rows 0\n");
    fs::write(path, text).expect("writable");
}

fn cycles(layer: &str) -> u64 {
    let pattern = format!("^{layer}$");
    let result = run(&[
        "solve", NETWORK, HARDWARE, "--layers", &pattern, "--format", "json",
    ]);
    let result: Value = serde_json::from_str(&standard(&result)).expect("JSON");
    assert_eq!(result["layers"][0]["status"], "optimal");
    result["layers"][0]["cycles"].as_u64().expect("cycles")
}

#[test]
fn solutions_of_read_back_programs_decode_to_the_proved_cycles() {
    for layer in LAYERS {
        let (model, solution) = (file(&format!("{layer}.lp")), file(&format!("{layer}.sol")));
        export(&[NETWORK, HARDWARE, "--layer", layer], &model);
        let decoded = (0..ROUNDS).find_map(|_| {
            write_solution(&solved(&model), &solution);
            let asked = [
                "decode",
                text_of(&solution),
                "--for",
                NETWORK,
                HARDWARE,
                "--layer",
                layer,
                "--cuts",
                text_of(&model),
                "--format",
                "json",
            ];
            let decoded: Value =
                serde_json::from_slice(&run(&asked).stdout).expect("decode prints JSON");
            (decoded["check"] == "accepted").then_some(decoded)
        });
        let decoded = decoded.unwrap_or_else(|| panic!("{layer}: rows are still missing"));
        assert_eq!(decoded["cycles"].as_u64(), Some(cycles(layer)), "{layer}");
    }
}

#[test]
fn both_formats_have_the_same_optimum_and_so_have_all_columns() {
    let optimum = |layer: &str, format: &str, columns: &str| {
        let path = file(&format!("{layer}-{columns}.{format}"));
        let asked = [NETWORK, HARDWARE, "--layer", layer, "--columns", columns];
        export(&asked, &path);
        solved(&path).objective
    };
    for layer in ["vector", "square", "tall", "attention"] {
        let (lp, mps) = (
            optimum(layer, "lp", "survivors"),
            optimum(layer, "mps", "survivors"),
        );
        assert!((lp - mps).abs() < 1e-6, "{layer}: {lp} {mps}");
    }
    // With all columns of `square` HiGHS fails at tolerances of 1e-9.
    for layer in ["vector", "square"] {
        let (few, all) = (
            optimum(layer, "lp", "survivors"),
            optimum(layer, "lp", "all"),
        );
        assert!((few - all).abs() < 1e-6, "{layer}: {few} {all}");
    }
}

#[test]
fn an_export_is_the_same_byte_for_byte() {
    let twice = [0, 1].map(|time| {
        let path = file(&format!("same-{time}.lp"));
        export(&[VGG, SHARED, "--layer", "conv3_1"], &path);
        let plan = file(&format!("same-plan-{time}.lp"));
        let asked = ["inputs/tiny/tiny.yaml", HARDWARE, "--program", "residency"];
        export(&asked, &plan);
        [path, plan].map(|path| fs::read(path).expect("the file"))
    });
    assert!(twice[0] == twice[1]);
}

/// The cycles of a file whose objective is a number of cycles, rounded up.
fn cycles_of(path: &Path) -> f64 {
    let objective = solved(path).objective;
    (objective - 1e-6).ceil()
}

#[test]
fn the_residency_program_has_the_optimum_of_the_plan_in_both_formats() {
    for (network, mode) in [
        ("inputs/tiny/tiny.yaml", "inference"),
        ("tests/examples/network.yaml", "training"),
    ] {
        let (lp, mps) = (file(&format!("{mode}.lp")), file(&format!("{mode}.mps")));
        let asked = [network, HARDWARE, "--program", "residency", "--mode", mode];
        // So few mappings that no limit ends one of them.
        let asked = [&asked[..], &["--modes-per-operation", "2"]].concat();
        export(&asked, &lp);
        export(&asked, &mps);
        let plan = run(&[
            "solve",
            network,
            HARDWARE,
            "--mode",
            mode,
            "--memory-plan",
            "--modes-per-operation",
            "2",
            "--format",
            "json",
        ]);
        let plan: Value = serde_json::from_str(&standard(&plan)).expect("JSON");
        let plan = &plan["memory_plan"];
        let cycles = plan["cycles"].as_f64().expect("cycles");
        assert_eq!(plan["modes"]["bound_cycles"].as_f64(), Some(cycles));
        for path in [lp, mps] {
            let found = cycles_of(&path);
            assert!((found - cycles).abs() < 0.5, "{mode}: {found} {cycles}");
            let model = FileModel::read(&path).expect("HiGHS reads it");
            let names = [model.row_names(), model.column_names()].concat();
            assert_eq!(names.iter().find(|name| !is_valid(name)), None);
        }
    }
}

#[test]
fn the_residency_program_of_the_tiny_network_is_the_golden_one() {
    let golden = "tests/cmd/files/residency.lp";
    let path = file("golden.lp");
    let asked = ["inputs/tiny/tiny.yaml", HARDWARE, "--program", "residency"];
    export(&asked, &path);
    let same = fs::read(&path).expect("the file") == fs::read(golden).unwrap_or_default();
    assert!(same, "{golden} differs from {}", path.display());
}

#[test]
fn long_and_odd_names_stay_valid_and_different_in_the_residency_program() {
    let network = file("names.yaml");
    let long = "a layer, with a name of any length ".repeat(12);
    let text = fs::read_to_string("tests/examples/network.yaml").expect("the network");
    let text = text
        .replace("conv3_1", "e1")
        .replace("name: fc", &format!("name: \"{long}\""));
    fs::write(&network, text).expect("writable");
    for format in ["lp", "mps"] {
        let path = file(&format!("names.{format}"));
        let asked = [
            text_of(&network),
            HARDWARE,
            "--program",
            "residency",
            "--mode",
            "training",
        ];
        export(&asked, &path);
        let model = FileModel::read(&path).expect("HiGHS reads it");
        for mut names in [model.row_names(), model.column_names()] {
            assert_eq!(names.iter().find(|name| !is_valid(name)), None, "{format}");
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "{format}");
        }
    }
}

#[test]
fn an_export_that_fails_leaves_no_file() {
    let path = file("failed.lp");
    for arguments in [
        vec!["--layer", "vector", "--fix-order", "XYZ"],
        vec!["--program", "residency"],
    ] {
        let hardware = "tests/cmd/files/registers-hw.yaml";
        let asked = [
            &["export", NETWORK, hardware],
            arguments.as_slice(),
            &["-o", text_of(&path)],
        ];
        let output = run(&asked.concat());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(!path.exists(), "{arguments:?}");
    }
}

/// Names that LP and MPS readers take: letters, digits and underscores, at most 255 of them, and
/// none that reads as a number or a keyword.
fn is_valid(name: &str) -> bool {
    let first = name.chars().next().unwrap_or('1');
    let second = name.chars().nth(1).unwrap_or('a');
    name.len() <= 255
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !first.is_ascii_digit()
        && !(first.eq_ignore_ascii_case(&'e') && second.is_ascii_digit())
        && !["st", "free", "inf", "bounds", "end"].contains(&name.to_lowercase().as_str())
}

#[test]
fn every_pass_of_vgg_16_exports_with_valid_names() {
    let layers = [
        "conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv4_1", "conv4_2",
        "conv5_1", "fc6", "fc7", "fc8",
    ];
    for layer in layers {
        for pass in ["forward", "backward_data", "backward_weight"] {
            if (layer, pass) == ("conv1_1", "backward_data") {
                continue; // The gradient of the network's input is not computed.
            }
            for format in ["lp", "mps"] {
                let path = file(&format!("{layer}-{pass}.{format}"));
                export(&[VGG, SHARED, "--layer", layer, "--pass", pass], &path);
                let model = FileModel::read(&path).unwrap_or_else(|| panic!("{layer} {pass}"));
                let names = [model.row_names(), model.column_names()].concat();
                let wrong = names.iter().find(|name| !is_valid(name));
                assert_eq!(wrong, None, "{layer} {pass} {format}");
                assert!(
                    names.iter().any(|name| name.starts_with("LAY3_")),
                    "{layer} {pass}"
                );
                fs::remove_file(path).expect("the file");
            }
        }
    }
}

#[test]
fn what_cannot_be_exported_is_one_line() {
    let wrong: [(&[&str], &str); 7] = [
        (
            &[
                "--program",
                "residency",
                "--optimizer",
                "adam",
                "-o",
                "a.lp",
            ],
            "--mode training",
        ),
        (
            &["--layer", "conv31", "-o", "a.lp"],
            "did you mean `conv3_1`",
        ),
        (&["--layer", "pool1", "-o", "a.lp"], "streamed"),
        (&["--layer", "relu1_1", "-o", "a.lp"], "fused into conv1_1"),
        (&["--layer", "conv3_1", "-o", "a.txt"], ".lp or .mps"),
        (
            &[
                "--layer",
                "conv1_1",
                "--pass",
                "backward_data",
                "-o",
                "a.lp",
            ],
            "no such layer with a backward_data pass",
        ),
        (
            &["--layer", "conv3_1", "--fix-order", "XYZ", "-o", "a.lp"],
            "XYZ",
        ),
    ];
    for (arguments, what) in wrong {
        let output = run(&[&["export", VGG, SHARED], arguments].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
        assert!(errors.contains(what), "{errors}");
    }
}

#[test]
fn explain_says_what_binds_and_bounds_every_order() {
    let all = [
        "explain",
        VGG,
        "inputs/hardware/starved-32x32.yaml",
        "--layer",
        "conv4_1",
    ];
    let text = standard(&run(&[&all[..], &["--time-limit", "10"]].concat()));
    for part in [
        "Mapping",
        "What binds",
        "What more would buy",
        "Why no mapping is better",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let json = standard(&run(&[
        &all[..],
        &["--time-limit", "10", "--format", "json"],
    ]
    .concat()));
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert!(json.is_object());
}

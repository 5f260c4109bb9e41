//! `formulations/residency.md` says what the code does: identifiers, golden file and optimum agree.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use deepmatrix::check;
use deepmatrix::cost;
use deepmatrix::engine::hand_over::{HighsStatus, Settings, solve_with};
use deepmatrix::engine::highs_file::FileModel;
use deepmatrix::engine::lp_file::lp_text;
use deepmatrix::memory::residency::{Exclusion, Residency};
use deepmatrix::problem::graph::TensorKind;
use deepmatrix::problem::port::{Direction, Directions, Port};
use deepmatrix::problem::schedule::{Mode, Operation, Part, Schedule, Tensor};
use deepmatrix::problem::{Bandwidth, Bytes};

const PAGE: &str = "formulations/residency.md";
const GOLDEN: &str = "formulations/golden/residency.lp";

fn tensor(name: &str, bytes: u64, begins_outside: bool, ends_outside: bool) -> Tensor {
    Tensor {
        name: name.to_owned(),
        kind: TensorKind::Activation,
        bits: 8 * bytes,
        begins_outside,
        ends_outside,
    }
}

/// A mode whose array reads and writes so many bytes in the shared memory.
fn mode(buffer_bytes: u64, cycles: u128, outer_bytes: &[u64], (read, written): (u64, u64)) -> Mode {
    Mode {
        buffer_bytes,
        cycles,
        read_bits: 8 * read,
        written_bits: 8 * written,
        outer_bits: outer_bytes.iter().map(|bytes| 8 * bytes).collect(),
        resident: vec![false; outer_bytes.len()],
        waits: vec![false; outer_bytes.len()],
        ..Mode::default()
    }
}

/// The same in two equal parts.
fn halved(mode: Mode) -> Mode {
    let half = Part {
        cycles: mode.cycles / 2,
        read_bits: mode.read_bits / 2,
        written_bits: mode.written_bits / 2,
        outer_bits: mode.outer_bits.iter().map(|bits| bits / 2).collect(),
        ..Part::default()
    };
    Mode {
        parts: vec![half.clone(), half],
        ..mode
    }
}

/// The same with a last operand whose transfers overlap with nothing.
fn waiting(mut mode: Mode) -> Mode {
    mode.waits.pop();
    mode.waits.push(true);
    mode
}

fn port(outer: bool, bytes_per_cycle: u64, carries: &[Direction]) -> Port {
    Port {
        outer,
        bandwidth: Bandwidth::new(bytes_per_cycle, 1).expect("positive"),
        carries: Directions::of(carries),
    }
}

fn operation(name: &str, reads: &[usize], writes: usize, modes: Vec<Mode>) -> Operation {
    Operation {
        name: name.to_owned(),
        reads: reads.to_vec(),
        writes: vec![writes],
        modes,
        optional: name == "a_again",
    }
}

/// The instance of the page.
fn tiny() -> Schedule {
    let (x, v, y, z, o) = (0, 1, 2, 3, 4);
    Schedule {
        stages: Vec::new(),
        capacity: Bytes(6),
        ports: vec![
            port(true, 1, &[Direction::Inward, Direction::Outward]),
            port(false, 2, &Direction::ALL),
        ],
        waits: false,
        alignment: 1,
        slices: 2,
        ahead: 1,
        tensors: vec![
            tensor("x", 4, true, false),
            tensor("v", 8, true, false),
            tensor("y", 4, false, false),
            tensor("z", 2, false, false),
            tensor("o", 2, false, true),
        ],
        operations: vec![
            operation("a", &[x], y, vec![halved(mode(0, 2, &[4, 4], (4, 4)))]),
            operation(
                "b",
                &[v],
                z,
                vec![mode(4, 3, &[8, 2], (8, 2)), mode(2, 6, &[8, 4], (8, 4))],
            ),
            operation("a_again", &[x], y, vec![mode(0, 1, &[4, 4], (4, 4))]),
            operation(
                "c",
                &[y, z],
                o,
                vec![waiting(mode(0, 2, &[4, 2, 2], (6, 2)))],
            ),
        ],
    }
}

/// Both slices of y beside the first mode of b.
fn cut() -> Exclusion {
    Exclusion {
        present: vec![(2, 1, 2)],
        modes: vec![(1, 0)],
    }
}

/// 8 bits, two slices, bandwidths of 1 and 2.
const UNITS_PER_CYCLE: u32 = 32;

/// One cycle is 1 of the objective.
fn program(schedule: &Schedule) -> Residency<'_> {
    Residency::scaled(schedule, f64::from(UNITS_PER_CYCLE), &[cut()])
}

fn golden() -> String {
    let schedule = tiny();
    let comments = [
        "formulations/residency.md: the tiny instance.".to_owned(),
        "The objective is a number of cycles.".to_owned(),
    ];
    lp_text(&program(&schedule).model, &comments)
}

/// Numbers between two marks.
fn identifiers(text: &str, before: &str, after: char) -> BTreeSet<u32> {
    let found = text.split(before).skip(1);
    found
        .filter_map(|rest| rest.split(after).next()?.parse().ok())
        .collect()
}

fn sources() -> String {
    let folder = "src/memory/residency";
    let files = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = files.map(|f| f.expect("an entry").path()).collect();
    paths.sort();
    let texts = paths.iter().map(|p| fs::read_to_string(p).expect("a text"));
    // Public comments escape the brackets, which would be links there.
    let text: String = texts.collect();
    text.replace("\\[", "[").replace("\\]", "]")
}

/// The optimum that the page states.
fn stated() -> u128 {
    let page = fs::read_to_string(PAGE).expect("the page");
    let sentence = page.split("The optimum is **").nth(1).expect("a sentence");
    let number = sentence.split(" cycles").next().expect("a number");
    number.parse().expect("a number")
}

#[test]
fn page_code_and_golden_file_have_the_same_identifiers() {
    let page = fs::read_to_string(PAGE).expect("the page");
    let in_page = identifiers(&page, "\n| RES", ' ');
    assert_eq!(
        in_page,
        identifiers(&sources(), "[RES", ']'),
        "doc comments"
    );
    assert_eq!(
        in_page,
        identifiers(&golden(), "\n RES", '_'),
        "golden file"
    );
}

#[test]
fn the_golden_file_is_what_the_code_writes() {
    let (text, path) = (golden(), Path::new(env!("CARGO_TARGET_TMPDIR")));
    if fs::read_to_string(GOLDEN).ok().as_ref() != Some(&text) {
        fs::write(path.join("residency.lp"), text).expect("a writable folder");
        panic!("{GOLDEN} differs from residency.lp in {}", path.display());
    }
}

#[test]
fn highs_reads_the_golden_file_and_finds_the_stated_optimum() {
    let schedule = tiny();
    let file = FileModel::read(Path::new(GOLDEN)).expect("a file that HiGHS reads");
    let rows: Vec<String> = (program(&schedule).model.rows().iter())
        .map(|r| r.name.clone())
        .collect();
    assert_eq!(file.row_names(), rows);
    let objective = file.solve().expect("an optimum").objective;
    #[expect(clippy::cast_precision_loss, reason = "few cycles")]
    let expected = stated() as f64;
    assert!((objective - expected).abs() < 1e-6, "{objective}");
}

#[test]
fn the_optimum_is_that_of_all_plans_and_of_the_decoded_plan() {
    let schedule = tiny();
    let least = crate::all_plans::least(&schedule).expect("a plan");
    assert_eq!(least, stated() * schedule.units_per_cycle());
    let program = program(&schedule);
    let outcome = solve_with(&program.model, &Settings::default());
    assert_eq!(outcome.status, HighsStatus::Optimal);
    let plan = program.plan(&outcome.values.expect("a solution"));
    let cost = cost::plan::evaluate(&schedule, &plan);
    assert_eq!(cost.total(), least, "the cut excludes no optimum");
    assert_eq!(check::plan::check(&schedule, &plan, &cost), Ok(()));
}

/// A cut excludes what it says and nothing else: with the first mode of b fixed, y has at most
/// one slice there; with the second one, both.
#[test]
fn the_cut_excludes_what_it_says() {
    use deepmatrix::engine::named::Relation;
    let schedule = tiny();
    for (mode, most) in [(0, 1.0), (1, 2.0)] {
        let mut program = program(&schedule);
        let z = program.layout.operations[1].modes[mode];
        program
            .model
            .row("fixed", vec![(z, 1.0)], Relation::Equal, 1.0);
        let kept = program.layout.tensors[2].gaps[1].kept.expect("y stays");
        for slices in [1.0, 2.0] {
            let mut own = program.model.clone();
            own.row("kept", vec![(kept, 1.0)], Relation::AtLeast, slices);
            let status = solve_with(&own, &Settings::default()).status;
            assert_eq!(
                status == HighsStatus::Optimal,
                slices <= most,
                "{mode} {slices}"
            );
        }
    }
}

//! Sweeps from the command line: nothing lost, nothing computed twice, the same file every time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const TINY: [&str; 2] = ["inputs/tiny/tiny.yaml", "inputs/tiny/tiny-hw.yaml"];
const VARY: [&str; 6] = [
    "--vary",
    "sram.capacity_bytes=32..256:x2",
    "--vary",
    "dram.bandwidth_bytes_per_cycle=1,2,4",
    "--vary",
    "dataflow=any,output_stationary",
];
const POINTS: usize = 24;

/// A folder with a cache of its own.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deepmatrix"));
        command.env("XDG_CACHE_HOME", self.path("cache"));
        command
    }

    /// A sweep of the tiny network into a folder.
    fn sweep(&self, folder: &str, more: &[&str]) -> Output {
        let mut command = self.command();
        command.arg("sweep").args(TINY).args(VARY).args(more);
        let output = command.arg("-o").arg(self.path(folder)).output();
        output.expect("the program starts")
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// The number before a word in what a sweep says.
fn number_before(output: &Output, word: &str) -> u64 {
    let text = text(&output.stdout);
    let before = text.split(word).next().unwrap_or_default();
    let number = before
        .split(|c: char| !c.is_ascii_digit())
        .rfind(|p| !p.is_empty());
    number
        .and_then(|n| n.parse().ok())
        .unwrap_or_else(|| panic!("{word}: {text}"))
}

#[test]
fn a_second_sweep_computes_nothing_and_gives_the_same_file() {
    let place = Place::new();
    let first = place.sweep("a", &["--jobs", "2"]);
    succeeded(&first);
    assert_eq!(place.read("a/points.jsonl").lines().count(), POINTS);
    assert!(number_before(&first, " searched for") > 0);
    let second = place.sweep("b", &["--jobs", "1"]);
    succeeded(&second);
    assert_eq!(number_before(&second, " searched for"), 0);
    assert!(
        place.read("a/points.csv") == place.read("b/points.csv"),
        "a/points.csv and b/points.csv differ"
    );
    let again = place.sweep("a", &[]);
    succeeded(&again);
    assert_eq!(
        number_before(&again, " from the cache"),
        0,
        "nothing was left to do"
    );
    let fresh = place.sweep("c", &["--no-cache", "--jobs", "1"]);
    succeeded(&fresh);
    assert!(
        place.read("a/points.csv") == place.read("c/points.csv"),
        "a/points.csv and c/points.csv differ"
    );
}

#[test]
fn other_points_save_searches_and_change_no_result() {
    let place = Place::new();
    let with = place.sweep("with", &["--no-cache"]);
    let without = place.sweep("without", &["--no-cache", "--no-neighbours"]);
    succeeded(&with);
    succeeded(&without);
    assert!(number_before(&with, " of them proved by a bound of another point") > 0);
    assert_eq!(
        number_before(&without, " of them proved by a bound of another point"),
        0
    );
    let cycles = |file: &str| -> Vec<String> {
        let text = place.read(file);
        let rows = text.lines().skip(1).map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            [&fields[..3], &fields[9..11]].concat().join(",")
        });
        rows.collect()
    };
    assert_eq!(cycles("with/points.csv"), cycles("without/points.csv"));
}

#[test]
fn a_torn_line_is_dropped_and_said_and_its_point_computed_again() {
    let place = Place::new();
    succeeded(&place.sweep("a", &[]));
    let whole = place.read("a/points.jsonl");
    let csv = place.read("a/points.csv");
    let kept: String = whole.split_inclusive('\n').take(5).collect();
    let torn = format!("{kept}{{\"vary\":{{\"sram");
    fs::write(place.path("a/points.jsonl"), torn).expect("writable");
    let output = place.sweep("a", &[]);
    succeeded(&output);
    let said = text(&output.stderr);
    assert!(
        said.contains("points.jsonl: the last line has no end and is dropped"),
        "{said}"
    );
    assert!(
        said.contains("5 of 24 points are finished already"),
        "{said}"
    );
    let lines = place.read("a/points.jsonl");
    assert!(lines.starts_with(&kept));
    assert_eq!(lines.lines().count(), POINTS);
    assert_eq!(place.read("a/points.csv"), csv);
}

/// A journal line below its own bound is refused by file and line, and nothing is merged from it.
#[test]
fn a_line_that_contradicts_itself_is_refused() {
    let place = Place::new();
    succeeded(&place.sweep("a", &[]));
    let kept = place.read("a/points.jsonl");
    let lie = |line: &str| {
        let mut point: serde_json::Value = serde_json::from_str(line).expect("JSON");
        point["cycles"] = serde_json::json!(1);
        point.to_string()
    };
    let lines: Vec<String> = (kept.lines().enumerate())
        .map(|(i, line)| if i == 2 { lie(line) } else { line.to_owned() })
        .collect();
    fs::write(place.path("a/points.jsonl"), lines.join("\n") + "\n").expect("writable");
    let again = place.sweep("a", &[]);
    let told = text(&again.stderr);
    assert_eq!(again.status.code(), Some(1), "{told}");
    assert!(
        told.contains("points.jsonl:3: the point has 1 cycles, below its own bound of"),
        "{told}"
    );
}

/// What is planned at every point: the total, every layer's part, and the same after a stop.
#[test]
fn every_point_has_its_planned_step_and_its_journal_is_believed_only_if_consistent() {
    let place = Place::new();
    let whole = place.sweep("a", &["--jobs", "2"]);
    succeeded(&whole);
    let said = text(&whole.stdout);
    assert!(said.contains("memory plans: 24, "), "{said}");
    let journal = place.read("a/points.jsonl");
    let point = |line: &str| -> serde_json::Value { serde_json::from_str(line).expect("JSON") };
    let mut gains = 0;
    for own in journal.lines().map(point) {
        let number = |value: &serde_json::Value| value.as_u64().expect("a number");
        let (planned, alone) = (number(&own["planned"]["cycles"]), number(&own["cycles"]));
        assert!(planned <= alone && number(&own["planned"]["bound_cycles"]) <= planned);
        gains += usize::from(planned < alone);
    }
    assert!(gains > 0, "no plan gains anything");
    let records = |file: &str| place.read(file).lines().count();
    assert_eq!((records("a/points.csv"), records("a/layers.csv")), (25, 97));

    let kept: String = journal.split_inclusive('\n').take(7).collect();
    fs::create_dir(place.path("b")).expect("a folder");
    fs::copy(place.path("a/sweep.json"), place.path("b/sweep.json")).expect("a file");
    fs::write(place.path("b/points.jsonl"), &kept).expect("writable");
    succeeded(&place.sweep("b", &[]));
    for file in ["points.csv", "layers.csv"] {
        let [a, b] = ["a", "b"].map(|folder| place.read(&format!("{folder}/{file}")));
        assert!(a == b, "{file} differs after a stop");
    }

    for (lie, told) in [
        (
            "cycles",
            "the planned step has 1 cycles, below its own bound of",
        ),
        ("gap", "the planned step's gap is 1"),
    ] {
        let mut own = point(kept.lines().next().expect("a line"));
        own["planned"][lie] = serde_json::json!(1);
        fs::write(place.path("b/points.jsonl"), format!("{own}\n")).expect("writable");
        let refused = place.sweep("b", &[]);
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(
            said.contains("points.jsonl:1: ") && said.contains(told),
            "{said}"
        );
    }
    let mut own = point(kept.lines().next().expect("a line"));
    own["layers"][0]["planned_cycles"] = serde_json::json!(1);
    fs::write(place.path("b/points.jsonl"), format!("{own}\n")).expect("writable");
    assert!(text(&place.sweep("b", &[]).stderr).contains("the planned step has"));
}

/// Layers alone where that is asked for, or where something else than the whole step's cycles counts.
#[test]
fn layers_alone_have_no_planned_step() {
    let place = Place::new();
    for (folder, more) in [
        ("a", &["--no-memory-plan"][..]),
        ("b", &["--objective", "energy"]),
        ("c", &["--layers", "conv"]),
    ] {
        let output = place.sweep(folder, more);
        succeeded(&output);
        let said = text(&output.stdout);
        assert!(!said.contains("memory plans"), "{more:?}: {said}");
        let journal = place.read(&format!("{folder}/points.jsonl"));
        assert!(!journal.contains("planned"), "{more:?}");
    }
}

/// Fractions whose products do not fit in 128 bits: no bound of one point is a false one of another.
#[test]
fn points_of_long_fractions_prove_nothing_false_of_each_other() {
    let place = Place::new();
    let mut command = place.command();
    command.args(["sweep", "tests/claims/bandwidths-network.yaml"]);
    command.args(["tests/claims/bandwidths-hardware.yaml", "--vary"]);
    command.arg("dram.bandwidth_bytes_per_cycle=85.333333333,1325.714285714");
    let output = command.arg("-o").arg(place.path("w")).output();
    succeeded(&output.expect("the program starts"));
    let points = place.read("w/points.jsonl");
    let found: Vec<(String, u64, u64)> = points
        .lines()
        .map(|line| {
            let point: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let number = |name: &str| point[name].as_u64().unwrap_or(0);
            let status = point["status"].as_str().unwrap_or_default();
            (status.to_owned(), number("cycles"), number("bound_cycles"))
        })
        .collect();
    let optimal = |cycles| ("optimal".to_owned(), cycles, cycles);
    assert_eq!(found, [optimal(76_801), optimal(29_377)]);
}

/// A sweep that takes some seconds: a fully connected layer at many batch sizes.
fn long_sweep(place: &Place, folder: &str) -> Command {
    let mut command = place.command();
    let inputs = [
        "inputs/networks/vgg16.yaml",
        "inputs/hardware/shared-32x32.yaml",
    ];
    command
        .arg("sweep")
        .args(inputs)
        .args(["--layers", "fc8", "--jobs", "1"]);
    command
        .args(["--vary", "batch=1..60:+1", "-o"])
        .arg(place.path(folder));
    command
}

fn wait_for_lines(file: &Path, lines: usize) -> String {
    let begun = Instant::now();
    loop {
        let text = fs::read_to_string(file).unwrap_or_default();
        if text.lines().count() > lines {
            return text;
        }
        assert!(begun.elapsed() < Duration::from_secs(300), "no points yet");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_killed_sweep_goes_on_without_losing_or_repeating_a_point() {
    let place = Place::new();
    let mut child = long_sweep(&place, "a")
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let before = wait_for_lines(&place.path("a/points.jsonl"), 3);
    // On Unix this is SIGKILL.
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    let finished = place.read("a/points.jsonl").lines().count();
    assert!(finished < 60, "it was done before it was killed");
    succeeded(&long_sweep(&place, "a").output().expect("it starts"));
    let after = place.read("a/points.jsonl");
    let whole: String = before
        .split_inclusive('\n')
        .filter(|l| l.ends_with('\n'))
        .collect();
    assert!(after.starts_with(&whole), "finished lines never change");
    let mut points: Vec<&str> = after
        .lines()
        .map(|l| l.split('}').next().unwrap_or(""))
        .collect();
    points.sort_unstable();
    points.dedup();
    assert_eq!((points.len(), after.lines().count()), (60, 60));
    let other = Place::new();
    succeeded(&long_sweep(&other, "b").output().expect("it starts"));
    assert!(
        place.read("a/points.csv") == other.read("b/points.csv"),
        "a/points.csv and b/points.csv differ"
    );
}

#[test]
fn shards_make_up_the_whole_and_merge_says_what_is_missing() {
    let place = Place::new();
    succeeded(&place.sweep("whole", &[]));
    for shard in ["1/3", "2/3", "3/3"] {
        let folder = shard.replace('/', "of");
        succeeded(&place.sweep(&folder, &["--shard", shard]));
    }
    let merge = |folders: &[&str], to: &str| {
        let mut command = place.command();
        command
            .arg("merge")
            .args(folders.iter().map(|f| place.path(f)));
        command
            .arg("-o")
            .arg(place.path(to))
            .output()
            .expect("it starts")
    };
    let all = merge(&["1of3", "2of3", "3of3"], "all");
    succeeded(&all);
    assert!(
        place.read("all/points.csv") == place.read("whole/points.csv"),
        "all/points.csv and whole/points.csv differ"
    );
    assert!(
        text(&all.stdout).starts_with("24 points of 3 folders, 0 of them in several, 0 missing")
    );

    let some = merge(&["1of3", "2of3", "1of3"], "some");
    assert_eq!(some.status.code(), Some(1));
    let (out, err) = (text(&some.stdout), text(&some.stderr));
    assert!(
        out.starts_with("16 points of 3 folders, 8 of them in several, 8 missing"),
        "{out}"
    );
    assert!(
        err.contains("shard 3/3 has 8 points left: run it again"),
        "{err}"
    );
    assert!(err.contains("sram.capacity_bytes=32 dram.bandwidth_bytes_per_cycle=2 dataflow=any: this point is missing"), "{err}");

    // Another optimum, whose numbers agree with each other.
    let another = |line: &str| {
        let mut point: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let add = |own: &mut serde_json::Value| {
            for name in ["cycles", "bound_cycles"] {
                own[name] = serde_json::json!(own[name].as_u64().unwrap_or(0) + 1_000);
            }
        };
        add(&mut point);
        add(&mut point["layers"][0]);
        format!("{point}\n")
    };
    let kept = place.read("1of3/points.jsonl");
    let damaged: String = kept.lines().map(another).collect();
    fs::write(place.path("2of3/points.jsonl"), damaged).expect("writable");
    let wrong = merge(&["1of3", "2of3"], "wrong");
    let err = text(&wrong.stderr);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        err.contains("proved optimal with") && err.lines().count() == 1,
        "{err}"
    );
}

#[test]
fn two_sweeps_do_not_mix_in_one_folder() {
    let place = Place::new();
    succeeded(&place.sweep("a", &[]));
    let before = place.read("a/points.jsonl");
    let other = place.sweep("a", &["--no-fuse"]);
    assert_eq!(other.status.code(), Some(1));
    let err = text(&other.stderr);
    assert!(
        err.contains("holds points of another sweep (options: "),
        "{err}"
    );
    assert_eq!(place.read("a/points.jsonl"), before);
    // More values of the same fields are the same sweep.
    let more = place.sweep("a", &["--vary", "clock_mhz=1"]);
    assert!(text(&more.stderr).contains("varied fields"));
    succeeded(&place.sweep("a", &["--no-fuse", "--no-resume"]));
}

#[test]
fn a_full_disk_keeps_the_points_before() {
    let place = Place::new();
    // Files may have 16 KiB, which is some points: as if the disk were full then.
    let script = format!(
        "trap '' XFSZ; ulimit -f 16; exec {} sweep {} {} {} -o {}",
        env!("CARGO_BIN_EXE_deepmatrix"),
        TINY.join(" "),
        VARY.join(" "),
        "--jobs 1",
        place.path("a").display()
    );
    let output = Command::new("bash")
        .env("XDG_CACHE_HOME", place.path("cache"))
        .args(["-c", &script])
        .output()
        .expect("bash");
    assert_eq!(output.status.code(), Some(1));
    let err = text(&output.stderr);
    assert!(
        err.contains("cannot write") && err.contains("points.jsonl: File too large"),
        "{err}"
    );
    let lines = place.read("a/points.jsonl");
    let kept = lines.lines().count();
    assert!(kept > 0 && kept < POINTS && lines.ends_with('\n'), "{kept}");
    assert!(
        err.contains(&format!("{kept} finished points are kept")),
        "{err}"
    );
    let rest = place.sweep("a", &[]);
    succeeded(&rest);
    let after = place.read("a/points.jsonl");
    assert!(after.starts_with(&lines) && after.lines().count() == POINTS);
}

#[test]
fn a_cache_that_cannot_be_written_is_said_and_no_error() {
    let place = Place::new();
    fs::write(place.path("cache"), "a file").expect("writable");
    let output = place.sweep("a", &[]);
    succeeded(&output);
    let err = text(&output.stderr);
    assert!(
        err.contains("warning: solutions are not kept for other runs: cannot write"),
        "{err}"
    );
    assert_eq!(err.lines().count(), 1);
}

#[test]
fn processes_share_a_cache_and_none_shares_a_folder() {
    let place = Place::new();
    let mut first = long_sweep(&place, "a")
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    wait_for_lines(&place.path("a/points.jsonl"), 1);
    let second = long_sweep(&place, "a").output().expect("it starts");
    assert_eq!(second.status.code(), Some(1));
    let err = text(&second.stderr);
    assert!(err.contains("another sweep is writing here"), "{err}");
    let mut third = long_sweep(&place, "b")
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    assert!(first.wait().expect("it ends").success());
    assert!(third.wait().expect("it ends").success());
    assert!(
        place.read("a/points.csv") == place.read("b/points.csv"),
        "a/points.csv and b/points.csv differ"
    );
}

#[test]
fn gnu_parallel_runs_the_shards() {
    let version = Command::new("parallel").arg("--version").output();
    if !version.is_ok_and(|output| text(&output.stdout).contains("GNU parallel")) {
        eprintln!("skipped: GNU parallel is not installed (Debian's package `parallel`)");
        return;
    }
    let place = Place::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("inputs/sweeps/parallel.sh");
    let output = Command::new("bash")
        .arg(script)
        .args(["3", "2"])
        .arg(place.path("shards"))
        .args(TINY)
        .args(VARY)
        .env("DEEPMATRIX", env!("CARGO_BIN_EXE_deepmatrix"))
        .env("XDG_CACHE_HOME", place.path("cache"))
        .output()
        .expect("bash");
    succeeded(&output);
    succeeded(&place.sweep("whole", &[]));
    assert_eq!(
        place.read("shards/all/points.csv"),
        place.read("whole/points.csv")
    );
}

/// What a Slurm array job does, one task after the other.
#[test]
fn the_slurm_script_runs_one_shard_for_each_task() {
    let place = Place::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("inputs/sweeps/slurm.sh");
    for task in ["1", "2"] {
        let output = Command::new("bash")
            .arg(&script)
            .arg(place.path("shards"))
            .args(TINY)
            .args(VARY)
            .env("DEEPMATRIX", env!("CARGO_BIN_EXE_deepmatrix"))
            .env("XDG_CACHE_HOME", place.path("cache"))
            .env("SLURM_ARRAY_TASK_ID", task)
            .env("SLURM_ARRAY_TASK_COUNT", "2")
            .env("SLURM_CPUS_PER_TASK", "1")
            .output()
            .expect("bash");
        succeeded(&output);
    }
    let shards = ["1", "2"].map(|task| place.path("shards").join(task));
    let mut command = place.command();
    let merged = command
        .arg("merge")
        .args(&shards)
        .arg("-o")
        .arg(place.path("all"))
        .output();
    succeeded(&merged.expect("it starts"));
    succeeded(&place.sweep("whole", &[]));
    assert!(
        place.read("all/points.csv") == place.read("whole/points.csv"),
        "all/points.csv and whole/points.csv differ"
    );
}

//! One case: files in a folder of its own, a command, and what must not happen.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::SLOWEST;

/// A file that is there before every case, and must not be lost.
pub const PRECIOUS: &str = "precious.json";
/// What it holds.
pub const CONTENT: &str = "{\"mine\": true}\n";

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Exit status 101, or the word in a message.
    Panic,
    /// Ended by a signal.
    Signal,
    /// Longer than [`SLOWEST`].
    Hang,
    /// A file is neither what it was nor a whole new one.
    Lost,
    /// A control character in what was printed or written.
    Control,
    /// A failure without a message.
    Silent,
    /// An exit status that is none of the program's, or another result than without the damage.
    Other,
}

impl Fault {
    /// All kinds.
    pub const ALL: [Fault; 7] = [
        Fault::Panic,
        Fault::Signal,
        Fault::Hang,
        Fault::Lost,
        Fault::Control,
        Fault::Silent,
        Fault::Other,
    ];
}

/// A case.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// What it is one of.
    pub group: &'static str,
    /// The command line.
    pub arguments: Vec<String>,
    /// Files beside the usual ones, or in their place.
    pub files: Vec<(String, Vec<u8>)>,
    /// Commands that are run before, to make files that are then damaged.
    pub before: Vec<Vec<String>>,
    /// Files to damage after that: by name, each with what takes its place.
    pub damage: Vec<(String, Damage)>,
    /// What was done, for messages.
    pub what: String,
}

/// What happens to a file.
#[derive(Clone, Debug)]
pub enum Damage {
    /// Only a part of the file stays, in 64ths.
    Cut(usize),
    /// The file has this content.
    Replaced(Vec<u8>),
    /// A text in it is replaced by another one.
    Changed(&'static str, &'static str),
    /// A folder stands in its place.
    Folder,
}

/// How a case went.
#[derive(Debug, Default)]
pub struct Ran {
    pub status: Option<i32>,
    pub took: Duration,
    pub stdout: String,
    pub stderr: String,
    pub faults: Vec<(Fault, String)>,
}

/// A memory plan within limits.
pub const PLAN: &str =
    "--memory-plan --jobs 1 --modes-per-operation 2 --time-limit 0.5 --plan-time-limit 1";

/// The files that commands of cases name.
pub const NETWORK: &str = "\
name: small
batch: 1
precision_bits: {input: 8, weight: 8, output: 8, accumulator: 32}
input: {channels: 2, height: 6, width: 6}
layers:
  - {name: conv, op: conv2d, out_channels: 4, kernel: [3, 3], stride: [1, 1], padding: [1, 1]}
  - {name: relu, op: relu}
  - {name: pool, op: max_pool, kernel: [2, 2], stride: [2, 2]}
  - {name: flatten, op: flatten}
  - {name: fc, op: linear, out_features: 5}
";
pub const HARDWARE: &str = "\
name: little
source: \"made for this test\"
clock_mhz: 100
levels:
  - {memory: dram, bandwidth_bytes_per_cycle: 2, energy_pj_per_byte: 100.0}
  - {memory: sram, capacity_bytes: 256, bandwidth_bytes_per_cycle: 4, energy_pj_per_byte: 2.0}
  - {array: pe, axes: [{name: rows, size: 2, dims: [K, C]}, {name: cols, size: 2}]}
  - {memory: registers, capacity_bytes: 16, energy_pj_per_byte: 0.5}
compute: {energy_pj_per_mac: 0.2}
vector: {lanes: 2}
";
pub const BLOCKS: &str = "id,lower,upper,size\na,0,4,100\nb,2,6,60\nc,4,9,100\n";

pub fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

impl Case {
    /// A case of a command line.
    pub fn of(group: &'static str, what: impl Into<String>, arguments: &[&str]) -> Self {
        Self {
            group,
            what: what.into(),
            arguments: strings(arguments),
            ..Self::default()
        }
    }

    /// With a file.
    pub fn with(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.push((name.to_owned(), content.into()));
        self
    }

    /// In words.
    pub fn text(&self) -> String {
        format!("{}: {} ({:?})", self.group, self.what, self.arguments)
    }

    /// Runs the case in a folder of its own.
    pub fn run(&self) -> Ran {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path();
        prepare(folder);
        for (name, content) in &self.files {
            fs::write(folder.join(name), content).expect("writable");
        }
        for before in &self.before {
            run(folder, before);
        }
        for (name, damage) in &self.damage {
            for path in matching(folder, name) {
                damage.apply(&path);
            }
        }
        let mut ran = run(folder, &self.arguments);
        judge(folder, &mut ran);
        ran
    }
}

/// The usual files.
pub fn prepare(folder: &Path) {
    for (name, text) in [
        ("network.yaml", NETWORK),
        ("hardware.yaml", HARDWARE),
        ("blocks.csv", BLOCKS),
        (PRECIOUS, CONTENT),
    ] {
        fs::write(folder.join(name), text).expect("writable");
    }
    fs::create_dir(folder.join("folder")).expect("a folder");
}

/// The files below a folder whose path has this part.
fn matching(folder: &Path, part: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_string_lossy().contains(part) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

impl Damage {
    fn apply(&self, path: &Path) {
        let content = fs::read(path).expect("a file");
        let new = match self {
            Damage::Cut(part) => content[..content.len() * part / 64].to_vec(),
            Damage::Replaced(new) => new.clone(),
            Damage::Changed(from, to) => String::from_utf8_lossy(&content)
                .replace(from, to)
                .into_bytes(),
            Damage::Folder => {
                fs::remove_file(path).expect("removable");
                fs::create_dir(path).expect("a folder");
                return;
            }
        };
        fs::write(path, new).expect("writable");
    }
}

/// The command, in a folder that is also that of its cache.
pub fn command(folder: &Path, arguments: &[String]) -> Command {
    // Another build, to see what this one mended.
    let program = std::env::var_os("BENCH_PROGRAM");
    let program = program.unwrap_or_else(|| env!("CARGO_BIN_EXE_deepmatrix").into());
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null());
    command
}

/// Runs the command to its end, or for as long as a case may take.
pub fn run(folder: &Path, arguments: &[String]) -> Ran {
    let (out, err) = (folder.join(".stdout"), folder.join(".stderr"));
    let start = Instant::now();
    let mut child = command(folder, arguments)
        .stdout(File::create(&out).expect("writable"))
        .stderr(File::create(&err).expect("writable"))
        .spawn()
        .expect("the program starts");
    let mut ran = Ran::default();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break Some(status);
        }
        if start.elapsed() > SLOWEST {
            child.kill().expect("a child");
            child.wait().expect("a child");
            break None;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    ran.took = start.elapsed();
    ran.stdout = text(&out);
    ran.stderr = text(&err);
    match status {
        None => ran.faults.push((Fault::Hang, "killed".to_owned())),
        Some(status) => {
            ran.status = status.code();
            if let Some(signal) = status.signal() {
                ran.faults.push((Fault::Signal, signal.to_string()));
            }
        }
    }
    ran
}

fn text(path: &Path) -> String {
    let mut bytes = Vec::new();
    let file = File::open(path).and_then(|mut file| file.read_to_end(&mut bytes));
    file.expect("a file");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What was wrong.
pub fn judge(folder: &Path, ran: &mut Ran) {
    let mut faults = Vec::new();
    let mut fault = |fault, what: &str| faults.push((fault, what.to_owned()));
    if ran.status == Some(101) || ran.stderr.contains("panicked") {
        fault(Fault::Panic, ran.stderr.lines().next().unwrap_or_default());
    } else if let Some(status) = ran.status
        && ![0, 1, 2, 130].contains(&status)
    {
        fault(Fault::Other, &format!("exit status {status}"));
    }
    if ran.stderr.contains("internal error") {
        fault(Fault::Other, &ran.stderr);
    }
    if ran.status.is_some_and(|status| status != 0) && ran.stderr.trim().is_empty() {
        fault(Fault::Silent, "no message");
    }
    let acts = |c: char| c.is_control() && c != '\n' && c != '\t';
    for (stream, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        if text.contains(acts) {
            fault(Fault::Control, stream);
        }
    }
    for ending in [".csv", ".html", ".svg", ".txt", ".dot"] {
        for path in matching(folder, ending) {
            let is_input = path
                .file_name()
                .is_some_and(|n| n == "blocks.csv" || n == "b.csv");
            let bytes = fs::read(&path).unwrap_or_default();
            if !is_input && String::from_utf8_lossy(&bytes).contains(acts) {
                fault(Fault::Control, &path.display().to_string());
            }
        }
    }
    let kept = fs::read_to_string(folder.join(PRECIOUS)).unwrap_or_default();
    let is_whole = serde_json::from_str::<serde_json::Value>(&kept).is_ok() || kept.ends_with('\n');
    if kept.is_empty() || !is_whole || (ran.status.is_some_and(|s| s == 2) && kept != CONTENT) {
        fault(Fault::Lost, PRECIOUS);
    }
    if !matching(folder, ".draft").is_empty() {
        fault(Fault::Lost, "a draft stays");
    }
    ran.faults.extend(faults);
}

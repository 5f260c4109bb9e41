//! Broken YAML files of every kind: read or refused in little time and memory, and no panic.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use deepmatrix::network::training::{self, StepOptions};
use deepmatrix::problem::graph::{Graph, Mode};
use deepmatrix::problem::{Hardware, Network, Optimizer};
use deepmatrix::read::vary::Template;
use deepmatrix::read::{self, NetworkOptions};
use rand::Rng;
use serde_yaml::Value;

use crate::{files, fuzz};

/// Scalars and pieces of syntax that are put in place of others.
const PIECES: [&str; 32] = [
    "0",
    "-1",
    "1",
    "1.5",
    "-0.0",
    ".nan",
    ".inf",
    "1e300",
    "1e-300",
    "1/0",
    "1/3",
    "4294967295",
    "9223372036854775807",
    "18446744073709551615",
    "18446744073709551616",
    "340282366920938463463374607431768211455",
    "x",
    "null",
    "true",
    "[]",
    "{}",
    "[",
    "]",
    "{",
    "}",
    ": ",
    ", ",
    "\n",
    "\n  ",
    "&a *a",
    "<<: *a",
    "\u{feff}\u{e9}",
];

/// What files are read with: networks, hardware and a step, to which mappings refer.
struct With {
    files: Vec<Vec<u8>>,
    values: Vec<Value>,
    networks: Vec<Network>,
    hardware: Vec<Hardware>,
    step: Graph,
}

impl With {
    fn new() -> Self {
        let below = |folder: &str| files::below(Path::new(folder), "yaml");
        let paths = [below("inputs"), below("tests")].concat();
        assert!(paths.len() > 150, "{}", paths.len());
        let read = |p: &PathBuf| fs::read(p).expect("a file");
        let files: Vec<Vec<u8>> = (paths.iter().map(read)).filter(|f| !f.is_empty()).collect();
        let values = files.iter().filter_map(|f| serde_yaml::from_slice(f).ok());
        let network = |path: &str| {
            let options = NetworkOptions::default();
            read::network(Path::new(path), &options).unwrap_or_else(|e| panic!("{e}"))
        };
        let hardware = |path: &str| read::hardware(Path::new(path)).expect("hardware");
        let networks = ["inputs/tiny/tiny.yaml", "inputs/networks/vgg16.yaml"].map(network);
        let hard = [
            "inputs/tiny/tiny-hw.yaml",
            "inputs/hardware/shared-32x32.yaml",
        ];
        Self {
            values: values.collect(),
            step: training::step(&networks[0], options(Mode::Training)).expect("a step"),
            networks: networks.into(),
            hardware: hard.map(hardware).into(),
            files,
        }
    }

    /// Reads a file as every kind of file; of a network its steps are derived too.
    fn read(&self, path: &Path) {
        for batch in [None, Some(3)] {
            let given = NetworkOptions {
                batch,
                ..NetworkOptions::default()
            };
            if let Ok(network) = read::network(path, &given) {
                for mode in [Mode::Training, Mode::Inference] {
                    let _ = training::step(&network, options(mode));
                }
            }
        }
        let _ = read::kind(path);
        let _ = read::hardware(path);
        let _ = Template::hardware(path).map(|t| t.read_hardware(&[]));
        for (network, hardware) in self.networks.iter().zip(&self.hardware) {
            let _ = read::mappings(path, network, hardware);
            let _ = read::constraints(path, network, hardware);
        }
        let _ = read::mappings(path, &self.step, &self.hardware[0]);
        let _ = read::constraints(path, &self.step, &self.hardware[0]);
    }
}

fn options(mode: Mode) -> StepOptions {
    StepOptions {
        mode,
        optimizer: Optimizer::Sgd,
        fuse: true,
    }
}

/// Random pieces in random places of a text.
fn with_pieces(text: &[u8], rng: &mut impl Rng) -> Vec<u8> {
    let mut letters: Vec<char> = String::from_utf8_lossy(text).chars().collect();
    for _ in 0..rng.random_range(1..5) {
        let from = rng.random_range(0..=letters.len());
        let word = |c: &char| c.is_alphanumeric();
        let length = if rng.random_bool(0.5) {
            letters[from..].iter().take_while(|c| word(c)).count()
        } else {
            rng.random_range(0..6)
        };
        let to = (from + length).min(letters.len());
        let piece = PIECES[rng.random_range(0..PIECES.len())];
        letters.splice(from..to, piece.chars());
    }
    letters.into_iter().collect::<String>().into_bytes()
}

/// A value at a random place of another one.
fn somewhere<'a>(value: &'a mut Value, rng: &mut impl Rng) -> &'a mut Value {
    let count = match value {
        Value::Sequence(items) => items.len(),
        Value::Mapping(table) => table.len(),
        _ => 0,
    };
    if count == 0 || rng.random_bool(0.15) {
        return value;
    }
    let at = rng.random_range(0..count);
    let inner = match value {
        Value::Sequence(items) => items.get_mut(at),
        Value::Mapping(table) => table.values_mut().nth(at),
        _ => None,
    };
    somewhere(inner.expect("a place below the count"), rng)
}

/// Well-formed files whose values are of the wrong kind, far too large, missing or from elsewhere.
fn with_values(with: &With, rng: &mut impl Rng) -> Vec<u8> {
    let mut value = with.values[rng.random_range(0..with.values.len())].clone();
    for _ in 0..rng.random_range(1..5) {
        let new = match rng.random_range(0..3) {
            0 => {
                let mut other = with.values[rng.random_range(0..with.values.len())].clone();
                somewhere(&mut other, rng).clone()
            }
            1 => Value::from(1_u64 << rng.random_range(0..64)),
            _ => {
                let piece = PIECES[rng.random_range(0..PIECES.len())];
                serde_yaml::from_str(piece).unwrap_or_else(|_| Value::from(piece))
            }
        };
        let place = somewhere(&mut value, rng);
        match (place, rng.random_range(0..4)) {
            (Value::Sequence(items), 0) => items.push(new),
            (Value::Sequence(items), 1) if !items.is_empty() => {
                items.remove(rng.random_range(0..items.len()));
            }
            (Value::Sequence(items), 2) => items.extend_from_within(..),
            (Value::Mapping(table), 0) if !table.is_empty() => {
                let key = table.keys().nth(rng.random_range(0..table.len())).cloned();
                key.and_then(|key| table.remove(key));
            }
            (place, _) => *place = new,
        }
    }
    serde_yaml::to_string(&value)
        .unwrap_or_default()
        .into_bytes()
}

/// Reads mutated files for some time; the seeds of those that panic, take long or much memory.
fn mutate(seeds: impl Iterator<Item = u64>, until: Instant) -> Vec<(u64, String)> {
    let with = With::new();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mutated.yaml");
    fuzz::run(seeds, until, |rng| {
        let good = &with.files[rng.random_range(0..with.files.len())];
        let text = match rng.random_range(0..4) {
            0 => fuzz::mutated(good, rng),
            1 => with_pieces(good, rng),
            _ => with_values(&with, rng),
        };
        fs::write(&path, text).expect("written");
        with.read(&path);
    })
}

#[test]
fn mutated_files_never_panic() {
    let until = Instant::now() + Duration::from_secs(20);
    let wrong = mutate(0..1000, until);
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// `FUZZ_SECONDS=3600 cargo test --release --test programs yaml_broken -- --ignored --nocapture`
#[test]
#[ignore = "runs for FUZZ_SECONDS, a minute where that is not given"]
fn mutated_files_never_panic_for_long() {
    let (seeds, until) = fuzz::long();
    let wrong = mutate(seeds, until);
    assert!(wrong.is_empty(), "{wrong:?}");
}

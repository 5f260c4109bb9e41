//! Broken input files: networks, hardware, mappings, constraints, solutions, blocks, and what sweeps and
//! plans keep.

use std::fmt::Write as _;

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::run::{BLOCKS, Case, Damage, HARDWARE, NETWORK, PLAN, strings};

/// What takes the place of a number.
const VALUES: [&str; 16] = [
    "0",
    "-1",
    "1e400",
    "18446744073709551615",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    ".nan",
    "-.inf",
    "'x'",
    "null",
    "[]",
    "{}",
    "1.5",
    "9007199254740993",
    "16777216",
    "true",
];

/// Whole texts that are no input file.
fn texts() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [
        "",
        "\n\n",
        "# a comment",
        "null",
        "42",
        "[]",
        "{}",
        "---\n---\n",
        "a: &a [*a]\nlayers: *a\n",
        "%YAML 1.2\n---\nname: x\n",
        "!!binary aGVsbG8=\n",
        "layers: !!python/object:os.system x\n",
        "<<: *x\nlayers: []\n",
        "layers: {layers: {layers: {}}}\n",
        "levels:\n\t- memory: dram\n",
        "name: \"\\x1b[31m\"\nlayers: 3\n",
        "? [a]\n: b\n",
        "layers: [\n",
        "\"layers\": \"\\ud800\"\n",
        "layers: |\n  text\nlevels: >\n  text\n",
        "{\"layers\": [], \"levels\": [], \"layer\": 1}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    all.push(vec![0; 64]);
    all.push(vec![0xff, 0xfe, b'a', 0]);
    all.push(b"layers: \xff\xff".to_vec());
    all.push("[".repeat(5000).into_bytes());
    all.push("- ".repeat(5000).into_bytes());
    all.push("x".repeat(1 << 20).into_bytes());
    all.push(format!("name: {}\nlayers: []\n", "long ".repeat(50_000)).into_bytes());
    let mut laugh = "a0: &a0 [x, x]\n".to_owned();
    for i in 1..40 {
        let _ = writeln!(laugh, "a{i}: &a{i} [*a{}, *a{}]", i - 1, i - 1);
    }
    all.push(laugh.into_bytes());
    all
}

/// The text with one small change, each kind of change many times.
fn mutations(text: &str, random: &mut ChaCha8Rng, number: usize) -> Vec<(String, Vec<u8>)> {
    (0..number)
        .map(|index| match index % 4 {
            0 | 1 => number_changed(text, random, VALUES[index / 2 % VALUES.len()]),
            2 => lines_changed(text, random, index / 4),
            _ => bytes_changed(text, random, index / 4),
        })
        .collect()
}

fn number_changed(text: &str, random: &mut ChaCha8Rng, value: &str) -> (String, Vec<u8>) {
    let is_digit = |c: char| c.is_ascii_digit();
    let starts: Vec<usize> = text
        .char_indices()
        .filter(|&(at, c)| is_digit(c) && !text[..at].ends_with(|c: char| c.is_alphanumeric()))
        .map(|(at, _)| at)
        .collect();
    let &at = starts.choose(random).expect("a number");
    let rest = text[at..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let what = format!("byte {at} is {value}");
    (what, format!("{}{value}{rest}", &text[..at]).into_bytes())
}

fn lines_changed(text: &str, random: &mut ChaCha8Rng, kind: usize) -> (String, Vec<u8>) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = random.random_range(0..lines.len());
    let what = match kind % 6 {
        0 => {
            lines.remove(at);
            "without"
        }
        1 => {
            let line = lines[at].clone();
            lines.insert(at, line);
            "twice"
        }
        2 => {
            lines.insert(at, lines[at].replace("  ", "\t"));
            "tabs"
        }
        3 => {
            lines[at] = lines[at].replace([':', ','], " ");
            "no signs"
        }
        4 => {
            lines[at] = lines[at].replace('a', "\u{1b}[2Jа");
            "odd letters"
        }
        _ => {
            lines[at] = format!(" {}", lines[at]);
            "indented"
        }
    };
    let line_end = if random.random_range(0..4) == 0 {
        "\r\n"
    } else {
        "\n"
    };
    (
        format!("line {at} {what}"),
        lines.join(line_end).into_bytes(),
    )
}

fn bytes_changed(text: &str, random: &mut ChaCha8Rng, kind: usize) -> (String, Vec<u8>) {
    let mut bytes = text.as_bytes().to_vec();
    let at = random.random_range(0..bytes.len());
    match kind % 4 {
        0 => bytes.truncate(at),
        1 => bytes[at] = random.random(),
        2 => {
            bytes.insert(
                at,
                *[0, 0x1b, 0xff, b'{', b'"', b'\t']
                    .choose(random)
                    .expect("one"),
            );
        }
        _ => {
            let end = (at + random.random_range(1..20)).min(bytes.len());
            bytes.drain(at..end);
        }
    }
    (format!("bytes at {at}, kind {}", kind % 4), bytes)
}

/// Commands that read both files.
const COMMANDS: [&str; 8] = [
    "check network.yaml hardware.yaml",
    "solve network.yaml hardware.yaml --time-limit 1 --jobs 1",
    "solve network.yaml hardware.yaml --mode training --time-limit 1 --jobs 1 --format json",
    "graph network.yaml --mode training",
    "sweep network.yaml hardware.yaml --vary batch=1,2 -o points --time-limit 1 --jobs 1",
    "explain network.yaml hardware.yaml --layer conv --time-limit 1",
    "export network.yaml hardware.yaml --layer conv --time-limit 1 -o precious.lp",
    "compare network.yaml hardware.yaml --mappers greedy -o precious.json",
];

fn split(command: &str) -> Vec<&str> {
    command.split(' ').collect()
}

/// A mapping of the small network's first layer, and what fixes a part of it.
const MAPPING: &str = "\
layer: fc
levels:
  - {memory: sram, order: [input, weight, output], tiles: {input: {C: 36}, weight: {K: 2, C: 36}, output: {K: 2}}}
  - {array: pe, spatial: {rows: {C: 2}, cols: {K: 2}}}
  - {memory: registers, tile: {K: 1, C: 1}, stationary: output}
";
const CONSTRAINTS: &str = "\
layers: '^conv$'
levels:
  - {memory: sram, order: [input, weight, output], tiles: {weight: {K: 4}}}
  - {array: pe, spatial: {rows: {K: 2}, cols: {C: 2}}}
";
const SOLUTION: &str = "\
Model status
Optimal

# Primal solution values
Feasible
Objective 5.5
# Columns 3
z 5.5
y_IWO_P 1
x_K_2 1
# Rows 0
";

/// All cases of broken files.
pub fn cases(seed: u64) -> Vec<Case> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut all = Vec::new();
    for (file, text) in [("network.yaml", NETWORK), ("hardware.yaml", HARDWARE)] {
        let mutated = mutations(text, &mut random, 128).into_iter();
        let whole = texts()
            .into_iter()
            .map(|text| ("another text".to_owned(), text));
        for (index, (what, content)) in mutated.chain(whole).enumerate() {
            let command = split(COMMANDS[index % COMMANDS.len()]);
            let case = Case::of("files", format!("{file}: {what}"), &command);
            all.push(case.with(file, content));
        }
    }
    for (file, text, number, command) in [
        (
            "m.yaml",
            MAPPING,
            48,
            "evaluate network.yaml hardware.yaml --mapping m.yaml",
        ),
        (
            "c.yaml",
            CONSTRAINTS,
            32,
            "solve network.yaml hardware.yaml --constraints c.yaml --time-limit 1",
        ),
        (
            "s.sol",
            SOLUTION,
            48,
            "decode s.sol --for network.yaml hardware.yaml --layer conv",
        ),
        (
            "b.csv",
            BLOCKS,
            48,
            "allocate b.csv --capacity 160 --time-limit 1",
        ),
        (
            "b.csv",
            BLOCKS,
            32,
            "allocate b.csv --capacity min --time-limit 1 -o precious.json",
        ),
        (
            "m.yaml",
            MAPPING,
            16,
            "check network.yaml hardware.yaml m.yaml",
        ),
    ] {
        let mutated = mutations(text, &mut random, number).into_iter();
        let whole = texts()
            .into_iter()
            .step_by(3)
            .map(|text| ("another text".to_owned(), text));
        for (what, content) in mutated.chain(whole) {
            let case = Case::of("files", format!("{file}: {what}"), &split(command));
            all.push(case.with(file, content));
        }
    }
    all.extend(kept(&mut random));
    all
}

/// What sweeps and plans keep, damaged.
fn kept(random: &mut ChaCha8Rng) -> Vec<Case> {
    let sweep =
        "sweep network.yaml hardware.yaml --vary sram.capacity_bytes=128,256 -o points --jobs 1";
    let plan = format!("solve network.yaml hardware.yaml {PLAN} --format csv");
    let mut all = Vec::new();
    for (command, files) in [
        (sweep, ["points.jsonl", "sweep.json", "solutions"]),
        (&plan, ["solutions"; 3]),
    ] {
        for file in files {
            for index in 0..16 {
                let damage = match index {
                    0 => Damage::Replaced(Vec::new()),
                    1 => Damage::Replaced(b"{}\n".to_vec()),
                    2 => Damage::Replaced(vec![0xff; 100]),
                    3 => Damage::Replaced("[".repeat(10_000).into_bytes()),
                    4 => Damage::Folder,
                    5 => Damage::Changed("\"cycles\":", "\"cycles\":-"),
                    6 => Damage::Changed(":1", ":18446744073709551616"),
                    7 => Damage::Changed("optimal", "\u{1b}[31mbest"),
                    8 => Damage::Changed(",", "\u{0}"),
                    9 => Damage::Changed("2", "3"),
                    10 => Damage::Changed("{", "{\"more\":1,"),
                    _ => Damage::Cut(random.random_range(1..64)),
                };
                all.push(Case {
                    group: "kept",
                    what: format!("{file}: {damage:.80?}"),
                    arguments: strings(&split(command)),
                    before: vec![strings(&split(command))],
                    damage: vec![(file.to_owned(), damage)],
                    ..Case::default()
                });
            }
        }
    }
    all
}

//! Odd values of options, huge numbers among them, and options that do not belong together.

use super::run::Case;

const BOTH: [&str; 2] = ["network.yaml", "hardware.yaml"];

/// What an option may be given.
const VALUES: [&str; 14] = [
    "",
    "0",
    "-1",
    "1",
    "1.5",
    "1e400",
    "18446744073709551615",
    "18446744073709551616",
    "nan",
    "x",
    "1,2",
    "(",
    "\u{1b}[31m",
    "１",
];

/// Each option with a command that takes it.
const OPTIONS: [(&str, &str); 44] = [
    ("solve", "--batch"),
    ("solve", "--jobs"),
    ("solve", "--time-limit"),
    ("solve", "--cpu-limit"),
    ("solve", "--node-limit"),
    ("solve", "--memory-limit"),
    ("solve --memory-plan", "--modes-per-operation"),
    ("solve --memory-plan", "--plan-time-limit"),
    ("solve", "--layers"),
    ("solve", "--objective"),
    ("solve", "--tie-break"),
    ("solve", "--tiles"),
    ("solve", "--dataflow"),
    ("solve", "--method"),
    ("solve", "--mode"),
    ("solve --mode training", "--optimizer"),
    ("solve", "--pareto"),
    ("solve", "--dim"),
    ("solve", "--precision"),
    ("solve", "--format"),
    ("solve", "--color"),
    ("solve --report page.html", "--report-layer"),
    ("compare", "--mappers"),
    ("compare --mappers random", "--evaluations"),
    ("compare --mappers random", "--seed"),
    ("compare --mappers greedy", "--time-budget"),
    ("explain", "--layer"),
    ("explain --layer conv", "--phase"),
    ("explain --layer conv", "--pass"),
    ("export -o x.lp --layer conv", "--fix-order"),
    ("export -o x.lp --layer conv", "--columns"),
    ("export -o x.lp", "--program"),
    ("sweep -o points --vary batch=1", "--vary"),
    ("sweep -o points --vary batch=1,2", "--shard"),
    ("sweep -o points --vary batch=1,2", "--jobs"),
    ("allocate", "--capacity"),
    ("allocate --capacity 160", "--base"),
    ("allocate --capacity 160", "--alignment"),
    ("init", "--macs"),
    ("init", "--sram"),
    ("init", "--dram"),
    ("init", "--clock"),
    ("init", "--vector"),
    ("init", "--name"),
];

/// All cases of odd options.
pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for (command, option) in OPTIONS {
        for value in VALUES {
            let arguments = arguments(command, option, value);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            all.push(Case::of(
                "options",
                format!("{option} {value:?}"),
                &arguments,
            ));
        }
    }
    for words in [
        "",
        "solve",
        "solve network.yaml",
        "solve network.yaml hardware.yaml hardware.yaml",
        "solve hardware.yaml network.yaml",
        "solve network.yaml network.yaml",
        "solve - -",
        "solve - hardware.yaml",
        "check -",
        "check - -",
        "check network.yaml network.yaml hardware.yaml hardware.yaml",
        "list",
        "list frogs",
        "completions tcsh",
        "man",
        "init",
        "init hardware",
        "init network",
        "merge -o out",
        "merge folder -o out",
        "merge network.yaml -o out",
        "sweep network.yaml hardware.yaml -o points",
        "sweep network.yaml hardware.yaml --vary a=1..99999999999:+1 -o points",
        "sweep network.yaml hardware.yaml --vary sram.capacity_bytes=1..99999999999:+1 -o points",
        "sweep network.yaml hardware.yaml --vary sram.capacity_bytes=1..2:x1 -o points",
        "sweep network.yaml hardware.yaml --vary sram.capacity_bytes=0..9:x2 -o points",
        "solve network.yaml hardware.yaml --pareto cycles,energy --memory-plan",
        "solve network.yaml hardware.yaml --layers conv --memory-plan",
        "solve network.yaml hardware.yaml --optimizer adam",
        "solve network.yaml hardware.yaml --memory-map x.svg",
        "solve network.yaml hardware.yaml -q -v",
        "solve network.yaml hardware.yaml --time-limit 1 --time-limit 2",
        "decode blocks.csv --for network.yaml --layer conv",
        "decode blocks.csv --for network.yaml hardware.yaml --layer conv --cuts x.mps",
        "import network.yaml",
        "import missing.onnx",
        "graph hardware.yaml",
        "allocate network.yaml --capacity 1",
        "evaluate network.yaml hardware.yaml --mapping hardware.yaml",
        "evaluate network.yaml hardware.yaml --mapping -",
    ] {
        let arguments: Vec<&str> = words.split_whitespace().collect();
        all.push(Case::of("options", "odd together", &arguments));
    }
    all
}

fn arguments(command: &str, option: &str, value: &str) -> Vec<String> {
    let mut words: Vec<String> = command.split(' ').map(str::to_owned).collect();
    match words[0].as_str() {
        "allocate" => words.insert(1, "blocks.csv".to_owned()),
        "init" => {
            let usual = [
                "--macs", "4x4", "--sram", "1KiB", "--dram", "1GB/s", "--clock", "1GHz",
            ];
            let own = usual.chunks(2).filter(|pair| pair[0] != option);
            words.push("hardware".to_owned());
            words.extend(own.flatten().map(|word| (*word).to_owned()));
        }
        _ => {
            let at = words.len().min(1);
            words.splice(at..at, BOTH.map(str::to_owned));
        }
    }
    if words[0] == "solve" {
        let limits = ["--time-limit=0.5", "--plan-time-limit=1", "--jobs=1"];
        let plan = words.iter().any(|word| word == "--memory-plan");
        let apart = |limit: &&str| !limit.starts_with(&format!("{option}="));
        let own = limits.into_iter().filter(apart);
        words.extend(
            own.filter(|limit| plan || !limit.contains("plan"))
                .map(str::to_owned),
        );
    }
    // As one word, so that a value may begin with a dash.
    words.push(format!("{option}={value}"));
    words
}

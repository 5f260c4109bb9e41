//! Odd names of networks, layers, hardware and blocks, in every format.

use super::run::{Case, HARDWARE, NETWORK, PLAN};

/// Names that do something to a terminal, a page, a picture, a table, a path or a parser.
fn odd() -> Vec<String> {
    let mut all: Vec<String> = [
        "\u{1b}[31mred\u{1b}[0m",
        "\u{1b}]0;title\u{7}",
        "back\u{8}\u{8}space",
        "car\rriage",
        "new\nline",
        "tab\tulator",
        "nul\u{0}",
        "\u{9b}31m",
        "\u{202e}txet",
        "\u{2028}separator",
        "<script>alert(1)</script>",
        "\"quoted\" & 'so'",
        "]]>",
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "a,b;c",
        "../../../etc/passwd",
        "/tmp/x",
        "con",
        "{}",
        "%s%n%d",
        "\\u001b",
        "$(touch x)`touch y`",
        "  spaces  ",
        "名前→é\u{301}",
        "\u{1f600}\u{200d}\u{1f525}",
        "\u{7f}",
        "input",
        "total",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push("long".repeat(5_000));
    all
}

/// Everything that shows names.
const COMMANDS: [&str; 11] = [
    "solve network.yaml hardware.yaml --show-mapping --jobs 1",
    "solve network.yaml hardware.yaml --format json -o precious.json --jobs 1",
    "solve network.yaml hardware.yaml --format csv -o out.csv --jobs 1",
    "solve network.yaml hardware.yaml --report page.html @plan --memory-map map.svg --trace trace.json",
    "graph network.yaml --mode training",
    "graph network.yaml --format dot -o out.dot",
    "sweep network.yaml hardware.yaml --vary batch=1,2 -o points --report page.html --jobs 1",
    "compare network.yaml hardware.yaml --mappers greedy --plot plot.svg --format csv",
    "check network.yaml hardware.yaml",
    "solve network.yaml hardware.yaml --layers nothing",
    "explain network.yaml hardware.yaml --layer nothing",
];

/// All cases of odd names.
pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for (index, name) in odd().iter().enumerate() {
        let quoted = serde_json::to_string(name).expect("JSON");
        let of_network = NETWORK.replace("name: small", &format!("name: {quoted}"));
        let of_layer = NETWORK.replace("name: conv,", &format!("name: {quoted},"));
        let of_hardware = HARDWARE.replace("name: little", &format!("name: {quoted}"));
        let of_memory = HARDWARE.replace("memory: sram", &format!("memory: {quoted}"));
        for (number, command) in COMMANDS.iter().enumerate() {
            let command = command.replace("@plan", PLAN);
            let words: Vec<&str> = command.split(' ').collect();
            let case = |what: &str| Case::of("names", format!("{what} {name:.40?}"), &words);
            all.push(case("layer").with("network.yaml", of_layer.as_bytes()));
            match (index + number) % 3 {
                0 => all.push(case("network").with("network.yaml", of_network.as_bytes())),
                1 => all.push(case("hardware").with("hardware.yaml", of_hardware.as_bytes())),
                _ => all.push(case("memory").with("hardware.yaml", of_memory.as_bytes())),
            }
        }
        let cell = name.replace('"', "\"\"");
        let blocks = format!("id,lower,upper,size\n\"{cell}\",0,4,100\nb,2,6,60\n");
        for capacity in ["160", "10"] {
            let words = ["allocate", "b.csv", "--capacity", capacity];
            let case = Case::of("names", format!("block {name:.40?}"), &words);
            all.push(case.with("b.csv", blocks.as_bytes()));
        }
    }
    all
}

//! The page of chosen constants is what the code says.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use deepmatrix::engine::tuning::Constant;
use deepmatrix::{columns, engine, exact, layer, memory, tiling};

const HEAD: &str = "\
# Chosen constants

What was chosen rather than derived, and by which measurement; `results/` has these. No constant decides what is
optimal: they say how soon it is proved, or whether a limit comes first; `LONGEST` of tilings is part of the space. A
test keeps this page and the code together.

| where | constant | value | unit | what it is for | measured |
|---|---|---|---|---|---|
";

/// The tables of all rooms, from the top down.
const TABLES: [(&str, &[Constant]); 6] = [
    ("memory", memory::tuning::TUNING),
    ("exact", exact::tuning::TUNING),
    ("layer", layer::tuning::TUNING),
    ("columns", columns::tuning::TUNING),
    ("tiling", tiling::tuning::TUNING),
    ("engine", engine::tuning::TUNING),
];

#[test]
fn the_page_of_constants_is_what_the_code_says() {
    let mut page = HEAD.to_owned();
    let all = TABLES
        .iter()
        .flat_map(|(room, own)| own.iter().map(move |own| (room, own)));
    for (module, own) in all {
        let (name, value) = (own.name, own.value);
        let texts = [own.unit, own.reason, own.measured];
        assert!(texts.iter().all(|text| !text.is_empty()), "{name}");
        let [unit, reason, measured] = texts;
        let row = format!("| {module} | `{name}` | `{value}` | {unit} | {reason} | {measured} |");
        writeln!(page, "{row}").expect("a text");
    }
    if fs::read_to_string("formulations/tuning.md").ok().as_ref() != Some(&page) {
        let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tuning.md");
        fs::write(&made, page).expect("a writable folder");
        panic!("formulations/tuning.md differs from {}", made.display());
    }
}

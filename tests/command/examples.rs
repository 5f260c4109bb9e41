//! Every example in the documents and in `--help` is run: it must end with exit status 0.
//!
//! Examples are the lines of `sh` and `console` blocks of the pages in [`pages`], and those below
//! "Examples:" in the help of every command. They run in a copy of `inputs`, with small files under
//! the names that they use. A block in another language that is not known, a command without an
//! example, and a command named in a sentence that does not exist are errors too.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use deepmatrix::engine::highs_file::FileModel;

/// Languages of blocks that hold commands.
const RUN: [&str; 2] = ["sh", "console"];
/// Languages of blocks that hold something else.
const SHOWN: [&str; 1] = ["yaml"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages whose examples are run.
fn pages() -> Vec<PathBuf> {
    let mut found = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    let mut folders = vec![root().join("formulations"), root().join("inputs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The commands of a page's blocks, and its words in backticks outside of them.
fn of_page(text: &str) -> Result<(Vec<String>, Vec<String>), String> {
    let (mut commands, mut words) = (Vec::new(), Vec::new());
    let mut block: Option<&str> = None;
    for line in text.lines() {
        let fence = line.trim_start();
        if fence.starts_with("~~~") {
            return Err(format!("a block is fenced by ```, not by `{fence}`"));
        }
        if let Some(language) = fence.strip_prefix("```") {
            block = match block {
                Some(_) => None,
                None if RUN.contains(&language) || SHOWN.contains(&language) => Some(language),
                None => return Err(format!("a block in `{language}`, which nobody runs")),
            };
            continue;
        }
        match block {
            Some("sh") => commands.push(line.trim().to_owned()),
            Some("console") => {
                commands.extend(line.trim_start().strip_prefix("$ ").map(str::to_owned));
            }
            Some(_) => {}
            None => words.extend(line.split('`').skip(1).step_by(2).map(str::to_owned)),
        }
    }
    commands.retain(|command| !command.is_empty() && !command.starts_with('#'));
    Ok((commands, words))
}

/// The help of a command, of the program itself for none.
fn help(command: Option<&str>) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .args(command)
        .arg("--help")
        .output()
        .expect("the program runs");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("text")
}

/// The lines of a part of a text: from below its title to the next empty line.
fn section<'t>(text: &'t str, title: &str) -> Vec<&'t str> {
    let lines = text.lines().skip_while(|line| *line != title).skip(1);
    lines.take_while(|line| !line.is_empty()).collect()
}

/// The names of all commands.
fn commands() -> Vec<String> {
    let text = help(None);
    let names = section(&text, "Commands:").into_iter();
    let names = names.filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// The names of the commands that `./x` has beside.
fn own_commands_of_x() -> Vec<String> {
    let text = fs::read_to_string(root().join("x")).expect("the script");
    let usage = section(&text, "Usage: ./x COMMAND [ARGUMENT…]");
    assert!(usage.is_empty(), "an empty line follows the usage");
    let lines = text
        .lines()
        .skip_while(|l| !l.starts_with("Usage: ./x"))
        .skip(2);
    let lines = lines.take_while(|line| line.starts_with("  "));
    lines
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// All examples, each once.
fn examples() -> Vec<String> {
    let mut found = Vec::new();
    for command in std::iter::once(None).chain(commands().iter().map(|c| Some(c.as_str()))) {
        let text = help(command);
        let own = section(&text, "Examples:");
        assert!(!own.is_empty(), "{command:?} has no example in its help");
        for line in own {
            assert!(line.starts_with("  deepmatrix "), "{command:?}: {line}");
            found.push(line.trim().to_owned());
        }
    }
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page");
        let own = of_page(&text).unwrap_or_else(|what| panic!("{}: {what}", page.display()));
        found.extend(own.0);
    }
    let mut seen = BTreeSet::new();
    found.retain(|example| seen.insert(example.clone()));
    found
}

/// Where examples run: programs under their names, and files under those that examples use.
struct Place {
    folder: tempfile::TempDir,
    number: usize,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Self { folder, number: 0 };
        place.programs();
        place.files();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `deepmatrix`, what `./x` does with its commands, and a `dot` that looks at what it gets.
    fn programs(&self) {
        fs::create_dir(self.path("bin")).expect("a folder");
        let program = env!("CARGO_BIN_EXE_deepmatrix");
        symlink(program, self.path("bin/deepmatrix")).expect("a link");
        let x = "#!/bin/sh\ncase $1 in demo) shift; set -- solve inputs/networks/vgg16.yaml \
                 inputs/hardware/shared-32x32.yaml \"$@\";; esac\nexec deepmatrix \"$@\"\n";
        let dot = "#!/bin/sh\ncat > drawn.dot\ngrep -q digraph drawn.dot\n";
        for (name, text) in [("bin/x", x), ("bin/dot", dot)] {
            fs::write(self.path(name), text).expect("writable");
            let all = fs::Permissions::from_mode(0o755);
            fs::set_permissions(self.path(name), all).expect("permissions");
        }
    }

    /// The files that examples name, made by the program itself where it can.
    fn files(&self) {
        copy(&root().join("inputs"), &self.path("inputs"));
        let files = self.path("files");
        fs::create_dir(&files).expect("a folder");
        for (from, name) in [
            ("tests/examples/network.yaml", "NETWORK"),
            ("inputs/tiny/tiny-hw.yaml", "HARDWARE"),
            ("tests/cmd/files/fixed.yaml", "fixed.yaml"),
            ("tests/cmd/files/blocks.csv", "blocks.csv"),
            ("tests/onnx/packed_proto3.onnx", "model.onnx"),
            ("tests/onnx/bert_base_dynamic.dynamo.onnx", "bert.onnx"),
        ] {
            fs::copy(root().join(from), files.join(name)).expect("a file");
        }
        let grid = "deepmatrix sweep NETWORK HARDWARE --vary batch=1,2,3 --jobs 1";
        for made in [
            "deepmatrix solve NETWORK HARDWARE --layers conv3_1 --constraints fixed.yaml -o result.json"
                .to_owned(),
            "cp result.json MAPPING; cp result.json conv3_1.yaml".to_owned(),
            "deepmatrix solve NETWORK HARDWARE --mode training -o step.json".to_owned(),
            "deepmatrix export NETWORK HARDWARE --layer conv3_1 -o conv3_1.lp".to_owned(),
            format!("for i in 1 2 3; do {grid} --shard $i/3 -o study/$i; done; cp -r study DIR"),
        ] {
            self.run_in(&made, &files).expect("files for the examples");
        }
        let solution = FileModel::read(&files.join("conv3_1.lp")).and_then(|m| m.solve());
        let solution = solution.expect("HiGHS solves the program");
        let mut text = format!(
            "Model status\nOptimal\n\n# Primal solution values\nFeasible\nObjective {}\n# Columns {}\n",
            solution.objective,
            solution.values.len()
        );
        for (name, value) in &solution.values {
            let _ = writeln!(text, "{name} {value}");
        }
        fs::write(files.join("conv3_1.sol"), text + "# Rows 0\n").expect("writable");
    }

    /// Runs an example in a fresh folder; an error says what went wrong.
    fn run(&mut self, example: &str) -> Result<(), String> {
        self.number += 1;
        let own = self.path(&format!("run-{}", self.number));
        copy(&self.path("files"), &own);
        if !example.contains("DIR/*") {
            // What an example writes is not there before.
            fs::remove_dir_all(own.join("DIR")).expect("a folder");
        }
        symlink(self.path("inputs"), own.join("inputs")).expect("a link");
        fs::create_dir_all(own.join("tests/cmd")).expect("a folder");
        symlink(root().join("tests/cmd/files"), own.join("tests/cmd/files")).expect("a link");
        symlink(self.path("bin/x"), own.join("x")).expect("a link");
        self.run_in(example, &own)
    }

    fn run_in(&self, example: &str, folder: &Path) -> Result<(), String> {
        let path = std::env::var("PATH").expect("a path");
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", example])
            .current_dir(folder)
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("XDG_CACHE_HOME", folder.join("cache"))
            .output()
            .expect("bash runs");
        if output.status.success() {
            return Ok(());
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        Err(format!(
            "`{example}` ended with {}: {errors}",
            output.status
        ))
    }
}

/// Copies a folder.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

#[test]
fn every_example_runs() {
    let examples = examples();
    assert!(examples.len() >= 30, "only {} were found", examples.len());
    let mut place = Place::new();
    let runs = examples.iter().map(|example| place.run(example));
    let failures: Vec<String> = runs.filter_map(Result::err).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_is_wrong_with_an_example_is_found() {
    let mut place = Place::new();
    for wrong in [
        "deepmatrix slove NETWORK HARDWARE",
        "deepmatrix check NETWORK HARDWARE NOTHING",
        "deepmatrix graph NETWORK --format json | dot -Tsvg -o step.svg",
        "deepmetrix check NETWORK HARDWARE",
        "./x solve NETWORK",
    ] {
        assert!(place.run(wrong).is_err(), "{wrong}");
    }
    assert_eq!(place.run("./x check NETWORK HARDWARE   # both"), Ok(()));
    assert!(of_page("```shell\ndeepmatrix check\n```").is_err());
    assert!(of_page("```\ndeepmatrix check\n```").is_err());
    assert!(of_page("~~~sh\ndeepmatrix check\n~~~").is_err());
    let page = "Run `./x a` or:\n```sh\n# a comment\nx b\n```\n```console\n$ c\nd\n```\n";
    let found = of_page(page).expect("a page");
    assert_eq!(found.0, ["x b", "c"]);
    assert_eq!(found.1, ["./x a"]);
}

/// Commands that a sentence names, in backticks, exist.
#[test]
fn every_command_that_is_named_exists() {
    let all = commands();
    let own = own_commands_of_x();
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page");
        let (_, words) = of_page(&text).expect("known languages");
        for word in words {
            let (program, rest) = word.split_once(' ').unwrap_or((&word, ""));
            let name = rest
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned();
            let known = match program {
                "deepmatrix" => all.contains(&name) || name == "COMMAND" || rest.is_empty(),
                "./x" => all.contains(&name) || own.contains(&name) || rest.is_empty(),
                _ => true,
            };
            assert!(known, "{}: `{word}`", page.display());
        }
    }
}

//! Broken ONNX files: one clear line each, in little time and memory, and no panic.

mod onnx_files;

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use deepmatrix::read::{self, NetworkOptions};
use onnx_files::*;
use rand::{Rng, SeedableRng};

/// A name, the file, and what its error says.
type Case = (&'static str, Vec<u8>, &'static str);

/// The model of one node over an image, a small kernel and an output whose shape is stated.
fn one(node: Message) -> Vec<u8> {
    let (weight, input) = (weight("w", &[8, 3, 3, 3]), value("x", 1, &[1, 3, 8, 8]));
    model(&graph(
        &[node],
        &[weight],
        &[input],
        &[value("y", 1, &[1, 8, 7, 7])],
    ))
    .0
}

/// The output's shape is left open.
fn untyped(name: &str) -> Message {
    Message::default().bytes(1, name)
}

fn of(nodes: &[Message], weights: &[Message], input: Message) -> Vec<u8> {
    model(&graph(nodes, weights, &[input], &[untyped("y")])).0
}

fn simple(node: Message) -> Vec<u8> {
    of(
        &[node],
        &[weight("w", &[8, 3, 3, 3])],
        value("x", 1, &[1, 3, 8, 8]),
    )
}

fn with_weight(node: Message, tensor: Message) -> Vec<u8> {
    of(&[node], &[tensor], value("x", 1, &[1, 3, 8, 8]))
}

fn relu() -> Message {
    node("Relu", &["x"], &["y"], &[])
}

fn with_input(input: Message) -> Vec<u8> {
    of(&[relu()], &[], input)
}

fn conv(attributes: &[Message]) -> Vec<u8> {
    simple(node("Conv", &["x", "w"], &["y"], attributes))
}

/// Files that are no messages, or damaged ones.
fn damaged() -> Vec<Case> {
    let good = conv(&[]);
    let cut = |length: usize| good[..length].to_vec();
    let mut flipped = good.clone();
    flipped[20] = 0xff;
    let deep = (0..200).fold(graph(&[relu()], &[], &[], &[]), |inner, _| {
        let attribute = graph_attribute("then_branch", &inner);
        graph(&[node("If", &["c"], &["y"], &[attribute])], &[], &[], &[])
    });
    vec![
        ("empty", Vec::new(), "is empty"),
        (
            "text",
            b"name: vgg16\nlayers: []\n".to_vec(),
            "is no ONNX model",
        ),
        (
            "zip",
            b"PK\x03\x04rest of an archive".to_vec(),
            "is no ONNX model",
        ),
        (
            "html",
            b"<!DOCTYPE html><html>404</html>".to_vec(),
            "is no ONNX model",
        ),
        (
            "pointer",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n".to_vec(),
            "is no ONNX model",
        ),
        ("zeros", vec![0; 64], "is no ONNX model"),
        (
            "cut_in_half",
            cut(good.len() / 2),
            "longer than what is left",
        ),
        (
            "cut_at_the_end",
            cut(good.len() - 1),
            "longer than what is left",
        ),
        ("cut_at_the_start", cut(3), "ends in the middle of a field"),
        ("one_byte", vec![0x3a], "ends in the middle"),
        ("flipped", flipped, "onnx"),
        (
            "claims_exabytes",
            Message::default().claims(7, 1 << 60).0,
            "longer than what is left",
        ),
        ("endless_number", vec![0xff; 32], "more than ten bytes"),
        ("group", vec![0x0b, 0x0c], "wire type 3"),
        (
            "no_graph",
            Message::default().int(1, 8).0,
            "it has no graph",
        ),
        (
            "wrong_utf8",
            simple(node("Relu", &["x"], &["y"], &[]).bytes(3, [0xff, 0xfe])),
            "is no ONNX model",
        ),
        ("nested_deeply", model(&deep).0, "nested too deeply"),
        (
            "empty_graph",
            model(&graph(&[], &[], &[value("x", 1, &[1, 3])], &[])).0,
            "has no node",
        ),
    ]
}

/// Graphs that do not hang together.
fn wired_wrongly() -> Vec<Case> {
    let x = || value("x", 1, &[1, 3, 8, 8]);
    let add = |a: &str, b: &str, y: &str| node("Add", &[a, b], &[y], &[]);
    vec![
        (
            "no_such_input",
            simple(node("Relu", &["z"], &["y"], &[])),
            "its input `z` is no output",
        ),
        (
            "missing_weight",
            of(&[node("Conv", &["x", "w"], &["y"], &[])], &[], x()),
            "its input `w` is no output",
        ),
        (
            "no_such_output",
            of(&[node("Relu", &["x"], &["z"], &[])], &[], x()),
            "output `y`: is made by no node",
        ),
        (
            "circle_of_one",
            of(&[add("x", "y", "y")], &[], x()),
            "reads its own output",
        ),
        (
            "circle_of_two",
            of(
                &[add("x", "b", "a"), add("x", "a", "b"), add("a", "b", "y")],
                &[],
                x(),
            ),
            "a graph has no circles",
        ),
        (
            "output_twice",
            of(&[relu(), node("Tanh", &["x"], &["y"], &[])], &[], x()),
            "exists already",
        ),
        (
            "weight_twice",
            of(&[relu()], &[weight("w", &[1]), weight("w", &[1])], x()),
            "is there twice",
        ),
        (
            "input_left_out",
            simple(node("Conv", &["x"], &["y"], &[])),
            "its input 1 is missing",
        ),
        (
            "no_inputs_at_all",
            simple(node("Add", &[], &["y"], &[])),
            "it has no input",
        ),
        (
            "too_many_outputs",
            simple(node("Relu", &["x"], &["y", "z"], &[])),
            "more outputs than its operator",
        ),
        (
            "only_constants",
            of(
                &[node("Relu", &["w"], &["y"], &[])],
                &[weight("w", &[4])],
                x(),
            ),
            "has no node that works on its input",
        ),
    ]
}

/// Sizes that cannot be.
fn sized_wrongly() -> Vec<Case> {
    let reshape = node("Reshape", &["x", "s"], &["y"], &[]);
    let huge = 1_i64 << 50;
    let relu_of = |dims: &[i64]| with_input(value("x", 1, dims));
    vec![
        ("no_shape", with_input(untyped("x")), "is no tensor"),
        ("open_axis", relu_of(&[1, -2]), "neither a size nor a name"),
        (
            "open_names",
            relu_of(&[-1, -3]),
            "leaves sizes open: `batch` of input `x`, `seq` of input `x`; give them with --dim batch=N --dim seq=N",
        ),
        ("zero", relu_of(&[1, 0, 8, 8]), "must be at least 1"),
        ("negative", relu_of(&[1, -7]), "must be at least 1"),
        ("huge_axis", relu_of(&[1, huge]), "must be at least 1"),
        (
            "huge_tensor",
            relu_of(&[1 << 30, 1 << 30, 1 << 30]),
            "larger than any tensor may be",
        ),
        (
            "huge_weight",
            with_weight(
                node("Conv", &["x", "w"], &["y"], &[]),
                weight("w", &[i64::MAX, 3, 3, 3]),
            ),
            "larger than any tensor may be",
        ),
        (
            "negative_weight",
            with_weight(
                node("Conv", &["x", "w"], &["y"], &[]),
                weight("w", &[-8, 3, 3, 3]),
            ),
            "negative size",
        ),
        ("too_many_axes", relu_of(&[1; 40]), "40 axes"),
        (
            "channels",
            simple(node("Conv", &["x", "w"], &["y"], &[int("group", 2)])),
            "do not fit together with 2 group(s)",
        ),
        ("no_groups", conv(&[int("group", 0)]), "0 group(s)"),
        (
            "kernel",
            conv(&[list("kernel_shape", &[5, 5])]),
            "its attribute `kernel_shape` is [5, 5]",
        ),
        (
            "large_kernel",
            with_weight(
                node("Conv", &["x", "w"], &["y"], &[]),
                weight("w", &[8, 3, 99, 99]),
            ),
            "its kernel spans 99 rows",
        ),
        (
            "stride",
            conv(&[list("strides", &[0, 1])]),
            "its attribute `strides`",
        ),
        (
            "pads",
            conv(&[list("pads", &[1, 1])]),
            "its attribute `pads`",
        ),
        (
            "auto_pad",
            conv(&[text("auto_pad", "SOMEHOW")]),
            "`auto_pad` is not known",
        ),
        (
            "matmul",
            with_weight(
                node("MatMul", &["x", "w"], &["y"], &[]),
                weight("w", &[9, 4]),
            ),
            "cannot be multiplied",
        ),
        (
            "broadcast",
            with_weight(node("Add", &["x", "w"], &["y"], &[]), weight("w", &[5])),
            "do not fit together",
        ),
        (
            "reshape",
            with_weight(reshape.clone(), ints("s", &[2], &[1, 5])),
            "another number of elements",
        ),
        (
            "reshape_twice_open",
            with_weight(reshape.clone(), ints("s", &[2], &[-1, -1])),
            "another number of elements",
        ),
        (
            "reshape_by_data",
            of(
                &[
                    node("Cast", &["x"], &["s"], &[int("to", 7)]),
                    reshape.clone(),
                ],
                &[],
                value("x", 1, &[2]),
            ),
            "computed from the network's input",
        ),
        (
            "stated",
            one(node("Conv", &["x", "w"], &["y"], &[])),
            "but the file states",
        ),
        (
            "axis",
            simple(node("Softmax", &["x"], &["y"], &[int("axis", 9)])),
            "its axis 9 is none of the 4 axes",
        ),
        (
            "perm",
            simple(node(
                "Transpose",
                &["x"],
                &["y"],
                &[list("perm", &[0, 1, 1, 2])],
            )),
            "`perm`",
        ),
        (
            "gather",
            with_weight(
                node("Gather", &["x", "s"], &["y"], &[int("axis", 1)]),
                ints("s", &[1], &[7]),
            ),
            "it takes place 7",
        ),
        (
            "short_data",
            with_weight(reshape, ints("s", &[3], &[1, 192])),
            "has 2 element(s) of data, but its shape [3] has 3",
        ),
    ]
}

/// Operators and types that are not known.
fn unknown() -> Vec<Case> {
    let custom = node("Conv", &["x", "w"], &["y"], &[]).bytes(7, "my.domain");
    let branch = graph(
        &[node("Relu", &["x"], &["b"], &[])],
        &[],
        &[],
        &[untyped("b")],
    );
    let condition = node("Cast", &["x"], &["c"], &[int("to", 9)]);
    let if_node = node(
        "If",
        &["c"],
        &["y"],
        &[
            graph_attribute("then_branch", &branch),
            graph_attribute("else_branch", &branch),
        ],
    );
    let endless = Message::default()
        .bytes(1, "F")
        .bytes(4, "a")
        .bytes(5, "b")
        .bytes(7, node("F", &["a"], &["b"], &[]).bytes(7, "local").0)
        .bytes(10, "local");
    let call = node("F", &["x"], &["y"], &[]).bytes(7, "local");
    let calls = model(&graph(
        &[call],
        &[],
        &[value("x", 1, &[1, 3])],
        &[untyped("y")],
    ))
    .bytes(25, endless.0);
    vec![
        (
            "unknown_operator",
            simple(node("Frobnicate", &["x"], &["y"], &[])),
            "node `my_Frobnicate` (Frobnicate): the operator `Frobnicate` is not supported",
        ),
        (
            "misspelt",
            simple(node("Convv", &["x", "w"], &["y"], &[])),
            "did the exporter mean `Conv`?",
        ),
        (
            "unknown_domain",
            simple(custom),
            "of the domain `my.domain` is not known",
        ),
        (
            "no_operator",
            simple(node("", &["x"], &["y"], &[])),
            "has no operator",
        ),
        (
            "loop",
            simple(node("Loop", &["x", "x"], &["y"], &[])),
            "`Loop` runs an unknown number of times",
        ),
        (
            "scan",
            simple(node("Scan", &["x"], &["y"], &[])),
            "`Scan` runs an unknown number of times",
        ),
        (
            "non_zero",
            simple(node("NonZero", &["x"], &["y"], &[])),
            "as many elements as the input's values say",
        ),
        (
            "boxes",
            simple(node("NonMaxSuppression", &["x", "x"], &["y"], &[])),
            "as many elements as the input's values say",
        ),
        (
            "if",
            of(&[condition, if_node], &[], value("x", 1, &[1])),
            "its condition depends on the network's input",
        ),
        (
            "function_of_itself",
            calls.0,
            "functions call each other too deeply",
        ),
        (
            "no_cost",
            simple(node("Softsign", &["x"], &["y"], &[])),
            "no cost is known for the operator `Softsign`",
        ),
        (
            "strings",
            with_input(value("x", 8, &[1, 3])),
            "element type 8",
        ),
        (
            "no_type",
            with_input(value("x", 0, &[1, 3])),
            "element type 0",
        ),
        (
            "attribute_type",
            conv(&[text("strides", "two")]),
            "its attribute `strides` is of the wrong type",
        ),
        (
            "cast_to_nothing",
            simple(node("Cast", &["x"], &["y"], &[int("to", 77)])),
            "element type 77",
        ),
        (
            "einsum",
            simple(node(
                "Einsum",
                &["x", "x"],
                &["y"],
                &[text("equation", "ab->")],
            )),
            "its equation `ab->`",
        ),
        (
            "dynamic_kernel",
            of(
                &[node("Conv", &["x", "x"], &["y"], &[])],
                &[],
                value("x", 1, &[3, 3, 3, 3]),
            ),
            "its weight `x` is computed from the network's input",
        ),
    ]
}

fn cases() -> Vec<Case> {
    [damaged(), wired_wrongly(), sized_wrongly(), unknown()].concat()
}

/// The error of a file, as the command prints it, and how long it took.
fn refused(path: &Path) -> (Option<String>, Duration) {
    let start = Instant::now();
    let read = read::network(path, &NetworkOptions::default());
    (read.err().map(|e| e.to_string()), start.elapsed())
}

#[test]
fn each_broken_file_has_one_clear_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = cases();
    assert!(cases.len() >= 60, "{}", cases.len());
    let mut wrong = Vec::new();
    for (name, bytes, expected) in cases {
        let path = folder.path().join(format!("{name}.onnx"));
        fs::write(&path, &bytes).expect("written");
        let (error, time) = refused(&path);
        let error = error.unwrap_or_else(|| "no error".to_owned());
        let fits = error.contains(expected)
            && error.lines().count() == 1
            && error.starts_with(path.to_str().expect("a text"))
            && time < Duration::from_secs(1);
        if !fits {
            wrong.push(format!("{name} ({time:?}): {error}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_unknown_operators_are_listed_at_once() {
    let chain = ["A", "B", "A", "Relu", "A", "A"];
    let nodes: Vec<Message> = (chain.iter().enumerate())
        .map(|(i, op)| {
            let (from, to) = (format!("v{i}"), format!("v{}", i + 1));
            node(op, &[&from], &[&to], &[]).bytes(3, format!("n{i}"))
        })
        .collect();
    let input = value("v0", 1, &[1, 4]);
    let model = model(&graph(&nodes, &[], &[input], &[untyped("v6")]));
    let file = tempfile::Builder::new()
        .suffix(".onnx")
        .tempfile()
        .expect("a file");
    fs::write(file.path(), &model.0).expect("written");
    let error = read::network(file.path(), &NetworkOptions::default()).expect_err("an error");
    let lines: Vec<String> = error
        .errors
        .iter()
        .map(|p| format!("{}: {}", p.field, p.message))
        .collect();
    assert_eq!(
        lines,
        [
            "node `n0` (A), node `n2` (A), node `n4` (A): the operator `A` is not supported and 1 more",
            "node `n1` (B): the operator `B` is not supported",
        ]
    );
}

/// A model of two linear layers whose weights of a gigabyte each stand in the file.
fn with_weights_inside(path: &Path) {
    let bytes = 1_u64 << 30;
    let nodes = [
        node("MatMul", &["x", "a"], &["h"], &[]),
        node("MatMul", &["h", "b"], &["y"], &[]),
    ];
    let rest = graph(&nodes, &[], &[value("x", 1, &[1, 16_384])], &[untyped("y")]);
    // Tensors as the graph's first fields: their heads, with room for the data.
    let mut pieces: Vec<(Vec<u8>, u64)> = Vec::new();
    for name in ["a", "b"] {
        let head = Message::default().int(1, 16_384).int(1, 16_384).int(2, 1);
        let tensor = head.bytes(8, name).claims(9, bytes).0;
        let field = Message::default().claims(5, tensor.len() as u64 + bytes);
        pieces.push(([field.0, tensor].concat(), bytes));
    }
    let size: u64 = pieces
        .iter()
        .map(|(head, data)| head.len() as u64 + data)
        .sum();
    let model = Message::default()
        .int(1, 8)
        .claims(7, size + rest.0.len() as u64);
    let mut file = fs::File::create(path).expect("a file");
    file.write_all(&model.0).expect("written");
    for (head, data) in pieces {
        file.write_all(&head).expect("written");
        // A hole in the file reads as zeros.
        let offset = i64::try_from(data).expect("small");
        file.seek(SeekFrom::Current(offset)).expect("a place");
    }
    file.write_all(&rest.0).expect("written");
}

#[test]
fn two_gigabytes_of_weights_are_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.onnx");
    with_weights_inside(&path);
    assert!(fs::metadata(&path).expect("a file").len() > 2 << 30);
    let start = Instant::now();
    let network =
        read::network(&path, &NetworkOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
    let macs: u128 = network.layers.iter().map(|l| l.kind.box_macs()).sum();
    assert_eq!(macs, 2 * 16_384 * 16_384);
}

/// Bytes of a file changed at random places.
fn mutated(good: &[u8], rng: &mut impl Rng) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..rng.random_range(1..6) {
        let at = rng.random_range(0..bytes.len());
        match rng.random_range(0..6) {
            0 => bytes[at] ^= 1 << rng.random_range(0..8),
            1 => bytes[at] = rng.random(),
            2 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][rng.random_range(0..5)],
            3 => {
                bytes.remove(at);
            }
            4 => bytes.insert(at, rng.random()),
            _ => {
                let end = (at + rng.random_range(1..20)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                let to = rng.random_range(0..bytes.len());
                bytes.splice(to..to, part);
            }
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
    bytes
}

/// Reads mutated files for some time; the seeds of those that panic, or take long.
fn fuzz(seeds: impl Iterator<Item = u64>, until: Instant, largest: u64) -> Vec<(u64, String)> {
    let mut files: Vec<Vec<u8>> = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/onnx"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "onnx"))
        .filter(|p| fs::metadata(p).is_ok_and(|m| m.len() < largest))
        .map(|p| fs::read(p).expect("a file"))
        .collect();
    files.sort();
    files.extend(
        cases()
            .into_iter()
            .map(|c| c.1)
            .filter(|bytes| !bytes.is_empty()),
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mutated.onnx");
    let mut wrong = Vec::new();
    let mut count = 0;
    for seed in seeds {
        if Instant::now() > until {
            break;
        }
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let good = &files[rng.random_range(0..files.len())];
        fs::write(&path, mutated(good, &mut rng)).expect("written");
        let options = NetworkOptions {
            batch: rng.random_bool(0.3).then_some(2),
            dims: if rng.random_bool(0.3) {
                vec![("seq".to_owned(), 5)]
            } else {
                Vec::new()
            },
            ..NetworkOptions::default()
        };
        let start = Instant::now();
        let read = catch_unwind(AssertUnwindSafe(|| read::network(&path, &options)));
        if read.is_err() {
            wrong.push((seed, "panics".to_owned()));
        } else if start.elapsed() > Duration::from_secs(5) {
            wrong.push((seed, format!("takes {:?}", start.elapsed())));
        }
        count += 1;
    }
    println!("{count} files");
    wrong
}

#[test]
fn mutated_files_never_panic() {
    let until = Instant::now() + Duration::from_secs(20);
    let wrong = fuzz(0..400, until, 20_000);
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// `FUZZ_SECONDS=3600 cargo test --release --test onnx_broken -- --ignored --nocapture`
#[test]
#[ignore = "runs for FUZZ_SECONDS, a minute where that is not given"]
fn mutated_files_never_panic_for_long() {
    let of = |name: &str, default: u64| {
        let text = std::env::var(name).ok();
        text.map_or(default, |text| text.parse().expect("a whole number"))
    };
    let until = Instant::now() + Duration::from_secs(of("FUZZ_SECONDS", 60));
    let first = of("FUZZ_SEED", 1 << 32);
    let wrong = fuzz(first.., until, 150_000);
    assert!(wrong.is_empty(), "{wrong:?}");
}

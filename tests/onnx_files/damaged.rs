//! Files that are no messages, or damaged ones.

use super::*;

/// Files that are no messages, or damaged ones.
pub fn cases() -> Vec<Case> {
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
            claims(Message::default(), 7, 1 << 60).0,
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

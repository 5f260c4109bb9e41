//! Graphs that do not hang together.

use super::*;

/// Graphs that do not hang together.
pub fn cases() -> Vec<Case> {
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

//! Operators and types that are not known.

use super::*;

/// Operators and types that are not known.
pub fn cases() -> Vec<Case> {
    [operators(), composed(), types()].concat()
}

fn operators() -> Vec<Case> {
    let custom = node("Conv", &["x", "w"], &["y"], &[]).bytes(7, "my.domain");
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
    ]
}

/// Branches and functions.
fn composed() -> Vec<Case> {
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
            "if",
            of(&[condition, if_node], &[], value("x", 1, &[1])),
            "its condition depends on the network's input",
        ),
        (
            "function_of_itself",
            calls.0,
            "functions call each other too deeply",
        ),
    ]
}

fn types() -> Vec<Case> {
    vec![
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
        (
            "dynamic_recurrence",
            of(
                &[node("LSTM", &["x", "x", "x"], &["y"], &[])],
                &[],
                value("x", 1, &[1, 4, 1]),
            ),
            "its weight `x` is computed from the network's input",
        ),
    ]
}

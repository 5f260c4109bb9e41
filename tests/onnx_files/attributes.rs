//! Attributes and operands that do not fit together.

use super::*;

/// Attributes and operands that do not fit together.
pub fn cases() -> Vec<Case> {
    [attributes(), operands()].concat()
}

pub fn attributes() -> Vec<Case> {
    vec![
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
    ]
}

pub fn operands() -> Vec<Case> {
    let reshape = node("Reshape", &["x", "s"], &["y"], &[]);
    vec![
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

//! Broken ONNX files, by kind.

mod attributes;
pub mod build;
mod damaged;
mod sized;
mod unknown;
mod wired;

pub use build::*;

/// A message with a field that claims to be longer than it is.
pub fn claims(message: Message, tag: u64, length: u64) -> Message {
    let mut bytes = message.bytes(tag, []).0;
    // The length of nothing is one byte, 0.
    bytes.pop();
    number(&mut bytes, length);
    Message(bytes)
}

/// A name, the file, and what its error says.
pub type Case = (&'static str, Vec<u8>, &'static str);

/// The model of one node over an image, a small kernel and an output whose shape is stated.
pub fn one(node: Message) -> Vec<u8> {
    let (weight, input) = (weight("w", &[8, 3, 3, 3]), value("x", 1, &[1, 3, 8, 8]));
    model(&graph(
        &[node],
        &[weight],
        &[input],
        &[value("y", 1, &[1, 8, 7, 7])],
    ))
    .0
}

pub fn of(nodes: &[Message], weights: &[Message], input: Message) -> Vec<u8> {
    model(&graph(nodes, weights, &[input], &[untyped("y")])).0
}

pub fn simple(node: Message) -> Vec<u8> {
    of(
        &[node],
        &[weight("w", &[8, 3, 3, 3])],
        value("x", 1, &[1, 3, 8, 8]),
    )
}

pub fn with_weight(node: Message, tensor: Message) -> Vec<u8> {
    of(&[node], &[tensor], value("x", 1, &[1, 3, 8, 8]))
}

pub fn relu() -> Message {
    node("Relu", &["x"], &["y"], &[])
}

pub fn with_input(input: Message) -> Vec<u8> {
    of(&[relu()], &[], input)
}

pub fn conv(attributes: &[Message]) -> Vec<u8> {
    simple(node("Conv", &["x", "w"], &["y"], attributes))
}

/// All broken files.
pub fn cases() -> Vec<Case> {
    [
        damaged::cases(),
        wired::cases(),
        sized::cases(),
        attributes::cases(),
        unknown::cases(),
    ]
    .concat()
}

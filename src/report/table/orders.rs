//! Orders of nodes in words.

use crate::problem::{Hardware, Node};

/// The nodes of an order in words: operands, where there are several memories with theirs.
pub(super) fn order_words(hardware: &Hardware, order: &[Node]) -> String {
    let several = hardware.memories().count() > 2;
    let name = |node: &Node| match hardware.memory(node.level) {
        Some(memory) if several => format!("{} {}", memory.name, node.role.name()),
        _ => node.role.name().to_owned(),
    };
    order.iter().map(name).collect::<Vec<_>>().join(", ")
}

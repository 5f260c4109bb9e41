//! An order in which nodes can run: the file's own where it is one.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use rustc_hash::FxBuildHasher;

use super::wire;

/// The nodes' indices, each after those whose outputs it reads, the file's order kept where it can
/// be; or the nodes that wait for each other.
pub(super) fn sorted(nodes: &[wire::Node]) -> Result<Vec<usize>, Vec<usize>> {
    let mut makers: HashMap<&str, usize, FxBuildHasher> = HashMap::default();
    for (i, node) in nodes.iter().enumerate() {
        for output in node.output.iter().filter(|o| !o.is_empty()) {
            makers.entry(output).or_insert(i);
        }
    }
    let mut waits = vec![0_usize; nodes.len()];
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (i, node) in nodes.iter().enumerate() {
        for input in read(node) {
            if let Some(&maker) = makers.get(input) {
                waits[i] += 1;
                readers[maker].push(i);
            }
        }
    }
    let ready = (0..nodes.len()).filter(|&i| waits[i] == 0);
    let mut ready: BinaryHeap<Reverse<usize>> = ready.map(Reverse).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse(next)) = ready.pop() {
        order.push(next);
        for &reader in &readers[next] {
            waits[reader] -= 1;
            if waits[reader] == 0 {
                ready.push(Reverse(reader));
            }
        }
    }
    if order.len() == nodes.len() {
        Ok(order)
    } else {
        Err((0..nodes.len()).filter(|&i| waits[i] > 0).collect())
    }
}

/// The values that a node reads, those that its graphs take from outside included.
fn read(node: &wire::Node) -> Vec<&str> {
    let mut names: Vec<&str> = node.input.iter().map(String::as_str).collect();
    for graph in node.attribute.iter().filter_map(|a| a.g.as_deref()) {
        names.extend(graph.node.iter().flat_map(read));
    }
    names.retain(|name| !name.is_empty());
    names
}

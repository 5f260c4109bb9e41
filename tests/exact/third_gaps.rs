//! Where a class has a place for a third cut: exactly where some mapping of its order has one.

use crate::machine;
use deepmatrix::classes::class::Class;
use deepmatrix::classes::slots::SlotMap;
use deepmatrix::cost::evaluate;
use deepmatrix::problem::{
    ArrayMapping, Dim, Hardware, Level, LoopNest, Mapping, Memory, Node, PerDim, Precision, Role,
    RoleSet, Window,
};

/// The extent of the dimension that is cut, and the largest that a tile has of it.
const EXTENT: u64 = 5;

/// Two memories, each for some operands, above two elements.
fn hardware(holds: [RoleSet; 2]) -> Hardware {
    let memory = |name, holds| {
        Level::Memory(Memory {
            holds,
            ..machine::memory(name)
        })
    };
    let levels = vec![
        memory("dram", RoleSet::ALL),
        memory("outer", holds[0]),
        memory("inner", holds[1]),
        machine::array(vec![machine::axis("row", 2, &Dim::ALL)]),
    ];
    machine::hardware("two", levels)
}

/// All orders of nodes in which those of an operand stand from the outside in.
fn orders(nodes: &[Node]) -> Vec<Vec<Node>> {
    if nodes.is_empty() {
        return vec![Vec::new()];
    }
    let outermost = |n: &&Node| !nodes.iter().any(|o| o.role == n.role && o.level < n.level);
    let mut all = Vec::new();
    for first in nodes.iter().filter(outermost) {
        let rest: Vec<Node> = nodes.iter().copied().filter(|n| n != first).collect();
        for tail in orders(&rest) {
            all.push([vec![*first], tail].concat());
        }
    }
    all
}

/// Whether some mapping has a cut of `d` at a node that does not index it, with a loop on either side.
fn is_cut_somewhere(nest: &LoopNest, hardware: &Hardware, order: &[Node], at: usize) -> bool {
    let d = Dim::N;
    let indexes = |i: usize| nest.is_relevant(order[i].role, d);
    let cut: Vec<usize> = (0..order.len())
        .filter(|&i| i == at || indexes(i))
        .collect();
    let here = cut.iter().position(|&i| i == at).expect("the node itself");
    let choices = EXTENT.pow(u32::try_from(cut.len()).expect("few nodes"));
    (0..choices).any(|number| {
        let digit = |i: usize| number / EXTENT.pow(u32::try_from(i).expect("few")) % EXTENT + 1;
        let above = here.checked_sub(1).map_or(EXTENT, digit);
        let below = if here + 1 < cut.len() {
            digit(here + 1)
        } else {
            1
        };
        if !(below < digit(here) && digit(here) < above) {
            return false;
        }
        let mut extents = vec![PerDim::all(1); order.len()];
        for (i, &node) in cut.iter().enumerate() {
            extents[node][d] = digit(i);
        }
        let mapping = Mapping {
            order: order.to_vec(),
            extents,
            spatial: vec![ArrayMapping {
                level: 3,
                axes: vec![PerDim::all(1)],
            }],
            slides: Vec::new(),
            double_buffered: Vec::new(),
        };
        evaluate(nest, hardware, &mapping).is_ok()
    })
}

#[test]
fn a_third_cut_has_a_place_where_some_mapping_has_one() {
    let mut extents = PerDim::all(1);
    extents[Dim::N] = EXTENT;
    let precision = Precision {
        input: 8,
        weight: 8,
        output: 8,
        accumulator: 8,
    };
    let nest = LoopNest::forward(extents, [Window::NONE; Window::COUNT], precision);
    let sets = [
        RoleSet::ALL,
        RoleSet::of(&[Role::Input, Role::Weight]),
        RoleSet::of(&[Role::Weight, Role::Output]),
        RoleSet::of(&[Role::Weight]),
    ];
    let (mut with, mut without) = (0, 0);
    for outer in sets {
        for inner in sets {
            let hardware = hardware([outer, inner]);
            let kept = [(1, outer), (2, inner)];
            let nodes: Vec<Node> = kept
                .iter()
                .flat_map(|&(level, holds)| {
                    let kept = Role::ALL.into_iter().filter(move |&r| holds.contains(r));
                    kept.map(move |role| Node { level, role })
                })
                .collect();
            for order in orders(&nodes) {
                let class = Class {
                    order: order.clone(),
                    decided: vec![1, 2],
                    keeps: Vec::new(),
                    slides: Vec::new(),
                    buffering: Vec::new(),
                    dataflow: None,
                };
                let slots = SlotMap::new(&nest, &hardware, &class);
                for (at, &node) in order
                    .iter()
                    .enumerate()
                    .filter(|n| n.1.role == Role::Weight)
                {
                    let has = slots.gap(node, Dim::N).is_some();
                    let is = is_cut_somewhere(&nest, &hardware, &order, at);
                    assert_eq!(has, is, "{node:?} in {order:?}");
                    if is {
                        with += 1;
                    } else {
                        without += 1;
                    }
                }
            }
        }
    }
    assert!(
        with > 100 && without > 100,
        "{with} with, {without} without"
    );
}

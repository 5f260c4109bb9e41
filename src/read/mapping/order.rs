//! The order of all storage nodes of a mapping.

use crate::problem::{Hardware, Node};
use crate::read::dims::ROLES;
use crate::read::field::{Field, quote};
use crate::read::suggest;
use crate::read::table::Table;

use super::memory::MemoryTiles;

/// The total order: `nest` where it is given, else each memory's order after that of the memory above.
pub(super) fn total(
    table: &Table<'_>,
    memories: &[MemoryTiles],
    hardware: &Hardware,
) -> Option<Vec<Node>> {
    let help = "all nodes, such as `[sram.input, registers.input, …]`";
    let Some(field) = table.optional("nest", help).filter(|f| !f.is_null()) else {
        let concatenated = memories.iter().flat_map(|m| {
            let level = m.level;
            m.order
                .iter()
                .flatten()
                .map(move |&role| Node { level, role })
        });
        return Some(concatenated.collect());
    };
    let items = field.list()?;
    let nodes: Vec<Option<Node>> = items.iter().map(|item| node(item, hardware)).collect();
    let nodes = nodes.into_iter().collect::<Option<Vec<Node>>>()?;
    every_node_once(&field, &items, &nodes, memories, hardware)?;
    same_order(&field, &nodes, memories, hardware)?;
    Some(nodes)
}

/// A node such as `sram.input`.
fn node(field: &Field<'_>, hardware: &Hardware) -> Option<Node> {
    let text = field.text()?;
    let found = text.split_once('.').and_then(|(name, role)| {
        let role = ROLES.into_iter().find(|r| r.0 == role)?.1;
        let (level, _) = hardware.memories().skip(1).find(|m| m.1.name == name)?;
        Some(Node { level, role })
    });
    if found.is_none() {
        let names: Vec<String> = hardware
            .memories()
            .skip(1)
            .flat_map(|(_, m)| ROLES.map(|r| format!("{}.{}", m.name, r.0)))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let hint = suggest::hint(text, &names);
        field.reject(format!("{} is no storage node; {hint}", quote(text)));
    }
    found
}

fn every_node_once(
    field: &Field<'_>,
    items: &[Field<'_>],
    nodes: &[Node],
    memories: &[MemoryTiles],
    hardware: &Hardware,
) -> Option<()> {
    let mut complete = Some(());
    for (i, node) in nodes.iter().enumerate() {
        if nodes[..i].contains(node) {
            items[i].reject("is listed twice; keep one of them");
            complete = None;
        }
    }
    let kept: Vec<Node> = memories
        .iter()
        .flat_map(|m| {
            let level = m.level;
            m.keeps.iter().map(move |role| Node { level, role })
        })
        .collect();
    for (item, node) in items.iter().zip(nodes).filter(|(_, n)| !kept.contains(n)) {
        let name = memory_name(hardware, node.level);
        let role = node.role;
        item.reject(format!(
            "`{name}` does not keep the {role} here; leave the node out"
        ));
        complete = None;
    }
    for node in kept.into_iter().filter(|n| !nodes.contains(n)) {
        let name = memory_name(hardware, node.level);
        let role = node.role;
        field.reject(format!("the node `{name}.{role}` is missing; add it"));
        complete = None;
    }
    complete
}

/// A memory's own `order` must be that of `nest`.
fn same_order(
    field: &Field<'_>,
    nodes: &[Node],
    memories: &[MemoryTiles],
    hardware: &Hardware,
) -> Option<()> {
    let mut same = Some(());
    for memory in memories {
        let Some(order) = memory.order.as_ref().filter(|_| memory.order_stated) else {
            continue;
        };
        let in_nest = nodes.iter().filter(|n| n.level == memory.level);
        if !in_nest.map(|n| n.role).eq(order.iter().copied()) {
            let name = memory_name(hardware, memory.level);
            field.reject(format!(
                "has the nodes of `{name}` in another order than its `order`; change one of them"
            ));
            same = None;
        }
    }
    same
}

fn memory_name(hardware: &Hardware, level: usize) -> &str {
    hardware.memory(level).map_or("", |m| m.name.as_str())
}

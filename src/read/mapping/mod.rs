//! Mapping files: one mapping, a list of them, or a whole result.

pub(super) mod fixed;
mod fixed_memory;
mod level;
mod memory;
mod order;
mod spatial;

use crate::problem::{Hardware, LayerKind, LoopNest, Mapping, Network, Node};

use super::field::{Field, quote};
use super::suggest;
use super::table::Table;

use level::Levels;

const KEYS: &[&str] = &["layer", "pass", "levels", "nest"];
const LAYER: &str = "the name of a layer of the network";
const LEVELS: &str = "the tiles of each memory and the spatial loops of each array";

/// Decodes all mappings of a file, each with the index of its layer.
pub(super) fn decode(
    root: &Field<'_>,
    network: &Network,
    hardware: &Hardware,
) -> Option<Vec<(usize, Mapping)>> {
    let documents: Vec<Field<'_>> = if root.is_list() {
        root.list()?
    } else {
        let table = root.open_table()?;
        if table.has("layers") && !table.has("layer") {
            return rows(&table, network, hardware);
        }
        vec![root.clone()]
    };
    all(documents
        .iter()
        .map(|document| one(document, network, hardware)))
}

/// One mapping, or the row of a result that holds one.
fn one(document: &Field<'_>, network: &Network, hardware: &Hardware) -> Option<(usize, Mapping)> {
    if document.has_key("mapping") && !document.has_key("levels") {
        let row = document.open_table()?;
        let field = row.required("mapping", "a mapping")?;
        return row_mapping(&row, &field, network, hardware);
    }
    let table = document.table(KEYS)?;
    let layer = layer(&table.required("layer", LAYER)?, network);
    mapping(&table, layer?, network, hardware)
}

/// The rows of a result that have a mapping of the forward pass.
fn rows(
    result: &Table<'_>,
    network: &Network,
    hardware: &Hardware,
) -> Option<Vec<(usize, Mapping)>> {
    let items = result
        .required("layers", "the rows of the result")?
        .list()?;
    let each = items.iter().filter_map(|item| {
        let Some(row) = item.open_table() else {
            return Some(None);
        };
        let field = row
            .optional("mapping", "a mapping")
            .filter(|f| !f.is_null())?;
        let pass = row.optional("pass", "").and_then(|f| f.text());
        if pass.is_some_and(|pass| pass != "forward") {
            return None;
        }
        Some(row_mapping(&row, &field, network, hardware))
    });
    all(each)
}

fn row_mapping(
    row: &Table<'_>,
    field: &Field<'_>,
    network: &Network,
    hardware: &Hardware,
) -> Option<(usize, Mapping)> {
    let table = field.table(KEYS)?;
    let named = table.optional("layer", LAYER);
    let name = named.or_else(|| row.required("name", LAYER))?;
    mapping(&table, layer(&name, network)?, network, hardware)
}

/// All of them, or `None` after every one was read.
fn all<T>(each: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = each.collect();
    read.into_iter().collect()
}

/// The index of the named layer, which has a loop nest.
fn layer(field: &Field<'_>, network: &Network) -> Option<usize> {
    let name = field.text()?;
    let Some(index) = network.layers.iter().position(|l| l.name == name) else {
        let names = network.layers.iter().map(|l| l.name.as_str());
        let hint = match suggest::closest(name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "use the name of one of its layers".to_owned(),
        };
        let (name, network) = (quote(name), quote(&network.name));
        field.reject(format!("the network {network} has no layer {name}; {hint}"));
        return None;
    };
    let layer = &network.layers[index];
    if matches!(layer.kind, LayerKind::MultiplyAccumulate(_)) {
        return Some(index);
    }
    let (name, op) = (quote(name), quote(&layer.op));
    field.reject(format!(
        "{name} is a {op} and has no mapping; give a layer that multiplies and accumulates"
    ));
    None
}

/// What a mapping is of.
#[derive(Clone, Copy)]
struct Subject<'a> {
    nest: &'a LoopNest,
    hardware: &'a Hardware,
}

fn mapping(
    table: &Table<'_>,
    index: usize,
    network: &Network,
    hardware: &Hardware,
) -> Option<(usize, Mapping)> {
    let LayerKind::MultiplyAccumulate(nest) = &network.layers[index].kind else {
        return None;
    };
    let subject = Subject { nest, hardware };
    let levels = Levels::read(&table.required("levels", LEVELS)?, hardware);
    let nest_given = table.has("nest");
    let spatial = spatial::decode(&levels, hardware);
    let memories = memory::decode(&levels, subject, nest_given);
    let (spatial, memories) = (spatial?, memories?);
    let order = order::total(table, &memories, hardware)?;
    if levels.rejected() {
        return None;
    }
    let extents_of = |node: &Node| {
        let of_level = memories.iter().find(|m| m.level == node.level)?;
        Some(of_level.extents[node.role as usize])
    };
    let extents = order.iter().map(extents_of).collect::<Option<_>>()?;
    let slides = memories
        .iter()
        .filter_map(|m| m.slide.map(|d| (m.level, d)))
        .collect();
    let double_buffered = memories
        .iter()
        .flat_map(|m| {
            let level = m.level;
            m.doubled.iter().map(move |role| Node { level, role })
        })
        .collect();
    let mapping = Mapping {
        order,
        extents,
        spatial,
        slides,
        double_buffered,
    };
    Some((index, mapping))
}

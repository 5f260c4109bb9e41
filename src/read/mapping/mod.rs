//! Mapping files: one mapping, a list of them, or a whole result.

pub(super) mod fixed;
mod fixed_memory;
mod level;
mod memory;
mod order;
mod place;
mod spatial;
mod subject;

use crate::cost::slides;
use crate::problem::format::refusal;
use crate::problem::{Hardware, LoopNest, Mapping, NestId, Node, Workload};

use super::field::Field;
use super::table::Table;

use level::Levels;

const KEYS: &[&str] = &["format", "layer", "phase", "pass", "levels", "nest"];
const LAYER: &str = "the name of a layer of the network";
const LEVELS: &str = "the tiles of each memory and the spatial loops of each array";

/// Decodes all mappings of a file, each with what it is of; at least one.
pub(super) fn decode(
    root: &Field<'_>,
    work: &dyn Workload,
    hardware: &Hardware,
) -> Option<Vec<(NestId, Mapping)>> {
    let found = decode_all(root, work, hardware)?;
    if found.is_empty() {
        root.reject("holds no mapping; give `layer` and `levels`, or the JSON of a result whose rows have a `mapping`");
        return None;
    }
    Some(found)
}

fn decode_all(
    root: &Field<'_>,
    work: &dyn Workload,
    hardware: &Hardware,
) -> Option<Vec<(NestId, Mapping)>> {
    let documents: Vec<Field<'_>> = if root.is_list() {
        root.list()?
    } else {
        let table = root.open_table()?;
        is_read(&table)?;
        if table.has("layers") && !table.has("layer") {
            return rows(&table, work, hardware);
        }
        vec![root.clone()]
    };
    // A row of a result that has phases stands for the mappings of these.
    let own = documents
        .iter()
        .flat_map(|document| match phases(document) {
            Some(rows) => rows
                .into_iter()
                .filter(|row| row.has_key("mapping"))
                .collect(),
            None => vec![document.clone()],
        });
    all(own.map(|document| one(&document, work, hardware)))
}

/// Whether a document is of a format that is read.
fn is_read(table: &Table<'_>) -> Option<()> {
    let Some(field) = table.optional("format", "the format of the file") else {
        return Some(());
    };
    let format = field.integer(0, u64::MAX)?;
    match refusal(format) {
        None => Some(()),
        Some(what) => {
            field.reject(what);
            None
        }
    }
}

/// One mapping, or the row of a result that holds one.
fn one(
    document: &Field<'_>,
    work: &dyn Workload,
    hardware: &Hardware,
) -> Option<(NestId, Mapping)> {
    if document.has_key("format") {
        is_read(&document.open_table()?)?;
    }
    if document.has_key("mapping") && !document.has_key("levels") {
        let row = document.open_table()?;
        let field = row.required("mapping", "a mapping")?;
        return row_mapping(&row, &field, work, hardware);
    }
    let table = document.table(KEYS)?;
    let of = place::of(&table.required("layer", LAYER)?, &table, work);
    mapping(&table, of?, work, hardware)
}

/// The rows of a result that have a mapping, of passes that the work has.
fn rows(
    result: &Table<'_>,
    work: &dyn Workload,
    hardware: &Hardware,
) -> Option<Vec<(NestId, Mapping)>> {
    let passes: Vec<&str> = work.jobs().iter().map(|job| job.pass.name()).collect();
    let items = result
        .required("layers", "the rows of the result")?
        .list()?;
    let own = items
        .iter()
        .flat_map(|item| phases(item).unwrap_or_else(|| vec![item.clone()]));
    let each = own.filter_map(|item| {
        let Some(row) = item.open_table() else {
            return Some(None);
        };
        let field = row
            .optional("mapping", "a mapping")
            .filter(|f| !f.is_null())?;
        let pass = row.optional("pass", "").and_then(|f| f.text());
        if pass.is_some_and(|pass| !passes.contains(&pass)) {
            return None;
        }
        Some(row_mapping(&row, &field, work, hardware))
    });
    all(each)
}

fn row_mapping(
    row: &Table<'_>,
    field: &Field<'_>,
    work: &dyn Workload,
    hardware: &Hardware,
) -> Option<(NestId, Mapping)> {
    let table = field.table(KEYS)?;
    let named = table.optional("layer", LAYER);
    let name = named.or_else(|| row.required("name", LAYER))?;
    mapping(&table, place::of(&name, &table, work)?, work, hardware)
}

/// The rows of the phases of a row that has them.
fn phases<'a>(row: &Field<'a>) -> Option<Vec<Field<'a>>> {
    if !row.has_key("phases") {
        return None;
    }
    let table = row.open_table()?;
    table.optional("phases", "the rows of the phases")?.list()
}

/// All of them, or `None` after every one was read.
fn all<T>(each: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = each.collect();
    read.into_iter().collect()
}

/// What a mapping is of.
#[derive(Clone, Copy)]
struct Subject<'a> {
    nest: &'a LoopNest,
    hardware: &'a Hardware,
}

fn mapping(
    table: &Table<'_>,
    of: NestId,
    work: &dyn Workload,
    hardware: &Hardware,
) -> Option<(NestId, Mapping)> {
    let nest = work.nest(of)?;
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
        .filter_map(|m| Some((m.level, m.slide.flatten()?)))
        .collect();
    let open: Vec<usize> = memories
        .iter()
        .filter(|m| m.slide.is_none())
        .map(|m| m.level)
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
    Some((of, slides::completed(nest, hardware, &mapping, &open)))
}

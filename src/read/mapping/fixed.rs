//! Constraints files: parts of a mapping that are fixed, for one layer, for some or for all.

use regex::Regex;

use crate::problem::phases::label;
use crate::problem::{Array, Dim, Fixed, FixedArray, Hardware, Job, LayerKind, LoopNest, Workload};
use crate::read::dims;
use crate::read::field::{Field, quote};
use crate::read::table::Table;

use super::level::Levels;
use super::place::layer;
use super::subject::{Subject, within};
use super::{LAYER, all, fixed_memory};

const KEYS: &[&str] = &["layer", "layers", "levels", "nest"];
const LAYERS: &str = "a regular expression of layer names";
const LEVELS: &str = "what is fixed of each memory and array, in the form of a mapping";
const NEST: &str = "cannot be fixed as a whole; give the `order` of each memory";

/// What one entry of the file fixes.
pub(in crate::read) struct Entry {
    /// The path of the entry in the file.
    pub(in crate::read) path: String,
    /// The layers that it is for, by index.
    pub(in crate::read) layers: Vec<usize>,
    /// What it fixes.
    pub(in crate::read) fixed: Fixed,
}

/// Decodes all entries of a file.
pub(in crate::read) fn decode(
    root: &Field<'_>,
    work: &dyn Workload,
    hardware: &Hardware,
) -> Option<Vec<Entry>> {
    let entries = if root.is_list() {
        root.list()?
    } else {
        vec![root.clone()]
    };
    all(entries.iter().map(|entry| one(entry, work, hardware)))
}

fn one(entry: &Field<'_>, work: &dyn Workload, hardware: &Hardware) -> Option<Entry> {
    let table = entry.table(KEYS)?;
    let allowed = table.forbid(&["nest"], NEST);
    let layers = layers(&table, work);
    let levels = Levels::read(&table.required("levels", LEVELS)?, hardware);
    let (layers, ()) = (layers?, allowed?);
    let named: Vec<(String, &LoopNest)> = layers
        .iter()
        .filter_map(|&index| work.job(index))
        .flat_map(|job| nests(&job))
        .collect();
    let subjects: Vec<Subject<'_>> = named
        .iter()
        .map(|(name, nest)| Subject { name, nest })
        .collect();
    let memories: Option<Vec<_>> =
        all(hardware.memories().skip(1).filter_map(|(level, memory)| {
            let table = levels.entry(level)?;
            Some(fixed_memory::decode(table, level, memory, &subjects))
        }));
    let arrays = all(hardware.arrays().filter_map(|(level, array)| {
        let table = levels.entry(level)?;
        Some(factors(table, level, array, &subjects))
    }));
    let (memories, arrays) = (memories?, arrays?);
    if levels.rejected() {
        return None;
    }
    Some(Entry {
        path: entry.path().to_owned(),
        layers,
        fixed: Fixed {
            name: String::new(),
            memories,
            arrays,
        },
    })
}

/// The loop nests of a layer, those of its phases among them, with their names.
fn nests<'a>(layer: &Job<'a>) -> Vec<(String, &'a LoopNest)> {
    match layer.kind {
        LayerKind::MultiplyAccumulate(nest) => vec![(layer.name.to_owned(), nest)],
        LayerKind::Phases(phases) => phases
            .iter()
            .filter_map(|phase| Some((label(layer.name, phase.index), phase.nest()?)))
            .collect(),
        LayerKind::Stream(_) | LayerKind::View => Vec::new(),
    }
}

/// The layers that an entry is for: all that multiply and accumulate, unless it says.
fn layers(table: &Table<'_>, work: &dyn Workload) -> Option<Vec<usize>> {
    let mapped = |name: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let all = work.jobs().into_iter().enumerate();
        all.filter(|(_, l)| !nests(l).is_empty() && name(l.name))
            .map(|(index, _)| index)
            .collect()
    };
    match (
        table.optional("layer", LAYER),
        table.optional("layers", LAYERS),
    ) {
        (Some(_), Some(_)) => {
            table.reject_key("layers", "stands beside `layer`; leave one of them out");
            None
        }
        (Some(field), None) => layer(&field, work).map(|index| vec![index]),
        (None, Some(field)) => {
            let text = field.text()?;
            let Ok(regex) = Regex::new(text) else {
                field.reject(format!("{} is no regular expression", quote(text)));
                return None;
            };
            let found = mapped(&|name| regex.is_match(name));
            if found.is_empty() {
                let (text, network) = (quote(text), quote(work.network()));
                field.reject(format!(
                    "no layer of {network} that multiplies and accumulates matches {text}"
                ));
                return None;
            }
            Some(found)
        }
        (None, None) => Some(mapped(&|_| true)),
    }
}

/// The fixed factors of one array.
fn factors(
    table: &Table<'_>,
    level: usize,
    array: &Array,
    subjects: &[Subject<'_>],
) -> Option<FixedArray> {
    table.check_keys(&["array", "spatial"]);
    let names: Vec<&str> = array.axes.iter().map(|a| a.name.as_str()).collect();
    let help = "the factors on some axes, such as `{rows: {K: 32}}`";
    let spatial = table.required("spatial", help)?.table(&names)?;
    let of_axis = |axis: usize| {
        let field = spatial.optional(names[axis], "factors such as `{K: 32}`")?;
        Some(axis_factors(&field, array, axis, subjects))
    };
    let factors = all((0..names.len()).filter_map(of_axis))?;
    let factors = factors.into_iter().flatten().collect();
    Some(FixedArray { level, factors })
}

fn axis_factors(
    field: &Field<'_>,
    array: &Array,
    axis: usize,
    subjects: &[Subject<'_>],
) -> Option<Vec<(usize, Dim, u64)>> {
    let table = field.open_table()?;
    let own = &array.axes[axis];
    let mut found = Vec::new();
    let mut complete = true;
    for (d, value) in dims::extents(&table)? {
        let Some((d, value)) = d.zip(value) else {
            complete = false;
            continue;
        };
        if value > 1 && !own.dims.contains(d) {
            let name = quote(&own.name);
            table.reject_key(d.name(), format!("{d} may not be spread over {name}"));
            complete = false;
        }
        complete &= within(&table, d, value, subjects).is_some();
        found.push((axis, d, value));
    }
    let used = found
        .iter()
        .fold(1_u64, |product, f| product.saturating_mul(f.2));
    if complete && used > own.size {
        let (name, size) = (quote(&own.name), own.size);
        field.reject(format!(
            "asks for {used} elements of {name}, which has {size}"
        ));
        return None;
    }
    complete.then_some(found)
}

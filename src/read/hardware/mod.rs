//! Hardware files.

mod array;
mod dataflow;
mod memory;

use crate::problem::{Hardware, Level};

use super::field::Field;
use super::table::Table;

/// Memories and arrays together.
const MOST_LEVELS: usize = 8;
/// Processing elements of all arrays together.
const MOST_ELEMENTS: u128 = 1 << 40;

const KEYS: &[&str] = &[
    "name",
    "source",
    "clock_mhz",
    "levels",
    "compute",
    "static_pj_per_cycle",
    "vector",
    "dataflow",
];

/// Decodes a hardware description.
pub(super) fn decode(root: &Field<'_>) -> Option<Hardware> {
    let table = root.table(KEYS)?;
    let name = table
        .required("name", "the accelerator's name")
        .and_then(|f| f.text());
    let source = table.optional_text("source", "a citation as text");
    let clock_mhz = table.or_default("clock_mhz", "the clock in MHz", None, clock);
    let energy = table.or_default("compute", COMPUTE, None, compute);
    let lanes = table.or_default("vector", VECTOR, None, vector);
    let idle = table.or_default("static_pj_per_cycle", IDLE, None, |f| {
        f.not_negative().map(Some)
    });
    let dataflow = dataflow::decode(&table);
    let levels = levels(&table);
    Some(Hardware {
        name: name?.to_owned(),
        source,
        clock_mhz: clock_mhz?,
        levels: levels?,
        energy_pj_per_mac: energy?,
        static_pj_per_cycle: idle?,
        vector_lanes: lanes?,
        dataflow: dataflow?,
    })
}

const COMPUTE: &str = "a table such as `{energy_pj_per_mac: 0.2}`";
const IDLE: &str = "the energy of every cycle in pJ, whatever happens in it";
const VECTOR: &str = "a table such as `{lanes: 64}`";

fn clock(field: &Field<'_>) -> Option<Option<f64>> {
    let clock = field.not_negative()?;
    if clock > 0.0 {
        return Some(Some(clock));
    }
    field.bad_value("more than 0");
    None
}

fn compute(field: &Field<'_>) -> Option<Option<f64>> {
    let table = field.table(&["energy_pj_per_mac"])?;
    let help = "the energy of one multiply-accumulate in pJ";
    table.or_default("energy_pj_per_mac", help, None, |f| {
        f.not_negative().map(Some)
    })
}

fn vector(field: &Field<'_>) -> Option<Option<u64>> {
    let table = field.table(&["lanes"])?;
    let lanes = table.required("lanes", "the number of vector lanes")?;
    lanes.extent().map(Some)
}

/// The levels. What a memory's defaults are depends on the arrays around it, so kinds are told first.
fn levels(table: &Table<'_>) -> Option<Vec<Level>> {
    let help = "the memories and arrays, outermost first";
    let field = table.required("levels", help)?;
    let items = field.list_of("a level such as `{memory: sram, capacity_bytes: 65536}`")?;
    if items.len() > MOST_LEVELS {
        let count = items.len();
        field.reject(format!(
            "has {count} levels; at most {MOST_LEVELS} memories and arrays are supported"
        ));
        return None;
    }
    let tables: Vec<Option<Table<'_>>> = items.iter().map(Field::open_table).collect();
    let is_array = |t: &Option<Table<'_>>| t.as_ref().is_some_and(|t| t.has("array"));
    let innermost_array = tables.iter().rposition(is_array);
    let mut levels = Vec::new();
    for (i, table) in tables.iter().enumerate() {
        let position = Position {
            outermost: i == 0,
            below_arrays: innermost_array.is_some_and(|a| a < i),
        };
        levels.push(table.as_ref().and_then(|t| level(t, position)));
    }
    unique_names(&items, &levels);
    let levels: Vec<Level> = levels.into_iter().collect::<Option<_>>()?;
    count_elements(&field, &levels)?;
    Some(levels)
}

/// Where a level stands.
#[derive(Clone, Copy)]
struct Position {
    outermost: bool,
    below_arrays: bool,
}

fn level(table: &Table<'_>, position: Position) -> Option<Level> {
    match (table.has("memory"), table.has("array")) {
        (true, false) => memory::decode(table, position).map(Level::Memory),
        (false, true) if position.outermost => {
            table.field().reject(
                "the outermost level is an array; put the memory that holds all tensors above it",
            );
            None
        }
        (false, true) => array::decode(table).map(Level::Array),
        (true, true) => {
            table.field().reject(
                "is a memory and an array at once; write one level for each, outermost first",
            );
            None
        }
        (false, false) => {
            table.field().reject(
                "is neither a memory nor an array; begin it with `memory: NAME` or `array: NAME`",
            );
            None
        }
    }
}

fn unique_names(items: &[Field<'_>], levels: &[Option<Level>]) {
    let name = |level: &Level| match level {
        Level::Memory(m) => m.name.clone(),
        Level::Array(a) => a.name.clone(),
    };
    let names: Vec<Option<String>> = levels.iter().map(|l| l.as_ref().map(name)).collect();
    for (i, item) in items.iter().enumerate() {
        if let Some(first) = names[..i]
            .iter()
            .position(|n| n.is_some() && *n == names[i])
        {
            let name = names[i].as_deref().unwrap_or_default();
            item.reject(format!(
                "the name `{name}` is taken by levels[{first}]; give each level a name of its own"
            ));
        }
    }
}

fn count_elements(field: &Field<'_>, levels: &[Level]) -> Option<()> {
    let elements = levels
        .iter()
        .filter_map(|level| match level {
            Level::Array(a) => Some(a),
            Level::Memory(_) => None,
        })
        .flat_map(|a| a.axes.iter())
        .fold(1_u128, |n, axis| n.saturating_mul(u128::from(axis.size)));
    if elements <= MOST_ELEMENTS {
        return Some(());
    }
    field.reject(format!(
        "the arrays have more than {MOST_ELEMENTS} processing elements; make them smaller"
    ));
    None
}

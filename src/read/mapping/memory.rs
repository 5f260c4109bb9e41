//! The tiles of each memory of a mapping.

use crate::problem::{Dim, Memory, PerDim, Role, Tiles};
use crate::read::dims::{self, ROLES};
use crate::read::field::Field;
use crate::read::table::Table;

use super::Subject;
use super::level::Levels;

/// The tiles of one memory.
pub(super) struct MemoryTiles {
    /// Index of the memory in the hardware's levels.
    pub(super) level: usize,
    /// Its nodes, outermost first; absent where only `nest` says.
    pub(super) order: Option<[Role; 3]>,
    /// Whether the file states that order, so that `nest` must agree.
    pub(super) order_stated: bool,
    /// The extents of input, weight and output.
    pub(super) extents: [PerDim<u64>; 3],
    /// The dimension it slides along.
    pub(super) slide: Option<Dim>,
}

/// Decodes every memory below the outermost.
pub(super) fn decode(
    levels: &Levels<'_>,
    subject: Subject<'_>,
    nest_given: bool,
) -> Option<Vec<MemoryTiles>> {
    let read: Vec<Option<MemoryTiles>> = subject
        .hardware
        .memories()
        .skip(1)
        .map(|(level, memory)| {
            let Some(table) = levels.entry(level) else {
                levels.missing(&format!("the memory `{}`", memory.name));
                return None;
            };
            one(table, level, memory, subject, nest_given)
        })
        .collect();
    read.into_iter().collect()
}

const ORDER: &str = "the three operands, outermost node first, such as `[input, weight, output]`";
const SHARED_TILES: &str = "the tiles of this memory are shared by all operands; give one `tile`";
const SHARED_ORDER: &str = "the tiles of this memory are shared and change together; give `stationary`, or `nest` for the whole mapping";
const OWN_TILES: &str =
    "stands beside `tiles`; give `tile` for one box for all operands, or `tiles` for one each";
const OWN_ORDER: &str =
    "is for shared tiles; give the `order` of the three operands, the stationary one first";

fn one(
    table: &Table<'_>,
    level: usize,
    memory: &Memory,
    subject: Subject<'_>,
    nest_given: bool,
) -> Option<MemoryTiles> {
    table.check_keys(&[
        "memory",
        "order",
        "tiles",
        "tile",
        "stationary",
        "slide",
        "double_buffered",
        "keeps",
    ]);
    role_lists(table);
    let default = defaults(level, subject);
    let slide = present(table, "slide", "`P` or `Q`").map(|f| slide(&f));
    let (order, extents) = match memory.tiles {
        Tiles::Shared => {
            let allowed = table.forbid(&["tiles"], SHARED_TILES);
            let allowed = allowed.and(table.forbid(&["order"], SHARED_ORDER));
            let order = stationary(table).map(Some);
            (allowed.and(order), shared_extents(table, &default, subject))
        }
        Tiles::PerOperand => {
            let allowed = table.forbid(&["stationary"], OWN_ORDER);
            let order = own_order(table, nest_given);
            (allowed.and(order), own_extents(table, &default, subject))
        }
    };
    Some(MemoryTiles {
        level,
        order: order?,
        order_stated: table.has("order"),
        extents: extents?,
        slide: slide.unwrap_or(Some(None))?,
    })
}

/// A key that is there and not null.
fn present<'a>(table: &Table<'a>, key: &str, help: &'static str) -> Option<Field<'a>> {
    table.optional(key, help).filter(|f| !f.is_null())
}

/// `double_buffered` and `keeps` follow from the mapping; only their form is checked.
fn role_lists(table: &Table<'_>) {
    for key in ["double_buffered", "keeps"] {
        let listed = present(table, key, "a list of operands");
        if let Some(field) = listed.filter(|f| !f.is_empty_list()) {
            field.choices(&ROLES);
        }
    }
}

/// The extents of dimensions that are not named: 1 below an array and whole above it.
fn defaults(level: usize, subject: Subject<'_>) -> PerDim<u64> {
    let below_array = subject.hardware.arrays().any(|(array, _)| array < level);
    if below_array {
        PerDim::all(1)
    } else {
        subject.nest.extents
    }
}

fn slide(field: &Field<'_>) -> Option<Option<Dim>> {
    field.choice(&[("P", Dim::P), ("Q", Dim::Q)]).map(Some)
}

/// The order of a shared memory: the stationary operand first, then the others.
fn stationary(table: &Table<'_>) -> Option<[Role; 3]> {
    let help = "the operand that stays longest";
    let first = match present(table, "stationary", help) {
        Some(field) => field.choice(&ROLES)?,
        None => Role::Input,
    };
    let mut order = Role::ALL;
    order.sort_by_key(|&role| (role != first, role));
    Some(order)
}

fn own_order(table: &Table<'_>, nest_given: bool) -> Option<Option<[Role; 3]>> {
    if nest_given && !table.has("order") {
        return Some(None);
    }
    let field = table.required("order", ORDER)?;
    let order: Result<[Role; 3], _> = field.choices(&ROLES)?.try_into();
    if order.is_err() {
        field.reject(format!("must name all three operands; give {ORDER}"));
    }
    order.ok().map(Some)
}

fn shared_extents(
    table: &Table<'_>,
    default: &PerDim<u64>,
    subject: Subject<'_>,
) -> Option<[PerDim<u64>; 3]> {
    let help = "one box such as `{K: 4, C: 2}`";
    let tile = table.or_default("tile", help, *default, |f| {
        extents(f, default, None, subject)
    })?;
    Some(Role::ALL.map(|role| relevant_part(tile, role, subject)))
}

fn own_extents(
    table: &Table<'_>,
    default: &PerDim<u64>,
    subject: Subject<'_>,
) -> Option<[PerDim<u64>; 3]> {
    if table.has("tile") {
        if table.has("tiles") {
            table.reject_key("tile", OWN_TILES);
            return None;
        }
        return shared_extents(table, default, subject);
    }
    let help =
        "a box for each operand, such as `{input: {C: 8}, weight: {K: 4, C: 8}, output: {K: 4}}`";
    let tiles = table
        .required("tiles", help)?
        .table(&["input", "weight", "output"])?;
    let of = |role: Role| {
        let whole = relevant_part(*default, role, subject);
        tiles.or_default(role.name(), "a box such as `{K: 4, C: 8}`", whole, |f| {
            extents(f, &whole, Some(role), subject)
        })
    };
    let [input, weight, output] = Role::ALL.map(of);
    Some([input?, weight?, output?])
}

/// The extents with 1 in the dimensions that do not index `role`.
fn relevant_part(mut extents: PerDim<u64>, role: Role, subject: Subject<'_>) -> PerDim<u64> {
    for d in Dim::ALL {
        if !subject.nest.is_relevant(role, d) {
            extents[d] = 1;
        }
    }
    extents
}

/// A table of extents over the defaults; of `role` only its own dimensions.
fn extents(
    field: &Field<'_>,
    default: &PerDim<u64>,
    role: Option<Role>,
    subject: Subject<'_>,
) -> Option<PerDim<u64>> {
    let mut extents = *default;
    let mut complete = true;
    let table = field.open_table()?;
    for (d, value) in dims::extents(&table)? {
        let Some((d, value)) = d.zip(value) else {
            complete = false;
            continue;
        };
        extents[d] = value;
        if let Some(role) = role.filter(|&r| value != 1 && !subject.nest.is_relevant(r, d)) {
            let why = format!("{d} does not index the {role}; leave it out");
            table.reject_key(d.name(), why);
            complete = false;
        }
    }
    complete.then_some(extents)
}

//! What is fixed of one memory.

use crate::problem::{Dim, FixedMemory, Memory, Overlap, Role, RoleSet, Tiles};
use crate::read::dims::{self, ROLES};
use crate::read::field::{Field, quote};
use crate::read::table::Table;

use super::memory::{KEYS, OWN_ORDER, OWN_TILES, SHARED_TILES, keeps, present, roles, slide};
use super::subject::{Subject, within, without_window};

const SHARED_ORDER: &str =
    "the tiles of this memory are shared and change together; give `stationary`";

/// Fixed extents: of an operand or of all, in a dimension.
type Extents = Vec<(Option<Role>, Dim, u64)>;

/// Decodes a memory of which some parts are fixed.
pub(super) fn decode(
    table: &Table<'_>,
    level: usize,
    memory: &Memory,
    subjects: &[Subject<'_>],
) -> Option<FixedMemory> {
    table.check_keys(KEYS);
    let allowed = match memory.tiles {
        Tiles::Shared => {
            let tiles = table.forbid(&["tiles"], SHARED_TILES);
            table.forbid(&["order"], SHARED_ORDER).and(tiles)
        }
        Tiles::PerOperand => table.forbid(&["stationary"], OWN_ORDER),
    };
    let order = maybe(table, "order", |f| order(f, memory));
    let stationary = maybe(table, "stationary", |f| stationary(f, memory));
    let kept = maybe(table, "keeps", |_| keeps(table, memory));
    let doubled = maybe(table, "double_buffered", |f| doubled(f, memory));
    let slide = maybe(table, "slide", |f| sliding(f, memory, subjects));
    let tiles = tiles(table, memory, subjects);
    allowed?;
    let fixed = FixedMemory {
        level,
        order: order?,
        stationary: stationary?,
        keeps: kept?,
        double_buffered: doubled?,
        slide: slide?,
        tiles: tiles?,
    };
    consistent(table, &fixed)?;
    Some(fixed)
}

/// A key that may be left out.
fn maybe<T>(
    table: &Table<'_>,
    key: &str,
    read: impl FnOnce(&Field<'_>) -> Option<T>,
) -> Option<Option<T>> {
    let help = "what to fix of it, or leave it out";
    match present(table, key, help) {
        Some(field) => read(&field).map(Some),
        None => Some(None),
    }
}

/// What must be kept is not left out of `keeps`.
fn consistent(table: &Table<'_>, fixed: &FixedMemory) -> Option<()> {
    let Some(kept) = fixed.kept() else {
        return Some(());
    };
    let Some(missing) = fixed.needs().iter().find(|&role| !kept.contains(role)) else {
        return Some(());
    };
    let key = if fixed.keeps.is_some() {
        "keeps"
    } else {
        "order"
    };
    table.reject_key(
        key,
        format!("leaves out {missing}, of which something else is fixed here; add it"),
    );
    None
}

/// Reports an operand that the memory cannot keep.
fn held(field: &Field<'_>, memory: &Memory, named: &[Role]) -> Option<()> {
    let Some(role) = named.iter().find(|&&role| !memory.may_keep(role)) else {
        return Some(());
    };
    let name = quote(&memory.name);
    field.reject(format!("names {role}, which {name} does not hold"));
    None
}

fn order(field: &Field<'_>, memory: &Memory) -> Option<Vec<Role>> {
    let order = if field.is_empty_list() {
        Vec::new()
    } else {
        field.choices(&ROLES)?
    };
    held(field, memory, &order)?;
    let missing = |role: &Role| !order.contains(role) && !memory.may_bypass(*role);
    if let Some(role) = Role::ALL.into_iter().find(missing) {
        let name = quote(&memory.name);
        field.reject(format!(
            "leaves out {role}, which {name} must keep; name all that it keeps"
        ));
        return None;
    }
    Some(order)
}

fn stationary(field: &Field<'_>, memory: &Memory) -> Option<Role> {
    let role = field.choice(&ROLES)?;
    held(field, memory, &[role])?;
    Some(role)
}

fn doubled(field: &Field<'_>, memory: &Memory) -> Option<RoleSet> {
    let listed = roles(field)?;
    if memory.overlap != Overlap::Choose {
        let name = quote(&memory.name);
        field.reject(format!(
            "leaves nothing to fix: the overlap of {name} is not `choose`"
        ));
        return None;
    }
    held(field, memory, &listed.iter().collect::<Vec<Role>>())?;
    Some(listed)
}

fn sliding(field: &Field<'_>, memory: &Memory, subjects: &[Subject<'_>]) -> Option<Dim> {
    let d = slide(field)?;
    let name = quote(&memory.name);
    if !memory.sliding_reuse {
        field.reject(format!("cannot be: the sliding_reuse of {name} is off"));
        return None;
    }
    held(field, memory, &[Role::Input])?;
    if let Some(layer) = without_window(subjects, d) {
        let layer = quote(layer);
        field.reject(format!(
            "cannot be: the layer {layer} has no overlapping windows along {d}; say for which `layers` it is"
        ));
        return None;
    }
    Some(d)
}

/// The fixed extents: one box for all operands in `tile`, or some of each in `tiles`.
fn tiles(table: &Table<'_>, memory: &Memory, subjects: &[Subject<'_>]) -> Option<Extents> {
    if table.has("tile") && table.has("tiles") {
        table.reject_key("tile", OWN_TILES);
        return None;
    }
    if let Some(field) = present(table, "tile", "a box such as `{K: 4}`") {
        return extents(&field, None, memory, subjects);
    }
    let help = "boxes such as `{weight: {K: 4, C: 8}}`";
    let Some(field) = present(table, "tiles", help) else {
        return Some(Vec::new());
    };
    let own = field.table(&["input", "weight", "output"])?;
    let of = |role: Role| {
        own.or_default(role.name(), "a box such as `{K: 4}`", Vec::new(), |f| {
            held(f, memory, &[role])?;
            extents(f, Some(role), memory, subjects)
        })
    };
    let [input, weight, output] = Role::ALL.map(of);
    Some([input?, weight?, output?].concat())
}

fn extents(
    field: &Field<'_>,
    of: Option<Role>,
    memory: &Memory,
    subjects: &[Subject<'_>],
) -> Option<Extents> {
    let table = field.open_table()?;
    let mut found = Vec::new();
    let mut complete = true;
    for (d, value) in dims::extents(&table)? {
        let Some((d, value)) = d.zip(value) else {
            complete = false;
            continue;
        };
        let indexes = |role: Role| subjects.iter().all(|s| s.nest.is_relevant(role, d));
        let meant = |role: Role| memory.may_keep(role) && of.is_none_or(|of| of == role);
        if !Role::ALL
            .into_iter()
            .any(|role| meant(role) && indexes(role))
        {
            let what = of.map_or("anything that it holds".to_owned(), |of| {
                format!("the {of}")
            });
            let why = format!("{d} does not index {what}; leave it out");
            table.reject_key(d.name(), why);
            complete = false;
            continue;
        }
        complete &= within(&table, d, value, subjects).is_some();
        found.push((of, d, value));
    }
    complete.then_some(found)
}

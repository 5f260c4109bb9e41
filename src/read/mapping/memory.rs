//! The tiles of each memory of a mapping.

use crate::problem::{Dim, Memory, Overlap, PerDim, Role, RoleSet, Tiles};
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
    pub(super) order: Option<Vec<Role>>,
    /// The operands that it keeps.
    pub(super) keeps: RoleSet,
    /// Those of them that have two buffers, where that is chosen.
    pub(super) doubled: RoleSet,
    /// Whether the file states that order, so that `nest` must agree.
    pub(super) order_stated: bool,
    /// The extents of input, weight and output.
    pub(super) extents: [PerDim<u64>; 3],
    /// What it slides along; `None` where the file does not say.
    pub(super) slide: Option<Option<Dim>>,
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

/// The keys of a memory.
pub(super) const KEYS: &[&str] = &[
    "memory",
    "order",
    "tiles",
    "tile",
    "stationary",
    "slide",
    "double_buffered",
    "keeps",
];

const ORDER: &str = "the three operands, outermost node first, such as `[input, weight, output]`";
pub(super) const SHARED_TILES: &str =
    "the tiles of this memory are shared by all operands; give one `tile`";
const SHARED_ORDER: &str = "the tiles of this memory are shared and change together; give `stationary`, or `nest` for the whole mapping";
pub(super) const OWN_TILES: &str =
    "stands beside `tiles`; give `tile` for one box for all operands, or `tiles` for one each";
pub(super) const OWN_ORDER: &str =
    "is for shared tiles; give the `order` of the three operands, the stationary one first";

fn one(
    table: &Table<'_>,
    level: usize,
    memory: &Memory,
    subject: Subject<'_>,
    nest_given: bool,
) -> Option<MemoryTiles> {
    table.check_keys(KEYS);
    let keeps = keeps(table, memory);
    let doubled = doubled(table, memory);
    let (keeps, doubled) = (keeps?, doubled?);
    let default = defaults(level, subject);
    let slide = present(table, "slide", "`P`, `Q` or `none`").map(|f| slide_or_none(&f));
    let (order, extents) = match memory.tiles {
        Tiles::Shared => {
            let allowed = table.forbid(&["tiles"], SHARED_TILES);
            let allowed = allowed.and(table.forbid(&["order"], SHARED_ORDER));
            let order = stationary(table, keeps).map(Some);
            (allowed.and(order), shared_extents(table, &default, subject))
        }
        Tiles::PerOperand => {
            let allowed = table.forbid(&["stationary"], OWN_ORDER);
            let order = own_order(table, keeps, nest_given);
            (allowed.and(order), own_extents(table, &default, subject))
        }
    };
    Some(MemoryTiles {
        level,
        order: order?,
        keeps,
        doubled,
        order_stated: table.has("order"),
        extents: extents?,
        slide: match slide {
            Some(stated) => Some(stated?),
            None => None,
        },
    })
}

/// A key that is there and not null.
pub(super) fn present<'a>(table: &Table<'a>, key: &str, help: &'static str) -> Option<Field<'a>> {
    table.optional(key, help).filter(|f| !f.is_null())
}

/// The operands that the mapping keeps in the memory: all that it holds, unless the file says.
pub(super) fn keeps(table: &Table<'_>, memory: &Memory) -> Option<RoleSet> {
    let Some(field) = present(table, "keeps", "a list of operands") else {
        return Some(memory.holds);
    };
    let keeps = roles(&field)?;
    for role in Role::ALL {
        let name = &memory.name;
        if keeps.contains(role) && !memory.may_keep(role) {
            field.reject(format!(
                "lists {role}, which `{name}` does not hold; leave it out"
            ));
            return None;
        }
        if !keeps.contains(role) && !memory.may_bypass(role) {
            field.reject(format!(
                "leaves out {role}, which may not go around `{name}`; add it"
            ));
            return None;
        }
    }
    Some(keeps)
}

/// The operands with two buffers; where a memory leaves no choice they follow from it.
fn doubled(table: &Table<'_>, memory: &Memory) -> Option<RoleSet> {
    let listed = present(table, "double_buffered", "a list of operands");
    let roles = listed.map_or(Some(RoleSet::NONE), |f| roles(&f))?;
    Some(match memory.overlap {
        Overlap::Choose => roles,
        _ => RoleSet::NONE,
    })
}

/// The operands in a list, which may be empty.
pub(super) fn roles(field: &Field<'_>) -> Option<RoleSet> {
    if field.is_empty_list() {
        return Some(RoleSet::NONE);
    }
    field.choices(&ROLES).map(|roles| RoleSet::of(&roles))
}

/// The extents of dimensions that are not named: 1 below an array and whole above it.
fn defaults(level: usize, subject: Subject<'_>) -> PerDim<u64> {
    if subject.hardware.is_below_array(level) {
        PerDim::all(1)
    } else {
        subject.nest.extents
    }
}

pub(super) fn slide(field: &Field<'_>) -> Option<Dim> {
    field.choice(&[("P", Dim::P), ("Q", Dim::Q), ("Z", Dim::Z)])
}

#[expect(
    clippy::option_option,
    reason = "whether it could be read, and what it says"
)]
fn slide_or_none(field: &Field<'_>) -> Option<Option<Dim>> {
    let along = |d: Dim| (d.name(), Some(d));
    field.choice(&[along(Dim::P), along(Dim::Q), along(Dim::Z), ("none", None)])
}

/// The order of a shared memory: the stationary operand first, then the others.
fn stationary(table: &Table<'_>, keeps: RoleSet) -> Option<Vec<Role>> {
    let help = "the operand that stays longest";
    let first = match present(table, "stationary", help) {
        Some(field) => {
            let first = field.choice(&ROLES)?;
            if !keeps.contains(first) {
                field.reject(format!(
                    "{first} is not kept in this memory; name a kept operand"
                ));
                return None;
            }
            Some(first)
        }
        None => None,
    };
    let mut order: Vec<Role> = keeps.iter().collect();
    order.sort_by_key(|&role| (Some(role) != first, role));
    Some(order)
}

fn own_order(table: &Table<'_>, keeps: RoleSet, nest_given: bool) -> Option<Option<Vec<Role>>> {
    if nest_given && !table.has("order") {
        return Some(None);
    }
    let field = table.required("order", ORDER)?;
    if keeps == RoleSet::NONE && field.is_empty_list() {
        return Some(Some(Vec::new()));
    }
    let order = field.choices(&ROLES)?;
    let named = RoleSet::of(&order);
    if named != keeps {
        if named.iter().count() < order.len() {
            // One of them stands twice, which is reported already.
            return None;
        }
        field.reject(if keeps == RoleSet::ALL {
            format!("must name all three operands; give {ORDER}")
        } else {
            "must name the operands that the memory keeps, and no others".to_owned()
        });
        return None;
    }
    Some(Some(order))
}

fn shared_extents(
    table: &Table<'_>,
    default: &PerDim<u64>,
    subject: Subject<'_>,
) -> Option<[PerDim<u64>; 3]> {
    let help = "one box such as `{K: 4, C: 2}`";
    let tile = table.or_default("tile", help, *default, |f| extents(f, default))?;
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
            extents(f, &whole)
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

/// A table of extents over the defaults. A dimension that does not index the operand of a box is
/// a cut of its own.
fn extents(field: &Field<'_>, default: &PerDim<u64>) -> Option<PerDim<u64>> {
    let mut extents = *default;
    let mut complete = true;
    let table = field.open_table()?;
    for (d, value) in dims::extents(&table)? {
        let Some((d, value)) = d.zip(value) else {
            complete = false;
            continue;
        };
        extents[d] = value;
    }
    complete.then_some(extents)
}

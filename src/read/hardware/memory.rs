//! One memory of a hardware file.

use crate::problem::{AccessEnergy, Bandwidth, Bytes, Memory, Overlap, Ports, RoleSet, Tiles};
use crate::read::dims::ROLES;
use crate::read::field::Field;
use crate::read::table::Table;

use super::Position;

/// 2^50 bytes; a larger memory is as good as unbounded.
const LARGEST_CAPACITY_BYTES: u64 = 1 << 50;

/// 2^20 bytes, beyond any line or bank.
const LARGEST_ALIGNMENT_BYTES: u64 = 1 << 20;

const KEYS: &[&str] = &[
    "memory",
    "capacity_bytes",
    "bandwidth_bytes_per_cycle",
    "read_bandwidth_bytes_per_cycle",
    "write_bandwidth_bytes_per_cycle",
    "energy_pj_per_byte",
    "read_energy_pj_per_byte",
    "write_energy_pj_per_byte",
    "overlap",
    "tiles",
    "sliding_reuse",
    "alignment_bytes",
    "holds",
    "bypass",
];

/// Decodes a memory.
pub(super) fn decode(table: &Table<'_>, position: Position) -> Option<Memory> {
    table.check_keys(KEYS);
    let name = table
        .required("memory", "the memory's name")
        .and_then(|f| f.word());
    let capacity = table.or_default("capacity_bytes", CAPACITY, None, |f| {
        f.integer(1, LARGEST_CAPACITY_BYTES).map(|n| Some(Bytes(n)))
    });
    if position.outermost {
        table.forbid(&["capacity_bytes"], OUTERMOST);
        table.forbid(&["alignment_bytes"], OUTERMOST_ALIGNMENT);
    }
    let ports = ports(table);
    let energy = energy(table);
    let holds = table.or_default("holds", ROLE_LIST, RoleSet::ALL, holds);
    let bypass = table.or_default("bypass", ROLE_LIST, RoleSet::NONE, role_set);
    let allowed =
        keeps_all_if_outermost(table, position).and(bypasses_what_it_holds(table, holds, bypass));
    let bounded = table.has("capacity_bytes");
    let overlap = overlap(table, position, bounded);
    let tiles = tiles(table, position);
    let slides = !position.below_arrays;
    let sliding_reuse = table.or_default("sliding_reuse", "", slides, Field::boolean);
    let alignment = table.or_default(
        "alignment_bytes",
        ALIGNMENT,
        Memory::DEFAULT_ALIGNMENT,
        |f| f.integer(1, LARGEST_ALIGNMENT_BYTES).map(Bytes),
    );
    Some(Memory {
        name: name?.to_owned(),
        capacity: capacity?,
        ports: ports?,
        energy: energy?,
        holds: allowed.and(holds)?,
        bypass: bypass?,
        overlap: overlap?,
        tiles: tiles?,
        sliding_reuse: sliding_reuse?,
        alignment: alignment?,
    })
}

const CAPACITY: &str = "the capacity in bytes, or leave it out for an unbounded memory";
const ALIGNMENT: &str =
    "the bytes of which every address is a multiple, such as 64, or leave it out for 64";
const BANDWIDTH: &str =
    "bytes per cycle with at most nine decimals, such as 16 or 0.5, or leave it out for no limit";
const ENERGY: &str = "the energy in pJ for each byte read or written";
const ROLE_LIST: &str = "a list of operands such as `[input, output]`";
const OUTERMOST: &str =
    "the outermost memory holds all tensors and is unbounded; leave the capacity out";
const OUTERMOST_ALIGNMENT: &str =
    "no addresses are planned in the outermost memory; leave the alignment out";

/// The operands in a list, which may be empty.
fn role_set(field: &Field<'_>) -> Option<RoleSet> {
    if field.is_empty_list() {
        return Some(RoleSet::NONE);
    }
    field.choices(&ROLES).map(|roles| RoleSet::of(&roles))
}

/// The operands that a memory may keep, at least one.
fn holds(field: &Field<'_>) -> Option<RoleSet> {
    let found = role_set(field)?;
    if found == RoleSet::NONE {
        field.reject("holds no operand; list those that it may keep, or leave the memory out");
        return None;
    }
    Some(found)
}

/// The outermost memory holds all tensors.
fn keeps_all_if_outermost(table: &Table<'_>, position: Position) -> Option<()> {
    if position.outermost {
        let keys = ["holds", "bypass"];
        return table.forbid(
            &keys,
            "the outermost memory holds all tensors; leave it out",
        );
    }
    Some(())
}

/// Only what a memory holds needs leave to go around it.
fn bypasses_what_it_holds(
    table: &Table<'_>,
    holds: Option<RoleSet>,
    bypass: Option<RoleSet>,
) -> Option<()> {
    let (holds, bypass) = (holds?, bypass?);
    let Some(role) = bypass.iter().find(|&role| !holds.contains(role)) else {
        return Some(());
    };
    table.reject_key(
        "bypass",
        format!("lists {role}, which the memory does not hold and which always goes around it; leave it out"),
    );
    None
}

/// The energy of a byte, one for both directions or one for each.
fn energy(table: &Table<'_>) -> Option<AccessEnergy> {
    let [both, read, write] = [
        "energy_pj_per_byte",
        "read_energy_pj_per_byte",
        "write_energy_pj_per_byte",
    ];
    let separate = table.has(read) || table.has(write);
    if table.has(both) && separate {
        table.reject_key(
            both,
            "stands beside a read or write energy; give this one for both, or the other two",
        );
        return None;
    }
    let pj = |key| table.or_default(key, ENERGY, None, |f| f.not_negative().map(Some));
    if separate {
        let (read, write) = (pj(read), pj(write));
        return Some(AccessEnergy {
            read_pj_per_byte: read?,
            write_pj_per_byte: write?,
        });
    }
    Some(AccessEnergy::both(pj(both)?))
}

/// One port for both directions, or one for each.
fn ports(table: &Table<'_>) -> Option<Ports> {
    let [shared, read, write] = [
        "bandwidth_bytes_per_cycle",
        "read_bandwidth_bytes_per_cycle",
        "write_bandwidth_bytes_per_cycle",
    ];
    let separate = table.has(read) || table.has(write);
    if table.has(shared) && separate {
        table.reject_key(
            shared,
            "stands beside a read or write bandwidth; give this one for a shared port, or the other two for separate ports",
        );
        return None;
    }
    let limit = |key| table.or_default(key, BANDWIDTH, None, |f| bandwidth(f).map(Some));
    if separate {
        let (read, write) = (limit(read), limit(write));
        return Some(Ports::Separate {
            read: read?,
            write: write?,
        });
    }
    Some(Ports::Shared(limit(shared)?))
}

fn bandwidth(field: &Field<'_>) -> Option<Bandwidth> {
    let found = Bandwidth::parse(&field.decimal()?);
    if found.is_none() {
        field.bad_value("more than 0 and less than 10^9");
    }
    found
}

/// What transfers do: a bounded memory that feeds a level further in is double-buffered;
/// an unbounded one and the elements' own registers are ideal.
fn overlap(table: &Table<'_>, position: Position, bounded: bool) -> Option<Overlap> {
    let default = if bounded && !position.below_arrays {
        Overlap::DoubleBuffer
    } else {
        Overlap::Ideal
    };
    let help = "`ideal`, `double_buffer`, `none` or `choose`";
    table.or_default("overlap", help, default, |field| {
        field.choice(&[
            ("ideal", Overlap::Ideal),
            ("double_buffer", Overlap::DoubleBuffer),
            ("none", Overlap::None),
            ("choose", Overlap::Choose),
        ])
    })
}

fn tiles(table: &Table<'_>, position: Position) -> Option<Tiles> {
    let default = if position.below_arrays {
        Tiles::Shared
    } else {
        Tiles::PerOperand
    };
    table.or_default("tiles", "`per_operand` or `shared`", default, |field| {
        field.choice(&[
            ("per_operand", Tiles::PerOperand),
            ("shared", Tiles::Shared),
        ])
    })
}

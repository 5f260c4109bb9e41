//! The memory plan of a step: the lines below the table.

use std::io::{self, Write};

use crate::problem::plan::{AddressSearch, MemoryPlan};
use crate::report::numbers::{duration, gap, grouped};
use crate::report::stages::running;

/// What stays in the shared memory, in a few lines.
///
/// # Errors
/// If `out` cannot be written.
pub(super) fn write(own: &MemoryPlan, out: &mut dyn Write) -> io::Result<()> {
    let cycles = |units: u128| grouped(own.cycles(units));
    writeln!(
        out,
        "memory plan: {} cycles, gap {}, in {} bytes and {}",
        cycles(own.cost.total()),
        gap(own.gap()),
        grouped(own.schedule.capacity.0.into()),
        duration(own.seconds)
    )?;
    modes(own, out)?;
    stages(own, out)?;
    for (name, units) in &own.baselines {
        let text = units.map_or_else(|| "does not fit".to_owned(), cycles);
        let without = if own.addresses.rules_without.contains(name) {
            ", without addresses"
        } else {
            ""
        };
        writeln!(out, "  {}: {text}{without}", name.replace('_', " "))?;
    }
    addresses(&own.addresses, out)
}

/// What had to be given up for addresses.
fn addresses(own: &AddressSearch, out: &mut dyn Write) -> io::Result<()> {
    if own.cuts > 0 {
        let cuts = own.cuts;
        writeln!(
            out,
            "  {cuts} sets of blocks that have no addresses were excluded; the gap counts them"
        )?;
    }
    if own.given_up_bytes > 0 {
        let bytes = grouped(own.given_up_bytes.into());
        writeln!(
            out,
            "  {bytes} bytes were given up to find addresses; the gap counts them"
        )?;
    }
    if own.cut_short {
        writeln!(
            out,
            "  a limit ended the search for addresses: a faster plan may have some; the gap counts it"
        )?;
    }
    Ok(())
}

/// The gap is that of the whole; beside it that among the plans of these modes: how many mappings
/// they come from, and what is not proved of them.
fn modes(own: &MemoryPlan, out: &mut dyn Write) -> io::Result<()> {
    let (proved, of) = (own.modes.proved, own.modes.of);
    let open = if proved < of {
        let largest = gap(own.modes.largest_gap);
        format!(", the others have gaps of up to {largest}")
    } else {
        String::new()
    };
    let bound = grouped(own.cycles(own.bound_units()));
    let any = match own.modes.divided {
        Some(_) => "such stages",
        None => "any mappings",
    };
    writeln!(
        out,
        "  no plan of {any} takes fewer than {bound} cycles; gap among the modes here: {}",
        gap(own.gap_among_modes())
    )?;
    writeln!(out, "  modes: of {of} mappings {proved} are proved{open}")?;
    let bytes = grouped(own.bytes(own.cost.outer()));
    let fewest = if own.ties.has_fewest_bits() {
        ", the fewest in this time"
    } else {
        ""
    };
    writeln!(out, "  through the outer port: {bytes} bytes{fewest}")
}

/// A line for each stage: its operations, its loops, what it takes.
fn stages(own: &MemoryPlan, out: &mut dyn Write) -> io::Result<()> {
    for (fused, mode) in running(own) {
        let operation = &own.schedule.operations[fused.operation];
        let loops = mode.loops.iter().map(|own| {
            let last = own.dims.last().map_or("", String::as_str);
            format!("{last} in {} tiles of {}", own.tiles(), own.tile)
        });
        let cycles = grouped(own.cycles(own.cost.units[fused.operation]));
        let bytes = own.plan.modes[fused.operation].map_or(0, |m| operation.modes[m].buffer_bytes);
        let bytes = grouped(u128::from(bytes));
        writeln!(out, "  together: {}", fused.members.join(", "))?;
        let loops = loops.collect::<Vec<_>>().join(", ");
        writeln!(out, "    {loops}: {cycles} cycles in {bytes} bytes")?;
    }
    Ok(())
}

//! The text of a first hardware file.

use std::fmt::Write;

use super::quantity::{Quantity, Unit};
use crate::cli::args::HardwareArguments;

/// Operands of each kind for which an element's registers have room.
const TRIPLES: u64 = 8;

/// Picojoules for each byte that the outer memory, the buffer and the registers move, and for each
/// multiply-accumulate of 8 bits: round numbers of the size that Horowitz 2014 (ISSCC, figure 1.1.9) gives
/// for 45 nm, as in `inputs/hardware/shared-32x32.yaml`.
const ENERGIES: [&str; 4] = ["160", "6", "0.5", "0.2"];

/// Widths in bits.
struct Widths {
    input: u64,
    weight: u64,
    accumulator: u64,
}

impl Widths {
    fn of(arguments: &HardwareArguments) -> Self {
        let bits = |role: &str, default: u32| {
            let mut given = arguments.precision.iter().rev();
            u64::from(given.find(|own| own.0 == role).map_or(default, |own| own.1))
        };
        Self {
            input: bits("input", 8),
            weight: bits("weight", 8),
            accumulator: bits("accumulator", 32),
        }
    }
}

/// The file, or why there is none.
pub(super) fn text(arguments: &HardwareArguments) -> Result<String, String> {
    let mut text = String::new();
    // A text is written in full: writing into one never fails.
    let _ = head(arguments, &mut text);
    let bandwidth = outer_bandwidth(arguments)?;
    let _ = dram(arguments, &bandwidth, &mut text);
    let _ = inside(arguments, &mut text);
    Ok(text)
}

fn head(arguments: &HardwareArguments, out: &mut String) -> std::fmt::Result {
    let HardwareArguments {
        sram, dram, clock, ..
    } = arguments;
    let array = array(arguments);
    let short = format!("{}-{}", array.replace(' ', ""), sram.text);
    let name = arguments.name.clone().unwrap_or(short);
    writeln!(
        out,
        "# Made from --macs {} --sram {} --dram {} --clock {}; change what you know better.",
        array.replace(' ', ""),
        sram.text,
        dram.text,
        clock.text
    )?;
    writeln!(out, "name: {}", quoted(&name))?;
    writeln!(
        out,
        "source: \"A first estimate: one buffer of {} for all operands above an array of {array} elements.\"",
        sram.text
    )?;
    let megahertz = clock.decimal(1_000_000_000 * 1_000_000);
    writeln!(out, "clock_mhz: {megahertz}   # {}", clock.text)?;
    writeln!(out, "levels:   # from the outermost in")
}

/// The outer bandwidth in bytes per cycle, and whether the decimals are cut.
fn outer_bandwidth(arguments: &HardwareArguments) -> Result<(String, bool), String> {
    let cycle = Quantity::bandwidth("1B/cycle")?;
    let of = match arguments.dram.unit {
        Unit::BytesPerCycle => &cycle,
        _ => &arguments.clock,
    };
    let (number, exact) = arguments.dram.per(of);
    if number == "0" {
        return Err(format!(
            "--dram {}: less than a millionth of a byte per cycle at {}; give a larger bandwidth",
            arguments.dram.text, arguments.clock.text
        ));
    }
    Ok((number, exact))
}

fn dram(
    arguments: &HardwareArguments,
    (number, exact): &(String, bool),
    out: &mut String,
) -> std::fmt::Result {
    let HardwareArguments { dram, clock, .. } = arguments;
    writeln!(out, "  # The outer memory holds all tensors.")?;
    if dram.unit == Unit::BytesPerSecond {
        let cut = if *exact { "" } else { ", cut to six decimals" };
        writeln!(
            out,
            "  # {} at {}: {} bytes per second / {} cycles per second = {number} bytes per cycle{cut}.",
            dram.text,
            clock.text,
            dram.decimal(1_000_000_000),
            clock.decimal(1_000_000_000),
        )?;
    }
    let energy = energy(arguments, ENERGIES[0]);
    writeln!(
        out,
        "  - {{memory: dram, bandwidth_bytes_per_cycle: {number}{energy}}}"
    )
}

/// The key of an energy for each byte, where energies are given.
fn energy(arguments: &HardwareArguments, picojoules: &str) -> String {
    let key = || format!(", energy_pj_per_byte: {picojoules}");
    arguments.energies.then(key).unwrap_or_default()
}

/// Everything inside the outer memory.
fn inside(arguments: &HardwareArguments, out: &mut String) -> std::fmt::Result {
    let widths = Widths::of(arguments);
    buffer(arguments, &widths, out)?;
    let (rows, columns) = (arguments.macs.rows, arguments.macs.columns);
    let macs = rows * columns.unwrap_or(1);
    writeln!(
        out,
        "  # {} = {macs} multiply-accumulates per cycle.",
        array(arguments)
    )?;
    let columns_axis = columns.map_or_else(String::new, |columns| {
        format!(", {{name: cols, size: {columns}}}")
    });
    writeln!(
        out,
        "  - {{array: pe, axes: [{{name: rows, size: {rows}}}{columns_axis}]}}"
    )?;
    let Widths {
        input,
        weight,
        accumulator,
    } = widths;
    let triple = input + weight + accumulator;
    let bytes = (TRIPLES * triple).div_ceil(8);
    writeln!(
        out,
        "  # Each element has registers for {TRIPLES} inputs, weights and partial sums of {input}, {weight} and {accumulator} bits:"
    )?;
    writeln!(
        out,
        "  # {TRIPLES} x {triple} bits = {bytes} bytes. A port of registers is no limit."
    )?;
    let energy = energy(arguments, ENERGIES[2]);
    writeln!(
        out,
        "  - {{memory: registers, capacity_bytes: {bytes}{energy}}}"
    )?;
    vector(arguments, out)
}

fn buffer(arguments: &HardwareArguments, widths: &Widths, out: &mut String) -> std::fmt::Result {
    let (rows, columns) = (arguments.macs.rows, arguments.macs.columns.unwrap_or(1));
    let edge = (rows * widths.input + columns * widths.weight).div_ceil(8);
    let bytes = arguments.sram.whole().unwrap_or_default();
    writeln!(out, "  # {} = {bytes} bytes.", arguments.sram.text)?;
    writeln!(
        out,
        "  # Its bandwidth is chosen: {rows} inputs of {} bits and {columns} weights of {} bits enter at the edges of the",
        widths.input, widths.weight
    )?;
    writeln!(
        out,
        "  # array in a cycle, {edge} bytes; twice that, so that results leave and the next tiles come at the same time."
    )?;
    writeln!(
        out,
        "  - {{memory: sram, capacity_bytes: {bytes}, bandwidth_bytes_per_cycle: {}{}}}",
        2 * edge,
        energy(arguments, ENERGIES[1])
    )
}

fn vector(arguments: &HardwareArguments, out: &mut String) -> std::fmt::Result {
    let last = arguments.macs.columns.unwrap_or(arguments.macs.rows);
    let (lanes, why) = match arguments.vector {
        Some(lanes) => (lanes, "As --vector says.".to_owned()),
        None => (
            last,
            "A lane for each column: as many results as leave the array in a cycle.".to_owned(),
        ),
    };
    writeln!(out, "# {why}")?;
    writeln!(out, "vector: {{lanes: {lanes}}}")?;
    if arguments.energies {
        writeln!(
            out,
            "# Energies are round numbers of the size that Horowitz 2014 (ISSCC, figure 1.1.9) gives for 45 nm."
        )?;
        return writeln!(out, "compute: {{energy_pj_per_mac: {}}}", ENERGIES[3]);
    }
    writeln!(
        out,
        "# No energies are given: --objective energy needs energy_pj_per_byte of the memories and"
    )?;
    writeln!(out, "# `compute: {{energy_pj_per_mac: …}}`.")
}

/// The array in words.
fn array(arguments: &HardwareArguments) -> String {
    match arguments.macs.columns {
        Some(columns) => format!("{} x {columns}", arguments.macs.rows),
        None => arguments.macs.rows.to_string(),
    }
}

/// A text in quotes, which YAML takes as JSON writes it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

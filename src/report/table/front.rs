//! Fronts as a table for people: a line for each point.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, LineStyle, Table, presets};

use super::below::restriction;
use crate::problem::front::{FrontPoint, FrontResult, FrontRow};
use crate::problem::{Hardware, Work};
use crate::report::detail::{Detail, WIDTH};
use crate::report::front::part_name;
use crate::report::numbers::{grouped, joules};
use crate::report::{nest, wrap};

const COLUMNS: [&str; 5] = ["Layer", "Op", "Cycles", "Energy", "Proof"];
/// Columns of numbers.
const RIGHT: [usize; 2] = [2, 3];

/// Writes the table, what was proved, and if asked for the loop nests of every point.
pub(super) fn write(result: &FrontResult, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{} on {}, {}, batch {}: fronts of cycles and energy",
        result.network, result.hardware.name, result.mode, result.batch
    )?;
    for line in table(result).lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    summary(result, out)?;
    if detail.mappings {
        for row in result.layers.iter().filter(|row| row.same_as.is_none()) {
            for point in &row.front.points {
                mappings(row, point, &result.hardware, out)?;
            }
        }
    }
    Ok(())
}

fn table(result: &FrontResult) -> Table {
    let mut table = Table::new();
    let rule = LineStyle::none().fill('─').junction('─');
    table.load_style(presets::NOTHING.header_separator(rule));
    table.set_header(COLUMNS.map(Cell::new));
    table.add_rows(result.layers.iter().flat_map(lines));
    for column in RIGHT {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The lines of one layer, the first with its name; of an equal one just which it is.
fn lines(row: &FrontRow) -> Vec<[String; 5]> {
    let mut name = row.name.clone();
    for fused in &row.fused {
        name.push_str("\n + ");
        name.push_str(fused);
    }
    let empty = String::new;
    if let Some(first) = &row.same_as {
        return vec![[name, format!("= {first}"), empty(), empty(), empty()]];
    }
    let mut lines: Vec<[String; 5]> = row.front.points.iter().map(point).collect();
    if lines.is_empty() {
        let status = row.front.status().name().to_owned();
        lines.push([empty(), empty(), "-".to_owned(), "-".to_owned(), status]);
    }
    if let Some(first) = lines.first_mut() {
        first[0] = name;
        first[1].clone_from(&row.op);
    }
    lines
}

fn point(point: &FrontPoint) -> [String; 5] {
    let proof = if point.is_proved() {
        "proved"
    } else {
        "not proved"
    };
    [
        String::new(),
        String::new(),
        grouped(point.cycles),
        joules(point.energy_pj),
        proof.to_owned(),
    ]
}

/// How many fronts are complete, over which space, and what is known of the others.
fn summary(result: &FrontResult, out: &mut dyn Write) -> io::Result<()> {
    let layers = &result.layers;
    let complete = layers
        .iter()
        .filter(|row| row.front.is_complete() && !row.front.points.is_empty());
    writeln!(
        out,
        "{} of {} fronts complete; space: {} tile extents, {} node orders, {}{}",
        complete.count(),
        layers.len(),
        result.space.tiles,
        result.space.orders,
        result.space.spatial,
        restriction(&result.space)
    )?;
    for note in &result.notes {
        writeln!(out, "note: {note}")?;
    }
    for row in layers {
        if let Some(text) = open(row) {
            wrap::write(&format!("{}: {text}", row.name), WIDTH, out)?;
        }
    }
    Ok(())
}

/// What is known of a front that is not complete.
fn open(row: &FrontRow) -> Option<String> {
    let front = &row.front;
    let why = front
        .reason
        .as_ref()
        .map_or(String::new(), |why| format!(": {why}"));
    match (front.rest(), front.points.is_empty()) {
        (Some(rest), _) => Some(format!(
            "not complete: points of less energy have at least {} cycles and {}{why}",
            grouped(rest.bound_cycles),
            joules(rest.bound_energy_pj)
        )),
        (None, true) => Some(format!("{}{why}", front.status().name())),
        (None, false) if !front.is_complete() => Some(format!("not every point is proved{why}")),
        (None, false) => None,
    }
}

/// The loop nests of a point, each under the layer's name and the point's cycles.
fn mappings(
    row: &FrontRow,
    point: &FrontPoint,
    hardware: &Hardware,
    out: &mut dyn Write,
) -> io::Result<()> {
    for part in &point.parts {
        if let (Work::Mapped(layer), Some(mapping)) = (&part.work, &part.mapping) {
            let name = part_name(row, part);
            writeln!(out, "\n{name}, {} cycles:", grouped(point.cycles))?;
            for line in nest::lines(layer, hardware, mapping, &part.cost) {
                writeln!(out, "  {line}")?;
            }
        }
    }
    Ok(())
}

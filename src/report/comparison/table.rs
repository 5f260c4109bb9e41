//! A comparison as tables for people: every layer, then how each mapper did.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, LineStyle, Table, presets};

use super::super::numbers::{duration, grouped};
use super::ratio_text;
use crate::problem::comparison::{Comparison, LayerComparison, Outcome, Stop, ratio};
use crate::problem::result::Status;

/// Writes the tables.
pub(super) fn write(result: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{} on {}, batch {}, seed {}, {} evaluations{}",
        result.network,
        result.hardware.name,
        result.batch,
        result.seed,
        grouped(u128::from(result.evaluations)),
        (result.time_budget_seconds).map_or(String::new(), |s| format!(", at most {s} s each"))
    )?;
    lines(&layers(result), out)?;
    writeln!(out)?;
    lines(&standings(result), out)?;
    footnotes(result, out)
}

fn lines(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn table(header: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    let rule = LineStyle::none().fill('─').junction('─');
    table.load_style(presets::NOTHING.header_separator(rule));
    table.set_header(header.iter().map(Cell::new));
    for &column in right {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn layers(result: &Comparison) -> Table {
    let header = [
        "Layer",
        "Mapper",
        "Cycles",
        "Ratio",
        "Status",
        "Evaluations",
        "Time",
    ];
    let mut table = table(&header, &[2, 3, 5, 6]);
    for layer in result.distinct() {
        for index in 0..result.mappers.len() {
            table.add_row(row(result, layer, index));
        }
    }
    table
}

fn row(result: &Comparison, layer: &LayerComparison, index: usize) -> Vec<Cell> {
    let outcome = layer.outcome(index);
    let (reference, proved) = layer.reference(result.mappers.len());
    let mark = if proved { "" } else { " *" };
    let ratio = ratio(outcome.cycles, reference).map(|r| ratio_text(r) + mark);
    let evaluations = match outcome.evaluations {
        0 => "-".to_owned(),
        count => grouped(u128::from(count)),
    };
    vec![
        Cell::new(if index == 0 { &layer.name } else { "" }),
        Cell::new(result.mappers[index].name),
        Cell::new(outcome.cycles.map_or("-".to_owned(), grouped)),
        Cell::new(ratio.unwrap_or_else(|| "-".to_owned())),
        Cell::new(status_text(&outcome)),
        Cell::new(evaluations),
        Cell::new(duration(outcome.seconds)),
    ]
}

/// What is known of a result.
fn status_text(outcome: &Outcome) -> String {
    let cut = match outcome.stop {
        Stop::Time => ", cut short by time",
        Stop::Interrupt => ", interrupted",
        Stop::Finished | Stop::Evaluations => "",
    };
    let text = match (outcome.status(), outcome.bound_cycles) {
        (Status::Feasible, Some(bound)) => format!("feasible, bound {}", grouped(bound)),
        (Status::Feasible, None) => "mapped".to_owned(),
        (Status::Unknown, _) => "no mapping".to_owned(),
        (status, _) => status.name().to_owned(),
    };
    text + cut
}

fn standings(result: &Comparison) -> Table {
    let header = [
        "Mapper",
        "Geometric mean",
        "Worst",
        "in",
        "Best in",
        "Mapped",
        "Evaluations",
        "Time",
        "Space",
    ];
    let mut table = table(&header, &[1, 2, 4, 5, 6, 7]);
    let count = result.distinct().count();
    for (index, mapper) in result.mappers.iter().enumerate() {
        let standing = result.standing(index);
        let (worst, layer) = standing.worst.unzip();
        let dash = || "-".to_owned();
        table.add_row([
            Cell::new(mapper.name),
            Cell::new(standing.geometric_mean.map_or_else(dash, ratio_text)),
            Cell::new(worst.map_or_else(dash, ratio_text)),
            Cell::new(layer.unwrap_or_else(dash)),
            Cell::new(format!("{} of {count}", standing.best)),
            Cell::new(format!("{} of {count}", standing.mapped)),
            Cell::new(match standing.evaluations {
                0 => dash(),
                all => grouped(u128::from(all)),
            }),
            Cell::new(duration(standing.seconds)),
            Cell::new(mapper.space),
        ]);
    }
    table
}

fn footnotes(result: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let repeated = result.layers.iter().filter(|l| l.same_as.is_some()).count();
    let distinct = result.layers.len() - repeated;
    let plural = if distinct == 1 { "" } else { "s" };
    write!(out, "{distinct} distinct layer{plural}")?;
    if repeated > 0 {
        write!(out, "; {repeated} equal an earlier one")?;
    }
    if result.streamed_layers > 0 {
        write!(
            out,
            "; {} streamed ones have no mapping to choose",
            result.streamed_layers
        )?;
    }
    writeln!(out)?;
    let open = |layer: &LayerComparison| {
        let (reference, proved) = layer.reference(result.mappers.len());
        reference.is_some() && !proved
    };
    if result.distinct().any(open) {
        writeln!(
            out,
            "* no mapper proved an optimum: the ratio is to the fewest cycles that any of them found"
        )?;
    }
    for (layer, index) in
        (result.distinct()).flat_map(|l| (0..result.mappers.len()).map(move |m| (l, m)))
    {
        if let Some(reason) = layer.outcome(index).reason {
            writeln!(
                out,
                "{}, {}: {reason}",
                layer.name, result.mappers[index].name
            )?;
        }
    }
    Ok(())
}

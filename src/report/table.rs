//! The result as a table for people.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, LineStyle, Table, presets};

use super::blocks::{self, Line};
use super::numbers::{duration, gap, grouped, joules, percent};
use super::{Detail, dataflow_text, memory_plan, nest, training};
use crate::problem::result::Status;
use crate::problem::run::Total;
use crate::problem::{Hardware, LayerRow, RunResult, Space, Work};

const COLUMNS: [&str; 8] = [
    "Layer",
    "Op",
    "Cycles",
    "Utilization",
    "Bottleneck",
    "Gap",
    "Proof",
    "Time",
];

/// Columns of numbers.
const RIGHT: [usize; 4] = [2, 3, 5, 7];

/// Writes the table, what was proved, and if asked for the loop nest of every mapping.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(result: &RunResult, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{} on {}, {}, batch {}",
        result.network, result.hardware.name, result.mode, result.batch
    )?;
    let lines = blocks::lines(&result.layers, detail.all);
    for line in lines_with_rules(&table(result, &lines)) {
        writeln!(out, "{line}")?;
    }
    summary(result, out)?;
    if let Some(plan) = &result.memory_plan {
        memory_plan::table(plan, out)?;
    }
    if detail.mappings {
        for line in &lines {
            match line {
                Line::Row(row) => mappings(row, &result.hardware, out)?,
                Line::Block { name, first, .. } => writeln!(out, "\n{name}: as {first}")?,
            }
        }
    }
    Ok(())
}

/// Whether energy is shown: where it was minimised.
fn shows_energy(result: &RunResult) -> bool {
    result.objective.has_energy()
}

/// The place of the energy among the columns.
const ENERGY: usize = 3;

fn table(result: &RunResult, lines: &[Line<'_>]) -> Table {
    let mut table = Table::new();
    let rule = LineStyle::none().fill('─').junction('─');
    table.load_style(presets::NOTHING.header_separator(rule));
    let mut header: Vec<Cell> = COLUMNS.map(Cell::new).to_vec();
    let mut right = RIGHT.to_vec();
    let mut rows: Vec<Vec<Cell>> = (lines.iter())
        .map(|line| match line {
            Line::Row(row) => cells(row, &result.hardware),
            Line::Block { name, first, rows } => block_cells(result, [name, first], rows),
        })
        .chain([total_cells(result)])
        .collect();
    if shows_energy(result) {
        let of = |line: &Line<'_>| match line {
            Line::Row(row) => row.cost.as_ref().and_then(|cost| cost.energy_pj),
            Line::Block { rows, .. } => result.total_of(rows).energy_pj,
        };
        let energies = (lines.iter().map(of)).chain([result.total().energy_pj]);
        header.insert(ENERGY, Cell::new("Energy"));
        for (row, energy) in rows.iter_mut().zip(energies) {
            row.insert(ENERGY, Cell::new(or_dash(energy.map(joules))));
        }
        right = vec![2, 3, 4, 6, 8];
    }
    table.set_header(header);
    table.add_rows(rows);
    for column in right {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The table's lines, with the rule below the header repeated above the total.
fn lines_with_rules(table: &Table) -> Vec<String> {
    let mut lines: Vec<String> = (table.lines())
        .map(|line| line.trim_end().to_owned())
        .collect();
    if let (Some(rule), Some(total)) = (lines.get(1).cloned(), lines.len().checked_sub(1)) {
        lines.insert(total, rule);
    }
    lines
}

fn cells(row: &LayerRow, hardware: &Hardware) -> Vec<Cell> {
    let utilization = match row.work {
        Work::Mapped(_) | Work::Phases => row.utilization(hardware),
        Work::Streamed | Work::View => None,
    };
    let time = match (&row.work, &row.same_as) {
        (Work::Mapped(_) | Work::Phases, None) if row.statistics.seconds > 0.0 => {
            duration(row.statistics.seconds)
        }
        _ => "-".to_owned(),
    };
    vec![
        Cell::new(layer_text(row)),
        Cell::new(&row.op),
        Cell::new(cycles_text(row)),
        Cell::new(or_dash(utilization.map(percent))),
        Cell::new(row.bottleneck(hardware)),
        Cell::new(or_dash(row.gap().map(gap))),
        Cell::new(proof_text(row)),
        Cell::new(time),
    ]
}

/// The cycles; where no mapping was found, what any mapping takes at least.
fn cycles_text(row: &LayerRow) -> String {
    match (row.cycles(), row.status()) {
        (Some(cycles), _) => grouped(cycles),
        (None, Status::Unknown) if row.bound_cycles > 0 => {
            format!("≥ {}", grouped(row.bound_cycles))
        }
        (None, _) => "-".to_owned(),
    }
}

/// The layer's name, and on lines of their own the layers fused into it.
fn layer_text(row: &LayerRow) -> String {
    let mut text = row.name.clone();
    for fused in &row.fused {
        text.push_str("\n + ");
        text.push_str(fused);
    }
    text
}

fn proof_text(row: &LayerRow) -> String {
    match (&row.same_as, row.status()) {
        (Some(first), Status::Optimal) => format!("= {first}"),
        (Some(first), status) => format!("{}, = {first}", status.name()),
        (None, Status::Optimal) => format!("optimal, {}", row.proof().name().replace('_', " ")),
        (None, status) => status.name().to_owned(),
    }
}

/// The sums of a block that equals an earlier one.
fn block_cells(result: &RunResult, [name, first]: [&str; 2], rows: &[LayerRow]) -> Vec<Cell> {
    let total = result.total_of(rows);
    let proof = if total.layers_optimal == total.layers {
        format!("= {first}")
    } else {
        format!("{}, = {first}", optimal_text(&total))
    };
    vec![
        Cell::new(name),
        Cell::new(format!("{} layers", total.layers)),
        Cell::new(or_dash(total.cycles.map(grouped))),
        Cell::new(or_dash(total.utilization.map(percent))),
        Cell::new(""),
        Cell::new(or_dash(result.gap_of(rows).map(gap))),
        Cell::new(proof),
        Cell::new("-"),
    ]
}

/// How many of some layers are optimal.
fn optimal_text(total: &Total) -> String {
    if total.layers_optimal == total.layers {
        "optimal".to_owned()
    } else {
        format!("{} of {} optimal", total.layers_optimal, total.layers)
    }
}

fn total_cells(result: &RunResult) -> Vec<Cell> {
    let total = result.total();
    vec![
        Cell::new("total"),
        Cell::new(""),
        Cell::new(or_dash(total.cycles.map(grouped))),
        Cell::new(or_dash(total.utilization.map(percent))),
        Cell::new(""),
        Cell::new(or_dash(result.gap().map(gap))),
        Cell::new(optimal_text(&total)),
        Cell::new(duration(total.seconds)),
    ]
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}

/// What was proved, over which space, and why the rest was not.
fn summary(result: &RunResult, out: &mut dyn Write) -> io::Result<()> {
    let total = result.total();
    writeln!(
        out,
        "{} of {} layers proved optimal; space: {} tile extents, {} node orders, {}{}",
        total.layers_optimal,
        total.layers,
        result.space.tiles,
        result.space.orders,
        result.space.spatial,
        restriction(&result.space)
    )?;
    if let Some((total, row)) = result.ratio() {
        let (largest, name) = (row.ratio().unwrap_or(1.0), &row.name);
        writeln!(
            out,
            "cycles are {total:.2} times the lower bound for any mapping, at most {largest:.2} times ({name})"
        )?;
    }
    for line in training::lines(result) {
        writeln!(out, "{line}")?;
    }
    for note in &result.notes {
        writeln!(out, "note: {note}")?;
    }
    for row in &result.layers {
        if let (Some(reason), true) = (&row.reason, row.status() != Status::Optimal) {
            writeln!(out, "{}: {}: {reason}", row.name, row.status().name())?;
        }
    }
    Ok(())
}

/// What the mappings were restricted to, if they were.
pub(super) fn restriction(space: &Space) -> String {
    let dataflow = match space.dataflow.as_str() {
        "any" => String::new(),
        names => format!(", {}", names.replace(',', " or ")),
    };
    let constraints = match space.constraints.as_slice() {
        [] => String::new(),
        [one] => format!(", with the constraint {one}"),
        all => format!(", with the constraints {}", all.join(" ")),
    };
    dataflow + &constraints
}

/// The loop nests of a row's mapping, or of those of its phases.
fn mappings(row: &LayerRow, hardware: &Hardware, out: &mut dyn Write) -> io::Result<()> {
    if let (Some(first), false) = (&row.same_as, row.phases.is_empty()) {
        return writeln!(out, "\n{}: as {first}", row.name);
    }
    for phase in &row.phases {
        let label = phase.label();
        if phase.row.work == Work::Streamed {
            writeln!(out, "\n{label}: no tap reaches it; its zeros are written")?;
        }
        mapping(&label, &phase.row, hardware, out)?;
    }
    mapping(&row.name, row, hardware, out)
}

/// The loop nest of a row's mapping under its name; nothing where it is another layer's.
fn mapping(name: &str, row: &LayerRow, hardware: &Hardware, out: &mut dyn Write) -> io::Result<()> {
    let (Work::Mapped(layer), Some(mapping), Some(cost)) = (&row.work, &row.mapping, &row.cost)
    else {
        return Ok(());
    };
    if let Some(first) = &row.same_as {
        return writeln!(out, "\n{name}: as {first}");
    }
    writeln!(out, "\n{name}:")?;
    if let Some(dataflow) = dataflow_text(row, hardware) {
        writeln!(out, "  dataflow: {dataflow}")?;
    }
    for line in nest::lines(layer, hardware, mapping, cost) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{run, unknown_row};

    fn written(result: &crate::problem::RunResult, mappings: bool) -> String {
        let detail = super::Detail {
            mappings,
            all: false,
        };
        let mut text = Vec::new();
        super::write(result, detail, &mut text).expect("a vector can be written");
        String::from_utf8(text).expect("it is text")
    }

    #[test]
    fn the_table_is_for_people() {
        let expected = [
            "tiny on tiny-32x16, inference, batch 1",
            " Layer      Op            Cycles   Utilization   Bottleneck   Gap   Proof                    Time",
            "──────────────────────────────────────────────────────────────────────────────────────────────────",
            " conv1      conv2d       903,168       100.0 %   compute      0 %   optimal, milp          250 ms",
            "  + bn1",
            "  + relu1",
            " conv2      conv2d       903,168       100.0 %   compute      0 %   = conv1                     -",
            " pool1      max_pool       1,000             -   dram         0 %   optimal, enumeration        -",
            " flatten    flatten            0             -   -            0 %   optimal, enumeration        -",
            "──────────────────────────────────────────────────────────────────────────────────────────────────",
            " total                 1,807,336        99.9 %                0 %   optimal                 1.5 s",
            "4 of 4 layers proved optimal; space: all tile extents, all node orders, one axis per dimension",
            "cycles are 1.00 times the lower bound for any mapping, at most 1.00 times (conv1)",
            "note: no energy is given for sram",
        ];
        let text = written(&run(), false);
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_was_not_proved_is_said() {
        let mut result = run();
        result.layers.push(unknown_row());
        let text = written(&result, false);
        assert!(text.contains("4 of 5 layers proved optimal"), "{text}");
        assert!(text.contains("conv3: unknown: interrupted"), "{text}");
    }

    #[test]
    fn equal_layers_show_their_mapping_once() {
        let text = written(&run(), true);
        assert_eq!(text.matches("sram keeps weight").count(), 1, "{text}");
        assert!(text.contains("\nconv2: as conv1\n"), "{text}");
    }
}

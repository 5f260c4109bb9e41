//! The columns of a table: what each says of a line, and which are left out where it is too wide.

use comfy_table::{Cell, CellAlignment, LineStyle, Table, presets};

use super::blocks::Line;
use super::detail::Detail;
use super::grid::{length, shortened};
use super::numbers::{duration, gap, grouped, joules, percent};
use crate::problem::result::Status;
use crate::problem::{LayerRow, RunResult, Total, Work};

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Layer,
    Op,
    Cycles,
    /// Where energy was minimised.
    Energy,
    /// The part of the step's time.
    Share,
    Utilization,
    Bottleneck,
    Proof,
    /// Of the solver.
    Time,
}

impl Column {
    fn title(self) -> &'static str {
        match self {
            Column::Layer => "Layer",
            Column::Op => "Op",
            Column::Cycles => "Cycles",
            Column::Energy => "Energy",
            Column::Share => "Share",
            Column::Utilization => "Utilization",
            Column::Bottleneck => "Bottleneck",
            Column::Proof => "Proof",
            Column::Time => "Time",
        }
    }

    fn is_number(self) -> bool {
        !matches!(
            self,
            Column::Layer | Column::Op | Column::Bottleneck | Column::Proof
        )
    }
}

/// What is left out first where a table is too wide.
const LEFT_OUT: [Column; 4] = [
    Column::Op,
    Column::Share,
    Column::Bottleneck,
    Column::Utilization,
];

/// Characters of names: columns are left out before names are cut to fewer than the first number,
/// and none is cut to fewer than the second.
const NAMES: [usize; 2] = [32, 16];

/// The lines of a table, with rules below the header and above the total.
pub(super) fn table(result: &RunResult, lines: &[Line<'_>], detail: Detail) -> Vec<String> {
    let mut columns = vec![Column::Layer, Column::Op, Column::Cycles];
    if result.objective.has_energy() {
        columns.push(Column::Energy);
    }
    columns.extend([
        Column::Share,
        Column::Utilization,
        Column::Bottleneck,
        Column::Proof,
    ]);
    if detail.all {
        columns.push(Column::Time);
    }
    let of = |&column: &Column| cells(result, lines, column, detail.all);
    let mut texts: Vec<(Column, Vec<String>)> =
        columns.iter().map(|column| (*column, of(column))).collect();
    if !detail.all {
        fit(&mut texts, detail.width);
    }
    with_rules(&drawn(&texts), totals(result))
}

/// Leaves columns out and cuts names, until the table is no wider than this where that can be.
fn fit(texts: &mut Vec<(Column, Vec<String>)>, width: usize) {
    let mut left_out = LEFT_OUT.iter();
    let wide = |texts: &[String]| texts.iter().flat_map(|own| own.lines()).map(length).max();
    loop {
        let all = texts.iter().map(|(column, own)| {
            let own = wide(own).unwrap_or(0).max(length(column.title()));
            (*column, own)
        });
        let (names, others): (Vec<_>, Vec<_>) = all.partition(|own| own.0 == Column::Layer);
        // Two spaces and a separator beside each, and a space before the first and after the last.
        let rest: usize = others.iter().map(|(_, own)| own + 3).sum();
        let room = width.saturating_sub(rest + 2);
        let longest = names.first().map_or(0, |own| own.1);
        if room >= longest.min(NAMES[0]) {
            return cut(texts, room);
        }
        match left_out.next() {
            Some(column) => texts.retain(|(own, _)| own != column),
            None => return cut(texts, room.max(NAMES[1])),
        }
    }
}

/// Cuts names to so many characters.
fn cut(texts: &mut [(Column, Vec<String>)], most: usize) {
    let names = texts.iter_mut().filter(|(own, _)| *own == Column::Layer);
    for name in names.flat_map(|(_, all)| all) {
        if length(name) > most {
            *name = shortened(name, most);
        }
    }
}

fn drawn(texts: &[(Column, Vec<String>)]) -> Table {
    let mut table = Table::new();
    let rule = LineStyle::none().fill('─').junction('─');
    table.load_style(presets::NOTHING.header_separator(rule));
    table.set_header(texts.iter().map(|(column, _)| Cell::new(column.title())));
    let rows = texts.first().map_or(0, |(_, own)| own.len());
    table.add_rows((0..rows).map(|row| texts.iter().map(move |(_, own)| Cell::new(&own[row]))));
    for (index, (column, _)) in texts.iter().enumerate() {
        if let (true, Some(column)) = (column.is_number(), table.column_mut(index)) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The table's lines, with the rule below the header repeated above so many totals.
fn with_rules(table: &Table, totals: usize) -> Vec<String> {
    let mut lines: Vec<String> = (table.lines())
        .map(|line| line.trim_end().to_owned())
        .collect();
    if let (Some(rule), Some(total)) = (lines.get(1).cloned(), lines.len().checked_sub(totals)) {
        lines.insert(total, rule);
    }
    lines
}

/// The lines of totals: of a planned step, the sum of the layers is another one.
fn totals(result: &RunResult) -> usize {
    1 + usize::from(result.memory_plan.is_some())
}

/// The cells of a column: of every line, the total, and the sum of the layers where it is another.
fn cells(result: &RunResult, lines: &[Line<'_>], column: Column, all: bool) -> Vec<String> {
    let total = result.total();
    let mut cells: Vec<String> = (lines.iter())
        .map(|line| match line {
            Line::Row(row) => of_row((result, &total), row, column, all),
            Line::Block { name, first, rows } => {
                of_block((result, &total), [name, first], rows, column)
            }
        })
        .collect();
    cells.push(of_total(result, &total, column));
    if totals(result) > 1 {
        cells.push(of_layers(result, column));
    }
    cells
}

fn of_row(
    (result, step): (&RunResult, &Total),
    row: &LayerRow,
    column: Column,
    all: bool,
) -> String {
    let mapped = matches!(row.work, Work::Mapped(_) | Work::Phases);
    match column {
        Column::Layer => layer_text(row, all),
        Column::Op => row.op.clone(),
        Column::Cycles => cycles_text(result, row),
        Column::Energy => {
            let energy = row.cost.as_ref().and_then(|cost| cost.energy_pj);
            or_dash(energy.map(joules))
        }
        Column::Share => or_dash(share(step, result.cycles_of(row))),
        Column::Utilization => {
            let used = result.utilization_of(row).filter(|_| mapped);
            or_dash(used.map(percent))
        }
        Column::Bottleneck => result.bottleneck_of(row).to_owned(),
        Column::Proof => proof_text(row),
        Column::Time => {
            let own = mapped && row.same_as.is_none() && row.statistics.seconds > 0.0;
            or_dash(own.then(|| duration(row.statistics.seconds)))
        }
    }
}

/// The part of the step's time that some cycles are.
#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn share(step: &Total, cycles: Option<u128>) -> Option<String> {
    let total = step.cycles.filter(|&total| total > 0)?;
    cycles.map(|own| percent(own as f64 / total as f64))
}

/// The cycles; where no mapping was found, what any mapping takes at least.
fn cycles_text(result: &RunResult, row: &LayerRow) -> String {
    match (result.cycles_of(row), row.status()) {
        (Some(cycles), _) => grouped(cycles),
        (None, Status::Unknown) if row.bound_cycles > 0 => {
            format!("≥ {}", grouped(row.bound_cycles))
        }
        (None, _) => "-".to_owned(),
    }
}

/// The layer's name and those of the layers fused into it, or how many: with `all` on lines of their
/// own.
fn layer_text(row: &LayerRow, all: bool) -> String {
    let own = &row.name;
    match row.fused.as_slice() {
        [] => own.clone(),
        fused if all => fused
            .iter()
            .fold(own.clone(), |text, fused| text + "\n + " + fused),
        [one] if length(own) + length(one) + 3 <= NAMES[0] => format!("{own} + {one}"),
        fused => format!("{own} + {}", fused.len()),
    }
}

/// What is proved of a row, and how.
pub(super) fn proof_text(row: &LayerRow) -> String {
    let own = match row.status() {
        Status::Optimal => "optimal".to_owned(),
        Status::Feasible => feasible(row.gap()),
        other => other.name().to_owned(),
    };
    match (&row.same_as, row.status()) {
        (Some(first), Status::Optimal) => format!("= {first}"),
        (Some(first), _) => format!("{own}, = {first}"),
        (None, Status::Optimal) => format!("{own}, {}", row.proof().name().replace('_', " ")),
        (None, _) => own,
    }
}

/// A result with its gap.
fn feasible(own: Option<f64>) -> String {
    own.map_or("feasible".to_owned(), |own| {
        format!("feasible, gap {}", gap(own))
    })
}

/// The sums of a block that equals an earlier one.
fn of_block(
    (result, step): (&RunResult, &Total),
    [name, first]: [&str; 2],
    rows: &[LayerRow],
    column: Column,
) -> String {
    let total = result.total_of(rows);
    match column {
        Column::Layer => name.to_owned(),
        Column::Op => format!("{} layers", total.layers),
        Column::Cycles => or_dash(result.cycles_of_all(rows).map(grouped)),
        Column::Energy => or_dash(total.energy_pj.map(joules)),
        Column::Share => or_dash(share(step, result.cycles_of_all(rows))),
        Column::Utilization => or_dash(result.utilization_of_all(rows).map(percent)),
        Column::Bottleneck => String::new(),
        Column::Proof if total.layers_optimal == total.layers => format!("= {first}"),
        Column::Proof => format!("{}, = {first}", optimal_text(&total)),
        Column::Time => "-".to_owned(),
    }
}

/// How many of some layers are optimal.
fn optimal_text(total: &Total) -> String {
    if total.layers_optimal == total.layers {
        "optimal".to_owned()
    } else {
        format!("{} of {} optimal", total.layers_optimal, total.layers)
    }
}

fn of_total(result: &RunResult, total: &Total, column: Column) -> String {
    match column {
        Column::Layer => "total".to_owned(),
        Column::Op | Column::Bottleneck => String::new(),
        Column::Cycles => or_dash(total.cycles.map(grouped)),
        Column::Energy => or_dash(total.energy_pj.map(joules)),
        Column::Share => or_dash(share(total, total.cycles)),
        Column::Utilization => or_dash(total.utilization.map(percent)),
        Column::Proof => match (&result.memory_plan, result.gap()) {
            (Some(plan), _) if plan.status() == Status::Optimal => "optimal".to_owned(),
            (Some(plan), _) => feasible(Some(plan.gap())),
            (None, Some(own)) if own > 0.0 => feasible(Some(own)),
            (None, _) => optimal_text(total),
        },
        Column::Time => duration(total.seconds),
    }
}

/// The sum of the layers, each alone, beside the total of a planned step.
fn of_layers(result: &RunResult, column: Column) -> String {
    let total = result.total_layers();
    match column {
        Column::Layer => "layers alone".to_owned(),
        Column::Cycles => or_dash(total.cycles.map(grouped)),
        Column::Utilization => or_dash(total.utilization.map(percent)),
        Column::Proof => match result.gap_of(&result.layers) {
            Some(own) if own > 0.0 => feasible(Some(own)),
            _ => optimal_text(&total),
        },
        _ => String::new(),
    }
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::blocks;
    use super::super::detail::Detail;
    use super::super::testing::run;
    use super::*;

    /// The widest line of a table of so many characters at most, with a layer of this name.
    fn width_of(name: &str, width: usize) -> (usize, Vec<String>) {
        let mut result = run();
        result.layers[0].name = name.to_owned();
        let lines = blocks::lines(&result.layers, false);
        let detail = Detail {
            width,
            ..Detail::default()
        };
        let text = table(&result, &lines, detail);
        (
            text.iter().map(|line| length(line)).max().unwrap_or(0),
            text,
        )
    }

    #[test]
    fn a_table_is_as_wide_as_it_may_be() {
        let long = "model.layers.17.self_attention.query_key_value.projection.weight.transposed";
        for width in [60, 80, 90, 100, 120] {
            let (wide, text) = width_of(long, width);
            assert!(wide <= width, "{wide} of {width}:\n{}", text.join("\n"));
        }
        let (_, text) = width_of(long, 100);
        assert!(
            text[2].contains('…') && text[2].contains("transposed"),
            "{}",
            text[2]
        );
        let (_, text) = width_of("conv1", 70);
        assert!(!text[0].contains("Op "), "{}", text[0]);
    }

    #[test]
    fn everything_is_shown_if_asked_for() {
        let result = run();
        let lines = blocks::lines(&result.layers, true);
        let detail = Detail {
            all: true,
            width: 10,
            ..Detail::default()
        };
        let text = table(&result, &lines, detail);
        assert!(
            text[0].contains("Time") && text[0].contains("Op"),
            "{}",
            text[0]
        );
        assert!(text.iter().any(|line| line.trim() == "+ bn1"));
    }
}

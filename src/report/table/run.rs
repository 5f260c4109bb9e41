//! A run as a table for people.

use std::cmp::Reverse;
use std::io::{self, Write};

use super::below::below;
use crate::problem::{Hardware, LayerRow, RunResult, Work};
use crate::report::blocks::{self, Line};
use crate::report::dataflow::dataflow_text;
use crate::report::detail::{Detail, Sort};
use crate::report::{answer, columns, nest, wrap};

/// Writes the answer, the table, what was proved, and if asked for the loop nest of every mapping.
pub(super) fn write(result: &RunResult, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    answer::write(result, detail.width, out)?;
    let lines = sorted(
        result,
        blocks::lines(&result.layers, detail.all),
        detail.sort,
    );
    for line in columns::table(result, &lines, detail) {
        writeln!(out, "{line}")?;
    }
    let width = if detail.all { usize::MAX } else { detail.width };
    wrap::write(&String::from_utf8_lossy(&below(result)?), width, out)?;
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

/// The lines in the order that was asked for.
fn sorted<'a>(result: &RunResult, mut lines: Vec<Line<'a>>, sort: Sort) -> Vec<Line<'a>> {
    match sort {
        Sort::Step => {}
        Sort::Cycles => lines.sort_by_key(|line| Reverse(line.cycles(result))),
        Sort::Name => lines.sort_by(|a, b| a.name().cmp(b.name())),
    }
    lines
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
    use super::super::super::testing::{run, unknown_row};

    fn written(result: &crate::problem::RunResult, mappings: bool) -> String {
        let detail = super::Detail {
            mappings,
            ..super::Detail::default()
        };
        let mut text = Vec::new();
        super::write(result, detail, &mut text).expect("a vector can be written");
        String::from_utf8(text).expect("it is text")
    }

    #[test]
    fn the_table_is_for_people() {
        let expected = [
            "tiny on tiny-32x16, inference, batch 1",
            "1,807,336 cycles, 100 % of the peak",
            "bound by compute 100 % of the time",
            " Layer       Op            Cycles     Share   Utilization   Bottleneck   Proof",
            "──────────────────────────────────────────────────────────────────────────────────────────────",
            " conv1 + 2   conv2d       903,168    50.0 %       100.0 %   compute      optimal, milp",
            " conv2       conv2d       903,168    50.0 %       100.0 %   compute      = conv1",
            " pool1       max_pool       1,000     0.1 %             -   dram         optimal, enumeration",
            " flatten     flatten            0     0.0 %             -   -            optimal, enumeration",
            "──────────────────────────────────────────────────────────────────────────────────────────────",
            " total                  1,807,336   100.0 %        99.9 %                optimal",
            "4 of 4 layers proved optimal; space: all tile extents, all node orders, one axis per dimension",
            "the layers alone take 1.00 times the lower bound for any mapping, at most 1.00 times (conv1)",
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

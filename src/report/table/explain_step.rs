//! The step of a whole network explained, for people.

use std::io::{self, Write};

use super::orders::order_words;
use crate::problem::explanation::StepChange;
use crate::problem::{LayerRow, Mapping, Node, Resource, RunResult, Scale};
use crate::report::answer;
use crate::report::blocks::{self, Line};
use crate::report::detail::Detail;
use crate::report::explain_step::{StepReport, effect, free};
use crate::report::grid::{self, Column};
use crate::report::numbers::{grouped, percent};
use crate::report::wrap;

/// Lines of the longest layers, unless all are asked for.
const MOST_LAYERS: usize = 12;

/// Writes the explanation for people.
pub(super) fn write(
    report: &StepReport<'_>,
    detail: Detail,
    out: &mut dyn Write,
) -> io::Result<()> {
    let StepReport { result, changes } = *report;
    answer::write(result, detail.width, out)?;
    let width = if detail.all { usize::MAX } else { detail.width };
    if !changes.is_empty() {
        writeln!(out, "\nWhat twice or half of it does")?;
        for line in grid::lines(changes_table(result, changes), width) {
            writeln!(out, "{line}")?;
        }
        wrap::write(&free_text(result, changes), width, out)?;
    }
    writeln!(out, "\nWhat takes the time")?;
    let (columns, more) = layers_table(result, detail.all);
    for line in grid::lines(columns, width) {
        writeln!(out, "{line}")?;
    }
    if more > 0 {
        writeln!(out, "{more} more lines: --all prints them")?;
    }
    writeln!(
        out,
        "loop order: from the operand whose tiles change least often to that of which they change most often"
    )
    .and_then(|()| writeln!(out, "explain --layer NAME says why no other order is better"))
}

/// One line for each resource, with what twice and half of it does.
fn changes_table(result: &RunResult, changes: &[StepChange]) -> Vec<Column> {
    let mut of: Vec<&Resource> = Vec::new();
    for own in changes {
        if !of.contains(&&own.change.of) {
            of.push(&own.change.of);
        }
    }
    let find = |resource: &Resource, scale: Scale| {
        let mut all = changes.iter();
        all.find(|own| own.change.of == *resource && own.change.scale == scale)
    };
    let amount = |resource: &&Resource| {
        let own = resource.amount(&result.hardware).unwrap_or_default();
        own.parse().map_or(own, grouped)
    };
    let effects = |scale: Scale| {
        let all = of.iter().map(|resource| find(resource, scale));
        let texts = all.map(|own| own.map_or("-".to_owned(), |own| effect(result, own)));
        texts.collect::<Vec<_>>()
    };
    vec![
        Column::texts("Of what", of.iter().map(ToString::to_string)),
        Column::numbers("There is", of.iter().map(amount)),
        Column::texts("Twice", effects(Scale::Twice)),
        Column::texts("Half", effects(Scale::Half)),
    ]
}

fn free_text(result: &RunResult, changes: &[StepChange]) -> String {
    let names: Vec<String> = (free(result, changes).iter())
        .map(ToString::to_string)
        .collect();
    if names.is_empty() {
        return "nothing can be halved for free, as far as was found".to_owned();
    }
    format!("each of these can be halved for free: {}", names.join(", "))
}

/// The lines that take the most time, and how many there are beside.
fn layers_table(result: &RunResult, all: bool) -> (Vec<Column>, usize) {
    let mut lines = blocks::lines(&result.layers, all);
    if !all {
        // Blocks that equal an earlier one say nothing more.
        lines.retain(|line| matches!(line, Line::Row(_)));
        lines.sort_by_key(|line| std::cmp::Reverse(line.cycles(result)));
    }
    let rows: Vec<&Line<'_>> = lines.iter().collect();
    let shown = if all {
        rows.len()
    } else {
        rows.len().min(MOST_LAYERS)
    };
    let each = |text: &dyn Fn(&Line<'_>) -> String| -> Vec<String> {
        rows.iter().take(shown).map(|line| text(line)).collect()
    };
    let total = result.total().cycles.unwrap_or(0);
    let cycles = |line: &Line<'_>| line.cycles(result).unwrap_or(0);
    let columns = vec![
        Column::texts("Layer", each(&|line| line.name().to_owned())),
        Column::numbers("Cycles", each(&|line| grouped(cycles(line)))),
        Column::numbers("Share", each(&|line| percent(part(cycles(line), total)))).ranked(1),
        Column::texts(
            "Bound by",
            each(&|line| of_row(line, &|row| result.bottleneck_of(row).to_owned())),
        ),
        Column::texts(
            "Loop order",
            each(&|line| of_row(line, &|row| order(result, row))),
        ),
    ];
    (columns, rows.len() - shown)
}

/// A text of a row; of a block that equals an earlier one which.
fn of_row(line: &Line<'_>, text: &dyn Fn(&LayerRow) -> String) -> String {
    match line {
        Line::Row(row) => text(row),
        Line::Block { first, .. } => format!("= {first}"),
    }
}

/// The order of a row's outermost tiles, in words.
fn order(result: &RunResult, row: &LayerRow) -> String {
    row.mapping.as_ref().map_or("-".to_owned(), |mapping| {
        let nodes = outermost(mapping);
        order_words(&result.hardware, &nodes)
    })
}

/// The nodes of the memory that stands outermost of those with nodes.
fn outermost(mapping: &Mapping) -> Vec<Node> {
    let level = mapping.order.iter().map(|node| node.level).min();
    let own = mapping
        .order
        .iter()
        .filter(|node| Some(node.level) == level);
    own.copied().collect()
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn part(own: u128, whole: u128) -> f64 {
    own as f64 / whole.max(1) as f64
}

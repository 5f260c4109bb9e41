//! A comparison as a table for people: how each mapper did over the network, and if asked for in every layer.

use std::io::{self, Write};

use crate::problem::comparison::{Comparison, LayerComparison, Outcome, Standing, Stop, ratio};
use crate::problem::result::Status;
use crate::report::comparison::ratio_text;
use crate::report::detail::Detail;
use crate::report::grid::{self, Column};
use crate::report::numbers::{duration, grouped};
use crate::report::wrap;

/// Writes the table of mappers, and with `all` one of the layers before it.
pub(super) fn write(result: &Comparison, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
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
    let width = if detail.all { usize::MAX } else { detail.width };
    if detail.all {
        lines(layers(result), width, out)?;
        writeln!(out)?;
    }
    lines(standings(result), width, out)?;
    let mut below = Vec::new();
    footnotes(result, detail.all, &mut below)?;
    wrap::write(&String::from_utf8_lossy(&below), width, out)
}

fn lines(columns: Vec<Column>, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let all = grid::lines(columns, width);
    all.iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// A line for every distinct layer and mapper.
fn layers(result: &Comparison) -> Vec<Column> {
    let mut rows = Vec::new();
    for layer in result.distinct() {
        for index in 0..result.mappers.len() {
            rows.push(row(result, layer, index));
        }
    }
    let column = |at: usize| rows.iter().map(move |row: &[String; 7]| row[at].clone());
    vec![
        Column::texts("Layer", column(0)),
        Column::texts("Mapper", column(1)),
        Column::numbers("Cycles", column(2)),
        Column::numbers("Ratio", column(3)),
        Column::texts("Status", column(4)),
        Column::numbers("Evaluations", column(5)),
        Column::numbers("Time", column(6)),
    ]
}

fn row(result: &Comparison, layer: &LayerComparison, index: usize) -> [String; 7] {
    let outcome = layer.outcome(index);
    let (reference, proved) = layer.reference(result.mappers.len());
    let mark = if proved { "" } else { " *" };
    let ratio = ratio(outcome.cycles, reference).map(|r| ratio_text(r) + mark);
    [
        if index == 0 {
            layer.name.clone()
        } else {
            String::new()
        },
        result.mappers[index].name.to_owned(),
        or_dash(outcome.cycles.map(grouped)),
        or_dash(ratio),
        status_text(&outcome),
        counted(outcome.evaluations),
        duration(outcome.seconds),
    ]
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}

/// A number of evaluations; of a mapper that does not count them there is none.
fn counted(evaluations: u64) -> String {
    or_dash((evaluations > 0).then(|| grouped(u128::from(evaluations))))
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

/// A line for every mapper: the whole network's cycles, and ratios to the reference over its layers.
fn standings(result: &Comparison) -> Vec<Column> {
    let all: Vec<Standing> = (0..result.mappers.len())
        .map(|m| result.standing(m))
        .collect();
    let each = |text: &dyn Fn(&Standing) -> String| all.iter().map(text).collect::<Vec<_>>();
    let count = result.distinct().count();
    let worst = |own: &Standing| own.worst.as_ref().map(|worst| ratio_text(worst.0));
    let layer = |own: &Standing| own.worst.as_ref().map(|worst| worst.1.clone());
    let names = result.mappers.iter().map(|own| own.name.to_owned());
    let spaces = result.mappers.iter().map(|own| own.space.to_owned());
    let ratio = |own: Option<f64>| or_dash(own.map(ratio_text));
    vec![
        Column::texts("Mapper", names),
        Column::numbers("Cycles", each(&|own| or_dash(own.cycles.map(grouped)))),
        Column::numbers("Ratio", each(&|own| ratio(own.weighted_mean))),
        Column::numbers("Geomean", each(&|own| ratio(own.geometric_mean))).ranked(2),
        Column::numbers("Worst", each(&|own| or_dash(worst(own)))),
        Column::texts("in", each(&|own| or_dash(layer(own)))),
        Column::numbers("Best in", each(&|own| format!("{} of {count}", own.best))).ranked(1),
        Column::numbers("Mapped", each(&|own| format!("{} of {count}", own.mapped))).ranked(3),
        Column::numbers("Evaluations", each(&|own| counted(own.evaluations))).ranked(5),
        Column::numbers("Time", each(&|own| duration(own.seconds))).ranked(4),
        Column::texts("Space", spaces).ranked(6),
    ]
}

/// What the table leaves open; the reasons of each mapper and layer, or of each mapper the first.
fn footnotes(result: &Comparison, all: bool, out: &mut dyn Write) -> io::Result<()> {
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
    writeln!(
        out,
        "\ncycles are of all mapped layers, equal ones as often as they occur; ratio: those over the optimum's"
    )?;
    let open = |layer: &LayerComparison| {
        let (reference, proved) = layer.reference(result.mappers.len());
        reference.is_some() && !proved
    };
    let count = result.distinct().filter(|layer| open(layer)).count();
    if count > 0 {
        let mark = if all { "* " } else { "" };
        writeln!(
            out,
            "{mark}no mapper proved an optimum in {count}: ratios there are to the fewest cycles that any of them found"
        )?;
    }
    for index in 0..result.mappers.len() {
        reasons(result, index, all, out)?;
    }
    Ok(())
}

/// Why a mapper has no mapping of some layers.
fn reasons(result: &Comparison, index: usize, all: bool, out: &mut dyn Write) -> io::Result<()> {
    let mapper = result.mappers[index].name;
    let own = result.distinct().filter_map(|layer| {
        let reason = layer.outcome(index).reason?;
        Some((layer.name.as_str(), reason))
    });
    let own: Vec<(&str, String)> = own.collect();
    let shown = if all { own.len() } else { 1 };
    for (layer, reason) in own.iter().take(shown) {
        writeln!(out, "{mapper}, {layer}: {reason}")?;
    }
    if own.len() > shown {
        let more = own.len() - shown;
        writeln!(out, "{mapper}: so {more} more layers; --all says why")?;
    }
    Ok(())
}

//! A comparison as a table for people: how each mapper did over the network, and if asked for in every layer.

use std::io::{self, Write};
use std::slice;

use crate::problem::comparison::{
    Comparison, LayerComparison, MapperInfo, Outcome, Stop, ratio, standing,
};
use crate::problem::result::Status;
use crate::report::comparison::ratio_text;
use crate::report::detail::Detail;
use crate::report::grid::{self, Column};
use crate::report::numbers::{duration, grouped};
use crate::report::wrap;

/// Writes the table of mappers, and with `all` one of the layers of each network before it.
pub(super) fn write(results: &[Comparison], detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = results.first() else {
        return Ok(());
    };
    writeln!(out, "{}", title(results, first))?;
    let width = if detail.all { usize::MAX } else { detail.width };
    if detail.all {
        for result in results {
            if results.len() > 1 {
                writeln!(out, "{}:", result.network)?;
            }
            lines(layers(result), width, out)?;
            writeln!(out)?;
        }
    }
    lines(standings(results), width, out)?;
    let mut below = Vec::new();
    footnotes(results, detail.all, &mut below)?;
    wrap::write(&String::from_utf8_lossy(&below), width, out)
}

/// What was compared, and what each mapper might spend.
fn title(results: &[Comparison], first: &Comparison) -> String {
    let what = match results {
        [only] => only.network.clone(),
        all => format!("{} networks", all.len()),
    };
    let batch = if results.iter().all(|own| own.batch == first.batch) {
        format!(", batch {}", first.batch)
    } else {
        String::new()
    };
    let time = first.time_budget_seconds;
    format!(
        "{what} on {}{batch}, seed {}, {} evaluations{}",
        first.hardware.name,
        first.seed,
        grouped(u128::from(first.evaluations)),
        time.map_or(String::new(), |s| format!(", at most {s} s each"))
    )
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

/// A line for every mapper and network: the whole network's cycles, and ratios to the reference over its
/// layers. Of several networks the same of all together follows.
fn standings(results: &[Comparison]) -> Vec<Column> {
    let mut groups: Vec<(&str, &[Comparison])> = (results.iter())
        .map(|own| (own.network.as_str(), slice::from_ref(own)))
        .collect();
    if results.len() > 1 {
        groups.push((ALL, results));
    }
    let rows: Vec<[String; 12]> = groups.into_iter().flat_map(group).collect();
    let column = |at: usize| rows.iter().map(move |row| row[at].clone());
    let network = (results.len() > 1).then(|| Column::texts("Network", column(0)));
    let others = [
        Column::texts("Mapper", column(1)),
        Column::numbers("Cycles", column(2)),
        Column::numbers("Ratio", column(3)),
        Column::numbers("Geomean", column(4)).ranked(2),
        Column::numbers("Worst", column(5)),
        Column::texts("in", column(6)),
        Column::numbers("Best in", column(7)).ranked(1),
        Column::numbers("Mapped", column(8)).ranked(3),
        Column::numbers("Evaluations", column(9)).ranked(5),
        Column::numbers("Time", column(10)).ranked(4),
        Column::texts("Space", column(11)).ranked(6),
    ];
    network.into_iter().chain(others).collect()
}

/// What stands for all networks together.
const ALL: &str = "all";

/// A line for every mapper over these networks, with their name in the first.
fn group((name, results): (&str, &[Comparison])) -> Vec<[String; 12]> {
    let count = results.iter().flat_map(Comparison::distinct).count();
    let ratio = |own: Option<f64>| or_dash(own.map(ratio_text));
    let mappers = results.first().map_or(&[][..], |own| &own.mappers);
    let row = |(index, mapper): (usize, &MapperInfo)| {
        let own = standing(results, index);
        let worst = own.worst.as_ref();
        let layer = worst.map(|worst| match results {
            [_] => worst.layer.clone(),
            _ => format!("{} {}", worst.network, worst.layer),
        });
        [
            (if index == 0 { name } else { "" }).to_owned(),
            mapper.name.to_owned(),
            or_dash(own.cycles.map(grouped)),
            ratio(own.weighted_mean),
            ratio(own.geometric_mean),
            ratio(worst.map(|worst| worst.ratio)),
            or_dash(layer),
            format!("{} of {count}", own.best),
            format!("{} of {count}", own.mapped),
            counted(own.evaluations),
            duration(own.seconds),
            mapper.space.to_owned(),
        ]
    };
    mappers.iter().enumerate().map(row).collect()
}

/// What the table leaves open; the reasons of each mapper and layer, or of each mapper the first.
fn footnotes(results: &[Comparison], all: bool, out: &mut dyn Write) -> io::Result<()> {
    for result in results {
        network(result, results.len() == 1, out)?;
    }
    writeln!(
        out,
        "cycles are of all mapped layers, equal ones as often as they occur; ratio: those over the optimum's"
    )?;
    if results.len() > 1 {
        writeln!(
            out,
            "{ALL}: the networks together, so that the ratio is their mean, each weighted by its optimum's cycles"
        )?;
    }
    let open = |(result, layer): &(&Comparison, &LayerComparison)| {
        let (reference, proved) = layer.reference(result.mappers.len());
        reference.is_some() && !proved
    };
    let count = distinct(results).filter(open).count();
    if count > 0 {
        let mark = if all { "* " } else { "" };
        writeln!(
            out,
            "{mark}no mapper proved an optimum in {count}: ratios there are to the fewest cycles that any of them found"
        )?;
    }
    let mappers = results.first().map_or(0, |own| own.mappers.len());
    (0..mappers).try_for_each(|index| reasons(results, index, all, out))
}

/// All distinct layers with their networks.
fn distinct(results: &[Comparison]) -> impl Iterator<Item = (&Comparison, &LayerComparison)> {
    let each = results.iter();
    each.flat_map(|result| result.distinct().map(move |layer| (result, layer)))
}

/// How many layers of a network were mapped.
fn network(result: &Comparison, is_only: bool, out: &mut dyn Write) -> io::Result<()> {
    let repeated = result.layers.iter().filter(|l| l.same_as.is_some()).count();
    let distinct = result.layers.len() - repeated;
    let plural = if distinct == 1 { "" } else { "s" };
    if !is_only {
        write!(out, "{}: ", result.network)?;
    }
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
    writeln!(out)
}

/// Why a mapper has no mapping of some layers.
fn reasons(results: &[Comparison], index: usize, all: bool, out: &mut dyn Write) -> io::Result<()> {
    let Some(mapper) = results.first().and_then(|own| own.mappers.get(index)) else {
        return Ok(());
    };
    let mapper = mapper.name;
    let own = distinct(results).filter_map(|(result, layer)| {
        let reason = layer.outcome(index).reason?;
        let network = match results {
            [_] => String::new(),
            _ => format!("{} ", result.network),
        };
        Some((format!("{network}{}", layer.name), reason))
    });
    let own: Vec<(String, String)> = own.collect();
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

//! The best points of a sweep for people: which they are, what each varied field does, and a table.

use std::io::{self, Write};

use super::ranking::{along, by_mode, ranked};
use crate::problem::result::Status;
use crate::problem::sweep::PointResult;
use crate::report::Detail;
use crate::report::grid::{self, Column};
use crate::report::numbers::{gap, grouped, joules, time};
use crate::report::pictures::select::{self, field_text, value_text, values};
use crate::report::wrap;

/// Points of a table, unless all are asked for.
const MOST_POINTS: usize = 12;

/// Values of a field of which more are not all listed.
const MOST_VALUES: usize = 16;

/// A space at which no line is broken.
const UNBROKEN: &str = "\u{a0}";

/// Writes the best points, for each mode that runs; nothing where no point has mappings of all layers.
/// Of the detail the width counts, and whether there is a line for every point.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(points: &[PointResult], detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    for (mode, own) in by_mode(points) {
        let ranked = ranked(&own);
        let Some((_, best)) = ranked.first() else {
            continue;
        };
        writeln!(out, "{} on {}, {mode}", best.network, best.hardware)?;
        let what = format!("best: {}", best_text(best));
        wrap::write(&what, detail.width, out)?;
        for field in fields(points) {
            let own = along(&ranked, &field, &values(points, &field));
            let text = field_line(&field, &own);
            let options = textwrap::Options::new(detail.width).subsequent_indent("  ");
            for line in textwrap::wrap(&text, options) {
                writeln!(out, "{}", line.replace(UNBROKEN, " "))?;
            }
        }
        table(&ranked, points, detail, out)?;
    }
    Ok(())
}

/// The varied fields but the mode, of which each has lines of its own.
fn fields(points: &[PointResult]) -> Vec<String> {
    let all = select::fields(points);
    all.into_iter().filter(|field| field != "mode").collect()
}

fn best_text(best: &PointResult) -> String {
    let mut own = best.clone();
    own.vary.retain(|field, _| field != "mode");
    let mut parts = vec![select::text(&own)];
    parts.retain(|text| !text.is_empty());
    parts.extend(best.step_seconds().map(time));
    parts.extend(
        best.step_cycles()
            .map(|own| format!("{} cycles", grouped(own))),
    );
    parts.extend(best.energy_pj.filter(|_| is_of_energy(best)).map(joules));
    parts.extend(bottleneck(best).map(|name| format!("bound by {name}")));
    parts.join(", ")
}

/// What the best point with each value takes, as a multiple of the best of all.
fn field_line(field: &str, own: &[(serde_json::Value, Option<f64>)]) -> String {
    let shown: Vec<String> = (own.iter().take(MOST_VALUES))
        .map(|(value, ratio)| {
            let ratio = ratio.map_or("no mapping".to_owned(), |own| format!("{own:.2}"));
            // No line is broken inside a value.
            format!("{}: {ratio}", value_text(field, value)).replace(' ', UNBROKEN)
        })
        .collect();
    let more = if own.len() > MOST_VALUES { ", …" } else { "" };
    let text = shown.join(", ");
    format!("{} (times the best): {text}{more}", short(field))
}

fn table(
    ranked: &[(f64, &PointResult)],
    points: &[PointResult],
    detail: Detail,
    out: &mut dyn Write,
) -> io::Result<()> {
    let most = if detail.all { usize::MAX } else { MOST_POINTS };
    let shown: Vec<&(f64, &PointResult)> = ranked.iter().take(most).collect();
    for line in grid::lines(columns(&shown, points), detail.width) {
        writeln!(out, "{line}")?;
    }
    if ranked.len() > shown.len() {
        let more = ranked.len() - shown.len();
        writeln!(out, "{more} more points: --all prints them")?;
    }
    Ok(())
}

fn columns(shown: &[&(f64, &PointResult)], points: &[PointResult]) -> Vec<Column> {
    let each = |text: &dyn Fn(&PointResult) -> Option<String>| -> Vec<String> {
        let all = shown.iter().map(|(_, point)| text(point));
        all.map(|text| text.unwrap_or_else(|| "-".to_owned()))
            .collect()
    };
    let mut columns: Vec<Column> = Vec::new();
    for field in fields(points) {
        let number = values(points, &field)
            .iter()
            .all(serde_json::Value::is_number);
        let cells = each(&|own| Some(value_text(&field, own.vary.get(&field)?)));
        columns.push(Column {
            number,
            ..Column::texts(&short(&field), cells)
        });
    }
    let any = |has: &dyn Fn(&PointResult) -> bool| shown.iter().any(|own| has(own.1));
    if any(&|own| own.clock_mhz.is_some()) {
        columns.push(Column::numbers("Time", each(&|own| own.step_seconds().map(time))).ranked(2));
    }
    if any(&is_of_energy) {
        columns.push(Column::numbers(
            "Energy",
            each(&|own| own.energy_pj.map(joules)),
        ));
    }
    columns.push(Column::numbers(
        "Cycles",
        each(&|own| own.step_cycles().map(grouped)),
    ));
    if any(&|own| own.planned.is_some()) {
        let cells = each(&|own| own.cycles.map(grouped));
        columns.push(Column::numbers("Layers alone", cells).ranked(1));
    }
    let best = shown.first().map_or(0.0, |own| own.0);
    let ratio = |own: f64| if best > 0.0 { own / best } else { 1.0 };
    let ratios = shown.iter().map(|own| format!("{:.3}", ratio(own.0)));
    columns.push(Column::numbers("Ratio", ratios).ranked(5));
    columns.push(Column::texts("Bound by", each(&bottleneck)).ranked(4));
    columns.push(Column::texts("Proof", each(&|own| Some(proof(own)))).ranked(3));
    columns
}

fn is_of_energy(point: &PointResult) -> bool {
    point.objective != "cycles"
}

/// What takes most of the step's time.
fn bottleneck(point: &PointResult) -> Option<String> {
    if let Some(planned) = &point.planned {
        return Some(planned.bottleneck.clone());
    }
    let mut names: Vec<(&str, u128)> = Vec::new();
    for layer in &point.layers {
        let cycles = layer.cycles.unwrap_or(0);
        match names.iter_mut().find(|(name, _)| *name == layer.bottleneck) {
            Some((_, sum)) => *sum += cycles,
            None => names.push((&layer.bottleneck, cycles)),
        }
    }
    let most = names.into_iter().rev().max_by_key(|own| own.1);
    most.map(|(name, _)| name.to_owned())
}

/// What was proved of the step.
fn proof(point: &PointResult) -> String {
    let (status, open) = match &point.planned {
        // Of any plan, not only of those among the modes.
        Some(planned) if planned.gap > 0.0 => (Status::Feasible, Some(planned.gap)),
        Some(_) => (Status::Optimal, None),
        None => (point.status, point.gap),
    };
    match (status, open) {
        (Status::Feasible, Some(open)) => format!("gap {}", gap(open)),
        (status, _) => status.name().to_owned(),
    }
}

/// A field's name as the head of a column.
fn short(field: &str) -> String {
    let text = field_text(field);
    text.replace(" capacity", "")
        .replace(" bandwidth (B/cycle)", " B/cycle")
        .replace(" elements along each axis", " size")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_has_what_each_value_takes_and_no_odd_spaces() {
        let point = |bytes: u64, cycles: u64| -> PointResult {
            let text = serde_json::json!({
                "vary": {"sram.capacity_bytes": bytes}, "network": "n", "hardware": "h",
                "mode": "inference", "batch": 1, "objective": "cycles", "elements": 4,
                "capacity_bytes": {}, "status": "optimal", "cycles": cycles,
                "bound_cycles": cycles, "lower_bound_cycles": cycles, "gap": 0.0,
                "utilization": 0.5, "energy_pj": null, "layers": [], "seconds": 0.0,
            });
            serde_json::from_value(text).expect("a point")
        };
        let points = [point(65_536, 1_500), point(131_072, 1_000)];
        let mut out = Vec::new();
        write(&points, Detail::default(), &mut out).expect("a vector can be written");
        let text = String::from_utf8(out).expect("it is text");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "n on h, inference");
        assert_eq!(lines[1], "best: sram 128 KiB, 1,000 cycles");
        assert_eq!(
            lines[2],
            "sram (times the best): 64 KiB: 1.50, 128 KiB: 1.00"
        );
        assert!(
            lines[5].contains("128 KiB") && lines[6].contains("1.500"),
            "{text}"
        );
        assert!(!text.contains(UNBROKEN));
    }
}

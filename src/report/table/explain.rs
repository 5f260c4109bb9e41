//! Why a layer's mapping is the best one, for people.

use std::cmp::Ordering;
use std::io::{self, Write};

use super::orders::order_words;
use crate::problem::explanation::{Change, OrderBound};
use crate::problem::goal::Measure;
use crate::problem::result::{Cost, Solution, Status};
use crate::problem::{Hardware, Mapping, Scale};
use crate::report::detail::Detail;
use crate::report::explain::ExplainReport;
use crate::report::numbers::grouped;
use crate::report::usage::{self, Kind, Usage};
use crate::report::{nest, wrap};

/// A value of what is minimised, with its unit.
fn amount(measure: Measure, cost: &Cost) -> String {
    match measure {
        Measure::Cycles => format!("{} cycles", grouped(cost.cycles)),
        Measure::Energy => format!("{} pJ", Measure::Energy.of(cost)),
        other => format!("{} {}", other.of(cost), other.unit()),
    }
}

/// Writes the explanation for people, in lines of so many characters at most.
pub(super) fn write(
    report: &ExplainReport<'_>,
    detail: Detail,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut text = Vec::new();
    explained(report, &mut text)?;
    wrap::write(&String::from_utf8_lossy(&text), detail.width, out)
}

fn explained(report: &ExplainReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let solution = &report.explanation.solution;
    let Some((mapping, cost)) = &solution.best else {
        let reason = solution.reason.as_deref().unwrap_or("none was found");
        return writeln!(out, "{}: no mapping: {reason}", report.name);
    };
    writeln!(
        out,
        "{} of {} on {}: {}, {}",
        report.name,
        report.network,
        report.hardware.name,
        amount(report.measure, cost),
        proved(solution)
    )?;
    writeln!(out, "\nMapping")?;
    let (lines, _) = nest::explained(report.nest, report.hardware, mapping, cost);
    for line in lines {
        writeln!(out, "  {line}")?;
    }
    writeln!(out, "\nWhat binds")?;
    limits(report.hardware, mapping, cost, out)?;
    for (title, scale) in [
        ("What more would buy", Scale::Twice),
        ("What could be halved", Scale::Half),
    ] {
        writeln!(out, "\n{title}")?;
        let all = &report.explanation.changes;
        for change in all.iter().filter(|own| own.change.scale == scale) {
            writeln!(out, "  {}", change_text(report.measure, cost, change))?;
        }
    }
    writeln!(out, "\nWhy no mapping is better")?;
    reasons(report, cost, out)
}

/// What was proved, in words.
fn proved(solution: &Solution) -> String {
    match solution.status() {
        Status::Optimal => "proved optimal".to_owned(),
        _ => format!(
            "not proved optimal, at least {} cycles",
            grouped(solution.bound_cycles)
        ),
    }
}

fn limits(
    hardware: &Hardware,
    mapping: &Mapping,
    cost: &Cost,
    out: &mut dyn Write,
) -> io::Result<()> {
    let all = usage::of(hardware, mapping, cost);
    let wide = |text: fn(&Usage) -> String| all.iter().map(|u| text(u).len()).max().unwrap_or(0);
    let (name, used, limit) = (
        wide(|u| u.name.clone()),
        wide(|u| grouped(u.used)),
        wide(|u| grouped(u.limit)),
    );
    for own in &all {
        let slack = match (own.slack(), own.kind) {
            (0, Kind::Compute | Kind::Port) => "binds".to_owned(),
            (0, _) => "full".to_owned(),
            (slack, kind) => format!("{} {} to spare", grouped(slack), kind.unit()),
        };
        writeln!(
            out,
            "  {:name$}  {:>used$} of {:>limit$} {:8}  {slack}",
            own.name,
            grouped(own.used),
            grouped(own.limit),
            own.kind.unit(),
        )?;
    }
    if cost.added_cycles() > 0 {
        let added = grouped(cost.added_cycles());
        writeln!(
            out,
            "  {added} cycles are added for transfers that are not overlapped"
        )?;
    }
    Ok(())
}

fn change_text(measure: Measure, before: &Cost, change: &Change) -> String {
    let what = format!("{} {} -> {}", change.change.of, change.from, change.to);
    let Some(solution) = &change.solution else {
        return format!("{what}: not searched");
    };
    let proof = match solution.status() {
        Status::Optimal => "",
        _ => " (not proved optimal)",
    };
    let Some((_, cost)) = &solution.best else {
        return match solution.status() {
            Status::Infeasible => format!("{what}: no mapping fits"),
            _ => format!("{what}: no mapping was found"),
        };
    };
    let (old, new) = (measure.of(before), measure.of(cost));
    let (percent, how) = if new < old {
        ((1.0 - new / old) * 100.0, "less")
    } else {
        ((new / old - 1.0) * 100.0, "more")
    };
    match (change.change.scale, new.total_cmp(&old)) {
        (Scale::Twice, Ordering::Equal | Ordering::Greater) => format!("{what}: nothing{proof}"),
        // What is found can be carried out: that it takes no more needs no proof.
        (Scale::Half, Ordering::Equal | Ordering::Less) => format!("{what}: free"),
        _ => format!(
            "{what}: {}, {percent:.1} % {how}{proof}",
            amount(measure, cost)
        ),
    }
}

/// The bounds that hold for any mapping, and those of every order.
fn reasons(report: &ExplainReport<'_>, cost: &Cost, out: &mut dyn Write) -> io::Result<()> {
    let lower = &report.explanation.solution.lower_bounds;
    writeln!(
        out,
        "  any mapping: at least {} cycles of arithmetic on all elements",
        grouped(lower.compute)
    )?;
    for bound in &lower.memories {
        let name = report.hardware.memory(bound.level).map_or("", |m| &m.name);
        writeln!(
            out,
            "  any mapping: {name} is busy for at least {} cycles (every operand once), {} (Loomis-Whitney)",
            grouped(bound.compulsory),
            grouped(bound.loomis_whitney)
        )?;
    }
    let best = report.measure.of(cost);
    let orders = &report.explanation.orders;
    if !orders.is_empty() {
        writeln!(
            out,
            "  orders: the tiles of the first operand change least often, those of the last most often"
        )?;
    }
    for order in orders {
        let words = order_words(report.hardware, &order.order);
        let text = order_text(report.measure, order, best);
        writeln!(out, "  {words} ({}): {text}", order.name)?;
    }
    Ok(())
}

fn order_text(measure: Measure, order: &OrderBound, best: f64) -> String {
    let unit = measure.unit();
    if !order.searched {
        return "not searched".to_owned();
    }
    if order.relaxation.is_infinite() {
        return "no mapping fits".to_owned();
    }
    let relaxed = format!("relaxation {:.2} {unit}", order.relaxation);
    match (order.closed, order.nodes) {
        (true, 0) => format!("{relaxed}: none of its mappings is better"),
        (true, nodes) => format!("{relaxed}; none is better than {best}, by {nodes} nodes"),
        (false, nodes) => format!(
            "{relaxed}; at least {:.2} {unit} after {nodes} nodes, not closed",
            order.open
        ),
    }
}

//! Why a layer's mapping is the best one: for people and as JSON.

use std::cmp::Ordering;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::numbers::{decimal, grouped, integer};
use super::usage::{self, Kind, Usage};
use super::{bounds, mapping, nest, wrap};
use crate::problem::explanation::{Change, Explanation, OrderBound};
use crate::problem::format::FORMAT;
use crate::problem::goal::Measure;
use crate::problem::result::{Cost, Solution, Status};
use crate::problem::{Hardware, LoopNest, Mapping, Node, PhaseIndex, Scale};

/// An explanation with what it is of.
#[derive(Clone, Debug)]
pub struct ExplainReport<'a> {
    /// What the loop nest is called.
    pub name: String,
    /// The layer.
    pub layer: &'a str,
    /// The phase, where it is computed phase by phase.
    pub phase: Option<PhaseIndex>,
    /// The network.
    pub network: &'a str,
    /// The loop nest.
    pub nest: &'a LoopNest,
    /// The hardware.
    pub hardware: &'a Hardware,
    /// What was minimised.
    pub measure: Measure,
    /// The explanation.
    pub explanation: &'a Explanation,
}

/// A value of what is minimised, with its unit.
fn amount(measure: Measure, cost: &Cost) -> String {
    match measure {
        Measure::Cycles => format!("{} cycles", grouped(cost.cycles)),
        Measure::Energy => format!("{} pJ", Measure::Energy.of(cost)),
        other => format!("{} {}", other.of(cost), unit(other)),
    }
}

fn unit(measure: Measure) -> &'static str {
    match measure {
        Measure::Cycles => "cycles",
        Measure::Traffic => "bits",
        Measure::Energy => "pJ",
        Measure::EnergyDelay => "pJ x cycles",
    }
}

/// Writes the explanation for people, in lines of so many characters at most.
///
/// # Errors
/// If `out` cannot be written.
pub fn table(report: &ExplainReport<'_>, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Vec::new();
    explained(report, &mut text)?;
    wrap::write(&String::from_utf8_lossy(&text), width, out)
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

/// The nodes of an order in words: operands, where there are several memories with theirs.
pub(super) fn order_words(hardware: &Hardware, order: &[Node]) -> String {
    let several = hardware.memories().count() > 2;
    let name = |node: &Node| match hardware.memory(node.level) {
        Some(memory) if several => format!("{} {}", memory.name, node.role.name()),
        _ => node.role.name().to_owned(),
    };
    order.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn order_text(measure: Measure, order: &OrderBound, best: f64) -> String {
    let unit = unit(measure);
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

/// Writes one JSON object.
///
/// # Errors
/// If `out` cannot be written.
pub fn json(report: &ExplainReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let solution = &report.explanation.solution;
    let mut object = Map::new();
    object.insert("format".into(), json!(FORMAT));
    object.insert("layer".into(), json!(report.layer));
    if let Some(phase) = report.phase {
        object.insert("phase".into(), json!(phase));
    }
    object.insert("network".into(), json!(report.network));
    object.insert("hardware".into(), json!(report.hardware.name));
    object.insert("objective".into(), json!(report.measure.name()));
    object.insert("status".into(), json!(solution.status().name()));
    object.insert("proof".into(), json!(solution.proof().name()));
    if let Some(reason) = &solution.reason {
        object.insert("reason".into(), json!(reason));
    }
    object.insert("bound_cycles".into(), integer(solution.bound_cycles));
    let lower = bounds::document(&solution.lower_bounds, report.hardware);
    object.insert("lower_bounds".into(), lower);
    if let Some((mapping, cost)) = &solution.best {
        with_mapping(report, mapping, cost, &mut object)?;
    }
    let orders = report.explanation.orders.iter().map(order_object);
    object.insert("orders".into(), orders.collect());
    serde_json::to_writer_pretty(&mut *out, &Value::Object(object))?;
    writeln!(out)
}

fn with_mapping(
    report: &ExplainReport<'_>,
    mapping: &Mapping,
    cost: &Cost,
    object: &mut Map<String, Value>,
) -> io::Result<()> {
    object.insert("cycles".into(), integer(cost.cycles));
    if let Some(energy) = cost.energy_pj {
        object.insert("energy_pj".into(), decimal(energy));
    }
    let (_, entries) = nest::explained(report.nest, report.hardware, mapping, cost);
    object.insert("nest".into(), Value::Array(entries));
    let limits = usage::of(report.hardware, mapping, cost);
    object.insert("limits".into(), limits.iter().map(limit_object).collect());
    object.insert("added_cycles".into(), integer(cost.added_cycles()));
    for (key, scale) in [("doubled", Scale::Twice), ("halved", Scale::Half)] {
        let changes = report.explanation.changes.iter();
        let changes = changes.filter(|own| own.change.scale == scale);
        let all = changes.map(|change| change_object(report.measure, cost, change));
        object.insert(key.into(), all.collect());
    }
    let mut own = mapping::document(report.layer, report.nest, report.hardware, mapping);
    own.phase = report.phase;
    object.insert("mapping".into(), serde_json::to_value(own)?);
    Ok(())
}

fn limit_object(own: &Usage) -> Value {
    json!({
        "name": own.name, "kind": own.kind.name(), "unit": own.kind.unit(),
        "used": integer(own.used), "limit": integer(own.limit), "slack": integer(own.slack()),
    })
}

/// A change; all but its name is null where it was not searched.
fn change_object(measure: Measure, before: &Cost, change: &Change) -> Value {
    let solution = change.solution.as_ref();
    let cost = solution.and_then(|own| own.best.as_ref()).map(|own| &own.1);
    let gain = cost.map(|c| decimal(1.0 - measure.of(c) / measure.of(before)));
    json!({
        "name": change.change.of.to_string(), "from": change.from, "to": change.to,
        "searched": solution.is_some(),
        "status": solution.map(|own| own.status().name()),
        "cycles": cost.map(|c| integer(c.cycles)),
        "energy_pj": cost.and_then(|c| c.energy_pj).map(decimal),
        "gain": gain,
    })
}

fn order_object(order: &OrderBound) -> Value {
    let number = |value: f64| (order.searched && value.is_finite()).then(|| decimal(value));
    json!({
        "order": order.name, "searched": order.searched, "relaxation": number(order.relaxation),
        "nodes": order.nodes, "closed": order.closed, "open_bound": number(order.open),
    })
}

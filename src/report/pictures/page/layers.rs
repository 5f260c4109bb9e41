//! The table of all layers with a bar for each, as HTML that the page's script sorts and searches.

use super::Section;
use crate::escape::visible_line;
use crate::problem::sweep::{LayerResult, PointResult};
use crate::problem::{LayerRow, RunResult};
use crate::report::columns::proof_text;
use crate::report::markup::escape;
use crate::report::numbers::{grouped, joules, percent};
use crate::report::pictures::limits::parts::{self, Part};
use crate::report::pictures::sheet::{Colour, GREY};
use crate::report::pictures::step;
use crate::report::pictures::text::bytes;
use crate::report::pictures::tip::{self, Notes};

/// What the table is made from.
pub(super) struct Layers<'a> {
    pub(super) result: &'a RunResult,
    /// The run as a point, planned where it is.
    pub(super) point: &'a PointResult,
    pub(super) notes: &'a Notes,
}

/// A cell: its class, what it is sorted by where that is not its text, and its HTML.
type Cell = (&'static str, Option<f64>, String);

impl Layers<'_> {
    /// The part of the page with the table.
    pub(super) fn section(&self) -> Section {
        let layers: Vec<&LayerResult> = self.point.layers.iter().collect();
        let kinds = self.kinds(&layers);
        let rows = self.result.layers.iter().zip(&self.point.layers);
        let most = layers.iter().filter_map(|layer| layer.cycles).max();
        let body: String = rows
            .map(|(row, layer)| self.row(row, layer, &kinds))
            .collect();
        let head: String = (self.columns().iter())
            .map(|(class, title)| head(class, title))
            .collect();
        let body = format!(
            "{}{}<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"All layers\">\
             <table class=\"layers scaled\" style=\"--most:{}\"><thead><tr>{head}</tr></thead>{body}</table></div>",
            controls(self.result.layers.len()),
            legend(&kinds),
            most.unwrap_or(1).max(1),
        );
        let planned = if self.result.memory_plan.is_some() {
            "in the planned step"
        } else {
            "alone"
        };
        Section {
            name: "layers".to_owned(),
            title: "Where the time goes".to_owned(),
            caption: format!(
                "What every layer takes {planned}: the cycles that all elements would need, those lost to elements without work, and those spent waiting for a memory. A name opens its mapping."
            ),
            body,
        }
    }

    /// The kinds of parts, memories in the colours that they have elsewhere on the page.
    fn kinds(&self, layers: &[&LayerResult]) -> Vec<(String, Colour)> {
        let mut kinds = parts::kinds(layers, self.point);
        for (name, colour) in &mut kinds {
            if let Some(memory) = name.strip_prefix(parts::WAITING) {
                *colour = step::colour(memory, &self.result.hardware);
            }
        }
        kinds
    }

    /// Class and title of every column.
    fn columns(&self) -> Vec<(&'static str, &'static str)> {
        let mut all = vec![("name", "Layer"), ("op", "Op")];
        if self.has_passes() {
            all.push(("pass", "Pass"));
        }
        all.extend([("time", "Time"), ("number cycles", "Cycles")]);
        all.extend([("number share", "Share"), ("number used", "Utilization")]);
        if self.result.objective.has_energy() {
            all.push(("number energy", "Energy"));
        }
        all.extend([("bound", "Bound by"), ("number bytes", "Outer bytes")]);
        all.push(("proof", "Proof"));
        all
    }

    fn has_passes(&self) -> bool {
        self.result.training.is_some()
    }

    fn row(&self, row: &LayerRow, layer: &LayerResult, kinds: &[(String, Colour)]) -> String {
        let cells: String = self.cells(row, layer, kinds).iter().map(cell).collect();
        let name = visible_line(&row.name);
        let words = [
            &name,
            row.op.as_str(),
            row.pass.name(),
            &layer.bottleneck,
            &row.fused.join(" "),
        ];
        let words = escape(&words.join(" ").to_lowercase());
        let name = escape(&name);
        let details = escape(&self.details(row, layer));
        let columns = self.columns().len();
        format!(
            "<tbody data-name=\"{name}\" data-words=\"{words}\" data-cycles=\"{}\"><tr>{cells}</tr>\
             <tr class=\"more\" hidden><td colspan=\"{columns}\"><pre>{details}</pre></td></tr></tbody>\n",
            layer.cycles.unwrap_or(0),
        )
    }

    fn cells(&self, row: &LayerRow, layer: &LayerResult, kinds: &[(String, Colour)]) -> Vec<Cell> {
        let name = escape(&visible_line(&row.name));
        let fused = match row.fused.len() {
            0 => String::new(),
            count => format!(" <small>+ {count}</small>"),
        };
        let name = format!(
            "<button type=\"button\" class=\"open\" aria-expanded=\"false\">{name}</button>{fused}"
        );
        let share = layer.cycles.map(|own| real(own) / real(self.total()));
        let outer = self.outer_bytes(layer);
        let mut all = vec![("name", None, name), ("op", None, escape(&row.op))];
        if self.has_passes() {
            all.push(("pass", None, row.pass.name().replace('_', " ")));
        }
        let bar = (layer.cycles.map(real), self.bar(layer, kinds));
        all.push(("time", bar.0, bar.1));
        all.push((
            "number cycles",
            layer.cycles.map(real),
            or_dash(layer.cycles.map(grouped)),
        ));
        all.push(("number share", share, or_dash(share.map(percent))));
        let used = layer.utilization;
        all.push(("number used", used, or_dash(used.map(percent))));
        if self.result.objective.has_energy() {
            let energy = layer.energy_pj;
            all.push(("number energy", energy, or_dash(energy.map(joules))));
        }
        all.push(("bound", None, escape(&layer.bottleneck)));
        all.push(("number bytes", outer, or_dash(outer.map(bytes))));
        all.push(("proof", None, escape(&proof_text(row))));
        all
    }

    fn total(&self) -> u128 {
        self.point.cycles.unwrap_or(0).max(1)
    }

    fn outer_bytes(&self, layer: &LayerResult) -> Option<f64> {
        let (_, memory) = self.result.hardware.memories().next()?;
        layer.traffic_bytes.get(&memory.name).copied()
    }

    /// The bar of a layer: as long as its cycles beside the longest one's, or all of the width.
    fn bar(&self, layer: &LayerResult, kinds: &[(String, Colour)]) -> String {
        if layer.cycles.is_none_or(|cycles| cycles == 0) {
            return String::new();
        }
        let parts = parts::parts(layer, self.point);
        let parts: String = parts.iter().map(|part| piece(part, kinds)).collect();
        let name = escape(&visible_line(&layer.name));
        let tip = escape(&tip::of_layer(layer, self.point, self.notes));
        let cycles = parts::cycles(layer);
        format!(
            "<div class=\"bar mark\" style=\"--own:{cycles}\" data-name=\"{name}\" title=\"{tip}\">{parts}</div>"
        )
    }

    /// What an opened row says: all that marks say, and the loop nest.
    fn details(&self, row: &LayerRow, layer: &LayerResult) -> String {
        let hardware = &self.result.hardware;
        let said = tip::of_layer(layer, self.point, &Notes::new());
        let mut lines: Vec<String> = said.lines().skip(1).map(str::to_owned).collect();
        // The bound is of the layer alone.
        lines.pop();
        lines.push(step::proved(row));
        lines.extend(step::another(row, self.result));
        match &row.same_as {
            Some(first) => lines.push(format!("mapped as {}", visible_line(first))),
            None => lines.extend(step::nest(row, hardware)),
        }
        lines.join("\n")
    }
}

fn piece(part: &Part, kinds: &[(String, Colour)]) -> String {
    let kind = kinds.iter().find(|kind| kind.0 == part.what);
    let colour = kind.map_or(GREY, |kind| kind.1).hex();
    format!("<i style=\"flex:{};background:{colour}\"></i>", part.cycles)
}

fn cell((class, value, html): &Cell) -> String {
    let value = value.map_or(String::new(), |own| format!(" data-value=\"{own}\""));
    format!("<td class=\"{class}\"{value}>{html}</td>")
}

fn head(class: &str, title: &str) -> String {
    format!(
        "<th scope=\"col\" class=\"{class}\"><button type=\"button\" class=\"sort\">{title}</button></th>"
    )
}

fn controls(layers: usize) -> String {
    format!(
        "<div class=\"controls script\">\
         <input type=\"search\" id=\"search\" placeholder=\"Search {layers} layers\" aria-label=\"Search layers\">\
         <span class=\"switch\" role=\"group\" aria-label=\"Bars\">\
         <button type=\"button\" data-bars=\"scaled\" aria-pressed=\"true\">To scale</button>\
         <button type=\"button\" data-bars=\"shares\" aria-pressed=\"false\">Shares</button></span>\
         <output id=\"found\"></output></div>"
    )
}

/// What the colours of bars stand for.
fn legend(kinds: &[(String, Colour)]) -> String {
    let items = kinds.iter().map(|(name, colour)| {
        let (name, colour) = (escape(name), colour.hex());
        format!("<span><i style=\"background:{colour}\"></i>{name}</span>")
    });
    format!("<div class=\"key\">{}</div>", items.collect::<String>())
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}

#[expect(clippy::cast_precision_loss, reason = "a page is coarser")]
fn real(cycles: u128) -> f64 {
    cycles as f64
}

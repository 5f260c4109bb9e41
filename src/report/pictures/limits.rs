//! What limits each layer: work, idle elements, and waiting for a memory, as parts of its cycles.

use super::Picture;
use super::sheet::{Anchor, Colour, GREY, INK, PALE, SERIES, SMALL, Sheet, pixel, svg, width};
use super::text::{self, short};
use super::tip::{self, Notes};
use crate::problem::sweep::{LayerResult, PointResult};

const WIDTH: i32 = 900;
const LEFT: i32 = 170;
const BAR: i32 = 520;
const TOP: i32 = 46;
const ROW: i32 = 22;

/// A part of a layer's cycles.
pub(super) struct Part {
    pub(super) what: String,
    pub(super) cycles: f64,
}

/// Draws the layers of a point that take cycles; `what` says which point. `None` where none does.
#[must_use]
pub fn draw(point: &PointResult, what: &str) -> Option<Picture> {
    draw_noted(point, what, &Notes::new())
}

/// The same with notes on the layers.
#[must_use]
pub fn draw_noted(point: &PointResult, what: &str, notes: &Notes) -> Option<Picture> {
    let layers: Vec<&LayerResult> = (point.layers.iter())
        .filter(|layer| layer.cycles.is_some_and(|cycles| cycles > 0))
        .collect();
    if layers.is_empty() {
        return None;
    }
    let kinds = kinds(&layers, point);
    let rows = i32::try_from(layers.len()).unwrap_or(1000);
    let total: f64 = layers.iter().map(|layer| cycles(layer)).sum();
    let svg = svg(WIDTH, TOP + ROW * rows + 44, |sheet| {
        legend(sheet, &kinds);
        let bottom = TOP + ROW * rows;
        for percent in [0, 25, 50, 75, 100] {
            let x = LEFT + BAR * percent / 100;
            sheet.line(&[(x, TOP), (x, bottom + 4)], PALE, 1);
            let text = format!("{percent} %");
            sheet.text(&text, (x, bottom + 14), SMALL, INK, Anchor::Middle);
        }
        for (index, layer) in layers.iter().enumerate() {
            let y = TOP + ROW * i32::try_from(index).unwrap_or(0);
            let tip = tip::of_layer(layer, point, notes);
            sheet.mark(&layer.name, &tip, || row(sheet, layer, point, &kinds, y));
            let share = cycles(layer) / total * 100.0;
            let text = format!("{}  ({share:.1} %)", short(cycles(layer)));
            sheet.text(
                &text,
                (LEFT + BAR + 10, y + ROW / 2),
                SMALL,
                INK,
                Anchor::Left,
            );
        }
        let middle = (LEFT + BAR / 2, bottom + 32);
        sheet.text(
            "part of the layer's cycles",
            middle,
            SMALL + 1,
            INK,
            Anchor::Middle,
        );
        let head = (LEFT + BAR + 10, TOP - 10);
        sheet.text("cycles (of the total)", head, SMALL, GREY, Anchor::Left);
    });
    Some(Picture {
        name: "limits".to_owned(),
        title: "What limits each layer".to_owned(),
        caption: format!(
            "Each layer's cycles at {what}: those that all elements would need, those lost to elements without work, and those spent waiting for the memory that is busiest."
        ),
        svg,
        narrow: None,
    })
}

#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
pub(super) fn cycles(layer: &LayerResult) -> f64 {
    layer.cycles.unwrap_or(0) as f64
}

/// The part of the cycles for which a memory that limits a layer is busy.
const BUSY: f64 = 0.999;

/// The memory that is busy all the time, so that fewer compute steps would gain nothing.
#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
fn busiest(layer: &LayerResult) -> Option<&str> {
    let busy = |cycles: u128| cycles as f64 >= BUSY * self::cycles(layer);
    let mut memories = layer.memory_cycles.iter();
    let all_the_time = memories.find(|memory| busy(*memory.1));
    let own = Some(layer.bottleneck.as_str()).filter(|&name| name != "compute");
    all_the_time.map(|memory| memory.0.as_str()).or(own)
}

/// The parts of a layer's cycles, which add up to them: the work of all elements, and the rest by
/// what limits the layer.
#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
pub(super) fn parts(layer: &LayerResult, point: &PointResult) -> Vec<Part> {
    let total = cycles(layer);
    let (what, work) = if layer.box_macs == 0 {
        (VECTOR, layer.compute_cycles as f64)
    } else {
        (WORK, layer.box_macs as f64 / point.elements as f64)
    };
    let work = work.min(total);
    let rest = match busiest(layer) {
        Some(memory) => format!("{WAITING}{memory}"),
        None => IDLE.to_owned(),
    };
    let rest = Part {
        what: rest,
        cycles: total - work,
    };
    let what = what.to_owned();
    let mut parts = vec![Part { what, cycles: work }, rest];
    parts.retain(|part| part.cycles > total * 1e-6);
    parts
}

const WORK: &str = "multiply-accumulates";
/// Before the name of a memory.
pub(super) const WAITING: &str = "waiting for ";
const IDLE: &str = "elements without work";
const VECTOR: &str = "vector operations";

/// All kinds of parts of these layers with their colours, in the order of the legend.
pub(super) fn kinds(layers: &[&LayerResult], point: &PointResult) -> Vec<(String, Colour)> {
    let memories = layers.first().map(|layer| layer.memory_cycles.keys());
    let memories = memories.into_iter().flatten();
    let waits = memories.map(|name| format!("{WAITING}{name}"));
    let all = [WORK, IDLE, VECTOR]
        .map(str::to_owned)
        .into_iter()
        .chain(waits);
    let own: Vec<String> = (layers.iter())
        .flat_map(|layer| parts(layer, point))
        .map(|part| part.what)
        .collect();
    let order = [0, 5, 2, 1, 4, 3, 6];
    all.zip(order)
        .filter(|(name, _)| own.contains(name))
        .map(|(name, colour)| (name, SERIES[colour]))
        .collect()
}

fn legend(sheet: &Sheet, kinds: &[(String, Colour)]) {
    let mut x = LEFT;
    for (name, colour) in kinds {
        sheet.area((x, 8), (x + 14, 22), *colour);
        sheet.text(name, (x + 19, 15), SMALL + 1, INK, Anchor::Left);
        x += 19 + width(name, SMALL + 1) + 22;
    }
}

fn row(
    sheet: &Sheet,
    layer: &LayerResult,
    point: &PointResult,
    kinds: &[(String, Colour)],
    y: i32,
) {
    let at = (LEFT - 8, y + ROW / 2);
    sheet.text(
        &text::operation(&layer.name),
        at,
        SMALL + 1,
        INK,
        Anchor::Right,
    );
    let mut from = 0.0;
    for part in parts(layer, point) {
        let share = part.cycles / cycles(layer);
        let x = |part: f64| LEFT + pixel(part * f64::from(BAR));
        let kind = kinds.iter().find(|kind| kind.0 == part.what);
        let colour = kind.map_or(GREY, |kind| kind.1);
        let (left, right) = (x(from), x(from + share));
        sheet.area((left, y + 2), (right, y + ROW - 2), colour);
        let text = format!("{:.0} %", share * 100.0);
        if width(&text, SMALL) + 6 < right - left {
            let middle = (i32::midpoint(left, right), y + ROW / 2);
            sheet.text(&text, middle, SMALL, colour.letters(), Anchor::Middle);
        }
        from += share;
    }
}

//! What limits each layer: work, idle elements, and waiting for a memory, as parts of its cycles.
//!
//! Bars are to scale; a group that is not displayed has them as parts of each layer's cycles, and the page
//! changes between the two.

pub(in crate::report) mod parts;

use self::parts::{cycles, kinds, parts};
use super::Picture;
use super::axes::ticks;
use super::sheet::{Anchor, Colour, GREY, INK, PALE, SMALL, Sheet, pixel, svg, width};
use super::text::{self, short};
use super::tip::{self, Notes};
use crate::problem::sweep::{LayerResult, PointResult};

const WIDTH: i32 = 900;
const LEFT: i32 = 170;
const BAR: i32 = 520;
const TOP: i32 = 46;
const ROW: i32 = 22;
/// What a group is that another one takes the place of.
const HIDDEN: &str = " display=\"none\"";

/// What is drawn.
struct Limits<'a> {
    point: &'a PointResult,
    notes: &'a Notes,
    layers: Vec<&'a LayerResult>,
    kinds: Vec<(String, Colour)>,
    /// Cycles of the longest layer, and of all.
    most: f64,
    total: f64,
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
    let all = layers.iter().map(|layer| cycles(layer));
    let own = Limits {
        point,
        notes,
        kinds: kinds(&layers, point),
        most: all.clone().fold(1.0, f64::max),
        total: all.sum(),
        layers,
    };
    Some(Picture {
        name: "limits".to_owned(),
        title: "What limits each layer".to_owned(),
        caption: format!(
            "Each layer's cycles at {what}: those that all elements would need, those lost to elements without work, and those spent waiting for the memory that is busiest."
        ),
        svg: own.svg(),
        narrow: None,
    })
}

impl Limits<'_> {
    fn svg(&self) -> String {
        let rows = i32::try_from(self.layers.len()).unwrap_or(1000);
        let bottom = TOP + ROW * rows;
        svg(WIDTH, bottom + 44, |sheet| {
            self.legend(sheet);
            sheet.group("scaled", "", || self.scale(sheet, bottom));
            sheet.group("shares", HIDDEN, || shares(sheet, bottom));
            for (index, layer) in (0..).zip(&self.layers) {
                let tip = tip::of_layer(layer, self.point, self.notes);
                let y = TOP + ROW * index;
                sheet.mark(&layer.name, &tip, || self.row(sheet, layer, y));
            }
            let head = (LEFT + BAR + 10, TOP - 10);
            sheet.text("cycles (of the total)", head, SMALL, GREY, Anchor::Left);
        })
    }

    fn legend(&self, sheet: &Sheet) {
        let mut x = LEFT;
        for (name, colour) in &self.kinds {
            sheet.area((x, 8), (x + 14, 22), *colour);
            sheet.text(name, (x + 19, 15), SMALL + 1, INK, Anchor::Left);
            x += 19 + width(name, SMALL + 1) + 22;
        }
    }

    /// The axis of bars to scale.
    fn scale(&self, sheet: &Sheet, bottom: i32) {
        for cycles in ticks(self.most) {
            let x = LEFT + pixel(cycles / self.most * f64::from(BAR));
            tick(sheet, x, bottom, &short(cycles));
        }
        title(sheet, bottom, "cycles");
    }

    fn row(&self, sheet: &Sheet, layer: &LayerResult, y: i32) {
        let name = text::operation(&layer.name);
        let middle = y + ROW / 2;
        sheet.text(&name, (LEFT - 8, middle), SMALL + 1, INK, Anchor::Right);
        let length = cycles(layer) / self.most * f64::from(BAR);
        sheet.group("scaled", "", || self.bar(sheet, layer, y, length));
        sheet.group("shares", HIDDEN, || {
            self.bar(sheet, layer, y, f64::from(BAR));
        });
        let share = cycles(layer) / self.total * 100.0;
        let text = format!("{}  ({share:.1} %)", short(cycles(layer)));
        let at = (LEFT + BAR + 10, middle);
        sheet.text(&text, at, SMALL, INK, Anchor::Left);
    }

    /// A bar of a length in pixels.
    fn bar(&self, sheet: &Sheet, layer: &LayerResult, y: i32, length: f64) {
        let mut from = 0.0;
        for part in parts(layer, self.point) {
            let share = part.cycles / cycles(layer);
            let kind = self.kinds.iter().find(|kind| kind.0 == part.what);
            let colour = kind.map_or(GREY, |kind| kind.1);
            let [left, right] = [from, from + share].map(|part| LEFT + pixel(part * length));
            sheet.area((left, y + 2), (right, y + ROW - 2), colour);
            let text = format!("{:.0} %", share * 100.0);
            if width(&text, SMALL) + 6 < right - left {
                let middle = (i32::midpoint(left, right), y + ROW / 2);
                sheet.text(&text, middle, SMALL, colour.letters(), Anchor::Middle);
            }
            from += share;
        }
    }
}

/// The axis of parts of each layer's cycles.
fn shares(sheet: &Sheet, bottom: i32) {
    for percent in [0, 25, 50, 75, 100] {
        let x = LEFT + BAR * percent / 100;
        tick(sheet, x, bottom, &format!("{percent} %"));
    }
    title(sheet, bottom, "part of the layer's cycles");
}

fn tick(sheet: &Sheet, x: i32, bottom: i32, text: &str) {
    sheet.line(&[(x, TOP), (x, bottom + 4)], PALE, 1);
    sheet.text(text, (x, bottom + 14), SMALL, INK, Anchor::Middle);
}

fn title(sheet: &Sheet, bottom: i32, text: &str) {
    let middle = (LEFT + BAR / 2, bottom + 32);
    sheet.text(text, middle, SMALL + 1, INK, Anchor::Middle);
}

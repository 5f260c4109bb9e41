//! What limits each layer: work, idle elements, and waiting for a memory, as parts of its cycles.
//!
//! Bars are to scale; a group that is not displayed has them as parts of each layer's cycles, and the page
//! changes between the two.

pub(in crate::report) mod parts;

use self::parts::{cycles, kinds, parts};
use super::Picture;
use super::axes::ticks;
use super::sheet::{Anchor, Colour, GREY, INK, PALE, SMALL, Sheet, pixel, shortened, svg, width};
use super::step::swept;
use super::text::{self, short};
use super::tip::{self, Notes};
use crate::problem::sweep::{LayerResult, PointResult};

/// How a picture is laid out.
#[derive(Clone, Copy)]
struct Layout {
    width: i32,
    /// Where bars begin, and how long the longest is.
    left: i32,
    bar: i32,
}

/// For wide screens, and for narrow ones.
const LAYOUTS: [Layout; 2] = [
    Layout {
        width: 900,
        left: 170,
        bar: 520,
    },
    Layout {
        width: 360,
        left: 112,
        bar: 150,
    },
];
/// Height of a line of the key.
const KEY: i32 = 20;
/// Ticks are no closer to each other.
const TICK: i32 = 36;
const TOP: i32 = 46;
const ROW: i32 = 22;
/// What a group is that another one takes the place of.
const HIDDEN: &str = " display=\"none\"";

/// A pixel.
type Place = (i32, i32);
/// What a part of a bar is, with its colour.
type Kind = (String, Colour);

/// What is drawn.
struct Limits<'a> {
    point: &'a PointResult,
    notes: &'a Notes,
    layers: Vec<&'a LayerResult>,
    kinds: Vec<Kind>,
    /// Cycles of the longest layer, and of all.
    most: f64,
    total: f64,
}

/// Draws the layers of a sweep's point that take cycles, in its planned step where there is one; `what`
/// says which point. `None` where none does.
#[must_use]
pub fn draw(point: &PointResult, what: &str) -> Option<Picture> {
    let own = swept(point);
    draw_noted(&own.point, what, &own.notes)
}

/// The same of a point whose layers are those of the planned step, if it has one, with notes on them.
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
            "Each layer's cycles{} at {what}: those that all elements would need, those lost to elements without work, and those spent waiting for the memory that is busiest.",
            if point.planned.is_some() {
                " in the planned step"
            } else {
                ", mapped alone,"
            }
        ),
        svg: own.svg(LAYOUTS[0]),
        narrow: Some(own.svg(LAYOUTS[1])),
    })
}

impl Limits<'_> {
    fn svg(&self, layout: Layout) -> String {
        let key = self.key(layout);
        let lines = key.last().map_or(0, |(at, _)| at.1 / KEY);
        let rows = i32::try_from(self.layers.len()).unwrap_or(1000);
        let top = TOP + KEY * lines;
        let own = Drawing {
            of: self,
            layout,
            top,
            bottom: top + ROW * rows,
        };
        svg(layout.width, own.bottom + 44, |sheet| {
            for ((x, y), (name, colour)) in key {
                sheet.area((x, y), (x + 14, y + 14), *colour);
                sheet.text(name, (x + 19, y + 7), SMALL + 1, INK, Anchor::Left);
            }
            own.draw(sheet);
        })
    }

    /// What the colours stand for with their places, in as many lines as it takes.
    fn key(&self, layout: Layout) -> Vec<(Place, &Kind)> {
        let begin = if layout.width < LAYOUTS[0].width {
            8
        } else {
            layout.left
        };
        let mut at = (begin, 8);
        let places = self.kinds.iter().map(|kind| {
            let own = 19 + width(&kind.0, SMALL + 1);
            if at.0 > begin && at.0 + own > layout.width {
                at = (begin, at.1 + KEY);
            }
            let place = at;
            at.0 += own + 22;
            (place, kind)
        });
        places.collect()
    }
}

/// The bars with their axis in a layout.
struct Drawing<'a> {
    of: &'a Limits<'a>,
    layout: Layout,
    /// Where rows begin and end.
    top: i32,
    bottom: i32,
}

impl Drawing<'_> {
    fn draw(&self, sheet: &Sheet) {
        sheet.group("scaled", "", || self.scale(sheet));
        sheet.group("shares", HIDDEN, || self.shares(sheet));
        for (index, layer) in (0..).zip(&self.of.layers) {
            let tip = tip::of_layer(layer, self.of.point, self.of.notes);
            let y = self.top + ROW * index;
            sheet.mark(&layer.name, &tip, || self.row(sheet, layer, y));
        }
        let head = (self.beside(), self.top - 10);
        sheet.text("cycles (share)", head, SMALL, GREY, Anchor::Left);
    }

    /// Where what stands beside bars begins.
    fn beside(&self) -> i32 {
        self.layout.left + self.layout.bar + 10
    }

    /// The pixel of a part of the longest bar.
    fn place(&self, part: f64) -> i32 {
        self.layout.left + pixel(part * f64::from(self.layout.bar))
    }

    /// The axis of bars to scale.
    fn scale(&self, sheet: &Sheet) {
        let mut free = 0;
        for cycles in ticks(self.of.most) {
            let x = self.place(cycles / self.of.most);
            let text = if x < free { None } else { Some(short(cycles)) };
            free = if x < free { free } else { x + TICK };
            self.tick(sheet, x, text.as_deref());
        }
        let what = match self.of.point.planned {
            Some(_) => "cycles in the planned step",
            None => "cycles of each layer alone",
        };
        self.title(sheet, what);
    }

    /// The axis of parts of each layer's cycles.
    fn shares(&self, sheet: &Sheet) {
        for percent in [0, 25, 50, 75, 100] {
            let x = self.place(f64::from(percent) / 100.0);
            self.tick(sheet, x, Some(&format!("{percent} %")));
        }
        self.title(sheet, "part of the layer's cycles");
    }

    fn tick(&self, sheet: &Sheet, x: i32, text: Option<&str>) {
        sheet.line(&[(x, self.top), (x, self.bottom + 4)], PALE, 1);
        if let Some(text) = text {
            sheet.text(text, (x, self.bottom + 14), SMALL, INK, Anchor::Middle);
        }
    }

    fn title(&self, sheet: &Sheet, text: &str) {
        let middle = (self.place(0.5), self.bottom + 32);
        sheet.text(text, middle, SMALL + 1, INK, Anchor::Middle);
    }

    fn row(&self, sheet: &Sheet, layer: &LayerResult, y: i32) {
        let name = text::operation(&layer.name);
        let name = shortened(&name, SMALL + 1, self.layout.left - 10).unwrap_or_default();
        let middle = y + ROW / 2;
        let at = (self.layout.left - 8, middle);
        sheet.text(&name, at, SMALL + 1, INK, Anchor::Right);
        let longest = f64::from(self.layout.bar);
        let length = cycles(layer) / self.of.most * longest;
        sheet.group("scaled", "", || self.bar(sheet, layer, y, length));
        sheet.group("shares", HIDDEN, || self.bar(sheet, layer, y, longest));
        let share = cycles(layer) / self.of.total * 100.0;
        let text = format!("{} ({share:.1} %)", short(cycles(layer)));
        let at = (self.beside(), middle);
        sheet.text(&text, at, SMALL, INK, Anchor::Left);
    }

    /// A bar of a length in pixels.
    fn bar(&self, sheet: &Sheet, layer: &LayerResult, y: i32, length: f64) {
        let mut from = 0.0;
        for part in parts(layer, self.of.point) {
            let share = part.cycles / cycles(layer);
            let kind = self.of.kinds.iter().find(|kind| kind.0 == part.what);
            let colour = kind.map_or(GREY, |kind| kind.1);
            let [left, right] =
                [from, from + share].map(|part| self.layout.left + pixel(part * length));
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

//! The roofline of all layers: multiply-accumulates per cycle against those per byte of the
//! outermost memory (Williams, Waterman & Patterson 2009, CACM 52(4)).

use super::Picture;
use super::axes::{Axis, Frame};
use super::labels::Labels;
use super::sheet::{Anchor, Colour, INK, SERIES, SMALL, Sheet, pixel, shortened, svg, width};
use super::step;
use super::text::{self, short};
use super::tip::{self, Notes};
use crate::problem::sweep::{LayerResult, PointResult};
use crate::problem::{Bandwidth, Hardware, Ports};

/// Points of layers nearer to each other than this many pixels share a label.
const NEAR: i32 = 4;
/// Width and height in pixels, and those for narrow screens.
const SIZES: [(i32, i32); 2] = [(900, 480), (358, 400)];
/// Pixels of the longest label.
const LONGEST: i32 = 130;
/// How far the frame reaches above the roof.
const HEADROOM: f64 = 2.0;
/// Radius of a layer that takes no time, and what is added for one that takes all of it.
const RADII: (f64, f64) = (4.0, 18.0);

/// A layer in the picture.
struct Spot<'a> {
    layer: &'a LayerResult,
    per_byte: f64,
    per_cycle: f64,
    radius: i32,
}

/// What is drawn, in any size.
struct Roofline<'a> {
    spots: Vec<Spot<'a>>,
    point: &'a PointResult,
    notes: &'a Notes,
    memory: &'a str,
    bandwidth: Option<f64>,
}

/// Draws the layers of a point; `what` says which point. `None` where no layer multiplies.
#[must_use]
pub fn draw(point: &PointResult, hardware: &Hardware, what: &str) -> Option<Picture> {
    draw_noted(point, hardware, what, &Notes::new())
}

/// Draws the layers of a sweep's point as its planned step runs them, as far as the journal tells it.
#[must_use]
pub fn draw_swept(point: &PointResult, hardware: &Hardware, what: &str) -> Option<Picture> {
    let (_, memory) = hardware.memories().next()?;
    let Some(own) = step::moving(point, &memory.name) else {
        let mut picture = draw(point, hardware, what)?;
        if point.planned.is_some() {
            picture.caption.push_str(" It shows the layers alone.");
        }
        return Some(picture);
    };
    let what = format!("{what}, in the planned step");
    draw_noted(&own.point, hardware, &what, &own.notes)
}

/// The same with notes on the layers.
#[must_use]
pub fn draw_noted(
    point: &PointResult,
    hardware: &Hardware,
    what: &str,
    notes: &Notes,
) -> Option<Picture> {
    let (_, memory) = hardware.memories().next()?;
    let spots = spots(point, &memory.name);
    if spots.is_empty() {
        return None;
    }
    let bandwidth = match memory.ports {
        Ports::Shared(limit) => limit,
        Ports::Separate { read, write } => {
            read.zip(write).and_then(|(read, write)| read.plus(write))
        }
    };
    let own = Roofline {
        spots,
        point,
        notes,
        memory: &memory.name,
        bandwidth: bandwidth.map(Bandwidth::bytes_per_cycle),
    };
    let [svg, narrow] = SIZES.map(|size| own.svg(size));
    let at_edge = if own.spots.iter().any(|spot| spot.per_byte.is_infinite()) {
        let memory = &memory.name;
        format!(" At the right edge stand layers that exchange nothing with {memory}.")
    } else {
        String::new()
    };
    Some(Picture {
        name: "roofline".to_owned(),
        title: "Roofline of all layers".to_owned(),
        caption: format!(
            "Each mark is a layer at {what}, the larger the more of the time it takes. The slanted line is the bandwidth of {}, the level one all elements at work in every cycle; no mapping lies above either. Discs are limited by arithmetic, diamonds by a memory.{at_edge}",
            memory.name
        ),
        svg,
        narrow: Some(narrow),
    })
}

#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
fn spots<'a>(point: &'a PointResult, memory: &str) -> Vec<Spot<'a>> {
    let total = point.cycles.unwrap_or(0).max(1) as f64;
    let own = point.layers.iter().filter_map(|layer| {
        let bytes = layer.traffic_bytes.get(memory).copied()?;
        let cycles = layer.cycles.filter(|&c| c > 0)? as f64;
        let macs = layer.box_macs as f64;
        (macs > 0.0).then(|| Spot {
            layer,
            // Infinite for a layer that exchanges nothing with it.
            per_byte: macs / bytes,
            per_cycle: macs / cycles,
            radius: pixel(RADII.0 + RADII.1 * (cycles / total).sqrt()),
        })
    });
    let mut spots: Vec<Spot<'_>> = own.collect();
    // The small ones lie on the large ones.
    spots.sort_by_key(|spot| std::cmp::Reverse(spot.layer.cycles));
    spots
}

impl Roofline<'_> {
    fn svg(&self, (width, height): (i32, i32)) -> String {
        let frame = self.frame(width, height);
        svg(width, height, |sheet| {
            frame.draw(sheet);
            let mut labels = Labels::new([frame.left, frame.top, frame.right, frame.bottom]);
            let places: Vec<(i32, i32)> = (self.spots.iter())
                .map(|spot| {
                    let (x, y) = frame.at(spot.per_byte, spot.per_cycle);
                    (x.min(frame.right), y)
                })
                .collect();
            for (spot, (x, y)) in self.spots.iter().zip(&places) {
                let r = spot.radius;
                labels.take([x - r, y - r, x + r, y + r]);
            }
            self.roof(sheet, &frame, &mut labels);
            self.marks(sheet, &places);
            self.names(sheet, &places, &mut labels);
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
    fn peak(&self) -> f64 {
        self.point.elements as f64
    }

    fn frame(&self, width: i32, height: i32) -> Frame {
        let ridge = self.bandwidth.map(|bandwidth| self.peak() / bandwidth);
        let xs = self.spots.iter().map(|spot| spot.per_byte);
        let xs = xs.filter(|per_byte| per_byte.is_finite()).chain(ridge);
        let ys = self.spots.iter().map(|spot| spot.per_cycle);
        // Room for names above the roof.
        let ys = ys.chain([self.peak() * HEADROOM]);
        let along = format!("multiply-accumulates per byte of {}", self.memory);
        Frame {
            left: 68,
            top: 24,
            right: width - 12,
            bottom: height - 50,
            x: Axis::logarithmic(&along, xs, &short),
            y: Axis::logarithmic("multiply-accumulates per cycle", ys, &short),
        }
    }

    /// The two lines above which nothing lies.
    fn roof(&self, sheet: &Sheet, frame: &Frame, labels: &mut Labels) {
        let peak = self.peak();
        let top = frame.at(1.0, peak).1;
        let end = (frame.right, top);
        let ridge =
            (self.bandwidth).map_or((frame.left, top), |own| (frame.at(peak / own, peak).0, top));
        let start = self
            .bandwidth
            .map_or(ridge, |own| lower_end(frame, ridge, peak, own));
        sheet.line(&[start, ridge, end], INK, 2);
        cover(labels, start, ridge);
        cover(labels, ridge, end);
        let text = format!("{} MAC/cycle", short(peak));
        let at = along(ridge, end).map(|(x, y)| (x - width(&text, SMALL), y - 12));
        name(sheet, labels, &text, &at);
        if let Some(bandwidth) = self.bandwidth {
            let text = format!("{} {} B/cycle", self.memory, short(bandwidth));
            let at = along(start, ridge).map(|(x, y)| (x + 10, y + 12));
            name(sheet, labels, &text, &at);
        }
    }

    fn marks(&self, sheet: &Sheet, places: &[(i32, i32)]) {
        for (spot, &at) in self.spots.iter().zip(places) {
            let tip = tip::of_layer(spot.layer, self.point, self.notes);
            sheet.mark(&spot.layer.name, &tip, || {
                if spot.layer.bottleneck == "compute" {
                    sheet.dot(at, spot.radius, colour(spot.layer));
                } else {
                    sheet.diamond(at, spot.radius, colour(spot.layer));
                }
            });
        }
    }

    /// The names of layers, those that take the most time first, as far as there is room.
    fn names(&self, sheet: &Sheet, places: &[(i32, i32)], labels: &mut Labels) {
        let mut named: Vec<(i32, i32)> = Vec::new();
        for (index, (spot, &at)) in self.spots.iter().zip(places).enumerate() {
            let near = |other: &(i32, i32)| {
                (at.0 - other.0).abs() <= NEAR && (at.1 - other.1).abs() <= NEAR
            };
            if named.iter().any(near) {
                continue;
            }
            let others = places[index + 1..].iter().filter(|other| near(other));
            let name = text::operation(&spot.layer.name);
            let name = shortened(&name, SMALL, LONGEST).unwrap_or_default();
            let text = match others.count() {
                0 => name,
                more => format!("{name} + {more}"),
            };
            if let Some(place) = labels.place(&text, at, spot.radius) {
                sheet.text(&text, place, SMALL, INK, Anchor::Middle);
            }
            named.push(at);
        }
    }
}

/// Where the line of the bandwidth meets the frame: it rises as far as it runs in decades.
fn lower_end(frame: &Frame, ridge: (i32, i32), peak: f64, bandwidth: f64) -> (i32, i32) {
    let low = frame.at(peak / bandwidth / 1e9, peak / 1e9);
    let (dx, dy) = (f64::from(ridge.0 - low.0), f64::from(ridge.1 - low.1));
    let at_left = f64::from(ridge.1) + dy / dx * f64::from(frame.left - ridge.0);
    if at_left <= f64::from(frame.bottom) {
        return (frame.left, pixel(at_left));
    }
    let x = f64::from(ridge.0) + dx / dy * f64::from(frame.bottom - ridge.1);
    (pixel(x), frame.bottom)
}

/// Points along a line, those of its middle first.
fn along(start: (i32, i32), end: (i32, i32)) -> [(i32, i32); 9] {
    [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.95].map(|part| {
        let x = f64::from(start.0) + part * f64::from(end.0 - start.0);
        let y = f64::from(start.1) + part * f64::from(end.1 - start.1);
        (pixel(x), pixel(y))
    })
}

/// Nothing is to cover a line.
fn cover(labels: &mut Labels, start: (i32, i32), end: (i32, i32)) {
    let parts = 40;
    for part in 0..parts {
        let at = |part: i32| {
            let way = |from: i32, to: i32| from + (to - from) * part / parts;
            (way(start.0, end.0), way(start.1, end.1))
        };
        let (a, b) = (at(part), at(part + 1));
        labels.take([
            a.0.min(b.0),
            a.1.min(b.1) - 1,
            a.0.max(b.0),
            a.1.max(b.1) + 1,
        ]);
    }
}

/// Writes a text beginning at the first of these places where it covers nothing.
fn name(sheet: &Sheet, labels: &mut Labels, text: &str, places: &[(i32, i32)]) {
    let space = |(x, y): (i32, i32)| [x, y - 6, x + width(text, SMALL), y + 6];
    if let Some(&at) = places.iter().find(|&&at| labels.is_free(space(at))) {
        sheet.text(text, at, SMALL, INK, Anchor::Left);
        labels.take(space(at));
    }
}

fn colour(layer: &LayerResult) -> Colour {
    if layer.bottleneck == "compute" {
        SERIES[0]
    } else {
        SERIES[1]
    }
}

//! The roofline of all layers: multiply-accumulates per cycle against those per byte of the
//! outermost memory (Williams, Waterman & Patterson 2009, CACM 52(4)).

use std::io;

use super::Picture;
use super::axes::{Axis, Frame};
use super::sheet::{Anchor, GREY, INK, LETTERS, SERIES, SMALL, Sheet, svg, width};
use super::text::{self, short};
use crate::problem::sweep::{LayerResult, PointResult};
use crate::problem::{Bandwidth, Hardware, Ports};

/// Points nearer to each other than this many pixels share a label.
const NEAR: i32 = 14;
const WIDTH: i32 = 900;
const HEAD: i32 = 24;

/// A layer in the picture.
struct Spot<'a> {
    number: usize,
    layer: &'a LayerResult,
    per_byte: f64,
    per_cycle: f64,
}

/// Draws the layers of a point; `what` says which point. `None` where no layer multiplies.
///
/// # Errors
/// What the backend could not draw.
pub fn draw(point: &PointResult, hardware: &Hardware, what: &str) -> io::Result<Option<Picture>> {
    let Some((_, memory)) = hardware.memories().next() else {
        return Ok(None);
    };
    let spots = spots(point, &memory.name);
    if spots.is_empty() {
        return Ok(None);
    }
    let bandwidth = match memory.ports {
        Ports::Shared(limit) => limit,
        Ports::Separate { read, write } => {
            read.zip(write).and_then(|(read, write)| read.plus(write))
        }
    };
    let bandwidth = bandwidth.map(Bandwidth::bytes_per_cycle);
    let legend = i32::try_from(spots.len()).unwrap_or(0) * 17 + 40;
    let height = legend.max(480);
    let svg = svg(WIDTH, height, |sheet| {
        let frame = frame(&spots, point, bandwidth, height, &memory.name);
        frame.draw(sheet);
        roof(sheet, &frame, &spots, peak(point), bandwidth);
        layers(sheet, &frame, &spots);
        list(sheet, &spots);
    })?;
    Ok(Some(Picture {
        name: "roofline".to_owned(),
        title: "Roofline of all layers".to_owned(),
        caption: format!(
            "Each number is a layer at {what}. The slanted line is the bandwidth of {}, the level one all elements at work in every cycle; no mapping lies above either. Discs are limited by arithmetic, diamonds by a memory.",
            memory.name
        ),
        svg,
    }))
}

#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
fn spots<'a>(point: &'a PointResult, memory: &str) -> Vec<Spot<'a>> {
    let own = point.layers.iter().filter_map(|layer| {
        let bytes = layer
            .traffic_bytes
            .get(memory)
            .copied()
            .filter(|&b| b > 0.0)?;
        let cycles = layer.cycles.filter(|&c| c > 0)?;
        let macs = layer.box_macs as f64;
        (macs > 0.0).then_some((layer, macs / bytes, macs / cycles as f64))
    });
    own.enumerate()
        .map(|(index, (layer, per_byte, per_cycle))| Spot {
            number: index + 1,
            layer,
            per_byte,
            per_cycle,
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
fn peak(point: &PointResult) -> f64 {
    point.elements as f64
}

fn frame(
    spots: &[Spot<'_>],
    point: &PointResult,
    bandwidth: Option<f64>,
    height: i32,
    memory: &str,
) -> Frame {
    let ridge = bandwidth.map(|bandwidth| peak(point) / bandwidth);
    let xs = spots.iter().map(|spot| spot.per_byte).chain(ridge);
    let ys = spots.iter().map(|spot| spot.per_cycle).chain([peak(point)]);
    Frame {
        left: 75,
        top: HEAD,
        right: 660,
        bottom: height - 50,
        x: Axis::logarithmic(
            &format!("multiply-accumulates per byte of {memory}"),
            xs,
            &short,
        ),
        y: Axis::logarithmic("multiply-accumulates per cycle", ys, &short),
    }
}

/// The two lines above which nothing lies.
fn roof(sheet: &Sheet<'_>, frame: &Frame, spots: &[Spot<'_>], peak: f64, bandwidth: Option<f64>) {
    let top = frame.at(1.0, peak).1;
    let Some(bandwidth) = bandwidth else {
        sheet.line(&[(frame.left, top), (frame.right, top)], INK, 2);
        return;
    };
    let ridge = frame.at(peak / bandwidth, peak).0;
    // The line rises as far as it runs in decades: from the corner of the frame that it meets first.
    let low = frame.at(peak / bandwidth / 1e9, peak / 1e9);
    let (dx, dy) = (f64::from(ridge - low.0), f64::from(top - low.1));
    let at_left = f64::from(top) + dy / dx * f64::from(frame.left - ridge);
    let start = if at_left <= f64::from(frame.bottom) {
        (frame.left, super::sheet::pixel(at_left))
    } else {
        let x = f64::from(ridge) + dx / dy * f64::from(frame.bottom - top);
        (super::sheet::pixel(x), frame.bottom)
    };
    sheet.line(&[start, (ridge, top), (frame.right, top)], INK, 2);
    let text = format!("{} MAC/cycle", short(peak));
    sheet.text(
        &text,
        (frame.right - 4, top - 10),
        SMALL,
        INK,
        Anchor::Right,
    );
    // Where along the line the name of the bandwidth stands farthest from any layer.
    let along = |part: f64| {
        let x = f64::from(start.0) + part * f64::from(ridge - start.0);
        let y = f64::from(start.1) + part * f64::from(top - start.1);
        (super::sheet::pixel(x) + 10, super::sheet::pixel(y) + 10)
    };
    let room = |at: (i32, i32)| {
        let far = spots.iter().map(|spot| {
            let own = frame.at(spot.per_byte, spot.per_cycle);
            (own.0 - at.0).abs().max((own.1 - at.1).abs())
        });
        far.min().unwrap_or(0)
    };
    let places = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2].map(along);
    let best = places.into_iter().rev().max_by_key(|&at| room(at).min(60));
    let text = format!("{} B/cycle", short(bandwidth));
    sheet.text(&text, best.unwrap_or(start), SMALL, INK, Anchor::Left);
}

fn colour(layer: &LayerResult) -> plotters::prelude::RGBColor {
    if layer.bottleneck == "compute" {
        SERIES[0]
    } else {
        SERIES[1]
    }
}

/// The layers as dots; those that stand close together have one label.
fn layers(sheet: &Sheet<'_>, frame: &Frame, spots: &[Spot<'_>]) {
    let mut labels: Vec<((i32, i32), Vec<usize>)> = Vec::new();
    for spot in spots {
        let at = frame.at(spot.per_byte, spot.per_cycle);
        if spot.layer.bottleneck == "compute" {
            sheet.dot(at, 5, colour(spot.layer));
        } else {
            sheet.diamond(at, 6, colour(spot.layer));
        }
        let near =
            |other: (i32, i32)| (at.0 - other.0).abs() < NEAR * 2 && (at.1 - other.1).abs() < NEAR;
        match labels.iter_mut().find(|(other, _)| near(*other)) {
            Some((_, numbers)) => numbers.push(spot.number),
            None => labels.push((at, vec![spot.number])),
        }
    }
    let mut taken: Vec<(i32, i32, i32)> = Vec::new();
    for ((x, y), numbers) in labels {
        let text = runs(&numbers);
        let half = width(&text, SMALL) / 2 + 3;
        let free = |at: i32| {
            let inside = at > frame.top + 6 && at < frame.bottom - 8;
            let apart = |&(left, right, other): &(i32, i32, i32)| {
                x + half < left || x - half > right || (at - other).abs() >= SMALL
            };
            inside && taken.iter().all(apart)
        };
        let places = [15, 28, -15, 41, -28].map(|away| y + away);
        let at = places.into_iter().find(|&at| free(at)).unwrap_or(y + 15);
        sheet.text(&text, (x, at), SMALL, INK, Anchor::Middle);
        taken.push((x - half, x + half, at));
    }
}

/// `1, 3–5`.
fn runs(numbers: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let texts = runs.iter().map(|&(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}–{last}"),
    });
    texts.collect::<Vec<_>>().join(", ")
}

/// What the numbers stand for.
fn list(sheet: &Sheet<'_>, spots: &[Spot<'_>]) {
    let mut y = HEAD + 8;
    for spot in spots {
        if spot.layer.bottleneck == "compute" {
            sheet.dot((690, y), 5, colour(spot.layer));
        } else {
            sheet.diamond((690, y), 6, colour(spot.layer));
        }
        let name = format!("{} {}", spot.number, text::operation(&spot.layer.name));
        sheet.text(&name, (702, y), LETTERS, INK, Anchor::Left);
        let limit = &spot.layer.bottleneck;
        sheet.text(limit, (WIDTH - 12, y), SMALL, GREY, Anchor::Right);
        y += 17;
    }
}

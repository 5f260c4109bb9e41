//! How the cycles depend on one field, with what was proved of them.

use serde_json::Value;

use super::Picture;
use super::axes::{Axis, Frame};
use super::select::{along, fields, values};
use super::sheet::{Anchor, GREY, INK, PALE, SERIES, SMALL, Sheet, svg};
use super::text;
use crate::problem::sweep::PointResult;
use crate::report::numbers::grouped;

/// Other choices of the remaining fields whose curves are drawn pale, at most.
const MOST_CURVES: usize = 400;
/// Height of the curves with their axis.
const HEIGHT: i32 = 400;

/// How a picture is laid out.
#[derive(Clone, Copy)]
struct Layout {
    width: i32,
    /// Where the curves end.
    right: i32,
    /// Where the key begins.
    key: (i32, i32),
}

/// With the key beside the curves, and for narrow screens below them.
const LAYOUTS: [Layout; 2] = [
    Layout {
        width: 900,
        right: 640,
        key: (664, 30),
    },
    Layout {
        width: 360,
        right: 345,
        key: (80, HEIGHT + 16),
    },
];
/// Height of the key without the values of other fields, and what each of these adds.
const KEY: i32 = 94;
const VALUE: i32 = 38;

/// One picture for each numeric field of several values; the curve of `from` stands out.
#[must_use]
pub fn draw(points: &[PointResult], from: &PointResult) -> Vec<Picture> {
    let all = fields(points).into_iter().filter(|field| {
        let values = values(points, field);
        values.len() > 1 && values[0].is_number()
    });
    all.map(|field| picture(points, from, &field)).collect()
}

fn picture(points: &[PointResult], from: &PointResult, field: &str) -> Picture {
    let [svg, narrow] = LAYOUTS.map(|layout| draw_in(layout, points, from, field));
    Picture {
        name: format!("sensitivity-{field}"),
        title: format!("Cycles against {}", text::field(field)),
        caption: format!(
            "The strong curve has the other fields at the values in the key; the pale ones have them at all others. Where the dashed bound meets the curve, it is proved optimal. Cycles are those of {}.",
            if from.planned.is_some() {
                "the planned step"
            } else {
                "all layers, each mapped alone"
            }
        ),
        svg,
        narrow: Some(narrow),
    }
}

/// The frame of a layout, whose horizontal axis has these values.
fn frame(layout: Layout, points: &[PointResult], field: &str, values: &[Value]) -> Frame {
    let texts = values.iter().map(|value| text::value(field, value));
    let cycles = points
        .iter()
        .flat_map(|p| [p.step_cycles(), Some(p.step_lower_bound_cycles())]);
    let cycles: Vec<f64> = cycles.flatten().filter(|&c| c > 0).map(real).collect();
    Frame {
        left: 80,
        top: 16,
        right: layout.right,
        bottom: HEIGHT - 50,
        x: Axis::places(&text::field(field), texts.collect()),
        y: Axis::logarithmic("cycles", cycles.into_iter(), &text::short),
    }
}

fn draw_in(layout: Layout, points: &[PointResult], from: &PointResult, field: &str) -> String {
    let values = values(points, field);
    let frame = frame(layout, points, field, &values);
    let place = |point: &PointResult, cycles: Option<u128>| {
        let is_own = |value: &&Value| point.vary.get(field) == Some(*value);
        let place = values.iter().position(|value| is_own(&value))?;
        let place = f64::from(u32::try_from(place).ok()?);
        Some(frame.at(place, real(cycles.filter(|&c| c > 0)?)))
    };
    let curve = |from: &PointResult, of: &dyn Fn(&PointResult) -> Option<u128>| {
        let all = along(points, from, field).into_iter();
        let mut own: Vec<(i32, i32)> = all.filter_map(|point| place(point, of(point))).collect();
        own.sort_unstable();
        own
    };
    svg(layout.width, layout.height(from), |sheet| {
        frame.draw(sheet);
        let others = points
            .iter()
            .filter(|p| p.vary.get(field) == values.first());
        for other in others.take(MOST_CURVES) {
            sheet.line(&curve(other, &|p| p.step_cycles()), PALE, 1);
        }
        let any = curve(from, &|p| Some(p.step_lower_bound_cycles()));
        sheet.dashes(&any, GREY, 2.0);
        sheet.line(&curve(from, &|p| p.step_cycles()), SERIES[0], 2);
        let bound = curve(from, &|p| Some(p.step_bound_cycles()));
        sheet.dashes(&bound, SERIES[1], 7.0);
        for point in along(points, from, field) {
            if let Some(at) = place(point, point.step_cycles()) {
                sheet.mark("", &tip(point), || sheet.dot(at, 4, SERIES[0]));
            }
        }
        legend(sheet, from, field, layout.key);
    })
}

/// What a point says.
fn tip(point: &PointResult) -> String {
    format!(
        "{}\n{} cycles, at least {}",
        text::point(&point.vary),
        grouped(point.step_cycles().unwrap_or(0)),
        grouped(point.step_bound_cycles())
    )
}

impl Layout {
    /// The height of the picture, with its key where that stands below.
    fn height(self, from: &PointResult) -> i32 {
        if self.key.0 > self.right {
            return HEIGHT;
        }
        let others = from.vary.len().saturating_sub(1);
        self.key.1 + KEY + VALUE * i32::try_from(others).unwrap_or(0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
fn real(cycles: u128) -> f64 {
    cycles as f64
}

/// What the curves are, and the values of the other fields, from a place on.
fn legend(sheet: &Sheet, from: &PointResult, field: &str, (left, top): (i32, i32)) {
    let names = [
        "cycles",
        "proved bound",
        "bound for any mapping",
        "cycles, other fields varied",
    ];
    let ends = |line: i32| [left, left + 32].map(|x| (x, top + 20 * line));
    sheet.line(&ends(0), SERIES[0], 2);
    sheet.dashes(&ends(1), SERIES[1], 7.0);
    sheet.dashes(&ends(2), GREY, 2.0);
    sheet.line(&ends(3), PALE, 1);
    for (number, name) in (0..).zip(names) {
        let at = (left + 40, top + 20 * number);
        sheet.text(name, at, SMALL + 1, INK, Anchor::Left);
    }
    let mut y = top + KEY;
    for (name, value) in from.vary.iter().filter(|(name, _)| *name != field) {
        sheet.text(&text::field(name), (left, y), SMALL, GREY, Anchor::Left);
        let own = text::value(name, value);
        sheet.text(&own, (left, y + 15), SMALL + 1, INK, Anchor::Left);
        y += VALUE;
    }
}

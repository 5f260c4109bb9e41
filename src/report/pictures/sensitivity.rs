//! How the cycles depend on one field, with what was proved of them.

use super::Picture;
use super::axes::{Axis, Frame};
use super::select::{along, fields, values};
use super::sheet::{Anchor, GREY, INK, PALE, SERIES, SMALL, Sheet, svg};
use super::text;
use crate::problem::sweep::PointResult;
use crate::report::numbers::grouped;

/// Other choices of the remaining fields whose curves are drawn pale, at most.
const MOST_CURVES: usize = 400;
const WIDTH: i32 = 900;
const HEIGHT: i32 = 400;

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
    let values = values(points, field);
    let texts = values.iter().map(|value| text::value(field, value));
    let x = Axis::places(&text::field(field), texts.collect());
    let cycles = points
        .iter()
        .flat_map(|p| [p.step_cycles(), Some(p.step_lower_bound_cycles())]);
    let cycles: Vec<f64> = cycles.flatten().filter(|&c| c > 0).map(real).collect();
    let y = Axis::logarithmic("cycles", cycles.into_iter(), &text::short);
    let frame = Frame {
        left: 80,
        top: 16,
        right: 640,
        bottom: HEIGHT - 50,
        x,
        y,
    };
    let place = |point: &PointResult, cycles: Option<u128>| {
        let is_own = |value: &&serde_json::Value| point.vary.get(field) == Some(*value);
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
    let svg = svg(WIDTH, HEIGHT, |sheet| {
        frame.draw(sheet);
        let others = points
            .iter()
            .filter(|p| p.vary.get(field) == values.first());
        for other in others.take(MOST_CURVES) {
            sheet.line(&curve(other, &|p| p.step_cycles()), PALE, 1);
        }
        sheet.dashes(
            &curve(from, &|p| Some(p.step_lower_bound_cycles())),
            GREY,
            2.0,
        );
        let found = curve(from, &|p| p.step_cycles());
        sheet.line(&found, SERIES[0], 2);
        sheet.dashes(
            &curve(from, &|p| Some(p.step_bound_cycles())),
            SERIES[1],
            7.0,
        );
        for point in along(points, from, field) {
            let cycles = point.step_cycles();
            if let (Some(at), Some(cycles)) = (place(point, cycles), cycles) {
                let vary = text::point(&point.vary);
                let tip = format!(
                    "{vary}\n{} cycles, at least {}",
                    grouped(cycles),
                    grouped(point.step_bound_cycles())
                );
                sheet.mark("", &tip, || sheet.dot(at, 4, SERIES[0]));
            }
        }
        legend(sheet, from, field);
    });
    Picture {
        name: format!("sensitivity-{field}"),
        title: format!("Cycles against {}", text::field(field)),
        caption: "The strong curve has the other fields at the values on the right; the pale ones have them at all others. Where the dashed bound meets the curve, it is proved optimal.".to_owned(),
        svg,
        narrow: None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
fn real(cycles: u128) -> f64 {
    cycles as f64
}

fn legend(sheet: &Sheet, from: &PointResult, field: &str) {
    let names = [
        "cycles",
        "proved bound",
        "bound for any mapping",
        "cycles, other fields varied",
    ];
    let ends = |y: i32| [(664, y), (696, y)];
    sheet.line(&ends(30), SERIES[0], 2);
    sheet.dashes(&ends(50), SERIES[1], 7.0);
    sheet.dashes(&ends(70), GREY, 2.0);
    sheet.line(&ends(90), PALE, 1);
    for (number, name) in (0..).zip(names) {
        let at = (704, 30 + 20 * number);
        sheet.text(name, at, SMALL + 1, INK, Anchor::Left);
    }
    let mut y = 124;
    for (name, value) in from.vary.iter().filter(|(name, _)| *name != field) {
        sheet.text(&text::field(name), (664, y), SMALL, GREY, Anchor::Left);
        let own = text::value(name, value);
        sheet.text(&own, (664, y + 15), SMALL + 1, INK, Anchor::Left);
        y += 38;
    }
}

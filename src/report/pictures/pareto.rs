//! Points of which no other one has less of both: cycles against capacity, cycles against energy.

use super::Picture;
use super::axes::{Axis, Frame};
use super::select::values;
use super::sheet::{self, Anchor, GREY, INK, PALE, SERIES, SMALL, Sheet, shortened, svg};
use super::text;
use crate::problem::sweep::PointResult;
use crate::report::numbers::grouped;

/// Width in pixels, and that for narrow screens.
const WIDTHS: [i32; 2] = [900, 360];
const PLOT: i32 = 420;
const LINE: i32 = 17;
/// Points of the front that are named.
const MOST_NAMED: usize = 25;

/// A point with what it costs.
struct Spot<'a> {
    cost: f64,
    cycles: f64,
    point: &'a PointResult,
}

/// Cycles against the capacity of each memory whose capacity is varied.
#[must_use]
pub fn capacities(points: &[PointResult]) -> Vec<Picture> {
    let Some(first) = points.first() else {
        return Vec::new();
    };
    let varied = first
        .vary
        .keys()
        .filter(|field| field.ends_with(".capacity_bytes") && values(points, field).len() > 1);
    let pictures = varied.map(|field| {
        let memory = field.trim_end_matches(".capacity_bytes");
        let own = |point: &PointResult| point.vary.get(field).and_then(serde_json::Value::as_f64);
        let all = values(points, field);
        let ticks = all.iter().filter_map(|value| {
            let bytes = value.as_f64()?;
            Some((bytes, text::bytes(bytes)))
        });
        let ticks: Vec<(f64, String)> = ticks.collect();
        let name = format!("{memory} capacity");
        let [svg, narrow] = draw(points, &own, &|values| {
            Axis::logarithmic(&name, values, &text::bytes).with_ticks(ticks.clone())
        });
        Picture {
            name: format!("pareto-{memory}"),
            title: format!("Cycles against {memory} capacity"),
            caption: format!("The front, {CAPTION}"),
            svg,
            narrow: Some(narrow),
        }
    });
    pictures.collect()
}

/// Cycles against energy, where the hardware gives energies and several points have them.
#[must_use]
pub fn energy(points: &[PointResult]) -> Option<Picture> {
    let with = points
        .iter()
        .filter(|p| p.energy_pj.is_some_and(|e| e > 0.0));
    if with.count() < 2 {
        return None;
    }
    let [svg, narrow] = draw(
        points,
        &|point| point.energy_pj.filter(|&e| e > 0.0),
        &|values| {
            let millijoules = |pj: f64| text::short(pj / 1e9);
            Axis::logarithmic("energy (mJ)", values, &millijoules)
        },
    );
    Some(Picture {
        name: "pareto-energy".to_owned(),
        title: "Cycles against energy".to_owned(),
        caption: format!("Each point is mapped for what the sweep minimises. The front, {CAPTION}"),
        svg,
        narrow: Some(narrow),
    })
}

const CAPTION: &str = "where no other point has both fewer cycles and less of the other, is numbered and joined; all other points are grey.";

/// What makes the horizontal axis of these values.
type MakeAxis<'a> = dyn Fn(std::vec::IntoIter<f64>) -> Axis + 'a;

/// The picture in each width.
#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
fn draw(
    points: &[PointResult],
    cost: &dyn Fn(&PointResult) -> Option<f64>,
    axis: &MakeAxis,
) -> [String; 2] {
    let spots = points.iter().filter_map(|point| {
        Some(Spot {
            cost: cost(point)?,
            cycles: point.step_cycles().filter(|&c| c > 0)? as f64,
            point,
        })
    });
    let spots: Vec<Spot<'_>> = spots.collect();
    WIDTHS.map(|width| picture(&spots, axis, width))
}

/// The picture in a width.
fn picture(spots: &[Spot], axis: &MakeAxis, width: i32) -> String {
    let front = front(spots);
    let named = front.len().min(MOST_NAMED);
    let costs: Vec<f64> = spots.iter().map(|spot| spot.cost).collect();
    let cycles: Vec<f64> = spots.iter().map(|spot| spot.cycles).collect();
    let frame = Frame {
        left: 80,
        top: 16,
        right: width - 20,
        bottom: PLOT - 50,
        x: axis(costs.into_iter()),
        y: Axis::logarithmic("cycles", cycles.into_iter(), &text::short),
    };
    let height = PLOT + LINE * i32::try_from(named).unwrap_or(0) + 10;
    svg(width, height, |sheet| {
        frame.draw(sheet);
        for spot in spots {
            sheet.mark("", &tip(spot), || {
                sheet.dot(frame.at(spot.cost, spot.cycles), 3, GREY);
            });
        }
        let places: Vec<(i32, i32)> = front.iter().map(|s| frame.at(s.cost, s.cycles)).collect();
        let mut steps = Vec::new();
        for pair in places.windows(2) {
            steps.extend([pair[0], (pair[1].0, pair[0].1), pair[1]]);
        }
        sheet.line(&steps, SERIES[1], 2);
        for (number, (spot, at)) in (1_i32..).zip(front.iter().zip(&places)).take(named) {
            sheet.mark("", &tip(spot), || sheet.dot(*at, 5, SERIES[0]));
            let beside = (at.0 + 9, at.1 - 10);
            sheet.text(&number.to_string(), beside, SMALL + 1, INK, Anchor::Left);
            line(sheet, spot, number, width);
        }
    })
}

/// The line below the picture that says which point a number is.
fn line(sheet: &Sheet, spot: &Spot, number: i32, width: i32) {
    let indent = if width < WIDTHS[0] { 0 } else { 40 };
    let y = PLOT + LINE * (number - 1) + 4;
    let below = y + LINE / 2;
    sheet.line(&[(indent, below), (width - 20, below)], PALE, 1);
    let at = (indent + 20, y);
    sheet.text(&number.to_string(), at, SMALL + 1, INK, Anchor::Right);
    let cycles = format!("{} cycles", text::short(spot.cycles));
    sheet.text(&cycles, (width - 24, y), SMALL + 1, INK, Anchor::Right);
    let room = width - 24 - sheet::width(&cycles, SMALL + 1) - indent - 40;
    let what = text::point(&spot.point.vary);
    let what = shortened(&what, SMALL + 1, room).unwrap_or_default();
    sheet.text(&what, (indent + 30, y), SMALL + 1, INK, Anchor::Left);
}

/// What a spot says.
fn tip(spot: &Spot<'_>) -> String {
    let cycles = grouped(spot.point.step_cycles().unwrap_or(0));
    format!("{}\n{cycles} cycles", text::point(&spot.point.vary))
}

/// The spots of which no other one has less of one and no more of the other, by cost.
fn front<'a, 'b>(spots: &'b [Spot<'a>]) -> Vec<&'b Spot<'a>> {
    let mut all: Vec<&Spot<'a>> = spots.iter().collect();
    all.sort_by(|a, b| {
        a.cost
            .total_cmp(&b.cost)
            .then(a.cycles.total_cmp(&b.cycles))
    });
    let mut least = f64::INFINITY;
    all.retain(|spot| {
        let better = spot.cycles < least;
        least = least.min(spot.cycles);
        better
    });
    all
}

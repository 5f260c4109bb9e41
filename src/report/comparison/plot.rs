//! Quality against time: for each mapper how good its best mappings are after so many seconds.
//!
//! A point is the geometric mean, over all distinct layers, of the cycles that the mapper has
//! reached in so much time for each of them, over the reference. A line begins where every layer
//! that the mapper can map at all has a mapping. The exact mapper's bound closes in from below.

use std::fmt::Display;

use anyhow::anyhow;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::super::pictures::sheet::{GREY, SERIES};
use super::ratio::ratio_text;
use crate::problem::comparison::{Attempt, Comparison, Part};

/// Width and height of the picture in pixels.
const SIZE: (u32, u32) = (1040, 600);
/// Width of the key.
const KEY: u32 = 270;
/// The largest ratio that is shown: what is above it is drawn at the edge.
const MOST_RATIO: f64 = 10.0;
/// The smallest ratio, of bounds.
const LEAST_RATIO: f64 = 0.5;
/// Ratios that get a line and a number.
const TICKS: [f64; 13] = [
    0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0,
];
/// One line of the picture.
struct Line {
    label: String,
    colour: RGBColor,
    dashed: bool,
    width: u32,
    /// Seconds and ratios, in time.
    points: Vec<(f64, f64)>,
}

/// The picture.
///
/// # Errors
/// If it cannot be drawn.
pub fn svg(results: &[Comparison]) -> anyhow::Result<String> {
    let mut text = String::new();
    let lines = lines(results);
    {
        let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        root.fill(&WHITE).map_err(failed)?;
        let (chart, key) = root.split_horizontally(SIZE.0 - KEY);
        draw(&chart, results, &lines).map_err(failed)?;
        draw_key(&key, &lines).map_err(failed)?;
        root.present().map_err(failed)?;
    }
    Ok(text)
}

fn failed(error: impl Display) -> anyhow::Error {
    anyhow!("cannot draw the picture: {error}")
}

/// When a part of the search reached what: seconds and cycles.
type Course = Vec<(f64, u128)>;

/// The lines, the exact mapper's and its bound first, the others by what they reach.
fn lines(results: &[Comparison]) -> Vec<Line> {
    let mappers = results.first().map_or(&[][..], |own| &own.mappers);
    let mut lines: Vec<Line> = Vec::new();
    let mut bounds: Vec<Line> = Vec::new();
    let mut heuristics = 0;
    for (index, mapper) in mappers.iter().enumerate() {
        let exact = proves(results, index);
        let colour = if exact { BLACK } else { colour(heuristics) };
        let found = |part: &Part| -> Course {
            let own = part.attempts[index].improvements.iter();
            own.map(|i| (i.seconds, i.cycles)).collect()
        };
        let proved = |part: &Part| -> Course {
            let own = part.attempts[index].bounds.iter();
            own.map(|b| (b.seconds, b.cycles)).collect()
        };
        let points = means(results, &found);
        if let Some(last) = points.last() {
            lines.push(Line {
                label: format!("{} {}", mapper.name, ratio_text(last.1)),
                colour,
                dashed: !exact && heuristics >= SERIES.len(),
                width: if exact { 3 } else { 2 },
                points,
            });
        }
        let points = means(results, &proved);
        if !points.is_empty() {
            bounds.push(Line {
                label: format!("{}: bound", mapper.name),
                colour,
                dashed: true,
                width: 3,
                points,
            });
        }
        heuristics += usize::from(!exact);
    }
    lines.sort_by(|a, b| last(b).total_cmp(&last(a)));
    lines.extend(bounds);
    lines
}

/// The colour of a heuristic, first as a whole line and then dashed. The palest of the series gives
/// way to a grey; the exact mapper is black.
fn colour(heuristic: usize) -> RGBColor {
    let all = SERIES.split_last().map_or(&[][..], |(_, others)| others);
    let (red, green, blue) = all.get(heuristic % SERIES.len()).unwrap_or(&GREY).parts();
    RGBColor(red, green, blue)
}

/// Whether a mapper proves bounds.
fn proves(results: &[Comparison], mapper: usize) -> bool {
    let layers = results.iter().flat_map(|result| &result.layers);
    let mut parts = layers.flat_map(|layer| &layer.parts);
    parts.any(|part| part.attempts[mapper].bound_cycles.is_some())
}

/// What the picture shows: ratios to optima, or where layers are open to the fewest cycles found.
fn title(results: &[Comparison]) -> String {
    let hardware = results.first().map_or("", |own| &own.hardware.name);
    let what = match results {
        [only] => only.network.clone(),
        all => format!("{} networks", all.len()),
    };
    let references = results.iter().flat_map(|own| {
        let mappers = own.mappers.len();
        own.distinct().map(move |layer| layer.reference(mappers))
    });
    let proved: Vec<bool> = references.map(|reference| reference.1).collect();
    let (layers, proved) = (proved.len(), proved.into_iter().filter(|own| *own).count());
    if proved == layers {
        return format!("{what} on {hardware}: cycles over the optimum");
    }
    format!(
        "{what} on {hardware}: cycles over the fewest found ({proved} of {layers} layers proved optimal)"
    )
}

fn last(line: &Line) -> f64 {
    line.points.last().map_or(0.0, |p| p.1)
}

/// The geometric mean over layers of what their courses have reached, over the reference, at every
/// time at which one of them changes.
#[expect(clippy::cast_precision_loss, reason = "points of a picture")]
fn means(results: &[Comparison], course: &dyn Fn(&Part) -> Course) -> Vec<(f64, f64)> {
    let mut steps: Vec<(f64, usize, f64)> = Vec::new();
    let mut parts = 0;
    for layer in results.iter().flat_map(Comparison::distinct) {
        for part in &layer.parts {
            let all = part.attempts.iter().filter_map(Attempt::cycles);
            let (Some(best), own) = (all.min(), course(part)) else {
                continue;
            };
            if own.is_empty() || best == 0 {
                continue;
            }
            steps.extend(
                own.iter()
                    .map(|s| (s.0.max(EARLIEST), parts, s.1 as f64 / best as f64)),
            );
            parts += 1;
        }
    }
    steps.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut reached: Vec<Option<f64>> = vec![None; parts];
    let mut points = Vec::new();
    for (seconds, part, ratio) in steps {
        reached[part] = Some(ratio.ln());
        let all: Option<f64> = reached.iter().copied().sum();
        if let Some(sum) = all {
            points.push((seconds, (sum / parts as f64).exp()));
        }
    }
    points
}

/// The earliest time that is shown, in seconds.
const EARLIEST: f64 = 1e-4;

fn draw<'a>(
    area: &DrawingArea<SVGBackend<'a>, Shift>,
    results: &[Comparison],
    lines: &[Line],
) -> Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>> {
    let ends = lines.iter().filter_map(|l| l.points.last());
    let end = ends.map(|p| p.0).fold(10.0 * EARLIEST, f64::max) * 1.5;
    let ratios = || lines.iter().flat_map(|l| &l.points).map(|p| p.1);
    let low = ratios().fold(1.0, f64::min).max(LEAST_RATIO) * 0.97;
    let high = (ratios().fold(1.05, f64::max)).min(MOST_RATIO) * 1.03;
    let mut chart = ChartBuilder::on(area)
        .caption(title(results), ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(48)
        .y_label_area_size(64)
        .build_cartesian_2d((EARLIEST..end).log_scale(), low.ln()..high.ln())?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.1))
        .x_desc("seconds of each layer's search (logarithmic)")
        .x_label_formatter(&|seconds| format!("{seconds}"))
        .y_labels(0)
        .y_desc("geometric mean of the layers (logarithmic)")
        .label_style(("sans-serif", 14))
        .draw()?;
    let ticks = TICKS.into_iter().filter(|t| (low..=high).contains(t));
    for tick in ticks {
        let strength = if (tick - 1.0).abs() < 1e-9 { 0.6 } else { 0.12 };
        let ends = vec![(EARLIEST, tick.ln()), (end, tick.ln())];
        chart.draw_series([PathElement::new(ends, BLACK.mix(strength))])?;
        let style = ("sans-serif", 14)
            .into_text_style(area)
            .pos(Pos::new(HPos::Right, VPos::Center));
        let place = chart.backend_coord(&(EARLIEST, tick.ln()));
        area.draw_text(&format!("{tick}"), &style, (place.0 - 8, place.1))?;
    }
    for line in lines {
        let points = stairs(&line.points, end, (low, high));
        let style = line.colour.stroke_width(line.width);
        if line.dashed {
            chart.draw_series(DashedLineSeries::new(points, 8, 5, style))?;
        } else {
            chart.draw_series(LineSeries::new(points, style))?;
        }
    }
    Ok(())
}

/// A line that stays where it is until the next point, in logarithms of ratios.
fn stairs(points: &[(f64, f64)], end: f64, (low, high): (f64, f64)) -> Vec<(f64, f64)> {
    let mut found: Vec<(f64, f64)> = Vec::new();
    for &(seconds, ratio) in points {
        let ratio = ratio.clamp(low, high).ln();
        if let Some(&(_, before)) = found.last() {
            found.push((seconds, before));
        }
        found.push((seconds, ratio));
    }
    found.extend(found.last().copied().map(|(_, ratio)| (end, ratio)));
    found
}

/// The key: every line with the ratio that it ends at, the best last, as they stand in the picture.
fn draw_key<'a>(
    area: &DrawingArea<SVGBackend<'a>, Shift>,
    lines: &[Line],
) -> Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>> {
    let text = ("sans-serif", 14)
        .into_text_style(area)
        .pos(Pos::new(HPos::Left, VPos::Center));
    area.draw_text("geometric mean at the end", &text, (8, 46))?;
    let mut height = 70;
    for line in lines {
        let style = line.colour.stroke_width(line.width);
        let pieces: &[(i32, i32)] = if line.dashed {
            &[(8, 16), (22, 30), (36, 44)]
        } else {
            &[(8, 44)]
        };
        for &(from, to) in pieces {
            area.draw(&PathElement::new(vec![(from, height), (to, height)], style))?;
        }
        area.draw_text(&line.label, &text, (54, height))?;
        height += 24;
    }
    if lines
        .iter()
        .flat_map(|l| &l.points)
        .any(|p| p.1 > MOST_RATIO)
    {
        let note = format!("above {MOST_RATIO}: at the upper edge");
        area.draw_text(&note, &text, (8, height + 12))?;
    }
    Ok(())
}

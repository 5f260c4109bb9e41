//! Utilization of every layer at every point, as a map of colours: in the planned step where there is one.

use super::Picture;
use super::select::fields;
use super::sheet::{Anchor, Colour, GREY, INK, LETTERS, PALE, SMALL, Sheet, pixel, svg, width};
use super::step::{Swept, swept};
use super::text;
use super::tip;
use crate::problem::sweep::{LayerResult, PointResult};

/// Stops of cividis, which looks alike with any kind of colour vision (Nuñez, Anderton & Renslow
/// 2018, PLOS ONE 13(7)), from no utilization to full.
const STOPS: [(u8, u8, u8); 6] = [
    (0, 34, 78),
    (50, 67, 108),
    (102, 105, 112),
    (144, 139, 120),
    (195, 178, 103),
    (254, 232, 56),
];
const LEFT: i32 = 190;
const TOP: i32 = 46;
const ROW: i32 = 22;
const STRIP: i32 = 20;
/// Width of the map where the points allow it, and the least of a column.
const MAP: i32 = 690;
const LEAST_COLUMN: i32 = 4;
/// Width of the scale of colours, and where columns are narrow.
const SCALE: i32 = 200;
const NARROW_SCALE: i32 = 150;
/// Up to so many points every column is at least so wide that its values can be read.
const WITH_VALUES: usize = 100;
const COLUMN_WITH_VALUE: i32 = 25;

/// Draws all points; `None` where no layer multiplies.
#[must_use]
pub fn draw(points: &[PointResult]) -> Option<Picture> {
    let rows = rows(points);
    if rows.is_empty() {
        return None;
    }
    let least = if points.len() <= WITH_VALUES {
        COLUMN_WITH_VALUE
    } else {
        LEAST_COLUMN
    };
    let column = (MAP / count(points.len()).max(1)).max(least);
    let shown: Vec<Swept> = points.iter().map(swept).collect();
    let map = |column: i32| map((points, &shown), &rows, column);
    let narrow = (column > COLUMN_WITH_VALUE).then(|| map(COLUMN_WITH_VALUE));
    Some(Picture {
        name: "utilization".to_owned(),
        title: "Utilization of every layer at every point".to_owned(),
        caption: format!(
            "Each column is a point, whose values stand below it; each row a layer, {}. Numbers are per cent of the multiply-accumulate slots; grey is a layer without a mapping.",
            steps(&shown).1
        ),
        svg: map(column),
        narrow,
    })
}

/// What the layers are shown in, in two or three words, and as a part of a sentence.
fn steps(shown: &[Swept]) -> (&'static str, String) {
    let alone = shown
        .iter()
        .filter(|own| own.point.planned.is_none())
        .count();
    match alone {
        0 => ("in the planned step", "in the planned step".to_owned()),
        _ if alone == shown.len() => ("of each layer alone", "mapped alone".to_owned()),
        _ => (
            "in planned steps",
            format!("in the planned step, but mapped alone at the {alone} points without a plan"),
        ),
    }
}

/// The map with columns of a width.
fn map((points, shown): (&[PointResult], &[Swept]), rows: &[&str], column: i32) -> String {
    let fields = fields(points);
    let bottom = TOP + ROW * count(rows.len());
    let heights = fields.iter();
    let heights: Vec<i32> = heights
        .map(|own| strip_height(points, own, column))
        .collect();
    let height = bottom + heights.iter().sum::<i32>() + 16;
    let scale_width = if column <= COLUMN_WITH_VALUE {
        NARROW_SCALE
    } else {
        SCALE
    };
    let width = (LEFT + column * count(points.len())).max(LEFT + scale_width) + 20;
    svg(width, height, |sheet| {
        scale(sheet, steps(shown).0, scale_width);
        for (index, name) in rows.iter().enumerate() {
            row(sheet, shown, name, (TOP + ROW * count(index), column));
        }
        let mut y = bottom;
        for (field, own) in fields.iter().zip(&heights) {
            strip(sheet, points, field, column, (y, *own));
            y += own;
        }
    })
}

/// A layer at every point, at a height, in columns of a width.
fn row(sheet: &Sheet, shown: &[Swept], name: &str, (y, column): (i32, i32)) {
    let at = (LEFT - 8, y + ROW / 2);
    sheet.text(&text::operation(name), at, SMALL + 1, INK, Anchor::Right);
    for (place, Swept { point, notes }) in shown.iter().enumerate() {
        let x = LEFT + column * count(place);
        let own = point.layers.iter().find(|layer| layer.name == name);
        let named = own.map_or_else(
            || text::operation(name),
            |layer| tip::of_layer(layer, point, notes),
        );
        let tip = format!("{named}\n{}", text::point(&point.vary));
        sheet.mark(name, &tip, || cell(sheet, (x, y), column, own));
    }
}

/// A number of rows or columns.
fn count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(10_000)
}

/// The operations that multiply, in the order in which they first come.
fn rows(points: &[PointResult]) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for layer in points.iter().flat_map(|point| &point.layers) {
        if layer.box_macs > 0 && !all.contains(&layer.name.as_str()) {
            all.push(&layer.name);
        }
    }
    all
}

/// The colour of a part between 0 and 1.
fn colour(part: f64) -> Colour {
    let place = part.clamp(0.0, 1.0) * 5.0;
    let low = STOPS
        .len()
        .min(usize::try_from(pixel(place.floor())).unwrap_or(0))
        .min(4);
    let within = place - f64::from(i32::try_from(low).unwrap_or(0));
    let (a, b) = (STOPS[low], STOPS[low + 1]);
    let mix = |a: u8, b: u8| {
        let value = f64::from(a) + (f64::from(b) - f64::from(a)) * within;
        u8::try_from(pixel(value)).unwrap_or(u8::MAX)
    };
    Colour(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

fn cell(sheet: &Sheet, (x, y): (i32, i32), column: i32, layer: Option<&LayerResult>) {
    let gap = i32::from(column > 8);
    let part = layer.and_then(|layer| layer.utilization);
    let fill = part.map_or(PALE, colour);
    sheet.area((x, y), (x + column - gap, y + ROW - 1), fill);
    let Some(part) = part else { return };
    let percent = part * 100.0;
    let number = if percent < 9.95 {
        format!("{percent:.1}")
    } else {
        format!("{percent:.0}")
    };
    if width(&number, SMALL) + 4 <= column {
        let middle = (x + column / 2, y + ROW / 2);
        sheet.text(&number, middle, SMALL, fill.letters(), Anchor::Middle);
    }
}

/// The scale of colours in a width, and what the layers are shown in.
fn scale(sheet: &Sheet, step: &str, width: i32) {
    sheet.text("utilization", (LEFT - 8, 18), LETTERS, INK, Anchor::Right);
    sheet.text(step, (LEFT - 24, 33), SMALL, GREY, Anchor::Right);
    let place = |percent: i32| LEFT + width * percent / 100;
    for percent in 0..100 {
        let ends = [(place(percent), 10), (place(percent + 1), 24)];
        sheet.area(ends[0], ends[1], colour(f64::from(percent) / 99.0));
    }
    for percent in [0, 50, 100] {
        let at = (place(percent), 33);
        sheet.text(&format!("{percent} %"), at, SMALL, INK, Anchor::Middle);
    }
}

/// Runs of points with the same value: where each begins, how long it is, and its text.
fn runs(points: &[PointResult], field: &str) -> Vec<(usize, usize, String)> {
    let mut runs: Vec<(usize, usize, String)> = Vec::new();
    let mut before = None;
    for (place, point) in points.iter().enumerate() {
        let value = point.vary.get(field);
        match runs.last_mut() {
            Some(run) if value == before => run.1 += 1,
            _ => runs.push((
                place,
                1,
                value.map_or_else(String::new, |v| text::value(field, v)),
            )),
        }
        before = value;
    }
    runs
}

/// Whether all texts of a field fit beneath their runs.
fn fits(points: &[PointResult], field: &str, column: i32) -> bool {
    let mut runs = runs(points, field).into_iter();
    runs.all(|(_, length, text)| {
        width(&text, SMALL) + 4 <= column * i32::try_from(length).unwrap_or(1)
    })
}

/// The values of a field that come round again and again, where no text has room beneath its run:
/// said once in place of a text for each run.
fn round(points: &[PointResult], field: &str, column: i32) -> Option<Vec<String>> {
    let runs = runs(points, field);
    let narrow = |run: &(usize, usize, String)| column * i32::try_from(run.1).unwrap_or(1) <= SMALL;
    let again = runs.iter().skip(1).position(|run| run.2 == runs[0].2)? + 1;
    let values: Vec<String> = runs[..again].iter().map(|run| run.2.clone()).collect();
    let mut places = runs.iter().enumerate();
    let cyclic = places
        .all(|(place, run)| narrow(run) && run.1 == runs[0].1 && run.2 == values[place % again]);
    cyclic.then_some(values)
}

/// The height of a field's strip: of upright texts where they do not fit otherwise.
fn strip_height(points: &[PointResult], field: &str, column: i32) -> i32 {
    if fits(points, field, column) || round(points, field, column).is_some() {
        return STRIP;
    }
    let longest = runs(points, field)
        .into_iter()
        .map(|run| width(&run.2, SMALL));
    longest.max().unwrap_or(0) + 12
}

/// The values of a field below the columns, once for each run of the same value.
fn strip(sheet: &Sheet, points: &[PointResult], field: &str, column: i32, (y, height): (i32, i32)) {
    let level = fits(points, field, column);
    sheet.text(
        &text::field(field),
        (LEFT - 8, y + height / 2),
        SMALL,
        INK,
        Anchor::Right,
    );
    if let Some(values) = round(points, field, column) {
        let text = format!("again and again, from left to right: {}", values.join(", "));
        sheet.text(&text, (LEFT, y + height / 2), SMALL, INK, Anchor::Left);
        return;
    }
    let mut free = i32::MIN;
    for (place, length, text) in runs(points, field) {
        let x = LEFT + column * i32::try_from(place).unwrap_or(0);
        let wide = column * i32::try_from(length).unwrap_or(1);
        sheet.line(&[(x, y + 2), (x, y + height)], GREY, 1);
        let middle = x + wide / 2;
        if level {
            sheet.text(&text, (middle, y + height / 2), SMALL, INK, Anchor::Middle);
        } else if middle - SMALL / 2 > free {
            sheet.text(&text, (middle, y + 6), SMALL, INK, Anchor::UpEnd);
            free = middle + SMALL / 2 + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points of so many sizes by each of these dataflows.
    fn points(sizes: u64, dataflows: &[&str]) -> Vec<PointResult> {
        let one = |size: u64, dataflow: &str| {
            serde_json::from_value(serde_json::json!({
                "vary": {"pe.size": size, "dataflow": dataflow},
                "network": "n", "hardware": "h", "mode": "inference", "batch": 1,
                "objective": "cycles", "elements": 1, "capacity_bytes": {}, "status": "optimal",
                "cycles": 1, "bound_cycles": 1, "lower_bound_cycles": 1, "gap": 0.0,
                "utilization": 1.0, "energy_pj": null, "layers": [], "seconds": 0.0,
            }))
        };
        let all = (0..sizes).flat_map(|size| dataflows.iter().map(move |own| one(size, own)));
        all.collect::<Result<_, _>>().expect("points")
    }

    #[test]
    fn values_that_come_round_in_narrow_columns_are_said_once() {
        let mut points = points(3, &["any", "row_stationary"]);
        let found = round(&points, "dataflow", LEAST_COLUMN);
        assert_eq!(found.as_deref().map(<[String]>::len), Some(2), "{found:?}");
        assert_eq!(round(&points, "dataflow", 40), None, "there is room");
        assert_eq!(
            round(&points, "pe.size", LEAST_COLUMN),
            None,
            "none comes again"
        );
        points.remove(2);
        assert_eq!(
            round(&points, "dataflow", LEAST_COLUMN),
            None,
            "out of step"
        );
    }
}

//! A sheet in pixels on which pictures are drawn, with the colours and letters of all of them.

use std::io;

use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::prelude::{
    Color, DrawingArea, IntoDrawingArea, IntoFont, RGBAColor, RGBColor, SVGBackend, ShapeStyle,
    TextStyle,
};
use plotters::style::FontTransform;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Colours that people with any kind of colour vision tell apart: Okabe & Ito 2008,
/// "Color Universal Design", in an order of falling contrast to white.
pub(super) const SERIES: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(240, 228, 66),
];
/// Letters and axes.
pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
/// What stands back: grids and unimportant curves.
pub(super) const PALE: RGBColor = RGBColor(205, 205, 205);
/// Between the two.
pub(super) const GREY: RGBColor = RGBColor(120, 120, 120);
/// The sheet itself.
pub(super) const PAPER: RGBColor = RGBColor(255, 255, 255);

/// Size of ordinary letters in pixels.
pub(super) const LETTERS: i32 = 13;
/// Size of letters in narrow places.
pub(super) const SMALL: i32 = 11;

/// Where a text stands in relation to its point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// It begins there.
    Left,
    /// It ends there.
    Right,
    /// Its middle is there.
    Middle,
    /// It runs upwards, and ends there.
    UpEnd,
    /// It runs upwards, and its middle is there.
    UpMiddle,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The sheet.
pub(super) struct Sheet<'a> {
    area: Area<'a>,
    failure: std::cell::RefCell<Option<io::Error>>,
}

/// The SVG text of what is drawn on a sheet of this many pixels.
///
/// # Errors
/// What the backend could not draw.
pub(super) fn svg(width: i32, height: i32, draw: impl FnOnce(&Sheet<'_>)) -> io::Result<String> {
    let mut text = String::new();
    {
        let size = (width.unsigned_abs(), height.unsigned_abs());
        let sheet = Sheet {
            area: SVGBackend::with_string(&mut text, size).into_drawing_area(),
            failure: std::cell::RefCell::new(None),
        };
        sheet.note(sheet.area.fill(&PAPER));
        draw(&sheet);
        sheet.note(sheet.area.present());
        if let Some(error) = sheet.failure.into_inner() {
            return Err(error);
        }
    }
    Ok(text)
}

/// The width of a text in pixels, about: letters of a sans-serif are 0.56 of their height wide.
pub(super) fn width(text: &str, size: i32) -> i32 {
    let letters = i32::try_from(text.chars().count()).unwrap_or(i32::MAX / 100);
    (letters * size * 56).div_euclid(100)
}

impl Sheet<'_> {
    /// Keeps the first failure; there is one for the whole sheet.
    fn note<E: std::fmt::Display>(&self, result: Result<(), E>) {
        if let Err(error) = result {
            let mut failure = self.failure.borrow_mut();
            failure.get_or_insert_with(|| io::Error::other(error.to_string()));
        }
    }

    /// A filled box from one corner to the other.
    pub(super) fn area(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor) {
        let style = colour.filled();
        self.note(self.area.draw(&Rectangle::new([from, to], style)));
    }

    /// The outline of a box.
    pub(super) fn frame(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor) {
        let style = colour.stroke_width(1);
        self.note(self.area.draw(&Rectangle::new([from, to], style)));
    }

    /// A line through these points.
    pub(super) fn line(&self, points: &[(i32, i32)], colour: RGBColor, thick: u32) {
        let style: ShapeStyle = colour.stroke_width(thick);
        self.note(self.area.draw(&PathElement::new(points.to_vec(), style)));
    }

    /// A dashed line through these points: `dash` pixels drawn, and as many left out.
    pub(super) fn dashes(&self, points: &[(i32, i32)], colour: RGBColor, dash: f64) {
        let mut left = dash;
        let mut drawn = true;
        for pair in points.windows(2) {
            let (from, to) = (real(pair[0]), real(pair[1]));
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            let at = |way: f64| {
                let part = if length > 0.0 { way / length } else { 0.0 };
                (
                    pixel(from.0 + (to.0 - from.0) * part),
                    pixel(from.1 + (to.1 - from.1) * part),
                )
            };
            let mut way = 0.0;
            while way < length {
                let next = (way + left).min(length);
                if drawn {
                    self.line(&[at(way), at(next)], colour, 2);
                }
                left -= next - way;
                if left <= 1e-9 {
                    (left, drawn) = (dash, !drawn);
                }
                way = next;
            }
        }
    }

    /// A disc.
    pub(super) fn dot(&self, at: (i32, i32), radius: i32, colour: RGBColor) {
        self.note(self.area.draw(&Circle::new(at, radius, colour.filled())));
        self.note(
            self.area
                .draw(&Circle::new(at, radius, PAPER.stroke_width(1))),
        );
    }

    /// A square on one of its corners, to tell it from a disc without colours.
    pub(super) fn diamond(&self, at: (i32, i32), radius: i32, colour: RGBColor) {
        let (x, y) = at;
        let corners = vec![
            (x - radius, y),
            (x, y - radius),
            (x + radius, y),
            (x, y + radius),
        ];
        self.note(self.area.draw(&Polygon::new(corners, colour.filled())));
    }

    /// Strokes across a box, to tell it from a plain one without colours.
    pub(super) fn hatch(&self, from: (i32, i32), to: (i32, i32)) {
        let height = to.1 - from.1;
        let colour: RGBAColor = PAPER.mix(0.75);
        let mut x = from.0 - height;
        while x < to.0 {
            let (low, high) = (x.max(from.0), (x + height).min(to.0));
            if low < high {
                let points = vec![(low, to.1 - (low - x)), (high, to.1 - (high - x))];
                let style = colour.stroke_width(1);
                self.note(self.area.draw(&PathElement::new(points, style)));
            }
            x += 6;
        }
    }

    /// A text; its height is centred on the point.
    pub(super) fn text(&self, text: &str, at: (i32, i32), size: i32, colour: RGBColor, to: Anchor) {
        self.letters("sans-serif", text, at, size, colour, to);
    }

    /// A text in letters of equal width.
    pub(super) fn code(&self, text: &str, at: (i32, i32), size: i32) {
        // SVG runs spaces together; these are not.
        let text = text.replace(' ', "\u{a0}");
        self.letters("monospace", &text, at, size, INK, Anchor::Left);
    }

    fn letters(
        &self,
        family: &str,
        text: &str,
        at: (i32, i32),
        size: i32,
        colour: RGBColor,
        to: Anchor,
    ) {
        let upwards = matches!(to, Anchor::UpEnd | Anchor::UpMiddle);
        let font = (family, size).into_font();
        let font = if upwards {
            font.transform(FontTransform::Rotate270)
        } else {
            font
        };
        let position = match to {
            Anchor::Left => HPos::Left,
            Anchor::Right | Anchor::UpEnd => HPos::Right,
            Anchor::Middle | Anchor::UpMiddle => HPos::Center,
        };
        let style = TextStyle::from(font)
            .color(&colour)
            .pos(Pos::new(position, VPos::Center));
        self.note(self.area.draw_text(text, &style, at));
    }
}

fn real(at: (i32, i32)) -> (f64, f64) {
    (f64::from(at.0), f64::from(at.1))
}

/// The nearest pixel.
#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to what a sheet may have"
)]
pub(super) fn pixel(value: f64) -> i32 {
    value.round().clamp(-1e6, 1e6) as i32
}

//! A sheet in pixels on which pictures are drawn, as SVG text with what every mark says.

use std::cell::RefCell;
use std::fmt::Write as _;

pub(in crate::report) use super::colour::{
    BANDS, BUFFERS, Colour, GREY, INK, INPUTS, PALE, PAPER, SERIES,
};
use crate::report::markup::escape;

/// Size of ordinary letters in pixels.
pub(in crate::report) const LETTERS: i32 = 13;
/// Size of letters in narrow places.
pub(in crate::report) const SMALL: i32 = 11;

/// Where a text stands in relation to its point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Anchor {
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

/// The sheet.
pub(in crate::report) struct Sheet {
    text: RefCell<String>,
}

/// The SVG text of what is drawn on a sheet of this many pixels.
pub(in crate::report) fn svg(width: i32, height: i32, draw: impl FnOnce(&Sheet)) -> String {
    let head = format!(
        "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         xmlns=\"http://www.w3.org/2000/svg\" font-family=\"system-ui, sans-serif\">\n"
    );
    let sheet = Sheet {
        text: RefCell::new(head),
    };
    sheet.area((0, 0), (width, height), PAPER);
    draw(&sheet);
    sheet.text.into_inner() + "</svg>\n"
}

/// The width of a text in pixels, about: letters of a sans-serif are 0.56 of their height wide.
pub(in crate::report) fn width(text: &str, size: i32) -> i32 {
    let letters = i32::try_from(text.chars().count()).unwrap_or(i32::MAX / 10_000);
    (letters * size * 56).div_euclid(100)
}

/// The beginning of a text that fits into so many pixels; `None` where three letters do not.
pub(in crate::report) fn shortened(text: &str, size: i32, room: i32) -> Option<String> {
    if width(text, size) <= room {
        return Some(text.to_owned());
    }
    let letters = usize::try_from(room * 100 / (size * 56)).unwrap_or(0);
    let kept = letters.checked_sub(1).filter(|&kept| kept >= 2)?;
    Some(text.chars().take(kept).chain(['…']).collect())
}

impl Sheet {
    /// Adds an element.
    fn push(&self, element: &str) {
        let mut text = self.text.borrow_mut();
        text.push_str(element);
        text.push('\n');
    }

    /// What `draw` draws is one mark: it stands for `name`, such as a layer, and says `tip`, in lines.
    pub(in crate::report) fn mark(&self, name: &str, tip: &str, draw: impl FnOnce()) {
        self.mark_with(name, tip, "", draw);
    }

    /// The same with more attributes, ` data-x="1"`.
    pub(in crate::report) fn mark_with(
        &self,
        name: &str,
        tip: &str,
        attributes: &str,
        draw: impl FnOnce(),
    ) {
        let (name, tip) = (escape(name), escape(tip));
        self.push(&format!(
            "<g class=\"mark\" data-name=\"{name}\"{attributes}><title>{tip}</title>"
        ));
        draw();
        self.push("</g>");
    }

    /// What `draw` draws belongs together under a name for scripts and styles.
    pub(in crate::report) fn group(&self, class: &str, attributes: &str, draw: impl FnOnce()) {
        self.push(&format!("<g class=\"{class}\"{attributes}>"));
        draw();
        self.push("</g>");
    }

    /// A filled box from one corner to the other.
    pub(in crate::report) fn area(&self, from: (i32, i32), to: (i32, i32), colour: Colour) {
        self.rectangle(from, to, &format!("fill=\"{}\"", colour.hex()));
    }

    /// The outline of a box.
    pub(in crate::report) fn frame(&self, from: (i32, i32), to: (i32, i32), colour: Colour) {
        let style = format!("fill=\"none\" stroke=\"{}\"", colour.hex());
        self.rectangle(from, to, &style);
    }

    /// A box of a colour with an edge of another.
    pub(in crate::report) fn edged(
        &self,
        from: (i32, i32),
        to: (i32, i32),
        (fill, edge): (Colour, Colour),
    ) {
        let (fill, edge) = (fill.hex(), edge.hex());
        let style = format!("fill=\"{fill}\" stroke=\"{edge}\" stroke-width=\"0.5\"");
        self.rectangle(from, to, &style);
    }

    fn rectangle(&self, from: (i32, i32), to: (i32, i32), style: &str) {
        let (x, y) = (from.0.min(to.0), from.1.min(to.1));
        let (wide, high) = ((to.0 - from.0).abs(), (to.1 - from.1).abs());
        self.push(&format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{high}\" {style}/>"
        ));
    }

    /// A line through these points.
    pub(in crate::report) fn line(&self, points: &[(i32, i32)], colour: Colour, thick: u32) {
        self.strokes(points, colour, thick, "");
    }

    /// A dashed line through these points: `dash` pixels drawn, and as many left out.
    pub(in crate::report) fn dashes(&self, points: &[(i32, i32)], colour: Colour, dash: f64) {
        self.strokes(points, colour, 2, &format!(" stroke-dasharray=\"{dash}\""));
    }

    fn strokes(&self, points: &[(i32, i32)], colour: Colour, thick: u32, more: &str) {
        let points = corners(points);
        let colour = colour.hex();
        self.push(&format!(
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{thick}\"{more}/>"
        ));
    }

    /// A disc.
    pub(in crate::report) fn dot(&self, (x, y): (i32, i32), radius: i32, colour: Colour) {
        let (colour, edge) = (colour.hex(), PAPER.hex());
        self.push(&format!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{colour}\" stroke=\"{edge}\"/>"
        ));
    }

    /// A square on one of its corners, to tell it from a disc without colours.
    pub(in crate::report) fn diamond(&self, (x, y): (i32, i32), radius: i32, colour: Colour) {
        let points = corners(&[
            (x - radius, y),
            (x, y - radius),
            (x + radius, y),
            (x, y + radius),
        ]);
        let (colour, edge) = (colour.hex(), PAPER.hex());
        self.push(&format!(
            "<polygon points=\"{points}\" fill=\"{colour}\" stroke=\"{edge}\"/>"
        ));
    }

    /// Strokes across a box, to tell it from a plain one without colours.
    pub(in crate::report) fn hatch(&self, from: (i32, i32), to: (i32, i32)) {
        let height = to.1 - from.1;
        let mut x = from.0 - height;
        while x < to.0 {
            let (low, high) = (x.max(from.0), (x + height).min(to.0));
            if low < high {
                let points = [(low, to.1 - (low - x)), (high, to.1 - (high - x))];
                self.strokes(&points, PAPER, 1, " stroke-opacity=\"0.75\"");
            }
            x += 6;
        }
    }

    /// A text; its height is centred on the point.
    pub(in crate::report) fn text(
        &self,
        text: &str,
        at: (i32, i32),
        size: i32,
        colour: Colour,
        to: Anchor,
    ) {
        self.letters(text, at, size, colour, to, "");
    }

    /// A text in letters of equal width.
    pub(in crate::report) fn code(&self, text: &str, at: (i32, i32), size: i32) {
        // SVG runs spaces together; these are not.
        let text = text.replace(' ', "\u{a0}");
        let family = " font-family=\"ui-monospace, monospace\"";
        self.letters(&text, at, size, INK, Anchor::Left, family);
    }

    fn letters(
        &self,
        text: &str,
        (x, y): (i32, i32),
        size: i32,
        colour: Colour,
        to: Anchor,
        more: &str,
    ) {
        let anchor = match to {
            Anchor::Left => "start",
            Anchor::Right | Anchor::UpEnd => "end",
            Anchor::Middle | Anchor::UpMiddle => "middle",
        };
        let mut more = more.to_owned();
        if matches!(to, Anchor::UpEnd | Anchor::UpMiddle) {
            // A text is written in full: writing into one never fails.
            let _ = write!(more, " transform=\"rotate(-90 {x} {y})\"");
        }
        let (text, colour) = (escape(text), colour.hex());
        self.push(&format!(
            "<text x=\"{x}\" y=\"{y}\" dy=\"0.35em\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{colour}\"{more}>{text}</text>"
        ));
    }
}

/// Points as SVG writes them.
fn corners(points: &[(i32, i32)]) -> String {
    let texts = points.iter().map(|(x, y)| format!("{x},{y}"));
    texts.collect::<Vec<_>>().join(" ")
}

/// The nearest pixel.
#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to what a sheet may have"
)]
pub(in crate::report) fn pixel(value: f64) -> i32 {
    value.round().clamp(-1e6, 1e6) as i32
}

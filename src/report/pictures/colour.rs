//! The colours of all pictures.

/// A colour of a screen: red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

/// Colours that people with any kind of colour vision tell apart: Okabe & Ito 2008,
/// "Color Universal Design", in an order of falling contrast to white.
pub(in crate::report) const SERIES: [Colour; 7] = [
    Colour(0, 114, 178),
    Colour(213, 94, 0),
    Colour(0, 158, 115),
    Colour(204, 121, 167),
    Colour(230, 159, 0),
    Colour(86, 180, 233),
    Colour(240, 228, 66),
];
/// Letters and axes. This and the next three are turned round in a dark page, whose style names
/// them by their numbers (`page/style.css`).
pub(in crate::report) const INK: Colour = Colour(34, 34, 34);
/// What stands back: grids and unimportant curves.
pub(in crate::report) const PALE: Colour = Colour(205, 205, 205);
/// Between the two.
pub(in crate::report) const GREY: Colour = Colour(120, 120, 120);
/// The sheet itself; texts of this colour stand on dark marks, and stay light.
pub(in crate::report) const PAPER: Colour = Colour(255, 255, 255);
/// Buffers in the memory map; turned round in a dark page as well.
pub(in crate::report) const BUFFERS: Colour = Colour(200, 200, 200);
/// Inputs and targets there.
pub(in crate::report) const INPUTS: Colour = Colour(90, 90, 90);
/// The parts of a training step: forward, loss, backward and update.
pub(in crate::report) const BANDS: [Colour; 4] = [
    Colour(190, 215, 235),
    Colour(225, 225, 225),
    Colour(245, 210, 185),
    Colour(205, 230, 215),
];
/// Letters on light marks, which stay dark.
const DARK: Colour = Colour(17, 17, 17);

impl Colour {
    /// As SVG and CSS write it.
    pub(in crate::report) fn hex(self) -> String {
        let Colour(red, green, blue) = self;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// Red, green and blue.
    pub(in crate::report) fn parts(self) -> (u8, u8, u8) {
        (self.0, self.1, self.2)
    }

    /// What letters on it are to be.
    pub(in crate::report) fn letters(self) -> Colour {
        if self.luminance() > 0.45 { DARK } else { PAPER }
    }

    /// How light it is, about, between 0 and 1.
    fn luminance(self) -> f64 {
        let Colour(red, green, blue) = self;
        (0.30 * f64::from(red) + 0.59 * f64::from(green) + 0.11 * f64::from(blue)) / 255.0
    }
}

//! Axes with ticks, and the frame in which curves stand.

use super::sheet::{Anchor, INK, LETTERS, PALE, SMALL, Sheet, pixel};

/// One axis: from values to the way along it, and its ticks.
pub(super) struct Axis {
    pub(super) name: String,
    from: f64,
    to: f64,
    log: bool,
    pub(super) ticks: Vec<(f64, String)>,
}

/// Ticks between powers of ten, of long axes first.
const STEPS: [&[f64]; 4] = [
    &[1.0],
    &[1.0, 2.0, 5.0],
    &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0],
    &[
        1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 2.2, 2.4, 2.6, 2.8, 3.0, 3.2, 3.4,
        3.6, 3.8, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0, 8.5, 9.0, 9.5,
    ],
];
/// The ticks that an axis should have at least.
const FEW_TICKS: usize = 4;

impl Axis {
    /// An axis of places 0, 1, 2, … with a name for each.
    pub(super) fn places(name: &str, labels: Vec<String>) -> Self {
        let ticks: Vec<(f64, String)> = (0..).map(f64::from).zip(labels).collect();
        let last = ticks.last().map_or(0.0, |tick| tick.0);
        Self {
            name: name.to_owned(),
            from: -0.3,
            to: last + 0.3,
            log: false,
            ticks,
        }
    }

    /// A logarithmic axis around these values, which are positive.
    pub(super) fn logarithmic(
        name: &str,
        values: impl Iterator<Item = f64> + Clone,
        text: &dyn Fn(f64) -> String,
    ) -> Self {
        let least = values.clone().fold(f64::INFINITY, f64::min);
        let most = values.fold(0.0, f64::max);
        let (least, most) = if least.is_finite() && least > 0.0 {
            (least, most)
        } else {
            (1.0, 10.0)
        };
        // Some room on both sides, so that no point stands on the frame.
        let room = (most / least).powf(0.05).max(1.1);
        let (from, to) = (least / room, most * room);
        let places = |steps: &[f64]| -> Vec<f64> {
            let powers = (-12..=24).map(|power| 10_f64.powi(power));
            let all = powers.flat_map(|power| steps.iter().map(move |step| step * power));
            all.filter(|value| (from..=to).contains(value)).collect()
        };
        let mut lists = STEPS.iter().map(|steps| places(steps));
        let enough = lists.find(|list| list.len() >= FEW_TICKS);
        let ticks = enough.unwrap_or_else(|| places(STEPS[3]));
        let ticks = ticks
            .into_iter()
            .map(|value| (value, text(value)))
            .collect();
        Self {
            name: name.to_owned(),
            from: from.log10(),
            to: to.log10(),
            log: true,
            ticks,
        }
    }

    /// The same with a tick for each of these values alone.
    pub(super) fn with_ticks(mut self, ticks: Vec<(f64, String)>) -> Self {
        self.ticks = ticks;
        self
    }

    /// The part of the way along the axis.
    fn part(&self, value: f64) -> f64 {
        let own = if self.log {
            value.max(1e-300).log10()
        } else {
            value
        };
        (own - self.from) / (self.to - self.from)
    }
}

/// Values from 0 to `end` that are round and as many as are told apart at a glance.
pub(in crate::report) fn ticks(end: f64) -> Vec<f64> {
    let least = end.max(1.0) / MOST_TICKS;
    let power = 10_f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    let step = steps.into_iter().find(|&step| step >= least * (1.0 - 1e-9));
    let step = step.unwrap_or(least);
    let places = (0..=32).map(|place| f64::from(place) * step);
    places.take_while(|&value| value <= end).collect()
}

/// The most steps between linear ticks.
const MOST_TICKS: f64 = 10.0;

/// A frame with a horizontal and a vertical axis.
pub(super) struct Frame {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) right: i32,
    pub(super) bottom: i32,
    pub(super) x: Axis,
    pub(super) y: Axis,
}

impl Frame {
    /// The pixel of a pair of values.
    pub(super) fn at(&self, x: f64, y: f64) -> (i32, i32) {
        let wide = f64::from(self.right - self.left);
        let high = f64::from(self.bottom - self.top);
        (
            self.left + pixel(wide * self.x.part(x)),
            self.bottom - pixel(high * self.y.part(y)),
        )
    }

    /// Draws grid, ticks and names; ticks that would touch the one before are left without a text.
    pub(super) fn draw(&self, sheet: &Sheet) {
        let mut free = i32::MIN;
        for (value, text) in &self.x.ticks {
            let x = self.at(*value, 1.0).0;
            sheet.line(&[(x, self.top), (x, self.bottom)], PALE, 1);
            let half = super::sheet::width(text, SMALL) / 2;
            if x - half > free {
                sheet.text(text, (x, self.bottom + 12), SMALL, INK, Anchor::Middle);
                free = x + half + 6;
            }
        }
        let mut free = i32::MAX;
        for (value, text) in &self.y.ticks {
            let y = self.at(1.0, *value).1;
            sheet.line(&[(self.left, y), (self.right, y)], PALE, 1);
            if y + SMALL / 2 < free {
                sheet.text(text, (self.left - 6, y), SMALL, INK, Anchor::Right);
                free = y - SMALL / 2 - 2;
            }
        }
        sheet.frame((self.left, self.top), (self.right, self.bottom), INK);
        let middle = i32::midpoint(self.left, self.right);
        sheet.text(
            &self.x.name,
            (middle, self.bottom + 32),
            LETTERS,
            INK,
            Anchor::Middle,
        );
        let middle = i32::midpoint(self.top, self.bottom);
        sheet.text(
            &self.y.name,
            (self.left - 58, middle),
            LETTERS,
            INK,
            Anchor::UpMiddle,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::ticks;

    #[test]
    fn linear_ticks_are_round_and_few() {
        assert_eq!(
            ticks(1_222.0),
            [0.0, 200.0, 400.0, 600.0, 800.0, 1_000.0, 1_200.0]
        );
        assert_eq!(ticks(10.0).len(), 11);
        for end in [0.0, 1.0, 7.0, 99.0, 3.1e9] {
            let all = ticks(end);
            assert!((1..=11).contains(&all.len()), "{end}: {all:?}");
        }
    }
}

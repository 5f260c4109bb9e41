//! One axis of a sliding kernel: how many outputs it has and which rows it touches.

use crate::problem::Window;
use crate::read::field::LARGEST_EXTENT;
use crate::read::network::site::{Site, Source};

/// Height and width, for messages.
const SIDES: [&str; 2] = ["high", "wide"];

/// A kernel of `taps` rows that slides over a padded tensor of `rows` rows.
#[derive(Clone, Copy)]
pub(super) struct Sliding {
    /// Rows, steps and padding.
    pub(super) window: Window,
    /// Rows of the kernel.
    pub(super) taps: u64,
}

impl Sliding {
    /// Rows of the tensor with the padding on both sides.
    fn padded(self) -> u128 {
        u128::from(self.window.rows) + 2 * u128::from(self.window.padding)
    }

    /// Rows from the kernel's first tap to its last.
    fn span(self) -> u128 {
        (u128::from(self.taps) - 1) * u128::from(self.window.dilation) + 1
    }

    /// floor((rows + 2·padding − span) / stride) + 1, at least 1 and at most the largest extent.
    pub(super) fn outputs(self) -> Option<u64> {
        let free = self.padded().checked_sub(self.span())?;
        extent(free / u128::from(self.window.stride) + 1)
    }

    /// The outputs with the last, partial window included, as long as it begins inside the tensor.
    pub(super) fn outputs_ceil(self) -> Option<u64> {
        let free = self.padded().checked_sub(self.span())?;
        let stride = u128::from(self.window.stride);
        let outputs = free.div_ceil(stride) + 1;
        let last_begins = (outputs - 1) * stride;
        let inside = u128::from(self.window.rows) + u128::from(self.window.padding);
        extent(outputs - u128::from(last_begins >= inside))
    }

    /// Whether any window touches a row of the tensor, and not only padding.
    ///
    /// Rows are reached as `a·i + b·j` with i below `many` and j below `few`; for each j the first i
    /// that leaves the padding decides.
    pub(super) fn touches(self, outputs: u64) -> bool {
        let (stride, dilation) = (self.window.stride, self.window.dilation);
        let (a, many, b, few) = if self.taps < outputs {
            (stride, outputs, dilation, self.taps)
        } else {
            (dilation, self.taps, stride, outputs)
        };
        let (a, b) = (u128::from(a), u128::from(b));
        let padding = u128::from(self.window.padding);
        let end = padding + u128::from(self.window.rows);
        (0..few).any(|j| {
            let from = u128::from(j) * b;
            let i = padding.saturating_sub(from).div_ceil(a);
            i < u128::from(many) && i * a + from < end
        })
    }

    /// Distinct rows touched by a kernel without dilation whose padding is smaller than the kernel.
    pub(super) fn distinct_rows(self, outputs: u64) -> u128 {
        let Window {
            stride,
            padding,
            rows,
            ..
        } = self.window;
        let (outputs, stride) = (u128::from(outputs), u128::from(stride));
        let (taps, padding) = (u128::from(self.taps), u128::from(padding));
        let end = (outputs - 1) * stride + taps - padding;
        let beyond = end.saturating_sub(u128::from(rows));
        let gaps = (outputs - 1) * stride.saturating_sub(taps);
        end - beyond - gaps
    }
}

fn extent(outputs: u128) -> Option<u64> {
    let outputs = u64::try_from(outputs).ok()?;
    (1..=LARGEST_EXTENT).contains(&outputs).then_some(outputs)
}

/// The outputs on both axes; reports an axis on which the kernel does not fit.
pub(super) fn outputs(
    site: &Site<'_>,
    source: &Source,
    axes: [Sliding; 2],
    count: fn(Sliding) -> Option<u64>,
) -> Option<[u64; 2]> {
    let found = [0, 1].map(|axis| {
        let sliding: Sliding = axes[axis];
        let outputs = count(sliding);
        if outputs.is_none() {
            let (side, span, padded) = (SIDES[axis], sliding.span(), sliding.padded());
            let Source { name, tensor, .. } = source;
            site.reject(format!(
                "the kernel is {span} {side}, but `{name}` gives {tensor}, with its padding {padded} {side}; make the kernel or its dilation smaller, or the padding larger"
            ));
        }
        outputs
    });
    Some([found[0]?, found[1]?])
}

/// Reports a layer whose windows see nothing but padding.
pub(super) fn touches_input(site: &Site<'_>, axes: [Sliding; 2], outputs: [u64; 2]) -> Option<()> {
    for axis in [0, 1] {
        if !axes[axis].touches(outputs[axis]) {
            let side = ["down", "across"][axis];
            site.reject(format!(
                "its windows see only padding {side} and no element of the input; make the padding or the stride smaller"
            ));
            return None;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sliding(rows: u64, taps: u64, stride: u64, padding: u64, dilation: u64) -> Sliding {
        let window = Window {
            stride,
            dilation,
            padding,
            rows,
        };
        Sliding { window, taps }
    }

    /// Rows touched, counted one by one.
    fn counted(s: Sliding, outputs: u64) -> u128 {
        let touched = |row: u64| {
            (0..outputs).any(|p| {
                (0..s.taps)
                    .any(|r| p * s.window.stride + r * s.window.dilation == row + s.window.padding)
            })
        };
        (0..s.window.rows).filter(|&row| touched(row)).count() as u128
    }

    #[test]
    fn rows_and_touches_agree_with_counting() {
        for rows in 1..9 {
            for taps in 1..5 {
                for stride in 1..6 {
                    for padding in 0..=taps / 2 {
                        let s = sliding(rows, taps, stride, padding, 1);
                        for outputs in [s.outputs(), s.outputs_ceil()].into_iter().flatten() {
                            let counted = counted(s, outputs);
                            assert_eq!(s.distinct_rows(outputs), counted);
                            assert_eq!(s.touches(outputs), counted > 0);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn dilated_windows_may_touch_nothing() {
        for (rows, taps, stride, padding, dilation) in [
            (2, 1, 3, 1, 1),
            (1, 2, 1, 1, 2),
            (1, 2, 2, 1, 2),
            (1, 2, 2, 2, 2),
        ] {
            let s = sliding(rows, taps, stride, padding, dilation);
            let outputs = s.outputs().expect("it has outputs");
            assert_eq!(s.touches(outputs), counted(s, outputs) > 0);
        }
    }
}

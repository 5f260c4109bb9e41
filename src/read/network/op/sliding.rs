//! One axis of a sliding kernel: how many outputs it has and which rows it touches.

use crate::problem::Window;
use crate::read::field::LARGEST_EXTENT;
use crate::read::network::site::{Site, Source};

/// Depth, height and width, for messages: as many of the last ones as there are axes.
const SIDES: [&str; 3] = ["deep", "high", "wide"];
const ACROSS: [&str; 3] = ["in depth", "down", "across"];

/// A kernel of `taps` rows that slides over a padded tensor of `rows` rows.
#[derive(Clone, Copy)]
pub(super) struct Sliding {
    /// Rows, steps and padding.
    pub(super) window: Window,
    /// Rows of the kernel.
    pub(super) taps: u64,
    /// Rows of padding behind the tensor.
    pub(super) after: u64,
}

impl Sliding {
    /// A kernel of `taps` rows over `rows` rows, with the padding before and after that belongs to
    /// the rows, what the kernel spans, and the stride.
    pub(super) fn over(
        rows: u64,
        taps: u64,
        [stride, dilation]: [u64; 2],
        padding: impl Fn([u64; 3]) -> [u64; 2],
    ) -> Self {
        let span = (taps - 1).saturating_mul(dilation).saturating_add(1);
        let [before, after] = padding([rows, span, stride]);
        let window = Window {
            stride,
            dilation,
            padding: before,
            rows,
        };
        Self {
            window,
            taps,
            after,
        }
    }

    /// Rows of the tensor with the padding on both sides.
    fn padded(self) -> u128 {
        let sides = u128::from(self.window.padding) + u128::from(self.after);
        u128::from(self.window.rows) + sides
    }

    /// Rows from the kernel's first tap to its last.
    fn span(self) -> u128 {
        (u128::from(self.taps) - 1) * u128::from(self.window.dilation) + 1
    }

    /// Whether the padding on both sides together is no longer than what the kernel spans, and on
    /// each side shorter, so that no window of a pool lies in it.
    pub(super) fn sees_its_input(self) -> bool {
        let [before, after] = [self.window.padding, self.after].map(u128::from);
        let span = self.span();
        before + after <= span && (before.max(after) < span)
    }

    /// floor((rows + padding − span) / stride) + 1, at least 1 and at most the largest extent.
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

    /// Distinct rows touched by a kernel whose padding is smaller than what it spans.
    pub(super) fn distinct_rows(self, outputs: u64) -> u128 {
        if self.window.dilation > 1 && self.taps > 1 {
            return self.distinct_dilated_rows(outputs);
        }
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

impl Sliding {
    /// Distinct rows of a dilated kernel: of each residue of the stride the union of the taps' rows.
    fn distinct_dilated_rows(self, outputs: u64) -> u128 {
        let wide = |n: u64| i128::from(n);
        let stride = wide(self.window.stride);
        let rows = wide(self.window.rows);
        let mut ranges: Vec<[i128; 3]> = (0..self.taps)
            .filter_map(|tap| {
                let first = wide(tap) * wide(self.window.dilation) - wide(self.window.padding);
                let residue = first.rem_euclid(stride);
                // Rows residue + i·stride with i from the first to the last that lie inside.
                let from = ((first - residue) / stride).max(0);
                let to = ((first - residue) / stride + wide(outputs))
                    .min((rows - residue + stride - 1) / stride);
                (from < to).then_some([residue, from, to])
            })
            .collect();
        ranges.sort_unstable();
        let (mut count, mut done) = (0, [-1, 0]);
        for [residue, from, to] in ranges {
            if done[0] != residue {
                done = [residue, 0];
            }
            count += (to - from.max(done[1])).max(0);
            done[1] = done[1].max(to);
        }
        count.unsigned_abs()
    }
}

fn extent(outputs: u128) -> Option<u64> {
    let outputs = u64::try_from(outputs).ok()?;
    (1..=LARGEST_EXTENT).contains(&outputs).then_some(outputs)
}

/// The outputs on all axes; reports an axis on which the kernel does not fit.
pub(super) fn outputs<const AXES: usize>(
    site: &Site<'_>,
    source: &Source,
    axes: [Sliding; AXES],
    count: fn(Sliding) -> Option<u64>,
) -> Option<[u64; AXES]> {
    let found: [Option<u64>; AXES] = std::array::from_fn(|axis| {
        let sliding: Sliding = axes[axis];
        let outputs = count(sliding);
        if outputs.is_none() {
            let side = SIDES[SIDES.len() - AXES.min(SIDES.len()) + axis];
            let (span, padded) = (sliding.span(), sliding.padded());
            let Source { name, tensor, .. } = source;
            site.reject(format!(
                "the kernel is {span} {side}, but `{name}` gives {tensor}, with its padding {padded} {side}; make the kernel or its dilation smaller, or the padding larger"
            ));
        }
        outputs
    });
    let found: Vec<u64> = found.into_iter().collect::<Option<_>>()?;
    found.try_into().ok()
}

/// Reports a layer whose windows see nothing but padding.
pub(super) fn touches_input<const AXES: usize>(
    site: &Site<'_>,
    axes: [Sliding; AXES],
    outputs: [u64; AXES],
) -> Option<()> {
    for (axis, (sliding, outputs)) in axes.into_iter().zip(outputs).enumerate() {
        if !sliding.touches(outputs) {
            let side = ACROSS[ACROSS.len() - AXES.min(ACROSS.len()) + axis];
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

    fn sliding(rows: u64, taps: u64, stride: u64, padding: [u64; 2], dilation: u64) -> Sliding {
        let window = Window {
            stride,
            dilation,
            padding: padding[0],
            rows,
        };
        let after = padding[1];
        Sliding {
            window,
            taps,
            after,
        }
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
        let mut cases = 0;
        let sizes = (1..9).flat_map(|rows| (1..5).map(move |taps| (rows, taps)));
        let steps = (1..6).flat_map(|stride| (1..4).map(move |dilation| (stride, dilation)));
        for ((rows, taps), (stride, dilation)) in
            sizes.flat_map(|size| steps.clone().map(move |step| (size, step)))
        {
            let span = (taps - 1) * dilation + 1;
            let sides = (0..span).flat_map(|a| (0..span).map(move |b| [a, b]));
            for padding in sides {
                let s = sliding(rows, taps, stride, padding, dilation);
                for outputs in [s.outputs(), s.outputs_ceil()].into_iter().flatten() {
                    let counted = counted(s, outputs);
                    assert_eq!(s.distinct_rows(outputs), counted, "{padding:?}");
                    assert_eq!(s.touches(outputs), counted > 0);
                    cases += 1;
                }
            }
        }
        assert!(cases > 10_000, "{cases}");
    }

    #[test]
    fn dilated_windows_may_touch_nothing() {
        for (rows, taps, stride, padding, dilation) in [
            (2, 1, 3, 1, 1),
            (1, 2, 1, 1, 2),
            (1, 2, 2, 1, 2),
            (1, 2, 2, 2, 2),
        ] {
            let s = sliding(rows, taps, stride, [padding; 2], dilation);
            let outputs = s.outputs().expect("it has outputs");
            assert_eq!(s.touches(outputs), counted(s, outputs) > 0);
        }
    }
}

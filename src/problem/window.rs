//! Windows: which rows of a tensor the outputs and taps of a convolution read (problem definition, section 1).

/// One axis of the window index `p·stride + r·dilation − padding` into a tensor of `rows` rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Window {
    /// Step of the output index, at least 1.
    pub stride: u64,
    /// Step of the kernel index, at least 1.
    pub dilation: u64,
    /// Rows of padding before the tensor; they are never fetched.
    pub padding: u64,
    /// Rows of the tensor.
    pub rows: u64,
}

impl Window {
    /// The window of an operand that has none on this axis: one row, one output, one tap.
    pub const NONE: Window = Window {
        stride: 1,
        dilation: 1,
        padding: 0,
        rows: 1,
    };

    /// The most windows of an operation.
    pub const COUNT: usize = 3;

    /// The windows down and across of what has none in depth.
    #[must_use]
    pub const fn planar([down, across]: [Window; 2]) -> [Window; Window::COUNT] {
        [down, across, Window::NONE]
    }

    /// The pairs of one of `outputs` outputs and one of `taps` taps whose row lies inside the
    /// tensor and not in its padding.
    ///
    /// For each of the fewer ones, those of the others that reach a row inside are consecutive.
    #[must_use]
    pub fn pairs_inside(&self, outputs: u64, taps: u64) -> u128 {
        let (step, many, fewer_step, few) = if taps < outputs {
            (self.stride, outputs, self.dilation, taps)
        } else {
            (self.dilation, taps, self.stride, outputs)
        };
        let end = self.padding.saturating_add(self.rows);
        let before = |row: u64| u128::from(row.div_ceil(step).min(many));
        (0..few)
            .map(|i| {
                let from = i.saturating_mul(fewer_step);
                before(end.saturating_sub(from)) - before(self.padding.saturating_sub(from))
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Multiply-accumulates counted one by one.
    fn counted(window: &Window, outputs: u64, taps: u64) -> u128 {
        let pairs = (0..outputs).flat_map(|p| (0..taps).map(move |r| (p, r)));
        pairs
            .map(|(p, r)| p * window.stride + r * window.dilation)
            .filter(|row| (window.padding..window.padding + window.rows).contains(row))
            .count() as u128
    }

    #[test]
    fn macs_on_real_data_are_the_pairs_inside() {
        let mut cases = 0;
        for (stride, dilation, padding) in (1..=3)
            .flat_map(|s| (1..=3).flat_map(move |d| (0..=4).map(move |padding| (s, d, padding))))
        {
            for (rows, outputs, taps) in
                (1..=5).flat_map(|n| (1..=5).flat_map(move |p| (1..=4).map(move |r| (n, p, r))))
            {
                let window = Window {
                    stride,
                    dilation,
                    padding,
                    rows,
                };
                let inside = window.pairs_inside(outputs, taps);
                assert_eq!(inside, counted(&window, outputs, taps), "{window:?}");
                cases += 1;
            }
        }
        assert_eq!(cases, 4_500);
    }
}

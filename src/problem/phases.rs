//! A strided transposed operation as ordinary convolutions (problem definition, section 1).
//!
//! In gather form output row h is the sum over the taps r for which `(h + padding − r·dilation) / stride`
//! is whole, and that is the input row. All rows of one phase, h mod stride, have the same taps:
//! with g = gcd(dilation, stride) every (stride/g)-th one, or none. From one of them to the one
//! before, the input row grows by dilation/g, and from one row of the phase to the next by 1: a
//! convolution of stride 1 with a smaller kernel, which never multiplies by an inserted zero.

use std::fmt;

use serde::{Serialize, Serializer};

use super::dim::{DimSet, PerDim};

use super::operation::{LoopNest, Precision};

use super::role::{Role, RoleSet};

use super::stream::StreamOperation;
use super::units::Bits;
use super::window::Window;

/// One axis of a transposed operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransposedAxis {
    /// Rows by which the outputs of neighbouring inputs lie apart, at least 1.
    pub stride: u64,
    /// Step between taps, at least 1.
    pub dilation: u64,
    /// Rows that are cut off at the beginning of the full output.
    pub padding: u64,
    /// Taps of the kernel, at least 1.
    pub taps: u64,
    /// Rows of the input.
    pub rows: u64,
    /// Rows of the output, at least 1.
    pub outputs: u64,
}

/// Which of the phases of an operation: the output modulo the strides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhaseIndex {
    /// Depth, where there are several phases in depth.
    pub depth: Option<u64>,
    /// Row; of a recurrent layer the step.
    pub row: u64,
    /// Column.
    pub column: u64,
}

impl PhaseIndex {
    /// A phase of row and column, or of depth, row and column; `None` of another count.
    #[must_use]
    pub fn of(numbers: &[u64]) -> Option<Self> {
        match *numbers {
            [row, column] => Some(Self::planar([row, column])),
            [depth, row, column] => Some(Self {
                depth: Some(depth),
                row,
                column,
            }),
            _ => None,
        }
    }

    /// A phase of an operation without several in depth.
    #[must_use]
    pub const fn planar([row, column]: [u64; 2]) -> Self {
        Self {
            depth: None,
            row,
            column,
        }
    }

    /// Its numbers, the outermost first.
    pub fn numbers(self) -> impl Iterator<Item = u64> {
        self.depth.into_iter().chain([self.row, self.column])
    }
}

impl fmt::Display for PhaseIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.numbers()).finish()
    }
}

impl Serialize for PhaseIndex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.numbers())
    }
}

/// The rows of one phase of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AxisPhase {
    /// Rows of the output that belong to the phase.
    pub outputs: u64,
    /// Their taps on the input; `None` where they see none of it.
    pub kernel: Option<AxisKernel>,
}

/// The taps of one phase of an axis, and the window that they see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AxisKernel {
    /// Number of taps.
    pub taps: u64,
    /// The tap of the whole kernel that is the first one here; the others follow backwards.
    pub first_tap: u64,
    /// How many taps of the whole kernel lie between two of them, and one more.
    pub tap_step: u64,
    /// Rows of the input before the first that the window counts; they are not touched.
    pub skipped_rows: u64,
    /// The window over the rows that are left, of stride 1.
    pub window: Window,
}

impl TransposedAxis {
    /// An axis without a kernel.
    pub const ONE: TransposedAxis = TransposedAxis {
        stride: 1,
        dilation: 1,
        padding: 0,
        taps: 1,
        rows: 1,
        outputs: 1,
    };

    /// The axes of an operation without depth: down and across.
    #[must_use]
    pub const fn planar([down, across]: [TransposedAxis; 2]) -> [TransposedAxis; Window::COUNT] {
        [down, across, TransposedAxis::ONE]
    }

    /// The phases that have rows.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.stride.min(self.outputs)
    }

    /// Phase `index`, which is less than [`Self::count`].
    #[must_use]
    pub fn phase(&self, index: u64) -> AxisPhase {
        let outputs = (self.outputs - index).div_ceil(self.stride);
        AxisPhase {
            outputs,
            kernel: self.kernel(index, outputs),
        }
    }

    fn kernel(&self, index: u64, outputs: u64) -> Option<AxisKernel> {
        let wide = |n: u64| i128::from(n);
        let common = gcd(self.dilation, self.stride);
        let tap_step = self.stride / common;
        let at = index + self.padding;
        let meets = |r: &u64| (wide(at) - wide(*r) * wide(self.dilation)) % wide(self.stride) == 0;
        let least = (0..tap_step.min(self.taps)).find(meets)?;
        let taps = (self.taps - least).div_ceil(tap_step);
        let first_tap = least + (taps - 1) * tap_step;
        // Row 0 of the phase sees this row of the input at its first tap.
        let first_row = (wide(at) - wide(first_tap) * wide(self.dilation)) / wide(self.stride);
        let dilation = if taps > 1 { self.dilation / common } else { 1 };
        let reach = first_row + wide(outputs - 1) + wide(taps - 1) * wide(dilation) + 1;
        let (from, to) = (first_row.max(0), reach.min(wide(self.rows)));
        let window = Window {
            stride: 1,
            dilation,
            padding: u64::try_from(-first_row).unwrap_or(0),
            rows: u64::try_from(to - from).ok()?,
        };
        (window.pairs_inside(outputs, taps) > 0).then_some(AxisKernel {
            taps,
            first_tap,
            tap_step,
            skipped_rows: u64::try_from(from).ok()?,
            window,
        })
    }
}

/// One phase of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// The output modulo the strides; of a recurrent layer the step and 0.
    pub index: PhaseIndex,
    /// What it computes.
    pub work: PhaseWork,
}

/// What a phase is called beside its layer.
#[must_use]
pub fn label(layer: &str, index: PhaseIndex) -> String {
    format!("{layer} {index}")
}

/// What a phase computes.
#[derive(Clone, Debug, PartialEq)]
pub enum PhaseWork {
    /// An ordinary convolution.
    MultiplyAccumulate(Box<LoopNest>),
    /// Nothing reaches its outputs: it writes zeros.
    Zeros(StreamOperation),
}

impl Phase {
    /// The loop nest, if there is anything to multiply.
    #[must_use]
    pub fn nest(&self) -> Option<&LoopNest> {
        match &self.work {
            PhaseWork::MultiplyAccumulate(nest) => Some(nest),
            PhaseWork::Zeros(_) => None,
        }
    }
}

/// The phases of a transposed convolution, by depth, then by rows and then by columns. `extents` are
/// those of the whole operation; those of outputs and taps are replaced by each phase's own.
#[must_use]
pub fn phases(
    extents: PerDim<u64>,
    axes: [TransposedAxis; Window::COUNT],
    precision: Precision,
) -> Vec<Phase> {
    gathered(extents, axes, LoopNest::FORWARD, precision)
}

/// The phases of an operation in gather form whose operands have these dimensions, as [`phases`].
#[must_use]
pub fn gathered(
    extents: PerDim<u64>,
    axes: [TransposedAxis; Window::COUNT],
    relevant: [DimSet; 3],
    precision: Precision,
) -> Vec<Phase> {
    let [rows, columns, depth] = axes;
    let planes = (0..rows.count()).flat_map(|a| (0..columns.count()).map(move |b| (a, b)));
    let planes: Vec<(u64, u64)> = planes.collect();
    let indices = (0..depth.count()).flat_map(|z| planes.iter().map(move |&(a, b)| (z, a, b)));
    indices
        .map(|(z, row, column)| {
            let own = [rows.phase(row), columns.phase(column), depth.phase(z)];
            let work = work(extents, own, relevant, precision);
            let index = PhaseIndex {
                depth: (depth.count() > 1).then_some(z),
                row,
                column,
            };
            Phase { index, work }
        })
        .collect()
}

fn work(
    mut extents: PerDim<u64>,
    axes: [AxisPhase; Window::COUNT],
    relevant: [DimSet; 3],
    precision: Precision,
) -> PhaseWork {
    for ((output, _), axis) in LoopNest::WINDOW_DIMS.iter().zip(&axes) {
        extents[*output] = axis.outputs;
    }
    let [Some(down), Some(across), Some(deep)] = axes.map(|axis| axis.kernel) else {
        let outputs = relevant[Role::Output as usize];
        return PhaseWork::Zeros(zeros(&extents, outputs, precision));
    };
    let kernels = [down, across, deep];
    for ((_, tap), kernel) in LoopNest::WINDOW_DIMS.iter().zip(&kernels) {
        extents[*tap] = kernel.taps;
    }
    let windows = kernels.map(|kernel| kernel.window);
    PhaseWork::MultiplyAccumulate(Box::new(LoopNest {
        extents,
        relevant,
        windows,
        precision,
        resident: RoleSet::NONE,
    }))
}

/// Writing the outputs of a phase without taps.
fn zeros(extents: &PerDim<u64>, outputs: DimSet, precision: Precision) -> StreamOperation {
    let elements: u128 = outputs.iter().map(|d| u128::from(extents[d])).product();
    StreamOperation {
        input: Bits(0),
        weight: Bits(0),
        output: Bits(elements * u128::from(precision.output)),
        vector_operations: 0,
        fusable: false,
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a.max(1) } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_of_4_with_stride_2_is_two_kernels_of_2() {
        // 4 inputs to 8 outputs: row 0 sees taps 3 and 1 on rows -1 and 0, row 1 taps 2 and 0 on rows 0 and 1.
        let axis = TransposedAxis {
            stride: 2,
            dilation: 1,
            padding: 1,
            taps: 4,
            rows: 4,
            outputs: 8,
        };
        let kernels = [0, 1].map(|a| axis.phase(a).kernel.expect("taps"));
        assert_eq!(kernels.map(|k| (k.taps, k.first_tap)), [(2, 3), (2, 2)]);
        assert_eq!(kernels.map(|k| k.window.padding), [1, 0]);
        assert_eq!(kernels.map(|k| k.window.rows), [4, 4]);
    }

    #[test]
    fn a_stride_larger_than_the_kernel_leaves_phases_without_taps() {
        let axis = TransposedAxis {
            stride: 3,
            dilation: 1,
            padding: 0,
            taps: 2,
            rows: 2,
            outputs: 5,
        };
        let taps = [0, 1, 2].map(|a| axis.phase(a).kernel.map(|k| k.taps));
        assert_eq!(taps, [Some(1), Some(1), None]);
        assert_eq!([0, 1, 2].map(|a| axis.phase(a).outputs), [2, 2, 1]);
    }

    #[test]
    fn phases_in_depth_are_named_by_three_numbers_and_others_by_two() {
        let axis = |stride, outputs| TransposedAxis {
            stride,
            taps: 3,
            rows: 4,
            outputs,
            ..TransposedAxis::ONE
        };
        let precision = Precision {
            input: 8,
            weight: 8,
            output: 8,
            accumulator: 32,
        };
        let named = |depth| {
            let all = phases(PerDim::all(1), [axis(2, 6), axis(1, 6), depth], precision);
            let numbers = all.iter().map(|phase| phase.index.numbers().collect());
            numbers.collect::<Vec<Vec<u64>>>()
        };
        let deep: [&[u64]; 6] = [
            &[0, 0, 0],
            &[0, 1, 0],
            &[1, 0, 0],
            &[1, 1, 0],
            &[2, 0, 0],
            &[2, 1, 0],
        ];
        assert_eq!(named(axis(3, 6)), deep);
        // A stride of which only one phase has outputs.
        for flat in [axis(3, 1), TransposedAxis::ONE] {
            assert_eq!(named(flat), [[0, 0], [1, 0]]);
        }
    }

    #[test]
    fn rows_that_padding_cuts_off_are_skipped() {
        // Padding 4 of stride 2 cuts off the first rows of the output: input row 0 is not touched.
        let axis = TransposedAxis {
            stride: 2,
            dilation: 1,
            padding: 4,
            taps: 3,
            rows: 6,
            outputs: 5,
        };
        let kernel = axis.phase(0).kernel.expect("taps");
        assert_eq!((kernel.skipped_rows, kernel.window.padding), (1, 0));
        assert_eq!((kernel.taps, kernel.window.rows), (2, 4));
    }
}

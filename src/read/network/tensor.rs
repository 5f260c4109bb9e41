//! Shapes of tensors between layers.

use std::fmt;

/// No tensor has more bits.
pub(super) const MOST_TENSOR_BITS: u128 = 1 << 60;

/// A tensor: a batch of arrays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tensor {
    /// Batch size.
    pub(super) batch: u64,
    /// The other axes: channels, height, width of an image; features; sequence, features.
    pub(super) axes: Vec<u64>,
    /// Whether the axes are channels, height, width.
    pub(super) image: bool,
}

impl Tensor {
    /// An image.
    pub(super) fn image(batch: u64, [channels, height, width]: [u64; 3]) -> Self {
        Self {
            batch,
            axes: vec![channels, height, width],
            image: true,
        }
    }

    /// A tensor that is no image.
    pub(super) fn of(batch: u64, axes: Vec<u64>) -> Self {
        Self {
            batch,
            axes,
            image: false,
        }
    }

    /// A tensor of this shape, batch first; one element where there is no axis.
    pub(super) fn of_shape(shape: &[u64]) -> Self {
        let (batch, axes) = shape.split_first().unwrap_or((&1, &[]));
        Self::of(*batch, axes.to_vec())
    }

    /// A tensor of this shape whose axes mean what this one's do, if there are as many.
    pub(super) fn like(&self, shape: &[u64]) -> Self {
        Self {
            image: self.image && shape.len() == self.rank(),
            ..Self::of_shape(shape)
        }
    }

    /// Axes, the batch included.
    pub(super) fn rank(&self) -> usize {
        self.axes.len() + 1
    }

    /// All axes, batch first.
    pub(super) fn shape(&self) -> Vec<u64> {
        [self.batch]
            .into_iter()
            .chain(self.axes.iter().copied())
            .collect()
    }

    /// Elements of one array of the batch; never overflows.
    pub(super) fn elements_per_item(&self) -> u128 {
        product(&self.axes)
    }

    /// Elements of the whole batch; never overflows.
    pub(super) fn elements(&self) -> u128 {
        self.elements_per_item()
            .saturating_mul(u128::from(self.batch))
    }

    /// Channels, height and width, if there are three axes.
    pub(super) fn as_image(&self) -> Option<[u64; 3]> {
        <[u64; 3]>::try_from(self.axes.as_slice()).ok()
    }

    /// The axis of channels or features: the first of an image, else the last.
    pub(super) fn channel_axis(&self) -> usize {
        if self.image {
            0
        } else {
            self.axes.len().saturating_sub(1)
        }
    }
}

/// The product of extents, which stays below 2^128.
pub(super) fn product(extents: &[u64]) -> u128 {
    extents
        .iter()
        .fold(1_u128, |n, &e| n.saturating_mul(u128::from(e)))
}

/// `3x224x224`, with the batch in front where it is not 1.
impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let axes: Vec<String> = self.axes.iter().map(u64::to_string).collect();
        if self.batch != 1 {
            write!(f, "batch {} of ", self.batch)?;
        }
        f.write_str(&axes.join("x"))
    }
}

//! The keys of a layer, in the order in which they are written.

use serde_yaml::{Mapping, Value};

use super::list;

/// Keys with their values.
#[derive(Default)]
pub(super) struct Keys(Vec<(&'static str, Value)>);

impl Keys {
    /// No keys.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// With one more key.
    pub(super) fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((key, value.into()));
        self
    }

    /// With a list of numbers.
    pub(super) fn list(self, key: &'static str, numbers: &[u64]) -> Self {
        self.with(key, list(numbers))
    }

    /// With one more key where something holds.
    pub(super) fn with_if(self, holds: bool, key: &'static str, value: impl Into<Value>) -> Self {
        if holds { self.with(key, value) } else { self }
    }

    /// With the axes of `list`, and the word that they count the batch, if they do.
    pub(super) fn framed(self, frame: Frame) -> Self {
        self.with_if(frame == Frame::Whole, "with_batch", true)
    }

    /// Adds the keys to a layer's table.
    pub(super) fn add_to(self, table: &mut Mapping) {
        for (key, value) in self.0 {
            table.insert(Value::from(key), value);
        }
    }
}

/// Whether axes and shapes are counted with the batch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    /// The first axis is the batch on both sides, and is left out.
    Item,
    /// All axes are counted.
    Whole,
}

impl Frame {
    /// An axis as it is counted.
    pub(super) fn axis(self, axis: usize) -> u64 {
        match self {
            Frame::Item => axis as u64 - 1,
            Frame::Whole => axis as u64,
        }
    }

    /// Axes as they are counted.
    pub(super) fn axes(self, axes: &[usize]) -> Vec<u64> {
        axes.iter().map(|&a| self.axis(a)).collect()
    }

    /// A shape without the batch, or whole.
    pub(super) fn shape(self, shape: &[u64]) -> &[u64] {
        match self {
            Frame::Item => &shape[1..],
            Frame::Whole => shape,
        }
    }
}

//! Layers of random cases. Images are `[N, C, rows]` or `[N, C, rows, columns]`.

use super::super::case::{Access, Index, Operation, Tensor, Unit};
use super::Dice;

/// A network as it grows.
pub struct Net<'d> {
    pub(super) dice: &'d mut Dice,
    pub(super) tensors: Vec<Tensor>,
    pub(super) operations: Vec<Operation>,
}

/// A window along one axis of an image.
#[derive(Clone, Copy)]
pub(super) struct Slide {
    pub(super) taps: usize,
    pub(super) stride: usize,
    pub(super) dilation: usize,
    pub(super) pad: usize,
    pub(super) outputs: usize,
}

pub(super) fn access(tensor: usize, dims: &[usize]) -> Access {
    Access {
        tensor,
        index: dims.iter().map(|&d| Index::Dim(d)).collect(),
    }
}

impl<'d> Net<'d> {
    pub fn new(dice: &'d mut Dice) -> Self {
        Self {
            dice,
            tensors: Vec::new(),
            operations: Vec::new(),
        }
    }

    pub fn done(self) -> (Vec<Tensor>, Vec<Operation>) {
        (self.tensors, self.operations)
    }

    pub(super) fn tensor(&mut self, kind: &str, shape: Vec<usize>, begins_outside: bool) -> usize {
        let bits = self.dice.pick(&[8, 8, 16]);
        self.tensors.push(Tensor {
            name: format!("{kind}{}", self.tensors.len()),
            shape,
            bits,
            accumulator_bits: bits + self.dice.pick(&[0, 8, 16]),
            begins_outside,
            ends_outside: !begins_outside && self.dice.chance(15),
        });
        self.tensors.len() - 1
    }

    pub(super) fn shape(&self, tensor: usize) -> Vec<usize> {
        self.tensors[tensor].shape.clone()
    }

    pub(super) fn operation(
        &mut self,
        unit: Unit,
        extents: Vec<usize>,
        reads: Vec<Access>,
        write: Access,
    ) {
        let kind = if unit == Unit::Array {
            "array"
        } else {
            "vector"
        };
        self.operations.push(Operation {
            name: format!("{kind}{}", self.operations.len()),
            unit,
            whole: vec![false; extents.len()],
            online: false,
            extents,
            passing: (0..reads.len())
                .map(|i| unit == Unit::Vector || i == 1)
                .collect(),
            reads,
            write,
        });
    }

    /// A random window: now and then one that reads only padding at an end, steps
    /// over rows, or is wider than the tensor.
    fn slide(&mut self, extent: usize) -> Slide {
        let taps = self.dice.pick(&[1, 2, 3, 3]);
        let stride = self.dice.pick(&[1, 1, 1, 2, 2, 3]);
        let dilation = self.dice.pick(&[1, 1, 1, 2, 3, 4]);
        let span = (taps - 1) * dilation + 1;
        let usual = span - 1;
        let pad = self.dice.pick(&[0, usual / 2, usual, span, span + 2]);
        let most = (extent + 2 * pad).saturating_sub(span) / stride + 1;
        let least = most.saturating_sub(2).max(1);
        Slide {
            taps,
            stride,
            dilation,
            pad,
            outputs: self.dice.from(least, most).min(8),
        }
    }

    /// A convolution, depthwise convolution or pool over given windows.
    pub(super) fn windows(
        &mut self,
        x: usize,
        slides: &[Slide],
        channels: usize,
        per_channel: bool,
        weighted: bool,
    ) -> usize {
        let shape = self.shape(x);
        let (n, c, axes) = (shape[0], shape[1], slides.len());
        // Dimensions: N, K, the windows' outputs, their taps and, unless per
        // channel, C.
        let taps: Vec<usize> = (2 + axes..2 + 2 * axes).collect();
        let reduced = 2 + 2 * axes;
        let channel = if per_channel { 1 } else { reduced };
        let mut extents = vec![n, channels];
        extents.extend(slides.iter().map(|s| s.outputs));
        extents.extend(slides.iter().map(|s| s.taps));
        let mut input = access(x, &[0, channel]);
        input
            .index
            .extend(slides.iter().enumerate().map(|(i, s)| Index::Window {
                outer: 2 + i,
                tap: taps[i],
                stride: s.stride,
                dilation: s.dilation,
                pad: s.pad,
            }));
        let mut kernel = vec![channels];
        let mut by = vec![1];
        if !per_channel {
            extents.push(c);
            kernel.push(c);
            by.push(reduced);
        }
        kernel.extend(slides.iter().map(|s| s.taps));
        by.extend(taps);
        let mut reads = vec![input];
        if weighted {
            reads.push(access(self.tensor("weight", kernel, true), &by));
        }
        let mut out = vec![n, channels];
        out.extend(slides.iter().map(|s| s.outputs));
        let y = self.tensor("image", out, false);
        let write = access(y, &(0..2 + axes).collect::<Vec<_>>());
        let unit = if weighted { Unit::Array } else { Unit::Vector };
        self.operation(unit, extents, reads, write);
        y
    }

    fn convolution(&mut self, x: usize, channels: usize) -> usize {
        let shape = self.shape(x);
        let slides: Vec<Slide> = shape[2..].iter().map(|&e| self.slide(e)).collect();
        self.windows(x, &slides, channels, false, true)
    }

    fn per_channel(&mut self, x: usize, weighted: bool) -> usize {
        let shape = self.shape(x);
        let slides: Vec<Slide> = shape[2..].iter().map(|&e| self.slide(e)).collect();
        self.windows(x, &slides, shape[1], true, weighted)
    }

    fn pointwise(&mut self, x: usize, channels: usize) -> usize {
        let shape = self.shape(x);
        let slide = |&outputs: &usize| Slide {
            taps: 1,
            stride: 1,
            dilation: 1,
            pad: 0,
            outputs,
        };
        let slides: Vec<Slide> = shape[2..].iter().map(slide).collect();
        self.windows(x, &slides, channels, false, true)
    }

    /// Something element-wise of tensors of one shape.
    pub(super) fn elementwise(&mut self, inputs: &[usize]) -> usize {
        let shape = self.shape(inputs[0]);
        let dims: Vec<usize> = (0..shape.len()).collect();
        let y = self.tensor("sum", shape.clone(), false);
        let reads = inputs.iter().map(|&x| access(x, &dims)).collect();
        self.operation(Unit::Vector, shape, reads, access(y, &dims));
        y
    }

    pub(super) fn input(&mut self) -> usize {
        let shape = if self.dice.chance(60) {
            vec![
                self.dice.from(1, 2),
                self.dice.from(1, 3),
                self.dice.from(2, 8),
            ]
        } else {
            vec![
                1,
                self.dice.from(1, 2),
                self.dice.from(2, 6),
                self.dice.from(2, 4),
            ]
        };
        self.tensor("input", shape, true)
    }

    pub fn image(&mut self) {
        let mut known = vec![self.input()];
        for _ in 0..self.dice.from(2, 4) {
            let latest = known[known.len() - 1];
            let x = if self.dice.chance(75) {
                latest
            } else {
                self.dice.pick(&known)
            };
            let shape = self.shape(x);
            let alike: Vec<usize> = known
                .iter()
                .copied()
                .filter(|&y| y != x && self.shape(y) == shape)
                .collect();
            let channels = self.dice.from(1, 3);
            let y = match self.dice.from(0, 9) {
                0..=3 => self.convolution(x, channels),
                4 => self.pointwise(x, channels),
                5 => self.per_channel(x, true),
                6 => self.per_channel(x, false),
                _ if alike.is_empty() => self.elementwise(&[x]),
                _ => {
                    let other = self.dice.pick(&alike);
                    self.elementwise(&[x, other])
                }
            };
            known.push(y);
        }
    }

    pub fn bottleneck(&mut self) {
        let x = self.input();
        let (wide, narrow) = (self.dice.from(2, 4), self.dice.from(1, 2));
        let y = self.pointwise(x, wide);
        let z = if self.dice.chance(70) {
            self.per_channel(y, true)
        } else {
            y
        };
        self.pointwise(z, narrow);
    }
}

//! Matrix products and gradients of random cases.

use super::super::case::{Index, Unit};
use super::layers::{Net, Slide, access};

impl Net<'_> {
    /// `[G, M, K] * [G, K, N]`, or the second operand turned round.
    fn product(&mut self, left: usize, right: usize, turned: bool) -> usize {
        let (l, r) = (self.shape(left), self.shape(right));
        let columns = if turned { r[1] } else { r[2] };
        let y = self.tensor("product", vec![l[0], l[1], columns], false);
        let by = if turned { [0, 2, 3] } else { [0, 3, 2] };
        let reads = vec![access(left, &[0, 1, 3]), access(right, &by)];
        let extents = vec![l[0], l[1], columns, l[2]];
        self.operation(Unit::Array, extents, reads, access(y, &[0, 1, 2]));
        y
    }

    fn operand(&mut self, shape: [usize; 3]) -> usize {
        self.tensor("operand", shape.to_vec(), true)
    }

    pub fn perceptron(&mut self) {
        let heads = self.dice.from(1, 2);
        let [rows, k, hidden, columns] = [5, 3, 6, 3].map(|most| self.dice.from(1, most));
        let x = self.operand([heads, rows, k]);
        let up = self.operand([heads, k, hidden]);
        let down = self.operand([heads, hidden, columns]);
        let mut y = self.product(x, up, false);
        if self.dice.chance(60) {
            y = self.elementwise(&[y]);
        }
        let z = self.product(y, down, false);
        if self.dice.chance(25) && k == columns {
            self.elementwise(&[z, x]);
        }
    }

    pub fn attention(&mut self) {
        let heads = self.dice.from(1, 2);
        let [rows, k, n, width] = [5, 3, 5, 3].map(|most| self.dice.from(1, most));
        let q = self.operand([heads, rows, k]);
        let keys = self.operand([heads, n, k]);
        let values = self.operand([heads, n, width]);
        let scores = self.product(q, keys, true);
        let weights = self.elementwise(&[scores]);
        if let Some(softmax) = self.operations.last_mut() {
            softmax.whole[2] = true;
        }
        self.product(weights, values, false);
    }

    /// As [`Self::attention`], its softmax online. Now and then that softmax must be whole: something
    /// else reads its result too, or stands before the product.
    pub fn online_attention(&mut self) {
        let heads = self.dice.pick(&[1, 1, 2]);
        // Now and then scores are much of what there is.
        let steep = self.dice.chance(35);
        let (rows, n) = if steep {
            (self.dice.from(2, 5), self.dice.from(5, 8))
        } else {
            (self.dice.pick(&[1, 1, 2, 3, 5]), self.dice.from(2, 6))
        };
        let [depth, width] = [3, 3].map(|most| self.dice.from(1, if steep { 1 } else { most }));
        let q = self.operand([heads, rows, depth]);
        let keys = self.operand([heads, n, depth]);
        let values = self.operand([heads, n, width]);
        let scores = self.product(q, keys, true);
        let mut weights = self.elementwise(&[scores]);
        if let Some(softmax) = self.operations.last_mut() {
            softmax.whole[2] = true;
            softmax.online = true;
        }
        let more = self.dice.from(0, 9);
        if more == 0 {
            weights = self.elementwise(&[weights]);
        } else if more == 1 {
            self.elementwise(&[weights]);
        }
        self.product(weights, values, false);
        if more == 2 {
            self.elementwise(&[weights]);
        }
        for tensor in &mut self.tensors {
            tensor.accumulator_bits = tensor.bits + self.dice.pick(&[8, 16, 24]);
        }
        for x in [scores, scores + 1] {
            self.tensors[x].bits = if steep {
                32
            } else {
                self.dice.pick(&[8, 16, 32])
            };
        }
        let softmax = &mut self.tensors[scores + 1];
        let other = if softmax.bits == 16 { 24 } else { 16 };
        softmax.accumulator_bits = self.dice.pick(&[4, 40, other, other]);
    }

    /// A mask (or nothing), then both gradients in either order.
    pub fn backward(&mut self) {
        let x = self.input();
        let channels = self.dice.from(1, 2);
        let (mut slides, shape) = (Vec::new(), self.shape(x));
        for &extent in &shape[2..] {
            let (taps, dilation) = (self.dice.pick(&[1, 2, 3]), self.dice.pick(&[1, 1, 2]));
            let pad = self.dice.from(0, (taps - 1) * dilation);
            let most = (extent + 2 * pad)
                .saturating_sub((taps - 1) * dilation)
                .max(1);
            slides.push(Slide {
                taps,
                stride: 1,
                dilation,
                pad,
                outputs: if self.dice.chance(70) { extent } else { most },
            });
        }
        let mut of_output = vec![shape[0], channels];
        of_output.extend(slides.iter().map(|s| s.outputs));
        let mut dy = self.tensor("gradient", of_output.clone(), true);
        if self.dice.chance(60) {
            let kept = self.tensor("kept", of_output, true);
            dy = self.elementwise(&[dy, kept]);
        }
        if self.dice.chance(50) {
            self.input_gradient(dy, &shape, &slides);
            self.weight_gradient(x, dy, &slides);
        } else {
            self.weight_gradient(x, dy, &slides);
            self.input_gradient(dy, &shape, &slides);
        }
    }

    /// Gathers `dI[n, c, h] += dO[n, k, h + pad - r * dilation] * W[k, c, r]`, taps
    /// counted from the last one.
    fn input_gradient(&mut self, dy: usize, shape: &[usize], slides: &[Slide]) {
        let turned: Vec<Slide> = slides
            .iter()
            .zip(&shape[2..])
            .map(|(s, &outputs)| Slide {
                pad: (s.taps - 1) * s.dilation - s.pad,
                outputs,
                ..*s
            })
            .collect();
        self.windows(dy, &turned, shape[1], false, true);
    }

    /// `dW[k, c, r] += dO[n, k, p] * I[n, c, p + r * dilation - pad]`.
    fn weight_gradient(&mut self, x: usize, dy: usize, slides: &[Slide]) {
        let (of_x, of_y, axes) = (self.shape(x), self.shape(dy), slides.len());
        // Dimensions: N, K, C, outputs, taps.
        let mut extents = vec![of_x[0], of_y[1], of_x[1]];
        extents.extend(slides.iter().map(|s| s.outputs));
        extents.extend(slides.iter().map(|s| s.taps));
        let mut by = vec![0, 1];
        by.extend(3..3 + axes);
        let mut image = access(x, &[0, 2]);
        image
            .index
            .extend(slides.iter().enumerate().map(|(i, s)| Index::Window {
                outer: 3 + i,
                tap: 3 + axes + i,
                stride: 1,
                dilation: s.dilation,
                pad: s.pad,
            }));
        let mut kernel = vec![of_y[1], of_x[1]];
        kernel.extend(slides.iter().map(|s| s.taps));
        let dw = self.tensor("weights", kernel, false);
        let mut result = vec![1, 2];
        result.extend(3 + axes..3 + 2 * axes);
        let reads = vec![access(dy, &by), image];
        self.operation(Unit::Array, extents, reads, access(dw, &result));
    }
}

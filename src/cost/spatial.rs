//! The fewest steps that the spatial rules allow, whatever the tiles.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::problem::{Array, Axis, Dim, Hardware, LoopNest};

/// A lower bound on the compute cycles of every mapping: the least product over dimensions of
/// `⌈extent / factor⌉`, over all factors that the axes admit, a dimension on one axis of an
/// array at most unless the array splits dimensions. A dynamic program over the dimensions; its
/// states are what is left of each axis.
#[must_use]
pub fn fewest_steps(operation: &LoopNest, hardware: &Hardware) -> u128 {
    let arrays: Vec<&[Axis]> = hardware.arrays().flat_map(|(_, a)| parts(a)).collect();
    let sizes: Left = arrays
        .iter()
        .flat_map(|axes| axes.iter().map(|axis| axis.size))
        .collect();
    let mut states: Vec<(Left, u128)> = vec![(sizes, 1)];
    let mut dims = Dim::ALL.into_iter().filter(|&d| operation.extents[d] > 1);
    let last = dims.next_back();
    for d in dims {
        let mut next = FxHashMap::default();
        each(
            &arrays,
            (d, operation.extents[d]),
            &states,
            &mut |left, steps| {
                let known = next.entry(left).or_insert(steps);
                *known = steps.min(*known);
            },
        );
        let all: Vec<(Left, u128)> = next.into_iter().collect();
        states = undominated(&all);
    }
    // Of the last one only the number of steps counts.
    let mut least = None;
    if let Some(d) = last {
        each(
            &arrays,
            (d, operation.extents[d]),
            &states,
            &mut |_, steps| {
                least = least.into_iter().chain([steps]).min();
            },
        );
    }
    least.unwrap_or(1)
}

/// All ways of spreading a dimension of this extent from every state: what is left, and the steps.
fn each(
    arrays: &[&[Axis]],
    (dim, extent): (Dim, u64),
    states: &[(Left, u128)],
    found: &mut dyn FnMut(Left, u128),
) {
    for (left, steps) in states {
        let mut choice = Choice {
            arrays,
            dim,
            extent,
            steps: *steps,
            found,
        };
        choice.spread(0, 0, left.clone(), 1);
    }
}

/// What is left of each axis.
type Left = SmallVec<[u64; 4]>;

/// The axes of an array of which a dimension uses one at most: all of them, or each by itself
/// where dimensions are split.
fn parts(array: &Array) -> Vec<&[Axis]> {
    let most = if array.split_dims { 1 } else { usize::MAX };
    array
        .axes
        .chunks(most.min(array.axes.len().max(1)))
        .collect()
}

/// The ways of spreading one dimension from one state.
struct Choice<'a> {
    /// Sets of axes of which the dimension uses one at most.
    arrays: &'a [&'a [Axis]],
    dim: Dim,
    extent: u64,
    steps: u128,
    found: &'a mut dyn FnMut(Left, u128),
}

impl Choice<'_> {
    /// Chooses an axis and a factor in the arrays from `array` on; `first` is the array's first axis.
    fn spread(&mut self, array: usize, first: usize, left: Left, factor: u64) {
        let Some(own) = self.arrays.get(array) else {
            let steps = self.steps * u128::from(self.extent.div_ceil(factor));
            (self.found)(left, steps);
            return;
        };
        let (after, dim) = (first + own.len(), self.dim);
        for (i, _) in own
            .iter()
            .enumerate()
            .filter(|(_, axis)| axis.dims.contains(dim))
        {
            let size = left[first + i];
            let mut own_factor = 2;
            while own_factor <= size {
                // Of factors that leave as much of the axis only the largest is of use, and none
                // beyond the first that covers the extent.
                let rest = size / own_factor;
                own_factor = size / rest;
                let mut lefts = left.clone();
                lefts[first + i] = rest;
                self.spread(array + 1, after, lefts, factor * own_factor);
                if factor * own_factor >= self.extent {
                    break;
                }
                own_factor += 1;
            }
        }
        self.spread(array + 1, after, left, factor);
    }
}

/// States of which no other one has as much left everywhere at no more steps.
fn undominated(all: &[(Left, u128)]) -> Vec<(Left, u128)> {
    let dominates = |a: &(Left, u128), b: &(Left, u128)| {
        a.1 <= b.1 && a.0 != b.0 && a.0.iter().zip(&b.0).all(|(x, y)| x >= y)
    };
    all.iter()
        .filter(|s| !all.iter().any(|o| dominates(o, s)))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{DimSet, Level, PerDim, Precision, Window};

    fn hardware(sizes: &[(u64, &[Dim])]) -> Hardware {
        let axes = sizes
            .iter()
            .map(|&(size, dims)| Axis {
                name: "a".into(),
                size,
                dims: DimSet::of(dims),
                multicast: true,
                reduce: true,
            })
            .collect();
        Hardware {
            name: "h".into(),
            source: None,
            clock_mhz: None,
            levels: vec![Level::Array(Array {
                name: "pe".into(),
                axes,
                split_dims: false,
            })],
            energy_pj_per_mac: None,
            static_pj_per_cycle: None,
            vector_lanes: None,
            dataflow: Vec::new(),
        }
    }

    #[test]
    fn factors_are_chosen_for_all_dimensions_together() {
        let precision = Precision {
            input: 8,
            weight: 8,
            output: 8,
            accumulator: 8,
        };
        let extents = PerDim::planar([1, 1, 5, 3, 1, 1, 1, 1]);
        let nest = LoopNest::forward(extents, [Window::NONE; Window::COUNT], precision);
        // On one axis of 8: K in 5 and C whole, 3 steps; K in 2 and C in 3, also 3 steps.
        assert_eq!(fewest_steps(&nest, &hardware(&[(8, &Dim::ALL)])), 3);
        // With an axis of 4 for each: K takes 2 steps, C one.
        assert_eq!(
            fewest_steps(&nest, &hardware(&[(4, &[Dim::K]), (4, &[Dim::C])])),
            2
        );
        assert_eq!(fewest_steps(&nest, &hardware(&[])), 15);
        // K alone on axes of 2 and 2: three steps on one of them, two on both.
        let only_k = LoopNest::forward(
            PerDim::planar([1, 1, 5, 1, 1, 1, 1, 1]),
            [Window::NONE; Window::COUNT],
            precision,
        );
        let mut both = hardware(&[(2, &[Dim::K]), (2, &[Dim::K])]);
        assert_eq!(fewest_steps(&only_k, &both), 3);
        if let Some(Level::Array(array)) = both.levels.first_mut() {
            array.split_dims = true;
        }
        assert_eq!(fewest_steps(&only_k, &both), 2);
    }
}

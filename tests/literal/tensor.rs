//! The elements of an operand as sets of coordinates.

use deepmatrix::problem::{Dim, LoopNest, Role, Window};

/// A range of a dimension: from, to (exclusive).
pub type Range = (u64, u64);
/// The coordinates of a box of iterations in each dimension.
pub type Tile = [Vec<u64>; Dim::COUNT];

/// Words of a set.
const WORDS: usize = 8;
/// Elements that a tensor may have.
pub const LIMIT: u64 = 64 * WORDS as u64;

/// A set of elements of one tensor, by their index in row-major order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Set([u64; WORDS]);

impl Set {
    /// Adds an element.
    pub fn insert(&mut self, index: u64) {
        let index = usize::try_from(index).expect("a small index");
        self.0[index / 64] |= 1 << (index % 64);
    }

    /// The elements of either.
    #[must_use]
    pub fn union(&self, other: &Set) -> Set {
        Set(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    /// The elements of this one that are not in the other.
    #[must_use]
    pub fn without(&self, other: &Set) -> Set {
        Set(std::array::from_fn(|i| self.0[i] & !other.0[i]))
    }

    /// Their number.
    pub fn len(&self) -> u128 {
        self.0.iter().map(|w| u128::from(w.count_ones())).sum()
    }

    /// The elements, by index.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        let bits = (0..WORDS).flat_map(|w| (0..64).map(move |b| (w, b)));
        bits.filter(|&(w, b)| self.0[w] >> b & 1 == 1)
            .map(|(w, b)| w * 64 + b)
    }
}

/// The elements of `role` that a box of iterations touches. Rows and columns in the padding, or
/// in the gaps between windows, are no elements.
pub fn touched(operation: &LoopNest, role: Role, tile: &Tile) -> Set {
    let mut indices = vec![0];
    if tile.iter().any(Vec::is_empty) {
        return Set::default();
    }
    for d in [Dim::G, Dim::N, Dim::K, Dim::C] {
        if operation.is_relevant(role, d) {
            indices = extended(&indices, operation.extents[d], &tile[d as usize]);
        }
    }
    for axis in 0..Window::COUNT {
        let (size, values) = positions(operation, role, axis, tile);
        indices = extended(&indices, size, &values);
    }
    let mut set = Set::default();
    for index in indices {
        set.insert(index);
    }
    set
}

/// The number of elements of a tensor.
pub fn size(operation: &LoopNest, role: Role) -> u64 {
    let channels = [Dim::G, Dim::N, Dim::K, Dim::C].into_iter();
    let channels = channels.filter(|&d| operation.is_relevant(role, d));
    let channels: u64 = channels.map(|d| operation.extents[d]).product();
    let whole: Tile = std::array::from_fn(|d| (0..operation.extents.0[d]).collect());
    let axes = (0..Window::COUNT).map(|axis| positions(operation, role, axis, &whole).0);
    channels * axes.product::<u64>()
}

/// The elements of a tensor that the operation touches at all.
pub fn distinct(operation: &LoopNest, role: Role) -> u128 {
    let whole: Tile = std::array::from_fn(|d| (0..operation.extents.0[d]).collect());
    touched(operation, role, &whole).len()
}

/// The indices so far, each followed by each of the values of one more index.
fn extended(indices: &[u64], size: u64, values: &[u64]) -> Vec<u64> {
    let all = indices
        .iter()
        .flat_map(|i| values.iter().map(move |v| i * size + v));
    all.collect()
}

/// Size and touched positions of an axis: rows `p·stride + r·dilation − padding` inside the
/// tensor for the window operand, outputs or taps for the others.
fn positions(operation: &LoopNest, role: Role, axis: usize, tile: &Tile) -> (u64, Vec<u64>) {
    let (output, tap) = LoopNest::WINDOW_DIMS[axis];
    let values = |d: Dim| tile[d as usize].clone();
    let has = |d: Dim| operation.is_relevant(role, d);
    match (has(output), has(tap)) {
        (true, true) => {
            let window = operation.windows[axis];
            let mut rows = Vec::new();
            for p in values(output) {
                for r in values(tap) {
                    let row = (p * window.stride + r * window.dilation).checked_sub(window.padding);
                    rows.extend(row.filter(|&row| row < window.rows));
                }
            }
            rows.sort_unstable();
            rows.dedup();
            (window.rows, rows)
        }
        (true, false) => (operation.extents[output], values(output)),
        (false, true) => (operation.extents[tap], values(tap)),
        (false, false) => (1, vec![0]),
    }
}

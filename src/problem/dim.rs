//! The dimensions of loop nests (problem definition, section 1).

use std::fmt;
use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

/// A loop dimension. Names are the convolution's; `linear` and `matmul` use them too
/// (B of a batched matmul is `G`, its M is `N`, its N is `K` and its reduction K is `C`).
/// `Z` and `T` are 1 in all but convolutions over three axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
pub enum Dim {
    /// Group (or matmul batch): relevant to all three operands.
    G,
    /// Batch.
    N,
    /// Output channels.
    K,
    /// Input channels: a reduction.
    C,
    /// Output rows.
    P,
    /// Output columns.
    Q,
    /// Kernel rows: a reduction.
    R,
    /// Kernel columns: a reduction.
    S,
    /// Output depth.
    Z,
    /// Kernel depth: a reduction.
    T,
}

impl Dim {
    /// How many there are.
    pub const COUNT: usize = 10;

    /// How many there are without depth: the first ones of [`Self::ALL`].
    pub const PLANAR: usize = 8;

    /// All dimensions, in the order in which they are stored and printed.
    pub const ALL: [Dim; Dim::COUNT] = [
        Dim::G,
        Dim::N,
        Dim::K,
        Dim::C,
        Dim::P,
        Dim::Q,
        Dim::R,
        Dim::S,
        Dim::Z,
        Dim::T,
    ];

    /// The dimension's letter.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["G", "N", "K", "C", "P", "Q", "R", "S", "Z", "T"][self as usize]
    }

    /// The dimension with this letter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Dim> {
        Dim::ALL.into_iter().find(|d| d.name() == text)
    }

    /// Whether it counts the outputs of a window: what a memory may slide along.
    #[must_use]
    pub fn is_window_output(self) -> bool {
        matches!(self, Dim::P | Dim::Q | Dim::Z)
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One value per dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
pub struct PerDim<T>(pub [T; Dim::COUNT]);

impl<T: Copy> PerDim<T> {
    /// The same value for every dimension.
    pub fn all(value: T) -> Self {
        Self([value; Dim::COUNT])
    }
}

impl PerDim<u64> {
    /// Extents in the order of [`Dim::ALL`] of what has no depth: Z and T are 1.
    #[must_use]
    pub const fn planar(extents: [u64; Dim::PLANAR]) -> Self {
        let [g, n, k, c, p, q, r, s] = extents;
        Self([g, n, k, c, p, q, r, s, 1, 1])
    }
}

impl<T> Index<Dim> for PerDim<T> {
    type Output = T;
    fn index(&self, d: Dim) -> &T {
        &self.0[d as usize]
    }
}

impl<T> IndexMut<Dim> for PerDim<T> {
    fn index_mut(&mut self, d: Dim) -> &mut T {
        &mut self.0[d as usize]
    }
}

/// A set of dimensions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DimSet(u16);

impl DimSet {
    /// The set of the given dimensions.
    #[must_use]
    pub const fn of(dims: &[Dim]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < dims.len() {
            bits |= 1 << dims[i] as u16;
            i += 1;
        }
        Self(bits)
    }

    /// All dimensions.
    pub const ALL: DimSet = DimSet::of(&Dim::ALL);

    /// Whether `d` is in the set.
    #[must_use]
    pub fn contains(self, d: Dim) -> bool {
        self.0 & (1 << d as u16) != 0
    }

    /// The dimensions of the set, in order.
    pub fn iter(self) -> impl Iterator<Item = Dim> {
        Dim::ALL.into_iter().filter(move |&d| self.contains(d))
    }
}

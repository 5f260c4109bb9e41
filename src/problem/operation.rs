//! One operation as a loop nest over named dimensions with three operands (problem definition, section 1).

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
        LoopNest::WINDOW_DIMS
            .iter()
            .any(|&(output, _)| output == self)
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

/// The role of an operand: input and weight are multiplied, output is accumulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The operand with the window index, the left operand of a matmul.
    Input,
    /// The other multiplied operand, the right operand of a matmul.
    Weight,
    /// The accumulated operand.
    Output,
}

impl Role {
    /// The three roles, in the order in which they are stored and printed.
    pub const ALL: [Role; 3] = [Role::Input, Role::Weight, Role::Output];

    /// The name used in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["input", "weight", "output"][self as usize]
    }

    /// The role of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|r| r.name() == text)
    }
}

/// A set of operands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleSet(u8);

impl RoleSet {
    /// All three operands.
    pub const ALL: RoleSet = RoleSet(0b111);
    /// No operand.
    pub const NONE: RoleSet = RoleSet(0);

    /// The set of the given operands.
    #[must_use]
    pub fn of(roles: &[Role]) -> Self {
        Self(roles.iter().fold(0, |bits, &r| bits | 1 << r as u8))
    }

    /// Whether `role` is in the set.
    #[must_use]
    pub fn contains(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }

    /// The operands of the set, in order.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |&r| self.contains(r))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

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

/// Precisions in bits; the accumulator is never narrower than the finished output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Precision {
    /// Bits of an input element.
    pub input: u32,
    /// Bits of a weight element.
    pub weight: u32,
    /// Bits of a finished output element.
    pub output: u32,
    /// Bits of a partial sum.
    pub accumulator: u32,
}

impl Precision {
    /// Bits of an element of `role` while it is being used (partial sums for the output).
    #[must_use]
    pub fn working(self, role: Role) -> u32 {
        match role {
            Role::Input => self.input,
            Role::Weight => self.weight,
            Role::Output => self.accumulator,
        }
    }
}

/// A multiply-accumulate loop nest: extents, relevance, windows, precisions.
///
/// Every dimension but `G` is relevant to exactly two operands. The input's P/R, Q/S and Z/T
/// dimensions are joined by a window; for nests without one the windows are [`Window::NONE`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LoopNest {
    /// Extents, each at least 1.
    pub extents: PerDim<u64>,
    /// The dimensions relevant to input, weight and output.
    pub relevant: [DimSet; 3],
    /// The windows over (P, R), (Q, S) and (Z, T).
    pub windows: [Window; Window::COUNT],
    /// Precisions in bits.
    pub precision: Precision,
    /// The operands that lie in the shared memory, the one right inside the outermost memory:
    /// they are neither fetched nor stored, and take no space there.
    pub resident: RoleSet,
}

impl LoopNest {
    /// The output and kernel dimension of each window.
    pub const WINDOW_DIMS: [(Dim, Dim); Window::COUNT] =
        [(Dim::P, Dim::R), (Dim::Q, Dim::S), (Dim::Z, Dim::T)];

    /// The dimensions relevant to input, weight and output of a forward convolution.
    pub const FORWARD: [DimSet; 3] = {
        use Dim::{C, G, K, N, P, Q, R, S, T, Z};
        [
            DimSet::of(&[G, N, C, P, Q, R, S, Z, T]),
            DimSet::of(&[G, K, C, R, S, T]),
            DimSet::of(&[G, N, K, P, Q, Z]),
        ]
    };

    /// A forward convolution (or, with windows of one, a linear layer or matmul).
    #[must_use]
    pub fn forward(
        extents: PerDim<u64>,
        windows: [Window; Window::COUNT],
        precision: Precision,
    ) -> Self {
        Self {
            extents,
            relevant: Self::FORWARD,
            windows,
            precision,
            resident: RoleSet::NONE,
        }
    }

    /// The dimensions that it may have: without depth all but Z and T.
    #[must_use]
    pub fn dims(&self) -> &'static [Dim] {
        let depth = self.extents[Dim::Z].max(self.extents[Dim::T]);
        if depth > 1 {
            &Dim::ALL
        } else {
            &Dim::ALL[..Dim::PLANAR]
        }
    }

    /// The dimensions that count the outputs of its windows.
    #[must_use]
    pub fn window_outputs(&self) -> Vec<Dim> {
        let own = self.dims().iter().copied();
        own.filter(|d| d.is_window_output()).collect()
    }

    /// Whether `d` indexes the operand `role`.
    #[must_use]
    pub fn is_relevant(&self, role: Role, d: Dim) -> bool {
        self.relevant[role as usize].contains(d)
    }

    /// The operands that are the activation side (indexed by N and C), the kernel (K and C) and
    /// the result side (N and K): in a backward pass they have other roles than forward.
    #[must_use]
    pub fn tensor_roles(&self) -> [Role; 3] {
        let of = |role: Role| {
            let has = |d: Dim| self.is_relevant(role, d);
            match (has(Dim::N), has(Dim::K)) {
                (true, false) => 0,
                (false, _) => 1,
                (true, true) => 2,
            }
        };
        let mut roles = Role::ALL;
        for role in Role::ALL {
            roles[of(role)] = role;
        }
        roles
    }

    /// Multiply-accumulates of the whole box, padding included.
    #[must_use]
    pub fn box_macs(&self) -> u128 {
        self.extents.0.iter().map(|&e| u128::from(e)).product()
    }

    /// Multiply-accumulates on real data: those whose input element lies inside the tensor.
    #[must_use]
    pub fn macs(&self) -> u128 {
        let others = Dim::ALL
            .into_iter()
            .filter(|&d| Self::window_of(d).is_none());
        let others: u128 = others.map(|d| u128::from(self.extents[d])).product();
        let pairs = Self::WINDOW_DIMS.iter().zip(&self.windows);
        let pairs: u128 = pairs
            .map(|((p, r), window)| window.pairs_inside(self.extents[*p], self.extents[*r]))
            .product();
        others * pairs
    }

    /// The window that joins `d` to another dimension, with its index in [`Self::windows`].
    #[must_use]
    pub fn window_of(d: Dim) -> Option<usize> {
        match d {
            Dim::P | Dim::R => Some(0),
            Dim::Q | Dim::S => Some(1),
            Dim::Z | Dim::T => Some(2),
            _ => None,
        }
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

    #[test]
    fn both_axes_and_the_other_dimensions_multiply() {
        // VGG-16's conv1_2: 224 x 224 with padding 1 and 3 x 3 taps, 3 * 224 - 2 pairs an axis.
        let window = Window {
            stride: 1,
            dilation: 1,
            padding: 1,
            rows: 224,
        };
        let precision = Precision {
            input: 8,
            weight: 8,
            output: 8,
            accumulator: 32,
        };
        let extents = PerDim::planar([1, 1, 64, 64, 224, 224, 3, 3]);
        let nest = LoopNest::forward(extents, Window::planar([window; 2]), precision);
        assert_eq!(nest.macs(), 64 * 64 * 670 * 670);
        assert_eq!(nest.box_macs(), 64 * 64 * 672 * 672);
        let linear = LoopNest::forward(
            PerDim::planar([1, 2, 3, 4, 1, 1, 1, 1]),
            [Window::NONE; Window::COUNT],
            precision,
        );
        assert_eq!(linear.macs(), 24);
    }
}

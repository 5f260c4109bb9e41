//! One operation as a loop nest over named dimensions with three operands (problem definition, section 1).

use super::dim::{Dim, DimSet, PerDim};
use super::role::{Role, RoleSet};
use super::window::Window;

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

    #[test]
    fn windows_join_outputs_with_taps() {
        for d in Dim::ALL {
            let joined = LoopNest::WINDOW_DIMS.iter();
            let is_output = joined.clone().any(|own| own.0 == d);
            assert_eq!(d.is_window_output(), is_output, "{d}");
            let axis = joined.clone().position(|own| own.0 == d || own.1 == d);
            assert_eq!(LoopNest::window_of(d), axis, "{d}");
        }
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

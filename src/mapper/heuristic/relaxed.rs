//! The continuous relaxation that `gradient` descends: logarithms of factors as real numbers.
//!
//! DOSA's differentiable model (Hong et al. 2023, MICRO, section 4): footprints, traffic and steps
//! are products of factors, so that their logarithms are linear in the factors' logarithms, and
//! the cycles are the largest of them over bandwidths; here a smooth maximum. Factors of the
//! outermost loops are what the others leave of each dimension. What exceeds a capacity or an
//! axis, or would need an outermost factor below 1, is a penalty.

use crate::problem::{Bandwidth, Dim, Hardware, LoopNest, Node, Overlap, Ports, Role};

use super::numbers::log;

/// What one variable is the logarithm of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// The trips inside the tile of the memory with this index, above the next one's.
    Temporal(usize, Dim),
    /// The elements of an axis: the array's level, its index among arrays, the axis.
    Spatial(usize, usize, usize, Dim),
}

/// The relaxation of a loop nest on some hardware.
#[derive(Debug)]
pub struct Relaxed<'a> {
    operation: &'a LoopNest,
    hardware: &'a Hardware,
    /// The levels of the memories below the outermost.
    levels: Vec<usize>,
    /// The variables.
    pub factors: Vec<Factor>,
}

/// Sharpness of the smooth maximum.
const SHARPNESS: f64 = 8.0;
/// Weight of penalties, in logarithms of cycles.
const PENALTY: f64 = 10.0;

impl<'a> Relaxed<'a> {
    /// The relaxation, with a variable for each factor that may be above 1.
    #[must_use]
    pub fn new(operation: &'a LoopNest, hardware: &'a Hardware) -> Self {
        let levels: Vec<usize> = hardware
            .memories()
            .skip(1)
            .map(|(level, _)| level)
            .collect();
        let mut factors = Vec::new();
        for d in Dim::ALL.into_iter().filter(|&d| operation.extents[d] > 1) {
            factors.extend((0..levels.len()).map(|memory| Factor::Temporal(memory, d)));
            for (number, (level, array)) in hardware.arrays().enumerate() {
                let axes = array
                    .axes
                    .iter()
                    .enumerate()
                    .filter(|(_, own)| own.dims.contains(d));
                factors.extend(axes.map(|(axis, _)| Factor::Spatial(level, number, axis, d)));
            }
        }
        Self {
            operation,
            hardware,
            levels,
            factors,
        }
    }

    /// Whether the array at a level spreads a dimension over several of its axes.
    #[must_use]
    pub fn splits(&self, level: usize) -> bool {
        let mut arrays = self.hardware.arrays();
        arrays.any(|(own, array)| own == level && array.split_dims)
    }

    /// The sum of the logarithms that pass.
    fn sum(&self, x: &[f64], passes: impl Fn(Factor) -> bool) -> f64 {
        let own = self.factors.iter().zip(x).filter(|(f, _)| passes(**f));
        own.map(|(_, value)| value).sum()
    }

    /// The logarithm of the extent of a dimension in the tile of a memory, in one element or, with
    /// `from` further out, over all elements below that level.
    fn extent(&self, x: &[f64], memory: usize, from: usize, d: Dim) -> f64 {
        self.sum(x, |factor| match factor {
            Factor::Temporal(m, e) => e == d && m >= memory,
            Factor::Spatial(level, _, _, e) => e == d && level > from,
        })
    }

    /// What is left of a dimension for the loops above a memory's tile.
    fn around(&self, x: &[f64], memory: usize, d: Dim) -> f64 {
        log(self.operation.extents[d]) - self.extent(x, memory, 0, d)
    }

    /// The logarithm of the bits of a tile, as seen from a level further out.
    fn bits(&self, x: &[f64], memory: usize, from: usize, role: Role) -> f64 {
        let operation = self.operation;
        let of = |d: Dim| self.extent(x, memory, from, d);
        let plain = operation.relevant[role as usize].iter();
        let plain: f64 = plain
            .filter(|&d| role != Role::Input || LoopNest::window_of(d).is_none())
            .map(of)
            .sum();
        let rows = LoopNest::WINDOW_DIMS.iter().zip(&operation.windows);
        let rows: f64 = rows
            .filter(|_| role == Role::Input)
            .map(|((p, r), w)| {
                let (stride, dilation) = (log(w.stride).exp(), log(w.dilation).exp());
                ((of(*p).exp() - 1.0) * stride + (of(*r).exp() - 1.0) * dilation + 1.0)
                    .max(1e-3)
                    .ln()
            })
            .sum();
        plain + rows + log(u64::from(operation.precision.working(role)))
    }

    /// The logarithm of the bits that cross a memory's outer boundary, as the level outside sees
    /// them; the stationary operand is not loaded again for loops directly above.
    fn traffic(&self, x: &[f64], memory: usize, from: usize, role: Role, stays: Role) -> f64 {
        let outer = |d: Dim| match memory {
            0 => log(self.operation.extents[d]),
            _ => self.extent(x, memory - 1, 0, d),
        };
        let visits = Dim::ALL
            .into_iter()
            .filter(|&d| self.operation.extents[d] > 1);
        let visits: f64 = visits
            .map(|d| {
                let around = self.around(x, memory, d).max(0.0);
                if role == stays && !self.operation.is_relevant(role, d) {
                    (around - (outer(d) - self.extent(x, memory, 0, d))).max(0.0)
                } else {
                    around
                }
            })
            .sum();
        let twice = if role == Role::Output {
            std::f64::consts::LN_2
        } else {
            0.0
        };
        self.bits(x, memory, from, role) + visits + twice
    }

    /// The logarithm of the relaxed cycles with penalties; `stays` is the stationary operand of
    /// each memory.
    #[must_use]
    pub fn value(&self, x: &[f64], stays: &[Role]) -> f64 {
        let mut terms = vec![self.steps(x)];
        let mut ports: Vec<Vec<f64>> = vec![Vec::new(); self.hardware.levels.len()];
        for role in Role::ALL {
            let mut parent = 0;
            for (memory, &level) in self.levels.iter().enumerate() {
                if self
                    .hardware
                    .memory(level)
                    .is_some_and(|m| m.may_keep(role))
                {
                    if !self.operation.is_resident(Node { level, role }) {
                        ports[parent].push(self.traffic(x, memory, parent, role, stays[memory]));
                        ports[level].push(self.traffic(x, memory, level, role, stays[memory]));
                    }
                    parent = level;
                }
            }
        }
        for (level, memory) in self.hardware.memories() {
            if let Some(limit) = narrowest(memory.ports) {
                let bits = log_sum(&ports[level], 1.0);
                terms.push(bits - (8.0 * limit.bytes_per_cycle()).ln());
            }
        }
        log_sum(&terms, SHARPNESS) + PENALTY * self.excess(x)
    }

    /// The logarithm of the steps: all trips.
    fn steps(&self, x: &[f64]) -> f64 {
        let dims = Dim::ALL
            .into_iter()
            .filter(|&d| self.operation.extents[d] > 1);
        let spread = |d| self.sum(x, |f| matches!(f, Factor::Spatial(.., e) if e == d));
        dims.map(|d| log(self.operation.extents[d]) - spread(d))
            .sum()
    }

    /// By how much capacities, axes and extents are exceeded, in logarithms, and factors below 1.
    fn excess(&self, x: &[f64]) -> f64 {
        let over = |value: f64| value.max(0.0);
        let mut total: f64 = x.iter().map(|&value| over(-value)).sum();
        for d in Dim::ALL
            .into_iter()
            .filter(|&d| self.operation.extents[d] > 1)
        {
            total += over(-self.around(x, 0, d));
        }
        for (number, (_, array)) in self.hardware.arrays().enumerate() {
            for (axis, own) in array.axes.iter().enumerate() {
                let used = self.sum(
                    x,
                    |f| matches!(f, Factor::Spatial(_, n, a, _) if (n, a) == (number, axis)),
                );
                total += over(used - log(own.size));
            }
        }
        for (memory, &level) in self.levels.iter().enumerate() {
            let Some(own) = self.hardware.memory(level) else {
                continue;
            };
            let Some(capacity) = own.capacity else {
                continue;
            };
            let takes_room = |role| !self.operation.is_resident(Node { level, role });
            let kept = Role::ALL.into_iter();
            let kept = kept.filter(|&role| own.may_keep(role) && takes_room(role));
            let bits: Vec<f64> = kept.map(|role| self.bits(x, memory, level, role)).collect();
            let copies = match own.overlap {
                Overlap::DoubleBuffer | Overlap::Choose => 2,
                Overlap::Ideal | Overlap::None => 1,
            };
            total += over(log_sum(&bits, 1.0) + log(copies) - log(capacity.0 * 8));
        }
        total
    }

    /// The gradient along the open variables, by central differences.
    #[must_use]
    pub fn gradient(&self, x: &[f64], stays: &[Role], open: &[bool]) -> Vec<f64> {
        const STEP: f64 = 1e-5;
        let mut at = x.to_vec();
        (0..x.len())
            .map(|i| {
                if !open[i] {
                    return 0.0;
                }
                at[i] = x[i] + STEP;
                let above = self.value(&at, stays);
                at[i] = x[i] - STEP;
                let below = self.value(&at, stays);
                at[i] = x[i];
                (above - below) / (2.0 * STEP)
            })
            .collect()
    }
}

/// ln(Σ exp(k·t))/k, which for large `k` is the largest.
fn log_sum(terms: &[f64], sharpness: f64) -> f64 {
    let largest = terms.iter().copied().fold(-1e3, f64::max);
    let sum: f64 = terms
        .iter()
        .map(|t| ((t - largest) * sharpness).exp())
        .sum();
    largest + sum.max(1e-300).ln() / sharpness
}

/// The bandwidth that limits most.
fn narrowest(ports: Ports) -> Option<Bandwidth> {
    match ports {
        Ports::Shared(limit) => limit,
        Ports::Separate { read, write } => match (read, write) {
            (Some(a), Some(b)) if a.bytes_per_cycle() > b.bytes_per_cycle() => Some(b),
            (Some(a), _) => Some(a),
            (None, limit) => limit,
        },
    }
}

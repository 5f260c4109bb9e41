//! What a search minimises, and what it must keep to meanwhile.

use super::amount::Amount;
use super::costs::Cost;

/// What can be minimised, or limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// Cycles.
    #[default]
    Cycles,
    /// Bits through the ports of the outermost memory.
    Traffic,
    /// Energy in pJ.
    Energy,
    /// Energy times cycles, in pJ · cycles.
    EnergyDelay,
}

impl Measure {
    /// The name used in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Measure::Cycles => "cycles",
            Measure::Traffic => "outermost_traffic",
            Measure::Energy => "energy",
            Measure::EnergyDelay => "edp",
        }
    }

    /// The unit in which it is counted.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Measure::Cycles => "cycles",
            Measure::Traffic => "bits",
            Measure::Energy => "pJ",
            Measure::EnergyDelay => "pJ x cycles",
        }
    }

    /// Its value as it is certified: cycles and bits as the whole numbers that they are.
    #[must_use]
    pub fn amount(self, cost: &Cost) -> Amount {
        match self {
            Measure::Cycles => Amount::Whole(cost.cycles),
            Measure::Traffic => Amount::Whole(cost.outermost_bits()),
            Measure::Energy | Measure::EnergyDelay => Amount::Real(self.of(cost)),
        }
    }

    /// Its value; integers beyond 2^53 are rounded. Energy that the hardware does not give is 0.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "compared to a relative 1e-6 where it is rounded"
    )]
    pub fn of(self, cost: &Cost) -> f64 {
        let energy = cost.energy_pj.unwrap_or(0.0);
        match self {
            Measure::Cycles => cost.cycles as f64,
            Measure::Traffic => cost.outermost_bits() as f64,
            Measure::Energy => energy,
            Measure::EnergyDelay => energy * cost.cycles as f64,
        }
    }

    /// Whether a cost is less than another one; whole numbers are compared as such.
    #[must_use]
    pub fn is_less(self, cost: &Cost, other: &Cost) -> bool {
        match self {
            Measure::Cycles => cost.cycles < other.cycles,
            Measure::Traffic => cost.outermost_bits() < other.outermost_bits(),
            Measure::Energy | Measure::EnergyDelay => self.of(cost) < self.of(other),
        }
    }

    /// Whether energy is part of it.
    #[must_use]
    pub fn has_energy(self) -> bool {
        matches!(self, Measure::Energy | Measure::EnergyDelay)
    }
}

/// What is minimised under which limits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Goal {
    /// What is minimised.
    pub minimise: Measure,
    /// What may be at most how large.
    pub limits: Vec<(Measure, f64)>,
}

/// Fewest cycles, without limits.
pub static FEWEST_CYCLES: Goal = Goal {
    minimise: Measure::Cycles,
    limits: Vec::new(),
};

impl Goal {
    /// The limit of a measure, if it has one.
    #[must_use]
    pub fn limit(&self, measure: Measure) -> Option<f64> {
        let own = self.limits.iter().filter(|l| l.0 == measure);
        own.map(|l| l.1).reduce(f64::min)
    }

    /// Whether a cost keeps to the limits.
    #[must_use]
    pub fn allows(&self, cost: &Cost) -> bool {
        self.limits.iter().all(|&(m, most)| m.of(cost) <= most)
    }

    /// Whether energy is minimised or limited.
    #[must_use]
    pub fn has_energy(&self) -> bool {
        self.minimise.has_energy() || self.limits.iter().any(|l| l.0.has_energy())
    }
}

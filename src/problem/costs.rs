//! What a mapping costs.

use super::role::Role;
use super::units::Bits;

/// Bits moved through the ports of one memory for one operand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortTraffic {
    /// Bits read from the memory.
    pub read: Bits,
    /// Bits written to the memory.
    pub write: Bits,
}

/// The exact cost of one memory's work, all instances alike below an array (the busiest one).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryCost {
    /// Index of the memory in [`super::Hardware::levels`].
    pub level: usize,
    /// Traffic through its ports for input, weight and output.
    pub traffic: [PortTraffic; 3],
    /// Space taken by input, weight and output, doubled where double-buffered.
    pub occupied: [Bits; 3],
    /// Which operands take twice their footprint.
    pub doubled: [bool; 3],
    /// Busy cycles of its busiest port, 0 where nothing limits it.
    pub busy_cycles: u128,
    /// Cycles that the transfers of input, weight and output across its outer boundary add,
    /// 0 where they are overlapped.
    pub added_cycles: [u128; 3],
}

/// The exact cost of a mapping (problem definition, sections 4 and 5).
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// Cycles: the largest of the compute cycles and every port's busy cycles, and the added cycles.
    pub cycles: u128,
    /// Steps of the busiest processing element.
    pub compute_cycles: u128,
    /// Every memory, outermost first.
    pub memories: Vec<MemoryCost>,
    /// Energy in pJ; `None` where no energy field is given at all.
    pub energy_pj: Option<f64>,
}

impl Cost {
    /// Cycles that transfers add which are not overlapped.
    #[must_use]
    pub fn added_cycles(&self) -> u128 {
        self.memories.iter().flat_map(|m| m.added_cycles).sum()
    }

    /// Bits through the ports of the outermost memory.
    #[must_use]
    pub fn outermost_bits(&self) -> u128 {
        let traffic = self.memories.first().map(|m| m.traffic);
        let bits = |t: &PortTraffic| (t.read + t.write).0;
        traffic.iter().flatten().map(bits).sum()
    }

    /// Bits moved through the ports of the memory at `level` for `role`.
    #[must_use]
    pub fn traffic(&self, level: usize, role: Role) -> Bits {
        self.memories
            .iter()
            .filter(|m| m.level == level)
            .map(|m| m.traffic[role as usize].read + m.traffic[role as usize].write)
            .sum()
    }
}

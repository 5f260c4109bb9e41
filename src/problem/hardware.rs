//! The accelerator: memories and arrays from the outermost in (problem definition, section 2).

use super::dim::DimSet;
use super::flow::Dataflow;
use super::role::{Role, RoleSet};
use super::units::{Bandwidth, Bytes};

/// A whole accelerator description.
#[derive(Clone, Debug, PartialEq)]
pub struct Hardware {
    /// Its name.
    pub name: String,
    /// Where its numbers come from.
    pub source: Option<String>,
    /// Clock in MHz, for times in seconds.
    pub clock_mhz: Option<f64>,
    /// Memories and arrays, outermost first; the first is an unbounded memory.
    pub levels: Vec<Level>,
    /// Energy of one multiply-accumulate in pJ.
    pub energy_pj_per_mac: Option<f64>,
    /// Energy in pJ that every cycle costs, whatever is done in it; absent counts as zero.
    pub static_pj_per_cycle: Option<f64>,
    /// Lanes of the vector unit; absent: streamed operations are bound by bandwidth alone.
    pub vector_lanes: Option<u64>,
    /// Dataflows to which mappings are restricted, one of which each must have; none: no restriction.
    pub dataflow: Vec<Dataflow>,
}

/// A level of the hierarchy.
#[derive(Clone, Debug, PartialEq)]
pub enum Level {
    /// A memory.
    Memory(Memory),
    /// An array of elements, each with a copy of every level further in.
    Array(Array),
}

/// Ports of a memory; `None` means that the port's bandwidth is not limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    /// One port for both directions.
    Shared(Option<Bandwidth>),
    /// A read and a write port.
    Separate {
        /// Read port.
        read: Option<Bandwidth>,
        /// Write port.
        write: Option<Bandwidth>,
    },
}

/// What a memory's transfers do (problem definition, section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// Transfers overlap with everything and take no extra space.
    Ideal,
    /// As ideal, and each operand of which more than one tile is loaded takes twice its footprint.
    DoubleBuffer,
    /// Each operand's transfers across the memory's outer boundary are added to the cycles.
    None,
    /// For each operand as [`Overlap::DoubleBuffer`] or as [`Overlap::None`], as the mapping says.
    Choose,
}

/// Energy of a memory's accesses in pJ per byte; absent counts as zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AccessEnergy {
    /// For each byte read.
    pub read_pj_per_byte: Option<f64>,
    /// For each byte written.
    pub write_pj_per_byte: Option<f64>,
}

/// Whether the operands of a memory have tile extents of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tiles {
    /// Each operand has its own extents.
    PerOperand,
    /// One box for all operands.
    Shared,
}

/// A memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Memory {
    /// Its name.
    pub name: String,
    /// Capacity; `None` is unbounded. Below an array it is that of one element.
    pub capacity: Option<Bytes>,
    /// Its ports.
    pub ports: Ports,
    /// Energy of its accesses.
    pub energy: AccessEnergy,
    /// The operands of which it may keep tiles.
    pub holds: RoleSet,
    /// The operands that may go around it, filled from the next memory further out that keeps
    /// them. Operands that it does not hold always do.
    pub bypass: RoleSet,
    /// Overlap of its transfers.
    pub overlap: Overlap,
    /// Tile extents per operand or shared.
    pub tiles: Tiles,
    /// Whether overlapping windows of consecutive tiles are kept.
    pub sliding_reuse: bool,
    /// Addresses at which what stays in it may begin are multiples of this, at least 1.
    pub alignment: Bytes,
}

/// An array of processing elements (or of cores).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// Its name.
    pub name: String,
    /// Its axes.
    pub axes: Vec<Axis>,
    /// Whether a dimension may be spread over several of its axes, the factors multiplied.
    pub split_dims: bool,
}

/// One axis of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Its name.
    pub name: String,
    /// Number of elements along it, at least 1.
    pub size: u64,
    /// The dimensions that may be spread over it.
    pub dims: DimSet,
    /// Whether data that several elements along it need crosses the parent's port once.
    pub multicast: bool,
    /// Whether partial sums of the elements along it are added up on their way to the parent.
    pub reduce: bool,
}

impl Hardware {
    /// The memories with their level index, outermost first.
    pub fn memories(&self) -> impl DoubleEndedIterator<Item = (usize, &Memory)> {
        self.levels.iter().enumerate().filter_map(|(i, l)| match l {
            Level::Memory(m) => Some((i, m)),
            Level::Array(_) => None,
        })
    }

    /// The arrays with their level index, outermost first.
    pub fn arrays(&self) -> impl DoubleEndedIterator<Item = (usize, &Array)> {
        self.levels.iter().enumerate().filter_map(|(i, l)| match l {
            Level::Array(a) => Some((i, a)),
            Level::Memory(_) => None,
        })
    }

    /// The memory at a level index, if that level is one.
    #[must_use]
    pub fn memory(&self, level: usize) -> Option<&Memory> {
        match self.levels.get(level) {
            Some(Level::Memory(m)) => Some(m),
            _ => None,
        }
    }

    /// Multiply-accumulates per cycle: the product of all axis sizes.
    #[must_use]
    pub fn processing_elements(&self) -> u128 {
        self.arrays()
            .flat_map(|(_, a)| a.axes.iter())
            .map(|axis| u128::from(axis.size))
            .product()
    }

    /// Whether a memory lies below the innermost array, so that operands are reused over time there.
    #[must_use]
    pub fn has_memory_below_arrays(&self) -> bool {
        matches!(self.levels.last(), Some(Level::Memory(_))) && self.arrays().next().is_some()
    }

    /// Whether some array stands above this level.
    #[must_use]
    pub fn is_below_array(&self, level: usize) -> bool {
        self.arrays().any(|(array, _)| array < level)
    }

    /// Whether any energy is given.
    #[must_use]
    pub fn has_energy(&self) -> bool {
        self.energy_pj_per_mac.is_some()
            || self.static_pj_per_cycle.is_some()
            || self.memories().any(|(_, m)| !m.energy.is_absent())
    }

    /// Forgets all energies.
    pub fn remove_energy(&mut self) {
        self.energy_pj_per_mac = None;
        self.static_pj_per_cycle = None;
        for level in &mut self.levels {
            if let Level::Memory(memory) = level {
                memory.energy = AccessEnergy::ABSENT;
            }
        }
    }

    /// Sets every alignment to the default: only memory plans have addresses.
    pub fn remove_alignments(&mut self) {
        for level in &mut self.levels {
            if let Level::Memory(memory) = level {
                memory.alignment = Memory::DEFAULT_ALIGNMENT;
            }
        }
    }

    /// Number of instances of the level: the elements of all arrays above it.
    #[must_use]
    pub fn instances(&self, level: usize) -> u128 {
        self.arrays()
            .filter(|&(i, _)| i < level)
            .flat_map(|(_, a)| a.axes.iter())
            .map(|axis| u128::from(axis.size))
            .product()
    }
}

impl AccessEnergy {
    /// No energies.
    pub const ABSENT: AccessEnergy = AccessEnergy {
        read_pj_per_byte: None,
        write_pj_per_byte: None,
    };

    /// The same energy for every byte read or written.
    #[must_use]
    pub fn both(pj_per_byte: Option<f64>) -> Self {
        Self {
            read_pj_per_byte: pj_per_byte,
            write_pj_per_byte: pj_per_byte,
        }
    }

    /// Whether neither energy is given.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.read_pj_per_byte.is_none() && self.write_pj_per_byte.is_none()
    }
}

impl Memory {
    /// The alignment of memories of which nothing is said.
    pub const DEFAULT_ALIGNMENT: Bytes = Bytes(64);

    /// Whether the memory may keep tiles of this operand.
    #[must_use]
    pub fn may_keep(&self, role: Role) -> bool {
        self.holds.contains(role)
    }

    /// Whether this operand may go around the memory.
    #[must_use]
    pub fn may_bypass(&self, role: Role) -> bool {
        !self.holds.contains(role) || self.bypass.contains(role)
    }
}

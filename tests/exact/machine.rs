//! Small pieces of hardware out of plain memories and axes.

use deepmatrix::problem::{
    AccessEnergy, Array, Axis, Dim, DimSet, Hardware, Level, Memory, Overlap, Ports, RoleSet, Tiles,
};

/// A memory of any size for all operands, which takes no time and no energy.
pub fn memory(name: &str) -> Memory {
    Memory {
        name: name.to_owned(),
        capacity: None,
        ports: Ports::Shared(None),
        energy: AccessEnergy::ABSENT,
        holds: RoleSet::ALL,
        bypass: RoleSet::NONE,
        overlap: Overlap::Ideal,
        tiles: Tiles::PerOperand,
        sliding_reuse: false,
        alignment: Memory::DEFAULT_ALIGNMENT,
    }
}

/// An axis for these dimensions that shares and sums.
pub fn axis(name: &str, size: u64, dims: &[Dim]) -> Axis {
    Axis {
        name: name.to_owned(),
        size,
        dims: DimSet::of(dims),
        multicast: true,
        reduce: true,
    }
}

/// An array that splits no dimension over several axes.
pub fn array(axes: Vec<Axis>) -> Level {
    Level::Array(Array {
        name: "pe".to_owned(),
        axes,
        split_dims: false,
    })
}

/// Hardware without energy of its own.
pub fn hardware(name: &str, levels: Vec<Level>) -> Hardware {
    Hardware {
        name: name.to_owned(),
        source: None,
        clock_mhz: None,
        levels,
        energy_pj_per_mac: None,
        static_pj_per_cycle: None,
        vector_lanes: None,
        dataflow: Vec::new(),
    }
}

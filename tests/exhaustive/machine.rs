//! The hardware as the search sees it.

use deepmatrix::problem::{Axis, Hardware, Level, Memory, Ports, Tiles};

use super::Rules;

/// An unbounded memory, an SRAM, perhaps an array, perhaps registers.
pub struct Machine<'a> {
    /// The outermost memory.
    pub dram: &'a Memory,
    /// The memory that feeds the array.
    pub sram: &'a Memory,
    /// The axes of the array, none without one.
    pub axes: &'a [Axis],
    /// The memory below the array.
    pub registers: Option<&'a Memory>,
    /// Whether the SRAM's nodes stand together.
    pub shared: bool,
}

impl<'a> Machine<'a> {
    /// Reads the levels.
    pub fn new(hardware: &'a Hardware, rules: Rules) -> Self {
        let (dram, sram, axes, registers): (_, _, &[Axis], _) = match hardware.levels.as_slice() {
            [Level::Memory(d), Level::Memory(s)] => (d, s, &[], None),
            [Level::Memory(d), Level::Memory(s), Level::Array(a)] => (d, s, &a.axes, None),
            [
                Level::Memory(d),
                Level::Memory(s),
                Level::Array(a),
                Level::Memory(r),
            ] => (d, s, &a.axes, Some(r)),
            _ => panic!("the exhaustive search does not know such levels"),
        };
        assert!(axes.len() <= 2, "at most two axes");
        assert!(
            registers.is_none_or(|r| r.tiles == Tiles::Shared),
            "registers have one box"
        );
        Self {
            dram,
            sram,
            axes,
            registers,
            shared: rules.force_shared || sram.tiles == Tiles::Shared,
        }
    }
}

/// The busy cycles of the busiest port that moves these bits.
pub fn busy(ports: Ports, read: u64, write: u64) -> u128 {
    use deepmatrix::problem::Bits;
    let cycles = |limit: Option<deepmatrix::problem::Bandwidth>, bits: u64| {
        limit.map_or(0, |b| b.cycles(Bits(u128::from(bits))))
    };
    match ports {
        Ports::Shared(limit) => cycles(limit, read + write),
        Ports::Separate { read: r, write: w } => cycles(r, read).max(cycles(w, write)),
    }
}

//! The exact cost of a streamed operation: elements in and out once, through the vector unit.
//!
//! The vector unit sits beside the first array. The outermost memory is read and written once;
//! every further memory above that array is filled from outside, read by the vector unit,
//! written by it and drained, so that each bit crosses its ports twice.

use crate::problem::certificate::{Amount, Certificate};
use crate::problem::goal::Measure;
use crate::problem::result::{Cost, LowerBounds, MemoryBound, MemoryCost, PortTraffic};
use crate::problem::{Bandwidth, Bits, Hardware, LayerRow, Memory, Ports, StreamOperation, Work};

/// The cost of the operation, and the lower bounds that its vector operations and its compulsory
/// traffic set.
#[must_use]
pub fn cost(operation: &StreamOperation, hardware: &Hardware) -> (Cost, LowerBounds) {
    let array = hardware
        .arrays()
        .next()
        .map_or(hardware.levels.len(), |(level, _)| level);
    let memories: Vec<MemoryCost> = hardware
        .memories()
        .enumerate()
        .map(|(position, (level, memory))| {
            let traffic = match position {
                0 => outermost(operation),
                _ if level < array => passed_through(operation),
                _ => [PortTraffic::default(); 3],
            };
            memory_cost(level, memory, traffic)
        })
        .collect();
    let compute_cycles = hardware.vector_lanes.map_or(0, |lanes| {
        operation.vector_operations.div_ceil(u128::from(lanes))
    });
    let busiest = memories.iter().map(|memory| memory.busy_cycles).max();
    let outermost = memories.iter().take(1).map(|memory| MemoryBound {
        level: memory.level,
        compulsory: memory.busy_cycles,
        loomis_whitney: 0,
    });
    let bounds = LowerBounds {
        compute: compute_cycles,
        memories: outermost.collect(),
    };
    let cycles = compute_cycles.max(busiest.unwrap_or(0));
    let cost = Cost {
        cycles,
        compute_cycles,
        energy_pj: energy_pj(&memories, hardware, cycles),
        memories,
    };
    (cost, bounds)
}

/// The row of the operation, of which there is one way to do it.
#[must_use]
pub fn row(name: &str, op: &str, operation: &StreamOperation, hardware: &Hardware) -> LayerRow {
    let (cost, lower_bounds) = cost(operation, hardware);
    LayerRow {
        certificate: Certificate::only_way(Measure::Cycles, Amount::Whole(cost.cycles)),
        bound_cycles: cost.cycles,
        cost: Some(cost),
        lower_bound_cycles: lower_bounds.best(),
        lower_bounds,
        ..LayerRow::without_mapping(name, op, Work::Streamed)
    }
}

/// A layer without work: no cycles, no traffic.
#[must_use]
pub fn nothing(hardware: &Hardware) -> Cost {
    let operation = StreamOperation {
        input: Bits(0),
        weight: Bits(0),
        output: Bits(0),
        vector_operations: 0,
        fusable: false,
    };
    cost(&operation, hardware).0
}

/// Inputs and parameters are read once and the output is written once.
fn outermost(operation: &StreamOperation) -> [PortTraffic; 3] {
    let read = |bits| PortTraffic {
        read: bits,
        write: Bits(0),
    };
    let write = PortTraffic {
        read: Bits(0),
        write: operation.output,
    };
    [read(operation.input), read(operation.weight), write]
}

/// Everything is written once and read once.
fn passed_through(operation: &StreamOperation) -> [PortTraffic; 3] {
    [operation.input, operation.weight, operation.output].map(|bits| PortTraffic {
        read: bits,
        write: bits,
    })
}

fn memory_cost(level: usize, memory: &Memory, traffic: [PortTraffic; 3]) -> MemoryCost {
    MemoryCost {
        level,
        traffic,
        occupied: [Bits(0); 3],
        doubled: [false; 3],
        busy_cycles: busy_cycles(memory.ports, traffic),
        added_cycles: [0; 3],
    }
}

/// The busy cycles of the busiest port.
pub(super) fn busy_cycles(ports: Ports, traffic: [PortTraffic; 3]) -> u128 {
    let read: Bits = traffic.iter().map(|t| t.read).sum();
    let write: Bits = traffic.iter().map(|t| t.write).sum();
    let cycles = |port: Option<Bandwidth>, bits| port.map_or(0, |bandwidth| bandwidth.cycles(bits));
    match ports {
        Ports::Shared(port) => cycles(port, read + write),
        Ports::Separate {
            read: reads,
            write: writes,
        } => cycles(reads, read).max(cycles(writes, write)),
    }
}

/// The energy of all transfers and of every cycle; `None` where the hardware gives no energy at all.
#[expect(
    clippy::cast_precision_loss,
    reason = "energies are physical estimates, reported as decimals"
)]
fn energy_pj(memories: &[MemoryCost], hardware: &Hardware, cycles: u128) -> Option<f64> {
    hardware.has_energy().then(|| {
        let transfers: f64 = memories
            .iter()
            .map(|cost| {
                let read: Bits = cost.traffic.iter().map(|t| t.read).sum();
                let write: Bits = cost.traffic.iter().map(|t| t.write).sum();
                let energy = hardware.memory(cost.level).map(|m| m.energy);
                let energy = energy.unwrap_or_default();
                energy.read_pj_per_byte.unwrap_or(0.0) * read.bytes()
                    + energy.write_pj_per_byte.unwrap_or(0.0) * write.bytes()
            })
            .sum();
        transfers + cycles as f64 * hardware.static_pj_per_cycle.unwrap_or(0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{
        AccessEnergy, Array, Axis, Bytes, DimSet, Level, Overlap, RoleSet, Tiles,
    };

    fn memory(name: &str, ports: Ports) -> Level {
        Level::Memory(Memory {
            name: name.to_owned(),
            capacity: (name != "dram").then_some(Bytes(1024)),
            ports,
            energy: AccessEnergy::both(Some(2.0)),
            holds: RoleSet::ALL,
            bypass: RoleSet::NONE,
            overlap: Overlap::Ideal,
            tiles: Tiles::PerOperand,
            sliding_reuse: true,
            alignment: Memory::DEFAULT_ALIGNMENT,
        })
    }

    fn hardware(vector_lanes: Option<u64>) -> Hardware {
        let bandwidth = Bandwidth::new;
        Hardware {
            name: "test".to_owned(),
            source: None,
            clock_mhz: None,
            levels: vec![
                memory("dram", Ports::Shared(bandwidth(4, 1))),
                memory(
                    "sram",
                    Ports::Separate {
                        read: bandwidth(8, 1),
                        write: bandwidth(1, 1),
                    },
                ),
                Level::Array(Array {
                    name: "pe".to_owned(),
                    split_dims: false,
                    axes: vec![Axis {
                        name: "rows".to_owned(),
                        size: 4,
                        dims: DimSet::ALL,
                        multicast: true,
                        reduce: true,
                    }],
                }),
                memory("registers", Ports::Shared(None)),
            ],
            energy_pj_per_mac: None,
            static_pj_per_cycle: None,
            vector_lanes,
            dataflow: Vec::new(),
        }
    }

    const POOL: StreamOperation = StreamOperation {
        input: Bits(800),
        weight: Bits(0),
        output: Bits(204),
        vector_operations: 101,
        fusable: false,
    };

    #[test]
    fn the_busiest_port_sets_the_cycles() {
        let (cost, bounds) = cost(&POOL, &hardware(None));
        let busy: Vec<u128> = cost.memories.iter().map(|m| m.busy_cycles).collect();
        assert_eq!(busy, [32, 126, 0], "1004 bits at 32, 1004 bits at 8, none");
        assert_eq!(
            (cost.cycles, cost.compute_cycles, bounds.best()),
            (126, 0, 32)
        );
        let energy = cost.energy_pj.expect("energy fields are given");
        assert!((energy - 2.0 * 3.0 * 125.5).abs() < 1e-9);
    }

    #[test]
    fn few_lanes_set_the_cycles() {
        let (cost, bounds) = cost(&POOL, &hardware(Some(2)));
        assert_eq!((cost.compute_cycles, bounds.best()), (51, 51));
        let (cost, _) = super::cost(&POOL, &hardware(Some(1)));
        assert_eq!((cost.cycles, cost.compute_cycles), (126, 101));
    }

    #[test]
    fn a_view_costs_nothing() {
        let cost = nothing(&hardware(Some(1)));
        assert_eq!(cost.cycles, 0);
        assert_eq!(cost.memories.len(), 3);
    }
}

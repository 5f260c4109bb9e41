//! How much of every limit a mapping uses: steps, ports, memories, axes.

use crate::problem::result::{Cost, MemoryCost};
use crate::problem::{ArrayMapping, Bits, Dim, Hardware, Level, Mapping, Memory, Ports};

/// What a limit is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Cycles in which the busiest element works.
    Compute,
    /// Cycles in which a port is busy.
    Port,
    /// Bytes that tiles take in a memory.
    Capacity,
    /// Elements of an axis with work.
    Axis,
}

impl Kind {
    /// The name used in JSON.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Compute => "compute",
            Kind::Port => "port",
            Kind::Capacity => "capacity",
            Kind::Axis => "axis",
        }
    }

    /// What is counted.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Kind::Compute | Kind::Port => "cycles",
            Kind::Capacity => "bytes",
            Kind::Axis => "elements",
        }
    }
}

/// How much of a limit is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Usage {
    /// The level and what of it.
    pub(super) name: String,
    /// What the limit is of.
    pub(super) kind: Kind,
    /// What is used.
    pub(super) used: u128,
    /// The limit; of ports and steps the cycles that the layer takes but for those added to them.
    pub(super) limit: u128,
}

impl Usage {
    /// What is left.
    pub(super) fn slack(&self) -> u128 {
        self.limit.saturating_sub(self.used)
    }
}

/// All limits, from the outermost level in, the array's steps last.
pub(super) fn of(hardware: &Hardware, mapping: &Mapping, cost: &Cost) -> Vec<Usage> {
    let overlapped = cost.cycles - cost.added_cycles();
    let mut all = Vec::new();
    for (index, level) in hardware.levels.iter().enumerate() {
        match level {
            Level::Memory(memory) => {
                if let Some(own) = cost.memories.iter().find(|m| m.level == index) {
                    all.extend(ports(memory, own, overlapped));
                    all.extend(capacity(memory, own));
                }
            }
            Level::Array(array) => {
                let own = mapping.spatial.iter().find(|a| a.level == index);
                for (i, axis) in array.axes.iter().enumerate() {
                    all.push(Usage {
                        name: format!("{}.{}", array.name, axis.name),
                        kind: Kind::Axis,
                        used: own.map_or(1, |own| used_of(own, i)),
                        limit: axis.size.into(),
                    });
                }
            }
        }
    }
    all.push(Usage {
        name: "compute".to_owned(),
        kind: Kind::Compute,
        used: cost.compute_cycles,
        limit: overlapped,
    });
    all
}

fn used_of(array: &ArrayMapping, axis: usize) -> u128 {
    let factors = &array.axes[axis];
    let own = Dim::ALL.into_iter().map(|d| u128::from(factors[d]));
    own.product()
}

fn capacity(memory: &Memory, cost: &MemoryCost) -> Option<Usage> {
    let used: Bits = cost.occupied.iter().copied().sum();
    Some(Usage {
        name: format!("{} capacity", memory.name),
        kind: Kind::Capacity,
        used: used.bytes_ceil(),
        limit: memory.capacity?.bits().bytes_ceil(),
    })
}

fn ports(memory: &Memory, cost: &MemoryCost, limit: u128) -> Vec<Usage> {
    let read: Bits = cost.traffic.iter().map(|t| t.read).sum();
    let write: Bits = cost.traffic.iter().map(|t| t.write).sum();
    let port = |name: &str, used: u128| Usage {
        name: format!("{} {name}", memory.name),
        kind: Kind::Port,
        used,
        limit,
    };
    match memory.ports {
        Ports::Shared(own) => {
            let own = own.map(|b| port("port", b.cycles(read + write)));
            own.into_iter().collect()
        }
        Ports::Separate { read: r, write: w } => {
            let reading = r.map(|b| port("read port", b.cycles(read)));
            let writing = w.map(|b| port("write port", b.cycles(write)));
            reading.into_iter().chain(writing).collect()
        }
    }
}

//! What a change of the hardware does to a step: twice or half as much of one thing.

use std::fmt;

use super::hardware::{Hardware, Level, Ports};
use super::units::{Bandwidth, Bytes};

/// The step on changed hardware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatIf {
    /// What is changed.
    pub change: HardwareChange,
    /// Cycles of a step that was found on the changed hardware: it may be faster.
    pub cycles: u128,
}

/// A change of the hardware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HardwareChange {
    /// Of what there is more or less.
    pub of: Resource,
    /// How much.
    pub scale: Scale,
}

/// How much of something there is after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Twice as much.
    Twice,
    /// Half of it.
    Half,
}

/// Something of which hardware has so much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// The bandwidth of all ports of a memory, by its name.
    Bandwidth(String),
    /// That of its read port alone.
    ReadBandwidth(String),
    /// That of its write port alone.
    WriteBandwidth(String),
    /// The bytes of a memory, by its name.
    Capacity(String),
    /// The elements along an axis.
    Elements {
        /// The array, by its name.
        array: String,
        /// The axis, by its name.
        axis: String,
    },
}

impl Scale {
    fn number(self, own: u64) -> Option<u64> {
        match self {
            Scale::Twice => own.checked_mul(2),
            Scale::Half => Some(own / 2).filter(|&half| half > 0),
        }
    }

    fn bandwidth(self, own: Bandwidth) -> Option<Bandwidth> {
        match self {
            Scale::Twice => own.twice(),
            Scale::Half => own.half(),
        }
    }
}

impl Resource {
    /// All of which the hardware has a limited amount, from the outermost level in.
    #[must_use]
    pub fn all(hardware: &Hardware) -> Vec<Self> {
        let mut all = Vec::new();
        for level in &hardware.levels {
            match level {
                Level::Array(array) => {
                    all.extend(array.axes.iter().map(|axis| Resource::Elements {
                        array: array.name.clone(),
                        axis: axis.name.clone(),
                    }));
                }
                Level::Memory(memory) => {
                    let name = || memory.name.clone();
                    all.extend(memory.capacity.map(|_| Resource::Capacity(name())));
                    match memory.ports {
                        Ports::Shared(own) => all.extend(own.map(|_| Resource::Bandwidth(name()))),
                        Ports::Separate { read, write } => {
                            all.extend(read.map(|_| Resource::ReadBandwidth(name())));
                            all.extend(write.map(|_| Resource::WriteBandwidth(name())));
                        }
                    }
                }
            }
        }
        all
    }

    /// How much there is of it, as text; `None` where the hardware has nothing of the kind.
    #[must_use]
    pub fn amount(&self, hardware: &Hardware) -> Option<String> {
        let level = self.level(hardware)?;
        match (&hardware.levels[level], self) {
            (Level::Array(array), Resource::Elements { axis, .. }) => {
                let own = array.axes.iter().find(|own| own.name == *axis)?;
                Some(own.size.to_string())
            }
            (Level::Memory(memory), Resource::Capacity(_)) => Some(memory.capacity?.0.to_string()),
            (Level::Memory(memory), _) => match (memory.ports, self) {
                (Ports::Separate { read, .. }, Resource::ReadBandwidth(_)) => read.map(text),
                (Ports::Separate { write, .. }, Resource::WriteBandwidth(_)) => write.map(text),
                (Ports::Shared(own), Resource::Bandwidth(_)) => own.map(text),
                _ => None,
            },
            (Level::Array(_), _) => None,
        }
    }

    /// Where it stands.
    fn level(&self, hardware: &Hardware) -> Option<usize> {
        let (Resource::Bandwidth(name)
        | Resource::ReadBandwidth(name)
        | Resource::WriteBandwidth(name)
        | Resource::Capacity(name)
        | Resource::Elements { array: name, .. }) = self;
        hardware.levels.iter().position(|level| match level {
            Level::Memory(memory) => memory.name == *name,
            Level::Array(array) => array.name == *name,
        })
    }
}

/// Bytes per cycle.
#[expect(clippy::cast_precision_loss, reason = "shown with a few digits")]
fn text(bandwidth: Bandwidth) -> String {
    let (numerator, denominator) = bandwidth.ratio();
    format!("{}", numerator as f64 / denominator as f64)
}

impl fmt::Display for Resource {
    /// Its name with its unit, `dram bytes per cycle`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Resource::Bandwidth(name) => write!(out, "{name} bytes per cycle"),
            Resource::ReadBandwidth(name) => write!(out, "{name} read bytes per cycle"),
            Resource::WriteBandwidth(name) => write!(out, "{name} write bytes per cycle"),
            Resource::Capacity(name) => write!(out, "{name} bytes"),
            Resource::Elements { array, axis } => write!(out, "{array}.{axis} elements"),
        }
    }
}

impl HardwareChange {
    /// The changed hardware; `None` where it has nothing of the kind, or no half or twice of it.
    #[must_use]
    pub fn apply(&self, hardware: &Hardware) -> Option<Hardware> {
        let scale = self.scale;
        let mut own = hardware.clone();
        match (&mut own.levels[self.of.level(hardware)?], &self.of) {
            (Level::Array(array), Resource::Elements { axis, .. }) => {
                let axis = array.axes.iter_mut().find(|own| own.name == *axis)?;
                axis.size = scale.number(axis.size)?;
            }
            (Level::Memory(memory), Resource::Capacity(_)) => {
                memory.capacity = Some(Bytes(scale.number(memory.capacity?.0)?));
            }
            (Level::Memory(memory), of) => memory.ports = ports(memory.ports, of, scale)?,
            (Level::Array(_), _) => return None,
        }
        Some(own)
    }
}

/// Ports of which some are faster or slower; `None` where these have no limit.
fn ports(ports: Ports, of: &Resource, scale: Scale) -> Option<Ports> {
    let one = |own: Option<Bandwidth>| Some(Some(scale.bandwidth(own?)?));
    let both = |own: Option<Bandwidth>| own.map_or(Some(None), |own| one(Some(own)));
    Some(match (ports, of) {
        (Ports::Shared(own), Resource::Bandwidth(_)) => Ports::Shared(one(own)?),
        (Ports::Separate { read, write }, Resource::Bandwidth(_)) => {
            read.or(write)?;
            let (read, write) = (both(read)?, both(write)?);
            Ports::Separate { read, write }
        }
        (Ports::Separate { read, write }, Resource::ReadBandwidth(_)) => {
            let read = one(read)?;
            Ports::Separate { read, write }
        }
        (Ports::Separate { read, write }, Resource::WriteBandwidth(_)) => {
            let write = one(write)?;
            Ports::Separate { read, write }
        }
        _ => return None,
    })
}

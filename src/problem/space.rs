//! The mapping space that proofs speak of.

use super::dataflow;
use super::hardware::{Hardware, Tiles};

/// Extents without third cuts, as mappings restricted to dataflows have them.
const EXTENTS: &str = "one per node and relevant dimension";
/// Extents of mappings without any restriction.
const EXTENTS_WITH_THIRD: &str = "one per node and relevant dimension; in dimensions of up to 12, windows of up to 12 outputs and taps, one more";
/// Extents where parts of the mappings of some layers are fixed.
const EXTENTS_WHERE_FREE: &str = "one per node and relevant dimension; in dimensions of up to 12, windows of up to 12 outputs and taps, of layers of which nothing is fixed, one more";

/// The mapping space that a proof speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    /// Tile extents: `all` integers or `divisors` of the dimension.
    pub tiles: &'static str,
    /// Every memory below the outermost, with whether its operands have extents of their own.
    pub memories: Vec<(String, Tiles)>,
    /// Which extents a mapping has: see `formulations/model.md`, "A third extent".
    pub extents: &'static str,
    /// Node orders considered.
    pub orders: &'static str,
    /// Rule for the spatial loops.
    pub spatial: &'static str,
    /// Dataflow to which the mappings are restricted.
    pub dataflow: String,
    /// Where the constraints are written that fix parts of mappings.
    pub constraints: Vec<String>,
}

impl Space {
    /// The space of this hardware, with all tile extents or the divisors only.
    #[must_use]
    pub fn of(hardware: &Hardware, divisors_only: bool) -> Self {
        Self {
            tiles: if divisors_only { "divisors" } else { "all" },
            memories: hardware
                .memories()
                .skip(1)
                .map(|(_, memory)| (memory.name.clone(), memory.tiles))
                .collect(),
            extents: if hardware.dataflow.is_empty() {
                EXTENTS_WITH_THIRD
            } else {
                EXTENTS
            },
            orders: "all",
            spatial: if hardware.arrays().any(|(_, array)| array.split_dims) {
                "one axis per dimension, several where an array splits dimensions"
            } else {
                "one axis per dimension"
            },
            dataflow: dataflow::names(&hardware.dataflow),
            constraints: Vec::new(),
        }
    }

    /// The same with parts that are fixed by what is written in these places.
    #[must_use]
    pub fn constrained(self, constraints: Vec<String>) -> Self {
        let extents = if constraints.is_empty() || self.extents == EXTENTS {
            self.extents
        } else {
            EXTENTS_WHERE_FREE
        };
        Self {
            extents,
            constraints,
            ..self
        }
    }
}

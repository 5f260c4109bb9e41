//! The result of a run over a network: one row for each layer, and their total.

use super::dataflow;
use super::goal::Measure;
use super::hardware::{Hardware, Tiles};
use super::mapping::Mapping;
use super::operation::LoopNest;
use super::result::{Cost, Proof, SolverStatistics, Status, Tie};

/// Everything that one run found; each report format is written from it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunResult {
    /// Name of the network.
    pub network: String,
    /// The hardware; rows refer to its levels by index.
    pub hardware: Hardware,
    /// What was run: `inference`.
    pub mode: &'static str,
    /// Batch size.
    pub batch: u64,
    /// What was minimised.
    pub objective: Measure,
    /// The mapping space over which optimality was proved.
    pub space: Space,
    /// One row for each layer that is not fused into another, in execution order.
    pub layers: Vec<LayerRow>,
    /// Seconds of wall time.
    pub seconds: f64,
    /// What a reader must know of the numbers, such as that energies are missing.
    pub notes: Vec<String>,
}

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
            extents: "one per node and relevant dimension",
            orders: "all",
            spatial: "one axis per dimension",
            dataflow: dataflow::names(&hardware.dataflow),
            constraints: Vec::new(),
        }
    }
}

/// What kind of work a row stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Multiply-accumulates.
    Mapped(Box<LoopNest>),
    /// Elements streamed through the vector unit.
    Streamed,
    /// Another view of the same bytes: nothing to do.
    View,
}

/// The result of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerRow {
    /// Name of the layer.
    pub name: String,
    /// Its operator.
    pub op: String,
    /// What it does.
    pub work: Work,
    /// Names of the layers that are applied to its output as it leaves the array.
    pub fused: Vec<String>,
    /// The earlier layer with the same loop nest, whose solution this is.
    pub same_as: Option<String>,
    /// What was proved.
    pub status: Status,
    /// By what.
    pub proof: Proof,
    /// The exact cost; `None` where no mapping was found.
    pub cost: Option<Cost>,
    /// The mapping, for multiply-accumulates.
    pub mapping: Option<Mapping>,
    /// No mapping of the space has fewer cycles.
    pub bound_cycles: u128,
    /// No mapping at all has fewer cycles.
    pub lower_bound_cycles: u128,
    /// How equally good mappings were told apart; `None` where they were not.
    pub tie: Option<Tie>,
    /// What was minimised, and what no mapping of the space has less of; `None` for cycles.
    pub objective_bound: Option<(Measure, f64)>,
    /// Why there is no mapping, or why the search stopped.
    pub reason: Option<String>,
    /// Work of the solver; zero where the solution is another layer's.
    pub statistics: SolverStatistics,
}

impl LayerRow {
    /// Cycles, if there is a mapping.
    #[must_use]
    pub fn cycles(&self) -> Option<u128> {
        self.cost.as_ref().map(|cost| cost.cycles)
    }

    /// Multiply-accumulates of the layer.
    #[must_use]
    pub fn macs(&self) -> u128 {
        match &self.work {
            Work::Mapped(nest) => nest.box_macs(),
            Work::Streamed | Work::View => 0,
        }
    }

    /// The part of the multiply-accumulate slots that does useful work, between 0 and 1.
    #[must_use]
    pub fn utilization(&self, hardware: &Hardware) -> Option<f64> {
        self.cycles()
            .map(|cycles| fraction(self.macs(), cycles * hardware.processing_elements()))
    }

    /// What takes the cycles: `compute` or the name of a memory; `-` where nothing does.
    #[must_use]
    pub fn bottleneck<'a>(&self, hardware: &'a Hardware) -> &'a str {
        let Some(cost) = &self.cost else { return "-" };
        if self.work == Work::View {
            return "-";
        }
        let overlapped = cost.cycles - cost.added_cycles();
        if cost.compute_cycles >= overlapped {
            return "compute";
        }
        cost.memories
            .iter()
            .find(|memory| memory.busy_cycles >= overlapped)
            .and_then(|memory| hardware.memory(memory.level))
            .map_or("compute", |memory| memory.name.as_str())
    }

    /// How far what was minimised may be above the best of the space, as a part of it.
    #[must_use]
    pub fn gap(&self) -> Option<f64> {
        let cycles = self.cycles()?;
        if self.status == Status::Optimal {
            return Some(0.0);
        }
        if let (Some((measure, bound)), Some(cost)) = (self.objective_bound, &self.cost) {
            return Some((1.0 - bound / measure.of(cost)).max(0.0));
        }
        Some(fraction(cycles.saturating_sub(self.bound_cycles), cycles))
    }
}

/// Sums over all rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Total {
    /// Cycles; `None` if a layer has no mapping.
    pub cycles: Option<u128>,
    /// Sum of the bounds over the mapping space.
    pub bound_cycles: u128,
    /// Sum of the bounds that hold for any mapping.
    pub lower_bound_cycles: u128,
    /// Utilization over all cycles; `None` if a layer has no mapping.
    pub utilization: Option<f64>,
    /// Energy in pJ; `None` if the hardware has no energy fields or a layer has no mapping.
    pub energy_pj: Option<f64>,
    /// Number of rows.
    pub layers: usize,
    /// Number of rows proved optimal.
    pub layers_optimal: usize,
    /// Seconds of wall time.
    pub seconds: f64,
}

impl RunResult {
    /// How far the total of what was minimised may be above the best of the space, as a part of
    /// it; `None` for energy-delay products, which do not add up.
    #[must_use]
    pub fn gap(&self) -> Option<f64> {
        match self.objective {
            Measure::Cycles | Measure::Traffic => self.gap_in_cycles(),
            Measure::Energy => self.gap_in_energy(),
            Measure::EnergyDelay => None,
        }
    }

    fn gap_in_energy(&self) -> Option<f64> {
        let excess = |row: &LayerRow| {
            let energy = row.cost.as_ref()?.energy_pj?;
            Some(row.gap()? * energy)
        };
        let excess: Option<f64> = self.layers.iter().map(excess).sum();
        let total = self.total().energy_pj?;
        Some(if total > 0.0 { excess? / total } else { 0.0 })
    }

    fn gap_in_cycles(&self) -> Option<f64> {
        let excess: Option<u128> = (self.layers.iter())
            .map(|row| match row.status {
                Status::Optimal => Some(0),
                _ => row.cycles().map(|c| c.saturating_sub(row.bound_cycles)),
            })
            .sum();
        Some(fraction(excess?, self.total().cycles?))
    }

    /// The sums over all rows.
    #[must_use]
    pub fn total(&self) -> Total {
        let rows = &self.layers;
        let cycles: Option<u128> = rows.iter().map(LayerRow::cycles).sum();
        let macs: u128 = rows.iter().map(LayerRow::macs).sum();
        let elements = self.hardware.processing_elements();
        Total {
            cycles,
            bound_cycles: rows.iter().map(|row| row.bound_cycles).sum(),
            lower_bound_cycles: rows.iter().map(|row| row.lower_bound_cycles).sum(),
            utilization: cycles.map(|cycles| fraction(macs, cycles * elements)),
            energy_pj: rows
                .iter()
                .map(|row| row.cost.as_ref().and_then(|cost| cost.energy_pj))
                .sum(),
            layers: rows.len(),
            layers_optimal: rows
                .iter()
                .filter(|row| row.status == Status::Optimal)
                .count(),
            seconds: self.seconds,
        }
    }
}

/// `part / whole` as a floating-point number, 0 for an empty whole.
#[expect(
    clippy::cast_precision_loss,
    reason = "reports show it; no decision rests on it"
)]
fn fraction(part: u128, whole: u128) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64
}

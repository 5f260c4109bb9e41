//! The result of a run over a network: one row for each layer, and their total.

use std::collections::BTreeMap;

use super::certificate::{Amount, Certificate};
use super::dataflow;
use super::goal::Measure;
use super::graph::Pass;
use super::hardware::{Hardware, Tiles};
use super::mapping::Mapping;
use super::operation::LoopNest;
use super::operator::OnnxNode;
use super::phases::{self, PhaseIndex};
use super::plan::MemoryPlan;
use super::result::{Cost, LowerBounds, Proof, SolverStatistics, Status, Tie};
use super::training::TrainingStep;
use super::what_if::WhatIf;

/// Everything that one run found; each report format is written from it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunResult {
    /// Name of the network.
    pub network: String,
    /// The hardware; rows refer to its levels by index.
    pub hardware: Hardware,
    /// What was run: `inference` or `training`.
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
    /// What is known of the step, where it is one of training.
    pub training: Option<TrainingStep>,
    /// Whether these are only some of the operations of the step.
    pub partial: bool,
    /// What stays in the shared memory between operations, if that was planned.
    pub memory_plan: Option<MemoryPlan>,
    /// What changes of the hardware do to the step.
    pub what_if: Vec<WhatIf>,
    /// The nodes that the rows of an imported network stem from, by the rows' names.
    pub origins: BTreeMap<String, OnnxNode>,
}

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

/// What kind of work a row stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Multiply-accumulates.
    Mapped(Box<LoopNest>),
    /// Multiply-accumulates phase by phase; the row holds the sums over its phases.
    Phases,
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
    /// The part of the step to which it belongs.
    pub pass: Pass,
    /// What it does.
    pub work: Work,
    /// Names of the layers that are applied to its output as it leaves the array.
    pub fused: Vec<String>,
    /// The earlier layer with the same loop nest, whose solution this is.
    pub same_as: Option<String>,
    /// What was proved, by what, and what was left out.
    pub certificate: Certificate,
    /// The exact cost; `None` where no mapping was found.
    pub cost: Option<Cost>,
    /// The mapping, for multiply-accumulates.
    pub mapping: Option<Mapping>,
    /// No mapping of the space has fewer cycles.
    pub bound_cycles: u128,
    /// No mapping at all has fewer cycles.
    pub lower_bound_cycles: u128,
    /// The bounds that hold for any mapping, one by one; `lower_bound_cycles` is the largest.
    pub lower_bounds: LowerBounds,
    /// How equally good mappings were told apart; `None` where they were not.
    pub tie: Option<Tie>,
    /// What was minimised, and what no mapping of the space has less of; `None` for cycles.
    pub objective_bound: Option<(Measure, f64)>,
    /// Why there is no mapping, or why the search stopped.
    pub reason: Option<String>,
    /// Work of the solver; zero where the solution is another layer's.
    pub statistics: SolverStatistics,
    /// The rows of its phases, where the layer is computed phase by phase.
    pub phases: Vec<PhaseRow>,
}

/// The result of one phase of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseRow {
    /// The output modulo the strides.
    pub index: PhaseIndex,
    /// Its result, under the layer's name.
    pub row: LayerRow,
}

impl PhaseRow {
    /// The index as text, `[0, 1]`.
    #[must_use]
    pub fn index_text(&self) -> String {
        self.index.to_string()
    }

    /// The name of the layer and the index.
    #[must_use]
    pub fn label(&self) -> String {
        phases::label(&self.row.name, self.index)
    }
}

impl LayerRow {
    /// A row of work that takes nothing; the rows of others are made from it.
    #[must_use]
    pub fn without_mapping(name: &str, op: &str, work: Work) -> Self {
        let nothing = Amount::Whole(0);
        Self {
            name: name.to_owned(),
            op: op.to_owned(),
            pass: Pass::Forward,
            work,
            fused: Vec::new(),
            same_as: None,
            certificate: Certificate::only_way(Measure::Cycles, nothing),
            cost: None,
            mapping: None,
            bound_cycles: 0,
            lower_bound_cycles: 0,
            lower_bounds: LowerBounds::default(),
            tie: None,
            objective_bound: None,
            reason: None,
            statistics: SolverStatistics::default(),
            phases: Vec::new(),
        }
    }

    /// What was proved.
    #[must_use]
    pub fn status(&self) -> Status {
        self.certificate.status()
    }

    /// By what.
    #[must_use]
    pub fn proof(&self) -> Proof {
        self.certificate.proof()
    }

    /// What of its numbers its certificate does not speak of: an internal error.
    #[must_use]
    pub fn contradiction(&self) -> Option<String> {
        if let Some(what) = self.certificate.contradiction() {
            let told = what.strip_prefix("internal error: ").unwrap_or(what);
            return Some(told.to_owned());
        }
        let measure = self.certificate.measure();
        let value = self.cost.as_ref().map(|cost| measure.amount(cost));
        let certified = self.certificate.value();
        let too_high = self.cycles().is_some_and(|own| own < self.bound_cycles);
        if value == certified && !too_high {
            return None;
        }
        let text = |own: Option<Amount>| own.map_or("none".to_owned(), |own| own.to_string());
        Some(format!(
            "{} {} are reported, {} with a bound of {} cycles are certified",
            text(value),
            measure.unit(),
            text(certified),
            self.bound_cycles
        ))
    }

    /// Cycles, if there is a mapping.
    #[must_use]
    pub fn cycles(&self) -> Option<u128> {
        self.cost.as_ref().map(|cost| cost.cycles)
    }

    /// Multiply-accumulates of the layer on real data, padding left out.
    #[must_use]
    pub fn macs(&self) -> u128 {
        match &self.work {
            Work::Mapped(nest) => nest.macs(),
            Work::Phases => self.phases.iter().map(|phase| phase.row.macs()).sum(),
            Work::Streamed | Work::View => 0,
        }
    }

    /// Multiply-accumulates of the layer's full box, padding included: what its steps execute.
    #[must_use]
    pub fn box_macs(&self) -> u128 {
        match &self.work {
            Work::Mapped(nest) => nest.box_macs(),
            Work::Phases => self.phases.iter().map(|phase| phase.row.box_macs()).sum(),
            Work::Streamed | Work::View => 0,
        }
    }

    /// The part of the multiply-accumulate slots that the box fills, between 0 and 1.
    #[must_use]
    pub fn utilization(&self, hardware: &Hardware) -> Option<f64> {
        self.cycles()
            .map(|cycles| fraction(self.box_macs(), cycles * hardware.processing_elements()))
    }

    /// What takes the cycles: `compute` or the name of a memory; `-` where nothing does.
    #[must_use]
    pub fn bottleneck<'a>(&self, hardware: &'a Hardware) -> &'a str {
        let Some(cost) = &self.cost else { return "-" };
        match self.work {
            Work::View => return "-",
            Work::Phases => return self.bottleneck_of_most(hardware),
            Work::Mapped(_) | Work::Streamed => {}
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

    /// The bottleneck of the phases that takes the most cycles.
    fn bottleneck_of_most<'a>(&self, hardware: &'a Hardware) -> &'a str {
        let mut cycles: BTreeMap<&str, u128> = BTreeMap::new();
        for phase in &self.phases {
            let own = cycles.entry(phase.row.bottleneck(hardware)).or_default();
            *own += phase.row.cycles().unwrap_or(0);
        }
        let most = cycles.into_iter().max_by_key(|&(_, cycles)| cycles);
        most.map_or("-", |(name, _)| name)
    }

    /// The cycles as a multiple of the bound that holds for any mapping; `None` where that is 0.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        let bound = self.lower_bound_cycles;
        let cycles = self.cycles().filter(|_| bound > 0)?;
        Some(fraction(cycles, bound))
    }

    /// How far what was minimised may be above the best of the space, as a part of it.
    #[must_use]
    pub fn gap(&self) -> Option<f64> {
        let cycles = self.cycles()?;
        if self.status() == Status::Optimal {
            return Some(0.0);
        }
        if let (Some((measure, bound)), Some(cost)) = (self.objective_bound, &self.cost) {
            return Some((1.0 - bound / measure.of(cost)).max(0.0));
        }
        Some(gap(cycles, self.bound_cycles))
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
    /// it: of the planned step, or of the rows; `None` for energy-delay products, which do not add up.
    #[must_use]
    pub fn gap(&self) -> Option<f64> {
        match &self.memory_plan {
            Some(plan) => Some(plan.gap()),
            None => self.gap_of(&self.layers),
        }
    }

    /// The same of some rows, each alone.
    #[must_use]
    pub fn gap_of(&self, rows: &[LayerRow]) -> Option<f64> {
        match self.objective {
            Measure::Cycles | Measure::Traffic => self.gap_in_cycles(rows),
            Measure::Energy => self.gap_in_energy(rows),
            Measure::EnergyDelay => None,
        }
    }

    fn gap_in_energy(&self, rows: &[LayerRow]) -> Option<f64> {
        let excess = |row: &LayerRow| {
            let energy = row.cost.as_ref()?.energy_pj?;
            Some(row.gap()? * energy)
        };
        let excess: Option<f64> = rows.iter().map(excess).sum();
        let total = self.total_of(rows).energy_pj?;
        Some(if total > 0.0 { excess? / total } else { 0.0 })
    }

    fn gap_in_cycles(&self, rows: &[LayerRow]) -> Option<f64> {
        let best = |row: &LayerRow| match row.status() {
            Status::Optimal => row.cycles(),
            _ => row.cycles().map(|own| own.min(row.bound_cycles)),
        };
        let best: Option<u128> = rows.iter().map(best).sum();
        Some(gap(self.total_of(rows).cycles?, best?))
    }

    /// The cycles of all rows alone as a multiple of the sum of the bounds that hold for any mapping, and
    /// the row with the largest such ratio.
    #[must_use]
    pub fn ratio(&self) -> Option<(f64, &LayerRow)> {
        let total = self.total_layers();
        let cycles = total.cycles.filter(|_| total.lower_bound_cycles > 0)?;
        // The first of the largest.
        let rows = self.layers.iter().rev().filter(|row| row.ratio().is_some());
        let largest = rows
            .max_by(|a, b| f64::total_cmp(&a.ratio().unwrap_or(0.0), &b.ratio().unwrap_or(0.0)));
        Some((fraction(cycles, total.lower_bound_cycles), largest?))
    }

    /// The sums over all rows, each alone.
    #[must_use]
    pub fn total_layers(&self) -> Total {
        self.total_of(&self.layers)
    }

    /// The sums over some rows, each alone; the seconds are those of the run.
    #[must_use]
    pub fn total_of(&self, rows: &[LayerRow]) -> Total {
        let cycles: Option<u128> = rows.iter().map(LayerRow::cycles).sum();
        let macs: u128 = rows.iter().map(LayerRow::box_macs).sum();
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
                .filter(|row| row.status() == Status::Optimal)
                .count(),
            seconds: self.seconds,
        }
    }
}

/// How far a value may be above the best one of which a bound is known, as a part of the value.
pub(super) fn gap(value: u128, bound: u128) -> f64 {
    fraction(value.saturating_sub(bound), value)
}

/// `part / whole` as a floating-point number, 0 for an empty whole.
#[expect(
    clippy::cast_precision_loss,
    reason = "reports show it; no decision rests on it"
)]
pub(super) fn fraction(part: u128, whole: u128) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64
}

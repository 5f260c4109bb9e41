//! The result of a run over a network: one row for each layer, and their total.

use std::collections::BTreeMap;

use super::fraction::{fraction, gap};
use super::goal::Measure;
use super::hardware::Hardware;
use super::operator::OnnxNode;
use super::plan::MemoryPlan;
use super::result::Status;
use super::row::LayerRow;
use super::space::Space;
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

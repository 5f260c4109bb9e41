//! The result of one point of a sweep: one object and line of `points.jsonl`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::certificate::{Amount, Certificate, Closing, Evidence};
use super::format::{FORMAT, first, present};
use super::goal::Measure;
use super::hardware::Hardware;
use super::planned_point::PlannedPoint;
use super::result::{Proof, Status};
use super::row::{LayerRow, Work};
use super::run::RunResult;

/// Values by the name of a memory, in alphabetical order.
type Named<T> = BTreeMap<String, T>;

/// What was found of a network on one piece of hardware.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct PointResult {
    /// The format of the line.
    #[serde(default = "first")]
    pub format: u64,
    /// The varied fields with their values, numbers or words, in the order of the command line.
    pub vary: Map<String, Value>,
    /// Name of the network.
    pub network: String,
    /// Name of the hardware.
    pub hardware: String,
    /// What was run: `inference`.
    pub mode: String,
    /// Batch size.
    pub batch: u64,
    /// What was minimised.
    pub objective: String,
    /// Processing elements of all arrays together.
    pub elements: u128,
    /// The clock, where one is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_mhz: Option<f64>,
    /// Capacity of each bounded memory in bytes, all instances together.
    pub capacity_bytes: Named<u128>,
    /// The least that was proved of any layer.
    pub status: Status,
    /// Cycles of all layers; absent if one has no mapping.
    #[serde(deserialize_with = "present")]
    pub cycles: Option<u128>,
    /// No mappings of the space have fewer cycles.
    pub bound_cycles: u128,
    /// No mappings at all have fewer cycles.
    pub lower_bound_cycles: u128,
    /// The part of the cycles that better mappings could save at most.
    #[serde(deserialize_with = "present")]
    pub gap: Option<f64>,
    /// The part of the multiply-accumulate slots that is filled.
    #[serde(deserialize_with = "present")]
    pub utilization: Option<f64>,
    /// Energy in pJ; absent where the hardware gives none.
    #[serde(deserialize_with = "present")]
    pub energy_pj: Option<f64>,
    /// The step with its memory plan, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<PlannedPoint>,
    /// Why there is no plan, where one was looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_left_out: Option<String>,
    /// Rows of the result.
    pub layers: Vec<LayerResult>,
    /// Seconds of wall time that the point took.
    pub seconds: f64,
}

/// What was found of one layer at a point.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct LayerResult {
    /// Name.
    pub name: String,
    /// Operator.
    pub op: String,
    /// The pass of a training step: `forward` in inference.
    pub pass: String,
    /// What was proved.
    pub status: Status,
    /// By what.
    pub proof: Proof,
    /// Cycles; absent where there is no mapping.
    #[serde(deserialize_with = "present")]
    pub cycles: Option<u128>,
    /// Cycles in the planned step, rounded up, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_cycles: Option<u128>,
    /// What takes these: `compute`, the name of a memory, or `-`. Older journals do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_bottleneck: Option<String>,
    /// Bytes through the outer ports while it runs in the planned step, rounded up. Older journals do not
    /// say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_outer_bytes: Option<u128>,
    /// No mapping of the space has fewer cycles.
    pub bound_cycles: u128,
    /// No mapping at all has fewer cycles.
    pub lower_bound_cycles: u128,
    /// Multiply-accumulates of the full box, padding included.
    pub box_macs: u128,
    /// The part of the multiply-accumulate slots that is filled; absent for streamed layers.
    #[serde(deserialize_with = "present")]
    pub utilization: Option<f64>,
    /// Steps of the busiest element.
    pub compute_cycles: u128,
    /// Busy cycles of each memory's busiest port.
    pub memory_cycles: Named<u128>,
    /// Bytes through the ports of each memory.
    pub traffic_bytes: Named<f64>,
    /// `compute` or the name of the memory that takes the cycles.
    pub bottleneck: String,
    /// Energy in pJ.
    #[serde(deserialize_with = "present")]
    pub energy_pj: Option<f64>,
}

impl PointResult {
    /// What a run over the network found at a point, with what is varied there.
    #[must_use]
    pub fn of(vary: Map<String, Value>, result: &RunResult) -> Self {
        let total = result.total_layers();
        let hardware = &result.hardware;
        let plan = result.memory_plan.as_ref();
        let planned = plan.is_some();
        Self {
            format: FORMAT,
            vary,
            network: result.network.clone(),
            hardware: hardware.name.clone(),
            mode: result.mode.to_owned(),
            batch: result.batch,
            objective: result.objective.name().to_owned(),
            elements: hardware.processing_elements(),
            clock_mhz: hardware.clock_mhz,
            capacity_bytes: capacities(hardware),
            status: status(&result.layers),
            cycles: total.cycles,
            bound_cycles: total.bound_cycles,
            lower_bound_cycles: total.lower_bound_cycles,
            gap: result.gap_of(&result.layers),
            utilization: total.utilization,
            energy_pj: total.energy_pj,
            planned: PlannedPoint::of(result),
            plan_left_out: None,
            layers: (result.layers.iter())
                .map(|row| LayerResult {
                    planned_cycles: planned.then(|| result.cycles_of(row)).flatten(),
                    planned_bottleneck: planned.then(|| result.bottleneck_of(row).to_owned()),
                    planned_outer_bytes: plan
                        .map(|plan| plan.bytes(plan.moved_of(&row.name).outer())),
                    ..LayerResult::of(row, hardware)
                })
                .collect(),
            seconds: result.seconds,
        }
    }

    /// Cycles of the step: of the planned one where there is a plan, else of the layers alone.
    #[must_use]
    pub fn step_cycles(&self) -> Option<u128> {
        let planned = self.planned.as_ref().map(|planned| planned.cycles);
        planned.or(self.cycles)
    }

    /// What no step takes fewer cycles than: of any plan of any mappings where there is a plan, else of
    /// the layers alone.
    #[must_use]
    pub fn step_bound_cycles(&self) -> u128 {
        let planned = self.planned.as_ref();
        planned.map_or(self.bound_cycles, |planned| planned.bound_cycles)
    }

    /// The same over all mappings of any kind, which for plans is the same bound.
    #[must_use]
    pub fn step_lower_bound_cycles(&self) -> u128 {
        let planned = self.planned.as_ref();
        planned.map_or(self.lower_bound_cycles, |planned| planned.bound_cycles)
    }

    /// Seconds of the step at the clock, if that is given.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a number for reports")]
    pub fn step_seconds(&self) -> Option<f64> {
        Some(self.step_cycles()? as f64 / (self.clock_mhz? * 1e6))
    }
}

impl PointResult {
    /// What its numbers and statuses contradict in each other: no sweep writes such a point.
    #[must_use]
    pub fn contradiction(&self) -> Option<String> {
        let cycles = self.objective == Measure::Cycles.name();
        let own = Claim {
            name: "the point",
            status: self.status,
            cycles: self.cycles,
            bounds: [self.bound_cycles, self.lower_bound_cycles],
        };
        let layers = self.layers.iter().map(|layer| Claim {
            name: &layer.name,
            status: layer.status,
            cycles: layer.cycles,
            bounds: [layer.bound_cycles, layer.lower_bound_cycles],
        });
        let sum: Option<u128> = self.layers.iter().map(|layer| layer.cycles).sum();
        std::iter::once(own)
            .chain(layers)
            .find_map(|claim| claim.contradiction(cycles))
            .or_else(|| {
                (sum != self.cycles).then(|| "its cycles are not the sum of its layers'".to_owned())
            })
            .or_else(|| self.impossible_number())
            .or_else(|| self.contradiction_of_plan())
    }

    /// The same of the planned step, whose cycles stand in every row or in none.
    fn contradiction_of_plan(&self) -> Option<String> {
        let rows = || self.layers.iter().map(|layer| layer.planned_cycles);
        let Some(planned) = &self.planned else {
            let mut layers = self.layers.iter();
            let named = layers
                .any(|own| own.planned_bottleneck.is_some() || own.planned_outer_bytes.is_some());
            let stray = named || rows().any(|own| own.is_some());
            return stray.then(|| "layers have a planned step, the point has none".to_owned());
        };
        match rows().collect::<Option<Vec<u128>>>() {
            Some(all) => planned.contradiction(&all),
            None => Some("a layer has no planned cycles, the point has some".to_owned()),
        }
    }
}

impl PointResult {
    /// A number that no point can have.
    fn impossible_number(&self) -> Option<String> {
        let layers = self.layers.iter();
        let own = [
            ("gap", self.gap, 1.0),
            ("utilization", self.utilization, 1.0),
            ("energy_pj", self.energy_pj, f64::INFINITY),
            ("seconds", Some(self.seconds), f64::INFINITY),
            ("clock_mhz", self.clock_mhz, f64::INFINITY),
        ];
        let of_layers = layers.flat_map(|layer| {
            [
                ("a layer's utilization", layer.utilization, 1.0),
                ("a layer's energy_pj", layer.energy_pj, f64::INFINITY),
            ]
        });
        own.into_iter()
            .chain(of_layers)
            .find_map(|(name, value, most)| {
                let value = value?;
                let can_be = (0.0..=most * (1.0 + ROUNDING)).contains(&value);
                (!can_be).then(|| format!("{name} is {value}"))
            })
    }
}

/// By how much a part of something may exceed it where numbers were rounded.
const ROUNDING: f64 = 1e-9;

/// What a point says of itself or of a layer.
struct Claim<'a> {
    name: &'a str,
    status: Status,
    cycles: Option<u128>,
    bounds: [u128; 2],
}

impl Claim<'_> {
    /// What is wrong; where cycles were minimised, `optimal` has to be proved by the bound.
    fn contradiction(&self, minimised: bool) -> Option<String> {
        let name = self.name;
        let Some(cycles) = self.cycles else {
            let proved = self.status == Status::Optimal;
            return proved.then(|| format!("{name} is called optimal without cycles"));
        };
        let [bound, any] = self.bounds;
        let most = bound.max(any);
        if cycles < most {
            return Some(format!(
                "{name} has {cycles} cycles, below its own bound of {most}"
            ));
        }
        let (value, bound) = (Amount::Whole(cycles), Amount::Whole(bound));
        let evidence = Evidence::closed([Closing::Lagrangian]);
        let proved = Certificate::found(Measure::Cycles, value, bound, evidence);
        let proves = proved.is_ok_and(|own| own.status() == Status::Optimal);
        (minimised && self.status == Status::Optimal && !proves)
            .then(|| format!("{name} is called optimal at {cycles} cycles, its bound is {bound}"))
    }
}

fn capacities(hardware: &Hardware) -> Named<u128> {
    let bounded = hardware.memories().filter_map(|(level, memory)| {
        let own = u128::from(memory.capacity?.0);
        Some((memory.name.clone(), own * hardware.instances(level)))
    });
    bounded.collect()
}

/// The least that was proved of any row.
fn status(rows: &[LayerRow]) -> Status {
    let order = [Status::Infeasible, Status::Unknown, Status::Feasible];
    order
        .into_iter()
        .find(|&status| rows.iter().any(|row| row.status() == status))
        .unwrap_or(Status::Optimal)
}

impl LayerResult {
    fn of(row: &LayerRow, hardware: &Hardware) -> Self {
        let memories = row.cost.iter().flat_map(|cost| &cost.memories);
        let memories = memories.filter_map(|own| {
            let name = hardware.memory(own.level)?.name.clone();
            let bits = own.traffic.iter().map(|t| t.read + t.write).sum();
            Some((name, own.busy_cycles, bits))
        });
        let memories: Vec<(String, u128, super::Bits)> = memories.collect();
        let named = memories.iter();
        let macs = matches!(row.work, Work::Mapped(_) | Work::Phases);
        Self {
            name: row.name.clone(),
            op: row.op.clone(),
            pass: row.pass.name().to_owned(),
            status: row.status(),
            proof: row.proof(),
            cycles: row.cycles(),
            planned_cycles: None,
            planned_bottleneck: None,
            planned_outer_bytes: None,
            bound_cycles: row.bound_cycles,
            lower_bound_cycles: row.lower_bound_cycles,
            box_macs: row.box_macs(),
            utilization: row.utilization(hardware).filter(|_| macs),
            compute_cycles: row.cost.as_ref().map_or(0, |cost| cost.compute_cycles),
            memory_cycles: named.clone().map(|m| (m.0.clone(), m.1)).collect(),
            traffic_bytes: named.map(|m| (m.0.clone(), m.2.bytes())).collect(),
            bottleneck: row.bottleneck(hardware).to_owned(),
            energy_pj: row.cost.as_ref().and_then(|cost| cost.energy_pj),
        }
    }
}

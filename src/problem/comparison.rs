//! What several mappers found for the layers of a network.

use std::slice;

use super::certificate::{Amount, Certificate, Evidence, Skipped};
use super::goal::Measure;
use super::hardware::Hardware;
use super::mapping::Mapping;
use super::operation::LoopNest;
use super::phases::PhaseIndex;
use super::result::{Cost, Status};

/// A mapping better than all before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Improvement {
    /// Mappings evaluated so far, this one included; 0 where they are not counted.
    pub evaluations: u64,
    /// Seconds since the mapper began.
    pub seconds: f64,
    /// Its cycles.
    pub cycles: u128,
}

/// A better bound that was proved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundStep {
    /// Seconds since the mapper began.
    pub seconds: f64,
    /// No mapping of the space has fewer cycles.
    pub cycles: u128,
}

/// Why a mapper stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It was done by its own rule: the result does not depend on how fast the machine is.
    Finished,
    /// It had evaluated as many mappings as allowed; this too is the same everywhere.
    Evaluations,
    /// The time budget: another machine may get further.
    Time,
    /// An interrupt.
    Interrupt,
}

impl Stop {
    /// The name used in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Stop::Finished => "finished",
            Stop::Evaluations => "evaluations",
            Stop::Time => "time",
            Stop::Interrupt => "interrupt",
        }
    }
}

/// What one mapper found for one loop nest.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// What it proved: of a heuristic no more than that there is a mapping.
    pub certificate: Certificate,
    /// Its best mapping with the exact cost.
    pub best: Option<(Mapping, Cost)>,
    /// The bound that it proved over the exact mapper's space; `None` if it proves none.
    pub bound_cycles: Option<u128>,
    /// Mappings evaluated; 0 where they are not counted.
    pub evaluations: u64,
    /// Seconds of one core.
    pub seconds: f64,
    /// Why it stopped.
    pub stop: Stop,
    /// Why there is no mapping.
    pub reason: Option<String>,
    /// Its improvements, first to last.
    pub improvements: Vec<Improvement>,
    /// The bounds that it proved, first to last.
    pub bounds: Vec<BoundStep>,
}

impl Attempt {
    /// An attempt that found nothing.
    #[must_use]
    pub fn nothing(stop: Stop, reason: String) -> Self {
        Self {
            certificate: Certificate::nothing(
                Measure::Cycles,
                Evidence::default().without([Skipped::NotStarted]),
            ),
            best: None,
            bound_cycles: None,
            evaluations: 0,
            seconds: 0.0,
            stop,
            reason: Some(reason),
            improvements: Vec::new(),
            bounds: Vec::new(),
        }
    }

    /// What it proved: `Optimal` if it did; of a heuristic `Feasible`, or `Unknown` where it has
    /// no mapping.
    #[must_use]
    pub fn status(&self) -> Status {
        self.certificate.status()
    }

    /// Its cycles, if it has a mapping.
    #[must_use]
    pub fn cycles(&self) -> Option<u128> {
        self.best.as_ref().map(|(_, cost)| cost.cycles)
    }
}

/// A loop nest of a layer with one attempt for each mapper.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The output modulo the strides, of a layer computed phase by phase.
    pub phase: Option<PhaseIndex>,
    /// The loop nest.
    pub nest: LoopNest,
    /// One attempt for each mapper, in their order.
    pub attempts: Vec<Attempt>,
}

/// A mapper of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapperInfo {
    /// Its name.
    pub name: &'static str,
    /// What it does, with its publication.
    pub description: &'static str,
    /// The mappings among which it chooses.
    pub space: &'static str,
    /// Its parameters.
    pub parameters: Vec<(&'static str, String)>,
}

/// What all mappers found for one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerComparison {
    /// Name of the layer.
    pub name: String,
    /// Its operator.
    pub op: String,
    /// The earlier layer that computes the same, whose results these are.
    pub same_as: Option<String>,
    /// Its loop nests: one, or one for each phase that multiplies.
    pub parts: Vec<Part>,
    /// Cycles of phases that only write zeros, the same for all mappers.
    pub zero_cycles: u128,
}

/// What one mapper found for one layer: the sums over its loop nests.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What was proved of them together.
    pub certificate: Certificate,
    /// The cycles, if every loop nest has a mapping.
    pub cycles: Option<u128>,
    /// The proved bound; `None` if the mapper proves none.
    pub bound_cycles: Option<u128>,
    /// Mappings evaluated.
    pub evaluations: u64,
    /// Seconds.
    pub seconds: f64,
    /// Why it stopped: the reason that says least of another machine.
    pub stop: Stop,
    /// Why there is no mapping.
    pub reason: Option<String>,
}

impl Outcome {
    /// What was proved of the loop nests together.
    #[must_use]
    pub fn status(&self) -> Status {
        self.certificate.status()
    }
}

impl LayerComparison {
    /// What the mapper with this index found.
    #[must_use]
    pub fn outcome(&self, mapper: usize) -> Outcome {
        let attempts: Vec<&Attempt> = self.parts.iter().map(|p| &p.attempts[mapper]).collect();
        let with_zeros = |all: Option<u128>| all.map(|cycles| cycles + self.zero_cycles);
        let cycles = with_zeros(attempts.iter().map(|a| a.cycles()).sum());
        let bound = with_zeros(attempts.iter().map(|a| a.bound_cycles).sum());
        let stops = [Stop::Interrupt, Stop::Time, Stop::Evaluations];
        let stopped = |stop: &Stop| attempts.iter().any(|a| a.stop == *stop);
        Outcome {
            certificate: self.certificate(&attempts, cycles, bound.unwrap_or(0)),
            cycles,
            bound_cycles: bound,
            evaluations: attempts.iter().map(|a| a.evaluations).sum(),
            seconds: attempts.iter().map(|a| a.seconds).sum(),
            stop: stops.into_iter().find(stopped).unwrap_or(Stop::Finished),
            reason: (attempts.iter().filter(|a| a.best.is_none())).find_map(|a| a.reason.clone()),
        }
    }

    /// What attempts at all loop nests prove together, phases that only write zeros included.
    fn certificate(&self, attempts: &[&Attempt], cycles: Option<u128>, bound: u128) -> Certificate {
        let zeros = Certificate::only_way(Measure::Cycles, Amount::Whole(self.zero_cycles));
        let mut parts: Vec<&Certificate> = attempts.iter().map(|a| &a.certificate).collect();
        if self.zero_cycles > 0 {
            parts.push(&zeros);
        }
        let total = cycles.map(|cycles| (Amount::Whole(cycles), Amount::Whole(bound)));
        Certificate::of_parts(Measure::Cycles, &parts, total)
            .unwrap_or_else(|error| Certificate::contradicted(Measure::Cycles, &error))
    }

    /// The cycles with which mappers are compared, and whether they are proved to be least: the
    /// optimum, or without a proof the fewest that any of the mappers found.
    #[must_use]
    pub fn reference(&self, mappers: usize) -> (Option<u128>, bool) {
        let all: Vec<Outcome> = (0..mappers).map(|m| self.outcome(m)).collect();
        let proved = all.iter().find(|o| o.status() == Status::Optimal);
        match proved.and_then(|o| o.cycles) {
            Some(optimum) => (Some(optimum), true),
            None => (all.iter().filter_map(|o| o.cycles).min(), false),
        }
    }
}

/// The results of all mappers over a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Name of the network.
    pub network: String,
    /// The hardware.
    pub hardware: Hardware,
    /// Batch size.
    pub batch: u64,
    /// The mappers, in the order in which they were asked for.
    pub mappers: Vec<MapperInfo>,
    /// Seed of those that choose at random.
    pub seed: u64,
    /// Mappings that each of them may evaluate for a loop nest.
    pub evaluations: u64,
    /// Seconds that each of them may take for a loop nest.
    pub time_budget_seconds: Option<f64>,
    /// The layers that are mapped, in execution order.
    pub layers: Vec<LayerComparison>,
    /// Layers that are streamed and have no mapping to choose.
    pub streamed_layers: usize,
    /// Seconds of wall time.
    pub seconds: f64,
}

/// How one mapper did: over all distinct layers, and over the whole network or several, equal layers
/// counted as often as they occur.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// Layers with a mapping.
    pub mapped: usize,
    /// Layers in which it has as few cycles as the reference.
    pub best: usize,
    /// Geometric mean of its cycles over the reference's, of the layers with a mapping.
    pub geometric_mean: Option<f64>,
    /// Cycles of all layers that are mapped; `None` if one has no mapping.
    pub cycles: Option<u128>,
    /// Its cycles over the reference's, both summed over the layers with a mapping: the mean of the
    /// ratios, each weighted by the reference's cycles.
    pub weighted_mean: Option<f64>,
    /// The largest such ratio, and its layer.
    pub worst: Option<Worst>,
    /// Mappings evaluated.
    pub evaluations: u64,
    /// Seconds.
    pub seconds: f64,
}

/// Where a mapper is farthest from the reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Worst {
    /// Its cycles over the reference's.
    pub ratio: f64,
    /// Network.
    pub network: String,
    /// Layer.
    pub layer: String,
}

/// How the mapper with this index did over several networks.
#[must_use]
pub fn standing(all: &[Comparison], mapper: usize) -> Standing {
    let layers = || all.iter().flat_map(|own| &own.layers);
    let mut standing = Standing {
        cycles: layers().map(|layer| layer.outcome(mapper).cycles).sum(),
        weighted_mean: weighted_mean(all, mapper),
        ..Standing::default()
    };
    let mut logs = 0.0;
    for (own, layer) in all
        .iter()
        .flat_map(|own| own.distinct().map(move |l| (own, l)))
    {
        let outcome = layer.outcome(mapper);
        standing.evaluations += outcome.evaluations;
        standing.seconds += outcome.seconds;
        let reference = layer.reference(own.mappers.len()).0;
        let Some(ratio) = ratio(outcome.cycles, reference) else {
            continue;
        };
        standing.mapped += 1;
        standing.best += usize::from(outcome.cycles <= reference);
        logs += ratio.ln();
        if standing.worst.as_ref().is_none_or(|w| ratio > w.ratio) {
            let (network, layer) = (own.network.clone(), layer.name.clone());
            standing.worst = Some(Worst {
                ratio,
                network,
                layer,
            });
        }
    }
    if standing.mapped > 0 {
        #[expect(clippy::cast_precision_loss, reason = "a number of layers")]
        let count = standing.mapped as f64;
        standing.geometric_mean = Some((logs / count).exp());
    }
    standing
}

/// The cycles of a mapper over the reference's, both summed over the layers with a mapping.
fn weighted_mean(all: &[Comparison], mapper: usize) -> Option<f64> {
    let layers = all
        .iter()
        .flat_map(|own| own.layers.iter().map(move |l| (own, l)));
    let both = layers.filter_map(|(own, layer)| {
        let reference = layer.reference(own.mappers.len()).0?;
        Some((layer.outcome(mapper).cycles?, reference))
    });
    let (own, reference) = both.fold((0, 0), |sum, own| (sum.0 + own.0, sum.1 + own.1));
    ratio(Some(own), Some(reference))
}

impl Comparison {
    /// The layers that equal no earlier one.
    pub fn distinct(&self) -> impl Iterator<Item = &LayerComparison> {
        self.layers.iter().filter(|layer| layer.same_as.is_none())
    }

    /// How the mapper with this index did.
    #[must_use]
    pub fn standing(&self, mapper: usize) -> Standing {
        standing(slice::from_ref(self), mapper)
    }
}

/// Cycles as a multiple of the reference.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "reports show it; no decision rests on it"
)]
pub fn ratio(cycles: Option<u128>, reference: Option<u128>) -> Option<f64> {
    let reference = reference.filter(|&r| r > 0)?;
    Some(cycles? as f64 / reference as f64)
}

//! The result of one layer, or of one phase of one.

use std::collections::BTreeMap;

use super::certificate::{Amount, Certificate};
use super::fraction::{fraction, gap};
use super::goal::Measure;
use super::graph::Pass;
use super::hardware::Hardware;
use super::mapping::Mapping;
use super::operation::LoopNest;
use super::phases::{self, PhaseIndex};
use super::result::{Cost, LowerBounds, Proof, SolverStatistics, Status, Tie};

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

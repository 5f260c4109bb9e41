//! The residency program of `formulations/residency.md`: which slices of which tensors stay in the
//! shared memory between the operations of a schedule, how they come there, and how each runs.

mod alone;
mod cuts;
mod decode;
mod needs;
mod ports;
mod rows;
mod ties;
mod variables;

use crate::engine::named::Named;
use crate::memory::tuning::START_OBJECTIVE;
use crate::problem::plan::Plan;
use crate::problem::schedule::{Event, Schedule};

pub use cuts::Exclusion;
pub use variables::Layout;

/// What is minimised among which plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// Least time.
    Time,
    /// Of plans that take no more than so many units the fewest bits through the outer ports.
    OuterBits {
        /// Units of time.
        time: u128,
    },
    /// Of plans that take no more than so much of both the least sum over operations of the bytes
    /// of slices in the memory.
    ResidentBytes {
        /// Units of time.
        time: u128,
        /// Bits, times slices, through the outer ports.
        outer: u128,
    },
}

/// The program of a schedule.
#[derive(Debug)]
pub struct Residency<'s> {
    /// The schedule.
    pub schedule: &'s Schedule,
    /// The model.
    pub model: Named,
    /// Where its variables stand.
    pub layout: Layout,
    /// The events of every tensor.
    events: Vec<Vec<Event>>,
    /// For every operation the tensors of which something may be in the memory or move meanwhile.
    near: Vec<Vec<usize>>,
    /// Units of time in 1 of the objective.
    units: f64,
    /// What tells plans of the same time apart.
    ties: ties::Ties,
}

impl<'s> Residency<'s> {
    /// Builds the program; `start_units` is the time of some plan, which sets the scale.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a scale")]
    pub fn new(schedule: &'s Schedule, start_units: u128, cuts: &[Exclusion]) -> Self {
        Self::scaled(schedule, start_units.max(1) as f64 / START_OBJECTIVE, cuts)
    }

    /// The program with another aim, `start` being what some plan has of it.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a scale")]
    pub fn aiming(schedule: &'s Schedule, aim: Aim, start: u128, cuts: &[Exclusion]) -> Self {
        let (Aim::OuterBits { time } | Aim::ResidentBytes { time, .. }) = aim else {
            return Self::new(schedule, start, cuts);
        };
        let units = time.max(1) as f64 / START_OBJECTIVE;
        let mut program = Self::built(schedule, units, aim);
        program.break_ties(aim, start.max(1) as f64 / START_OBJECTIVE);
        for cut in cuts {
            program.exclude(cut);
        }
        program
    }

    /// \[RES1\] min Σ τ\[t\]: the program of least time, with `units` of time in 1 of the objective.
    #[must_use]
    pub fn scaled(schedule: &'s Schedule, units: f64, cuts: &[Exclusion]) -> Self {
        let mut program = Self::built(schedule, units, Aim::Time);
        for cut in cuts {
            program.exclude(cut);
        }
        program
    }

    fn built(schedule: &'s Schedule, units: f64, aim: Aim) -> Self {
        let events = schedule.events();
        let (name, cost) = match aim {
            Aim::Time => ("RES1_time", 1.0),
            Aim::OuterBits { .. } => ("outer_bits", 0.0),
            Aim::ResidentBytes { .. } => ("resident_bytes", 0.0),
        };
        let mut model = Named::new(name);
        let layout = Layout::new(schedule, &events, &mut model, cost);
        let near = near(schedule, &layout, &events);
        let mut program = Self {
            schedule,
            model,
            layout,
            events,
            near,
            units,
            ties: ties::Ties::default(),
        };
        program.add_rows();
        program
    }

    /// Units of time of an objective.
    #[must_use]
    pub fn time_units(&self, objective: f64) -> f64 {
        objective * self.units
    }

    /// What an objective of the program with an aim stands for: units of time, bits times slices, or
    /// bytes summed over operations.
    #[must_use]
    pub fn aim_value(&self, aim: Aim, objective: f64) -> f64 {
        objective
            * match aim {
                Aim::Time => self.units,
                Aim::OuterBits { .. } | Aim::ResidentBytes { .. } => self.ties.scale(aim),
            }
    }

    /// The plan that values of the variables stand for.
    #[must_use]
    pub fn plan(&self, values: &[f64]) -> Plan {
        decode::plan(self.schedule, &self.layout, values)
    }

    /// The values of all variables for a plan.
    #[must_use]
    pub fn values(&self, plan: &Plan) -> Vec<f64> {
        decode::values(self, plan)
    }
}

/// For every operation the tensors that have variables while it runs, in order.
fn near(schedule: &Schedule, layout: &Layout, events: &[Vec<Event>]) -> Vec<Vec<usize>> {
    let mut near = vec![Vec::new(); schedule.operations.len()];
    for (tensor, (own, events)) in layout.tensors.iter().zip(events).enumerate() {
        let mut begin = 0;
        for (number, gap) in own.gaps.iter().enumerate() {
            let here = events.get(number).map(|e| e.operation);
            let end = here.unwrap_or(near.len());
            let all = if gap.kept.is_some() { end } else { begin };
            let late = gap.late.iter().map(|at| at.operation + 1).max();
            let early = gap.early.iter().map(|at| at.operation).min();
            let (left, arrived) = (late.unwrap_or(begin).max(all), early.unwrap_or(end));
            for operation in (begin..left).chain(arrived.max(left)..end).chain(here) {
                near[operation].push(tensor);
            }
            begin = end + 1;
        }
    }
    near
}

//! The planned step of one point of a sweep: `planned` in a line of `points.jsonl`.

use serde::{Deserialize, Serialize};

use super::amount::TOLERANCE;
use super::planned::COMPUTE;
use super::result::Status;
use super::run::RunResult;

/// What was found of the whole step with its memory plan.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct PlannedPoint {
    /// Cycles of the planned step.
    pub cycles: u128,
    /// No plan of any mappings has fewer cycles.
    pub bound_cycles: u128,
    /// No plan of the mappings among which it chose has fewer cycles.
    pub modes_bound_cycles: u128,
    /// What was proved of the plan.
    pub status: Status,
    /// The part of the cycles that another plan of any mappings could save at most.
    pub gap: f64,
    /// The part of the multiply-accumulate slots that is filled.
    pub utilization: f64,
    /// What takes most of the time: `compute` or the name of a memory.
    pub bottleneck: String,
    /// Bytes through the outer ports.
    pub outer_bytes: u128,
    /// The point whose plan it is, where that needs no more and is faster than what was found here.
    #[serde(skip)]
    pub taken_from: Option<String>,
}

/// By how many cycles a bound may be below what it proves beyond the tolerance: both are rounded up.
const ROUNDED: u128 = 1;

impl PlannedPoint {
    /// The planned step of a result, where there is a plan.
    #[must_use]
    pub fn of(result: &RunResult) -> Option<Self> {
        let plan = result.memory_plan.as_ref()?;
        let longest = result.bottlenecks().first().map(|part| part.0.to_owned());
        Some(Self {
            cycles: plan.step_cycles(),
            bound_cycles: plan.cycles(plan.bound_units()),
            modes_bound_cycles: plan.cycles(plan.bound_units_among_modes()),
            status: plan.status(),
            gap: plan.gap(),
            utilization: result.total().utilization.unwrap_or(0.0),
            bottleneck: longest.unwrap_or_else(|| COMPUTE.to_owned()),
            outer_bytes: plan.bytes(plan.cost.outer()),
            taken_from: None,
        })
    }

    /// Computes the gap anew, after its cycles or its bound became better.
    pub fn settle(&mut self) {
        self.gap = 1.0 - real(self.bound_cycles) / real(self.cycles.max(1));
        if self.bound_cycles >= self.cycles {
            self.gap = 0.0;
            self.status = Status::Optimal;
        }
    }

    /// What its numbers contradict in each other, or in the rows' planned cycles, each of which is
    /// rounded up.
    pub(super) fn contradiction(&self, rows: &[u128]) -> Option<String> {
        let Self { cycles, .. } = *self;
        let sum: u128 = rows.iter().sum();
        let most = cycles.saturating_add(rows.len() as u128);
        let below = self.bound_cycles.max(self.modes_bound_cycles);
        let what = if cycles < below {
            format!("{cycles} cycles, below its own bound of {below}")
        } else if !(cycles..=most).contains(&sum) {
            format!("{cycles} cycles, its layers {sum}")
        } else if self.status == Status::Optimal && !self.is_proved() {
            format!("{cycles} cycles, called optimal with a bound of {below}")
        } else if !matches!(self.status, Status::Optimal | Status::Feasible) {
            format!("{cycles} cycles, called {}", self.status.name())
        } else {
            return self.impossible_number();
        };
        Some(format!("the planned step has {what}"))
    }

    /// Whether a bound meets the cycles.
    fn is_proved(&self) -> bool {
        let below = self.bound_cycles.max(self.modes_bound_cycles);
        let difference = self.cycles.saturating_sub(below);
        difference <= ROUNDED || real(difference) <= TOLERANCE * real(self.cycles)
    }

    /// A number that no planned step can have.
    fn impossible_number(&self) -> Option<String> {
        let own_gap = 1.0 - real(self.bound_cycles) / real(self.cycles.max(1));
        let rounding = 2.0 / real(self.cycles.max(1)) + TOLERANCE;
        let is_part = (0.0..=1.0 + TOLERANCE).contains(&self.utilization);
        let wrong = [
            ("gap", self.gap, (own_gap - self.gap).abs() <= rounding),
            ("utilization", self.utilization, is_part),
        ];
        let wrong = wrong.into_iter().find(|(_, _, can_be)| !can_be)?;
        Some(format!("the planned step's {} is {}", wrong.0, wrong.1))
    }
}

#[expect(clippy::cast_precision_loss, reason = "compared within a tolerance")]
fn real(cycles: u128) -> f64 {
    cycles as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point() -> PlannedPoint {
        PlannedPoint {
            cycles: 100,
            bound_cycles: 75,
            modes_bound_cycles: 90,
            status: Status::Feasible,
            gap: 0.25,
            utilization: 0.5,
            bottleneck: "dram".to_owned(),
            outer_bytes: 1,
            taken_from: None,
        }
    }

    #[test]
    fn a_planned_step_agrees_with_itself_and_its_rows() {
        assert_eq!(point().contradiction(&[60, 41]), None);
        let told = |change: &dyn Fn(&mut PlannedPoint), rows: &[u128]| {
            let mut own = point();
            change(&mut own);
            own.contradiction(rows).unwrap_or_default()
        };
        let rows = &[60, 41];
        assert!(told(&|p| p.cycles = 70, rows).contains("below its own bound of 90"));
        assert!(told(&|p| p.status = Status::Optimal, rows).contains("called optimal"));
        assert!(told(&|p| p.status = Status::Unknown, rows).contains("called unknown"));
        assert!(told(&|p| p.gap = 0.0, rows).contains("gap is 0"));
        assert!(told(&|p| p.utilization = 2.0, rows).contains("utilization is 2"));
        assert!(told(&|_| (), &[60, 39]).contains("its layers 99"));
        assert!(told(&|_| (), &[60, 43]).contains("its layers 103"));
    }

    #[test]
    fn what_the_modes_prove_is_optimal() {
        let own = PlannedPoint {
            modes_bound_cycles: 99,
            status: Status::Optimal,
            ..point()
        };
        assert_eq!(own.contradiction(&[100]), None);
    }
}

//! The residency program of a schedule as a file.

use super::residency::Residency;
use crate::engine::lp_file::{comment_lines, lp_text, number};
use crate::engine::mps_file::mps_text;
use crate::engine::named::{Kind, Named};
use crate::problem::schedule::{Schedule, ScheduleError};

use super::baselines::{baselines, too_large};

/// Cycles of the objective beyond which it counts in a larger unit: solvers compare rows to
/// within absolute tolerances.
const LARGE: u128 = 100_000;

/// The residency program of a schedule, to be written.
#[derive(Debug)]
pub struct ResidencyProgram {
    model: Named,
    /// What is said of it.
    pub facts: ResidencyFacts,
}

/// What is said of a residency program.
#[derive(Clone, Debug, PartialEq)]
pub struct ResidencyFacts {
    /// Cycles in 1 of the objective, a power of ten.
    pub unit: u128,
    /// The rule with the fastest plan.
    pub rule: &'static str,
    /// The cycles of that plan, rounded up.
    pub rule_cycles: u128,
    /// The objective of that plan.
    pub rule_objective: f64,
    /// Binary variables.
    pub binaries: usize,
    /// Integer variables.
    pub integers: usize,
    /// Rows.
    pub rows: usize,
    /// Sizes of the schedule, in words.
    schedule: Vec<String>,
}

/// Puts the residency program of a schedule together.
///
/// # Errors
/// The schedule cannot be carried out in its memory.
#[expect(
    clippy::cast_precision_loss,
    reason = "units of time far below 2^53, as in the model's rows"
)]
pub fn program(schedule: &Schedule) -> Result<ResidencyProgram, ScheduleError> {
    schedule.validate()?;
    let plans = baselines(schedule).into_iter();
    let plans = plans.filter_map(|(rule, plan)| plan.map(|(_, cost)| (rule, cost.total())));
    let (rule, units) = plans
        .min_by_key(|plan| plan.1)
        .ok_or_else(|| too_large(schedule))?;
    let per_cycle = schedule.units_per_cycle();
    let rule_cycles = units.div_ceil(per_cycle);
    let mut unit = 1;
    while rule_cycles / unit > LARGE {
        unit *= 10;
    }
    let in_one = (per_cycle * unit) as f64;
    let model = Residency::scaled(schedule, in_one, &[]).model;
    let count = |kind| model.variables().iter().filter(|v| v.kind == kind).count();
    let facts = ResidencyFacts {
        unit,
        rule: rule.name(),
        rule_cycles,
        rule_objective: units as f64 / in_one,
        binaries: count(Kind::Binary),
        integers: count(Kind::Integer),
        rows: model.rows().len(),
        schedule: sizes(schedule),
    };
    Ok(ResidencyProgram { model, facts })
}

impl ResidencyProgram {
    /// The program as an LP file, `title` first in its comments.
    #[must_use]
    pub fn lp(&self, title: &[String]) -> String {
        lp_text(&self.model, &self.facts.comments(title))
    }

    /// The program as an MPS file.
    #[must_use]
    pub fn mps(&self, title: &[String]) -> String {
        mps_text(&self.model, &self.facts.comments(title))
    }
}

impl ResidencyFacts {
    /// What was asked (`title`), what the file is, and how to read its objective.
    fn comments(&self, title: &[String]) -> Vec<String> {
        let unit = match self.unit {
            1 => "the step's time in cycles: cycles = objective".to_owned(),
            unit => {
                format!("the step's time in units of {unit} cycles: cycles = {unit} x objective")
            }
        };
        let mut lines = title.to_vec();
        lines.push(format!(
            "Objective: {unit}, rounded up. The best plan by a rule ({}) has {} cycles: objective {}.",
            self.rule,
            self.rule_cycles,
            number(self.rule_objective)
        ));
        lines.push(
            "Rows and variables: formulations/residency.md. Slices are whole numbers; RES4 and \
             RES5, RES12 and RES13 count times in the objective's unit, RES10 bytes as parts of the capacity."
                .to_owned(),
        );
        lines.push(format!(
            "z_<operation>_<mode> is 1 where the operation runs in that mode, tau_<operation> is its \
             time, k_<tensor>_<event> the slices held meanwhile, s_<tensor>_<event> those that stay \
             after it. {} binaries, {} integers, {} rows.",
            self.binaries, self.integers, self.rows
        ));
        lines.extend(self.schedule.iter().cloned());
        lines.iter().flat_map(|line| comment_lines(line)).collect()
    }
}

/// The ports in words.
fn ports(schedule: &Schedule) -> String {
    let of = |outer: bool| {
        let own = schedule.ports.iter().filter(|port| port.outer == outer);
        let all: Vec<String> = own.map(|port| port.bandwidth.to_string()).collect();
        match all.as_slice() {
            [] => "no limit".to_owned(),
            [one] => format!("{one} bytes per cycle"),
            many => format!(
                "{} bytes per cycle for reads and for writes",
                many.join(" and ")
            ),
        }
    };
    format!(
        "a port of {} to the outside and one of its own of {}",
        of(true),
        of(false)
    )
}

/// What the schedule is made of.
fn sizes(schedule: &Schedule) -> Vec<String> {
    let operations = &schedule.operations;
    let optional = operations.iter().filter(|o| o.optional).count();
    let modes: usize = operations.iter().map(|o| o.modes.len()).sum();
    vec![
        format!(
            "Memory of {} bytes, {}, slices at multiples of {} bytes.",
            schedule.capacity.0,
            ports(schedule),
            schedule.alignment
        ),
        format!(
            "{} operations with {modes} modes, {optional} of which may be left out (they compute a \
             tensor again); {} tensors in {} slices, fetched and stored up to {} operations ahead.",
            operations.len(),
            schedule.tensors.len(),
            schedule.slices,
            schedule.ahead
        ),
    ]
}

//! A step planned in rounds: with the modes of a few mappings of each operation first, and with all of
//! them only where that leaves something open.

use std::time::{Duration, Instant};

use thiserror::Error;

use super::modes::ModeOptions;
use super::options::PlanOptions;
use super::plan;
use super::step::{Cutting, Mapped, Step, StepError};
use super::tuning::{FEW_ENDS, FEW_MODES};
use crate::problem::Hardware;
use crate::problem::graph::Graph;
use crate::problem::plan::MemoryPlan;
use crate::problem::schedule::ScheduleError;

/// Why a step has no plan.
#[derive(Debug, Error)]
pub enum PlanError {
    /// It has no schedule.
    #[error(transparent)]
    Step(#[from] StepError),
    /// Its schedule has no plan.
    #[error("{hardware}: {error}")]
    Schedule {
        /// Hardware.
        hardware: String,
        /// What is wrong.
        error: ScheduleError,
    },
}

impl PlanError {
    /// The schedule has no plan on this hardware.
    #[must_use]
    pub fn of(hardware: &Hardware, error: ScheduleError) -> Self {
        Self::Schedule {
            hardware: hardware.name.clone(),
            error,
        }
    }
}

/// Plans a step with as many mappings of each operation as it needs, at most those of the options:
/// where a plan of a few is closed, as no plan of any mappings is faster, no others are looked for. Of the two
/// plans the faster one is taken.
///
/// # Errors
/// The hardware has no shared memory, an operation no mapping, or the schedule no plan.
pub fn plan_step(
    graph: &Graph,
    hardware: &Hardware,
    cutting: Cutting,
    options: &ModeOptions,
    limits: &PlanOptions,
) -> Result<(Step, MemoryPlan), PlanError> {
    let failed = |error| PlanError::of(hardware, error);
    let mut mapped = Mapped::begin(graph, hardware, cutting, options)?;
    let mut most = options.per_operation;
    let mut spent = Duration::ZERO;
    let mut first = None;
    let mut closed = false;

    // ---- A few mappings of each operation -----------------------------------------------------
    mapped.extend(FEW_MODES.min(most));
    if FEW_MODES < most && !mapped.is_complete() {
        let begin = Instant::now();
        let step = mapped.step()?;
        let short = PlanOptions {
            time_limit: limits.time_limit.map(|limit| limit / FEW_ENDS),
            break_ties: false,
            ..limits.clone()
        };
        let few = plan(&step.schedule, step.modes.clone(), &short).map_err(failed)?;
        spent = begin.elapsed();
        closed = few.gap() <= limits.gap;
        if closed {
            most = FEW_MODES;
        } else {
            first = Some((step, few));
        }
    }

    // ---- All that are left --------------------------------------------------------------------
    mapped.extend(most);
    if !closed {
        mapped.add_fastest_inside();
    }
    let step = mapped.step()?;
    let rest = PlanOptions {
        time_limit: limits.time_limit.map(|limit| limit.saturating_sub(spent)),
        ..limits.clone()
    };
    let mut plan = plan(&step.schedule, step.modes.clone(), &rest).map_err(failed)?;
    plan.seconds += spent.as_secs_f64();
    // A program of more modes may be cut short far from its best plan.
    let faster = first.filter(|(_, few)| few.step_cycles() < plan.step_cycles());
    Ok(faster.unwrap_or((step, plan)))
}

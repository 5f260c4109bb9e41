//! The step of a whole network explained: what takes its time, what more of each thing would buy, and
//! what could be halved.

use super::answer;
use crate::problem::explanation::{FoundStep, StepChange};
use crate::problem::{HardwareChange, Resource, RunResult, Scale, WhatIf};

/// A step with what each change of its hardware does.
#[derive(Clone, Copy, Debug)]
pub struct StepReport<'a> {
    /// The step.
    pub result: &'a RunResult,
    /// The changes.
    pub changes: &'a [StepChange],
}

/// What a change does, in words.
pub(super) fn effect(result: &RunResult, own: &StepChange) -> String {
    let before = result.total().cycles.unwrap_or(0);
    match own.found {
        FoundStep::NotSearched => "not searched".to_owned(),
        FoundStep::None => "no step was found".to_owned(),
        FoundStep::Cycles(cycles) => match own.change.scale {
            Scale::Twice if cycles >= before => "nothing gained".to_owned(),
            _ => answer::effect(before, &what_if(&own.change, cycles)),
        },
    }
}

fn what_if(change: &HardwareChange, cycles: u128) -> WhatIf {
    WhatIf {
        change: change.clone(),
        cycles,
    }
}

/// What can be halved for nothing, each alone.
pub(super) fn free<'a>(result: &RunResult, changes: &'a [StepChange]) -> Vec<&'a Resource> {
    let before = result.total().cycles;
    let is_free = |own: &&StepChange| match own.found {
        FoundStep::Cycles(cycles) => own.change.scale == Scale::Half && Some(cycles) == before,
        FoundStep::None | FoundStep::NotSearched => false,
    };
    let free = changes.iter().filter(is_free);
    free.map(|own| &own.change.of).collect()
}

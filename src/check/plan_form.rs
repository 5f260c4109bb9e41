//! Whether a memory plan has the form of its schedule, and its transfers their places.

use crate::problem::plan::{Gap, Plan, PlanCost, Transfer};
use crate::problem::schedule::Schedule;

use super::plan_error::PlanError;

/// Whether a plan and its cost have one entry for each operation, tensor, event and gap.
pub(super) fn form(schedule: &Schedule, plan: &Plan, cost: &PlanCost) -> Result<(), PlanError> {
    let fail = |what: &str| {
        Err(PlanError::Form {
            what: what.to_owned(),
        })
    };
    let operations = schedule.operations.len();
    let stated = [cost.units.len(), cost.waiting.len(), cost.moved.len()];
    if plan.modes.len() != operations || stated != [operations; 3] {
        return fail("operations");
    }
    if plan.tensors.len() != schedule.tensors.len() {
        return fail("tensors");
    }
    for (mode, operation) in plan.modes.iter().zip(&schedule.operations) {
        let valid = mode.map_or(operation.optional, |m| m < operation.modes.len());
        if !valid {
            return fail(&format!("the mode of {}", operation.name));
        }
    }
    for (tensor, (own, events)) in plan.tensors.iter().zip(schedule.events()).enumerate() {
        let name = &schedule.tensors[tensor].name;
        if own.events.len() != events.len() || own.gaps.len() != events.len() + 1 {
            return fail(&format!("events of {name}"));
        }
        for (index, gap) in own.gaps.iter().enumerate() {
            let before = index.checked_sub(1).map(|i| events[i].operation);
            let after = events.get(index).map(|e| e.operation);
            if !times(schedule, gap, before, after) {
                return fail(&format!("transfers of {name} after event {index}"));
            }
        }
    }
    Ok(())
}

/// Whether the transfers of a gap lie between its events, as near to them as they must.
fn times(schedule: &Schedule, gap: &Gap, before: Option<usize>, after: Option<usize>) -> bool {
    let end = after.unwrap_or(schedule.operations.len());
    let inside = |t: &Transfer| before.is_none_or(|b| b < t.operation) && t.operation < end;
    let late = |t: &Transfer| before.is_some_and(|b| t.operation - b <= schedule.ahead);
    let early = |t: &Transfer| after.is_some_and(|a| a - t.operation <= schedule.ahead);
    (gap.late.iter()).all(|t| inside(t) && late(t))
        && (gap.early.iter()).all(|t| inside(t) && early(t))
        && (before.is_some() && after.is_some() || gap.kept == 0)
}

//! Plans from values of the variables, and values from plans.

use crate::cost;
use crate::problem::plan::{Gap, Held, Plan, TensorPlan, Transfer};
use crate::problem::schedule::Schedule;

use super::Residency;
use super::variables::{At, GapVariables, Layout, TensorVariables};

/// A number of slices, which the solver gives within its tolerance.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small integer up to the solver's tolerance"
)]
fn slices(value: f64) -> u32 {
    value.round().max(0.0) as u32
}

/// The plan of given values.
pub(super) fn plan(schedule: &Schedule, layout: &Layout, values: &[f64]) -> Plan {
    let modes = layout.operations.iter().zip(&schedule.operations);
    let modes = modes.map(|(variables, operation)| {
        let largest = (variables.modes.iter().map(|&z| values[z]).enumerate())
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        largest
            .filter(|&(_, z)| !operation.optional || z > 0.5)
            .map(|(mode, _)| mode)
    });
    Plan {
        modes: modes.collect(),
        tensors: (layout.tensors.iter())
            .map(|own| tensor(own, values))
            .collect(),
    }
}

fn tensor(own: &TensorVariables, values: &[f64]) -> TensorPlan {
    let read = |variable: Option<usize>| variable.map_or(0, |v| slices(values[v]));
    let transfers = |list: &[At]| -> Vec<Transfer> {
        let moved = list.iter().map(|at| Transfer {
            operation: at.operation,
            slices: slices(values[at.variable]),
        });
        moved.filter(|t| t.slices > 0).collect()
    };
    TensorPlan {
        events: (own.events.iter())
            .map(|event| Held {
                slices: read(Some(event.held)),
                stored: read(event.stored),
            })
            .collect(),
        gaps: (own.gaps.iter())
            .map(|gap| Gap {
                kept: read(gap.kept),
                late: transfers(&gap.late),
                early: transfers(&gap.early),
            })
            .collect(),
    }
}

/// The values of all variables for a plan that has no slices where the program has no variable.
#[expect(
    clippy::cast_precision_loss,
    reason = "a time as a part of another one"
)]
pub(super) fn values(program: &Residency<'_>, plan: &Plan) -> Vec<f64> {
    let mut values = vec![0.0; program.model.variables().len()];
    let cost = cost::plan::evaluate(program.schedule, plan);
    for (index, variables) in program.layout.operations.iter().enumerate() {
        values[variables.time] = cost.units[index] as f64 / program.units;
        if let Some(waiting) = variables.waiting {
            values[waiting] = cost.waiting[index] as f64 / program.units;
        }
        let Some(mode) = plan.modes[index] else {
            continue;
        };
        values[variables.modes[mode]] = 1.0;
        let parts = cost::plan::parts(program.schedule, plan, &program.events, index);
        for (&variable, units) in variables.parts.iter().zip(parts) {
            values[variable] = units as f64 / program.units;
        }
        let operands = program.schedule.operations[index].operands();
        for (tensor, passing) in operands.zip(&variables.passing) {
            if let Some(Some(g)) = passing.get(mode) {
                let event = program.events[tensor].partition_point(|e| e.operation < index);
                let held = plan.tensors[tensor].events[event].slices;
                values[*g] = f64::from(program.schedule.slices - held);
            }
        }
    }
    program.tie_values(&cost, &plan.resident_bytes(program.schedule), &mut values);
    for (tensor, own) in program.layout.tensors.iter().enumerate() {
        tensor_values(program, plan, (tensor, own), &mut values);
    }
    values
}

fn tensor_values(
    program: &Residency<'_>,
    plan: &Plan,
    (tensor, own): (usize, &TensorVariables),
    values: &mut [f64],
) {
    let stated = &plan.tensors[tensor];
    gap_values(&own.gaps[0], &stated.gaps[0], values);
    let mut inside_only = 0;
    for (number, event) in program.events[tensor].iter().enumerate() {
        let (held, gap) = (stated.events[number], &stated.gaps[number + 1]);
        values[own.events[number].held] = f64::from(held.slices);
        if let Some(stored) = own.events[number].stored {
            values[stored] = f64::from(held.stored);
        }
        gap_values(&own.gaps[number + 1], gap, values);
        if event.writes && plan.modes[event.operation].is_some() {
            inside_only = held.slices;
        }
        inside_only = inside_only.saturating_sub(held.stored + gap.late_slices());
        if let Some(u) = own.gaps[number + 1].inside_only {
            values[u] = f64::from(inside_only);
        }
    }
}

fn gap_values(own: &GapVariables, stated: &Gap, values: &mut [f64]) {
    if let Some(kept) = own.kept {
        values[kept] = f64::from(stated.kept);
    }
    for (list, moved) in [(&own.late, &stated.late), (&own.early, &stated.early)] {
        for at in list {
            let here = moved.iter().filter(|t| t.operation == at.operation);
            values[at.variable] = f64::from(here.map(|t| t.slices).sum::<u32>());
        }
    }
}

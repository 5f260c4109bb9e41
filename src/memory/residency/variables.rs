//! The variables of the residency program and where they stand.

use crate::engine::named::Named;
use crate::problem::schedule::{Event, Mode, Schedule};

use super::needs;

/// A variable of an operation in a gap.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// Index of the operation.
    pub operation: usize,
    /// Index of the variable.
    pub variable: usize,
}

/// Variables of a tensor at an event.
#[derive(Clone, Debug)]
pub struct EventVariables {
    /// k: slices held while the operation runs.
    pub held: usize,
    /// c: slices that it stores besides.
    pub stored: Option<usize>,
}

/// Variables of a tensor in a gap.
#[derive(Clone, Debug, Default)]
pub struct GapVariables {
    /// s: slices that stay throughout.
    pub kept: Option<usize>,
    /// u: slices that are not outside at the end of the gap.
    pub inside_only: Option<usize>,
    /// q: slices stored late, by operation.
    pub late: Vec<At>,
    /// p: slices fetched early, by operation.
    pub early: Vec<At>,
}

/// Variables of a tensor.
#[derive(Clone, Debug)]
pub struct TensorVariables {
    /// By event.
    pub events: Vec<EventVariables>,
    /// Before the first event, and after each.
    pub gaps: Vec<GapVariables>,
}

/// Variables of an operation.
#[derive(Clone, Debug)]
pub struct OperationVariables {
    /// tau: its time.
    pub time: usize,
    /// sigma: the time of transfers that overlap with nothing, where there are some.
    pub waiting: Option<usize>,
    /// z: one for every mode.
    pub modes: Vec<usize>,
    /// pi: the time of each part of the mode, where modes have some.
    pub parts: Vec<usize>,
    /// g: for every operand the slices that pass by in each mode; empty where the number of
    /// bits is the same in all modes.
    pub passing: Vec<Vec<Option<usize>>>,
}

/// Where the variables stand.
#[derive(Clone, Debug)]
pub struct Layout {
    /// By operation.
    pub operations: Vec<OperationVariables>,
    /// By tensor.
    pub tensors: Vec<TensorVariables>,
}

impl Layout {
    /// Adds all variables to a model, with `cost` for times.
    pub(super) fn new(
        schedule: &Schedule,
        events: &[Vec<Event>],
        model: &mut Named,
        cost: f64,
    ) -> Self {
        let mut own = Variables {
            schedule,
            model,
            cost,
        };
        Self {
            operations: (0..schedule.operations.len())
                .map(|operation| own.operation(operation))
                .collect(),
            tensors: (0..schedule.tensors.len())
                .map(|tensor| own.tensor(tensor, &events[tensor]))
                .collect(),
        }
    }
}

struct Variables<'a> {
    schedule: &'a Schedule,
    model: &'a mut Named,
    cost: f64,
}

impl Variables<'_> {
    fn operation(&mut self, index: usize) -> OperationVariables {
        let operation = &self.schedule.operations[index];
        let name = &operation.name;
        let time = (self.model).continuous(&format!("tau_{name}"), (0.0, f64::INFINITY), self.cost);
        let waits = |mode: &Mode| mode.partial.waits || mode.waits.contains(&true);
        let waiting = (self.schedule.waits || operation.modes.iter().any(waits)).then(|| {
            let bounds = (0.0, f64::INFINITY);
            self.model.continuous(&format!("sigma_{name}"), bounds, 0.0)
        });
        let modes = (0..operation.modes.len())
            .map(|mode| self.model.binary(&format!("z_{name}_{mode}")))
            .collect();
        let parts = operation.modes.first().map_or(0, |mode| mode.parts.len());
        let bounds = (0.0, f64::INFINITY);
        let parts = (0..parts)
            .map(|part| {
                self.model
                    .continuous(&format!("pi_{name}_{part}"), bounds, 0.0)
            })
            .collect();
        let operands = operation.reads.len() + operation.writes.len();
        let passing = (0..operands).map(|o| self.passing(index, o)).collect();
        OperationVariables {
            time,
            waiting,
            modes,
            parts,
            passing,
        }
    }

    fn passing(&mut self, operation: usize, operand: usize) -> Vec<Option<usize>> {
        let own = &self.schedule.operations[operation];
        let streaming = own.modes.iter().filter(|m| !m.resident[operand]);
        let mut bits: Vec<(u64, bool)> = streaming
            .map(|m| (m.outer_bits[operand], m.waits[operand]))
            .collect();
        bits.dedup();
        let in_parts = own.modes.len() > 1 && !own.modes[0].parts.is_empty();
        if bits.len() == 1 && !in_parts && !own.optional {
            return Vec::new();
        }
        let most = f64::from(self.schedule.slices);
        let variable = |(mode, m): (usize, &Mode)| {
            let name = format!("g_{}_{mode}_{operand}", own.name);
            (!m.resident[operand]).then(|| self.model.continuous(&name, (0.0, most), 0.0))
        };
        own.modes.iter().enumerate().map(variable).collect()
    }

    /// A number of slices.
    fn slices(&mut self, name: &str) -> usize {
        let most = f64::from(self.schedule.slices);
        self.model.integer(name, (0.0, most))
    }

    fn tensor(&mut self, index: usize, events: &[Event]) -> TensorVariables {
        let tensor = &self.schedule.tensors[index];
        let name = &tensor.name;
        let mut own = TensorVariables {
            events: Vec::new(),
            gaps: vec![GapVariables::default()],
        };
        let mut written = false;
        for (number, event) in events.iter().enumerate() {
            written |= event.writes;
            let needed = !needs::after(events, number, tensor.ends_outside).is_empty();
            let last = number + 1 == events.len();
            let held = self.slices(&format!("k_{name}_{number}"));
            let stores = needed && written;
            own.events.push(EventVariables {
                held,
                stored: stores.then(|| self.slices(&format!("c_{name}_{number}"))),
            });
            let mut gap = GapVariables::default();
            if needed && !last {
                gap.kept = Some(self.slices(&format!("s_{name}_{number}")));
            }
            if stores {
                gap.inside_only = Some(self.inside_only(&format!("u_{name}_{number}")));
                gap.late = self.late(name, number, events);
            }
            own.gaps.push(gap);
        }
        for (number, gap) in own.gaps.iter_mut().enumerate().take(events.len()) {
            let there = number > 0 && gap.kept.is_some() || number == 0 && tensor.begins_outside;
            let event = events[number];
            if there && (event.reads || event.optional) {
                gap.early = self.early(name, number, events);
            }
        }
        own
    }

    fn inside_only(&mut self, name: &str) -> usize {
        let most = f64::from(self.schedule.slices);
        self.model.continuous(name, (0.0, most), 0.0)
    }

    /// One variable for each operation after an event, as far as slices may be stored late.
    fn late(&mut self, name: &str, event: usize, events: &[Event]) -> Vec<At> {
        let from = events[event].operation + 1;
        let end = events.get(event + 1).map(|e| e.operation);
        let end = end.unwrap_or(self.schedule.operations.len());
        (from..end.min(from + self.schedule.ahead))
            .map(|operation| At {
                operation,
                variable: self.slices(&format!("q_{name}_{event}_{operation}")),
            })
            .collect()
    }

    /// One variable for each operation before an event, as far as slices may be fetched early.
    fn early(&mut self, name: &str, event: usize, events: &[Event]) -> Vec<At> {
        let end = events[event].operation;
        let start = event.checked_sub(1).map_or(0, |e| events[e].operation + 1);
        (start.max(end.saturating_sub(self.schedule.ahead))..end)
            .map(|operation| At {
                operation,
                variable: self.slices(&format!("p_{name}_{event}_{operation}")),
            })
            .collect()
    }
}

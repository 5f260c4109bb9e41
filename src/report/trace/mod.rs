//! A planned step as trace events that Perfetto opens: operations, transfers of the
//! outer port, and what the shared memory holds (the JSON object format of "Trace Event Format").

mod clock;
mod occupancy;
mod ports;
mod transfers;

use serde_json::{Value, json};

use self::clock::{Clock, microseconds};
use self::ports::{OuterPorts, Placed};
use self::transfers::Track;
use super::numbers::{decimal, integer};
use crate::problem::format::FORMAT;
use crate::problem::plan::MemoryPlan;
use crate::problem::{Hardware, Level, RunResult};

/// The process of all tracks, and the thread of operations; those of transfers follow.
const PROCESS: u32 = 1;
const OPERATIONS: u32 = 1;

/// The trace of a run as JSON, where the run planned its step.
#[must_use]
pub fn text(result: &RunResult) -> Option<String> {
    let plan = result.memory_plan.as_ref()?;
    let own = Trace {
        plan,
        hardware: &result.hardware,
        clock: Clock::of(plan, &result.hardware),
        starts: plan.starts(),
    };
    let mut events = own.names(result);
    events.extend(own.operations());
    events.extend(own.transfers());
    events.extend(own.counters());
    let all = json!({
        "format": FORMAT,
        "displayTimeUnit": "ns",
        "otherData": {
            "deepmatrix": env!("CARGO_PKG_VERSION"),
            "network": result.network,
            "hardware": result.hardware.name,
            "mode": result.mode,
            "batch": result.batch,
            "time_unit": own.clock.unit(),
            "cycles": integer(plan.step_cycles()),
            "capacity_bytes": plan.schedule.capacity.0,
        },
        "traceEvents": events,
    });
    Some(format!("{all}\n"))
}

/// What a trace is made from.
struct Trace<'a> {
    plan: &'a MemoryPlan,
    hardware: &'a Hardware,
    clock: Clock,
    /// The units at which operations begin, and those of the step.
    starts: Vec<u128>,
}

impl Trace<'_> {
    /// The names of the process and of its tracks.
    fn names(&self, result: &RunResult) -> Vec<Value> {
        let step = format!("{} on {}", result.network, self.hardware.name);
        let outer = self.hardware.memories().next();
        let outer = outer.map_or("outer", |(_, memory)| memory.name.as_str());
        let mut all = vec![
            json!({"ph": "M", "pid": PROCESS, "name": "process_name", "args": {"name": step}}),
            named(OPERATIONS, "array and vector unit"),
        ];
        let tracks = Track::ALL.into_iter();
        all.extend(tracks.map(|track| named(thread(track), &format!("{outer}: {}", track.name()))));
        all
    }

    /// One event for every operation that runs.
    fn operations(&self) -> Vec<Value> {
        let plan = self.plan;
        let all = plan.schedule.operations.iter().enumerate();
        let events = all.filter_map(|(index, operation)| {
            let mode = plan.plan.modes[index]?;
            let bytes = plan.bytes(plan.cost.moved[index].outer());
            let units = [self.starts[index], self.starts[index + 1]];
            let args = json!({
                "cycles": integer(plan.cycles(plan.cost.units[index])),
                "bound_by": plan.bottleneck(index, self.hardware),
                "mode": mode,
                "recomputed": operation.optional,
                "buffer_bytes": operation.modes[mode].buffer_bytes,
                "outer_bytes": integer(bytes),
            });
            Some(self.event(OPERATIONS, (&operation.name, "operation"), units, &args))
        });
        events.collect()
    }

    /// One event for every transfer through the outer port.
    fn transfers(&self) -> Vec<Value> {
        let ports = OuterPorts::of(self.plan);
        let all = transfers::of(&self.plan.schedule, &self.plan.plan);
        let events = all.iter().enumerate().flat_map(|(index, transfers)| {
            let units = [self.starts[index], self.starts[index + 1]];
            let placed = ports.place(transfers, units);
            let operation = self.plan.schedule.operations[index].name.as_str();
            let events = placed.iter().map(|own| self.transfer(own, operation));
            events.collect::<Vec<_>>()
        });
        events.collect()
    }

    fn transfer(&self, own: &Placed<'_>, operation: &str) -> Value {
        let transfer = own.transfer;
        let tensor = transfer
            .tensor
            .map(|index| &self.plan.schedule.tensors[index]);
        let name = tensor.map_or_else(
            || format!("partial sums of {operation}"),
            |tensor| tensor.name.clone(),
        );
        let args = json!({
            "bytes": integer(self.plan.bytes(transfer.bits)),
            "how": transfer.how,
            "kind": tensor.map(|tensor| tensor.kind.name()),
            "during": operation,
        });
        let what = (name.as_str(), transfer.track.name());
        self.event(thread(transfer.track), what, own.units, &args)
    }

    /// What the shared memory holds while each operation runs, and nothing after the last.
    fn counters(&self) -> Vec<Value> {
        let name = match self.hardware.levels.get(1) {
            Some(Level::Memory(memory)) => memory.name.as_str(),
            _ => "shared memory",
        };
        let held = occupancy::of(self.plan);
        let events = held.iter().zip(&self.starts).flat_map(|(held, &start)| {
            let time = self.time(start);
            [
                counter(
                    &format!("{name} bytes"),
                    &time,
                    &json!({"bytes": held.total()}),
                ),
                counter(&format!("{name} by kind"), &time, &held.by_kind()),
            ]
        });
        events.collect()
    }

    fn time(&self, units: u128) -> Value {
        decimal(microseconds(self.clock.nanoseconds(units)))
    }

    fn event(
        &self,
        thread: u32,
        (name, category): (&str, &str),
        units: [u128; 2],
        args: &Value,
    ) -> Value {
        let [from, to] = units.map(|units| self.clock.nanoseconds(units));
        json!({
            "ph": "X",
            "pid": PROCESS,
            "tid": thread,
            "name": name,
            "cat": category,
            "ts": decimal(microseconds(from)),
            "dur": decimal(microseconds(to - from)),
            "args": args,
        })
    }
}

/// The thread of a track of transfers.
fn thread(track: Track) -> u32 {
    OPERATIONS + 1 + track as u32
}

fn named(thread: u32, name: &str) -> Value {
    json!({
        "ph": "M", "pid": PROCESS, "tid": thread, "name": "thread_name", "args": {"name": name},
    })
}

fn counter(name: &str, time: &Value, args: &Value) -> Value {
    json!({"ph": "C", "pid": PROCESS, "name": name, "ts": time, "args": args})
}

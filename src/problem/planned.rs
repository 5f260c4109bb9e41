//! A step as its memory plan runs it: the cycles of every row beside the others, the total, and what
//! takes the time.

use std::collections::BTreeMap;

use super::fraction::fraction;
use super::hardware::{Hardware, Level};
use super::plan::MemoryPlan;
use super::port::{Direction, Moved};
use super::row::LayerRow;
use super::run::{RunResult, Total};
use super::stage::Fused;

/// What the plan's operation computes again is named after the operation.
pub const AGAIN: &str = ".again";

impl MemoryPlan {
    /// Cycles of the planned step.
    #[must_use]
    pub fn step_cycles(&self) -> u128 {
        self.cycles(self.cost.total())
    }

    /// The units of an operation and of what computes its result again; `None` where the step has no
    /// operation of this name, as of views.
    #[must_use]
    pub fn units_of(&self, name: &str) -> Option<u128> {
        if let Some((operation, [before, own, all])) = self.fused_part(name) {
            // The parts of all members add up to the stage's time.
            let up_to = |part: u128| self.cost.units[operation] * part / all.max(1);
            return Some(up_to(before + own) - up_to(before));
        }
        let mut own = self.operations_of(name).peekable();
        own.peek()?;
        Some(own.map(|operation| self.cost.units[operation]).sum())
    }

    /// The operation that runs this one of the step together with others, and the part of the stage's time
    /// that is before it, its own, and all.
    fn fused_part(&self, name: &str) -> Option<(usize, [u128; 3])> {
        let mut all = self.schedule.stages.iter();
        let place = |own: &Fused| own.members.iter().position(|member| member == name);
        let (own, member) = all.find_map(|own| Some((own, place(own)?)))?;
        let mode = self.plan.modes[own.operation]?;
        let (before, part, all) = own.part(mode, member)?;
        Some((own.operation, [before, part, all]))
    }

    /// The indices of an operation and of what computes its result again.
    pub fn operations_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        let all = self.schedule.operations.iter().enumerate();
        let same = move |own: &str| own.strip_suffix(AGAIN).unwrap_or(own) == name;
        let fused = self.fused_part(name).map(|own| own.0);
        all.filter(move |(index, operation)| same(&operation.name) || fused == Some(*index))
            .map(|(index, _)| index)
    }

    /// The units after which each operation begins, and at last those of the whole step.
    #[must_use]
    pub fn starts(&self) -> Vec<u128> {
        let ends = self.cost.units.iter().scan(0, |time, units| {
            *time += units;
            Some(*time)
        });
        std::iter::once(0).chain(ends).collect()
    }

    /// What moves while an operation runs, and while its result is computed again.
    #[must_use]
    pub fn moved_of(&self, name: &str) -> Moved {
        let mut all = Moved::default();
        if let Some((operation, [before, own, whole])) = self.fused_part(name) {
            for direction in Direction::ALL {
                let bits = self.cost.moved[operation].get(direction);
                let up_to = |part: u128| bits * part / whole.max(1);
                all.add(direction, up_to(before + own) - up_to(before));
            }
            return all;
        }
        for operation in self.operations_of(name) {
            all.add_all(&self.cost.moved[operation]);
        }
        all
    }

    /// The cycles, rounded up, for which so much keeps the busiest port of the memory outside or of the
    /// shared memory busy.
    #[must_use]
    pub fn busy_cycles(&self, moved: &Moved, outer: bool) -> u128 {
        let ports = self.schedule.ports.iter();
        let own = ports
            .zip(self.schedule.units_per_bit())
            .filter(|(port, _)| port.outer == outer)
            .map(|(port, units)| moved.through(port) * units);
        self.cycles(own.max().unwrap_or(0))
    }

    /// The bytes, rounded up, of bits times slices.
    #[must_use]
    pub fn bytes(&self, bit_slices: u128) -> u128 {
        bit_slices.div_ceil(8 * u128::from(self.schedule.slices))
    }

    /// The parts of the step's time that each bottleneck takes, the largest first.
    #[must_use]
    pub fn bottlenecks<'a>(&self, hardware: &'a Hardware) -> Vec<(&'a str, f64)> {
        let all = self.cost.units.iter().enumerate();
        shares(all.map(|(operation, &units)| (units, self.bottleneck(operation, hardware))))
    }

    /// What takes the time of an operation: the memory outside, the shared memory, or `compute` for the
    /// array or vector unit and what lies in it.
    #[must_use]
    pub fn bottleneck<'a>(&self, operation: usize, hardware: &'a Hardware) -> &'a str {
        let overlapped = self.cost.units[operation] - self.cost.waiting[operation];
        let own = self.plan.modes[operation].map_or(0, |mode| {
            let mode = &self.schedule.operations[operation].modes[mode];
            mode.cycles * self.schedule.units_per_cycle()
        });
        if own >= overlapped {
            return COMPUTE;
        }
        let moved = &self.cost.moved[operation];
        let ports = self.schedule.ports.iter();
        let busy = ports
            .zip(self.schedule.units_per_bit())
            .map(|(port, units)| (moved.through(port) * units, port.outer))
            .max();
        let level = match busy {
            Some((units, outer)) if units > own => usize::from(!outer),
            _ => return COMPUTE,
        };
        match hardware.levels.get(level) {
            Some(Level::Memory(memory)) => &memory.name,
            _ => COMPUTE,
        }
    }
}

/// What is not a memory.
pub const COMPUTE: &str = "compute";

/// The share of each name in all times, the largest first.
fn shares<'a>(times: impl Iterator<Item = (u128, &'a str)>) -> Vec<(&'a str, f64)> {
    let mut by_name: BTreeMap<&str, u128> = BTreeMap::new();
    for (time, name) in times {
        *by_name.entry(name).or_default() += time;
    }
    let all: u128 = by_name.values().sum();
    let mut parts: Vec<(&str, u128)> = by_name.into_iter().filter(|part| part.1 > 0).collect();
    parts.sort_by_key(|&(name, time)| (std::cmp::Reverse(time), name));
    let share = |(name, time)| (name, fraction(time, all));
    parts.into_iter().map(share).collect()
}

impl RunResult {
    /// The cycles of a row in the planned step, rounded up; its own where nothing is planned.
    #[must_use]
    pub fn cycles_of(&self, row: &LayerRow) -> Option<u128> {
        match &self.memory_plan {
            Some(plan) => Some(plan.cycles(plan.units_of(&row.name).unwrap_or(0))),
            None => row.cycles(),
        }
    }

    /// The part of the multiply-accumulate slots that a row fills in the planned step.
    #[must_use]
    pub fn utilization_of(&self, row: &LayerRow) -> Option<f64> {
        let slots = self.cycles_of(row)? * self.hardware.processing_elements();
        Some(fraction(row.box_macs(), slots))
    }

    /// The cycles of some rows in the planned step.
    #[must_use]
    pub fn cycles_of_all(&self, rows: &[LayerRow]) -> Option<u128> {
        let mut rows = rows.iter();
        match &self.memory_plan {
            Some(plan) => {
                let units = rows.filter_map(|row| plan.units_of(&row.name)).sum();
                Some(plan.cycles(units))
            }
            None => rows.try_fold(0, |sum, row| Some(sum + row.cycles()?)),
        }
    }

    /// The part of the multiply-accumulate slots that some rows fill in the planned step.
    #[must_use]
    pub fn utilization_of_all(&self, rows: &[LayerRow]) -> Option<f64> {
        let slots = self.cycles_of_all(rows)? * self.hardware.processing_elements();
        let macs: u128 = rows.iter().map(LayerRow::box_macs).sum();
        Some(fraction(macs, slots))
    }

    /// What takes the cycles of a row in the planned step.
    #[must_use]
    pub fn bottleneck_of(&self, row: &LayerRow) -> &str {
        let Some(plan) = &self.memory_plan else {
            return row.bottleneck(&self.hardware);
        };
        let longest = plan
            .operations_of(&row.name)
            .max_by_key(|&operation| plan.cost.units[operation]);
        longest.map_or("-", |operation| plan.bottleneck(operation, &self.hardware))
    }

    /// The parts of the step's time that each bottleneck takes, the largest first.
    #[must_use]
    pub fn bottlenecks(&self) -> Vec<(&str, f64)> {
        match &self.memory_plan {
            Some(plan) => plan.bottlenecks(&self.hardware),
            None => shares(
                (self.layers.iter())
                    .filter_map(|row| Some((row.cycles()?, row.bottleneck(&self.hardware)))),
            ),
        }
    }

    /// The total of the planned step; the sums over all rows where nothing is planned. A plan has no
    /// energy, and its bound is the one that holds for any mappings.
    #[must_use]
    pub fn total(&self) -> Total {
        let alone = self.total_layers();
        let Some(plan) = &self.memory_plan else {
            return alone;
        };
        let (cycles, bound) = (plan.step_cycles(), plan.cycles(plan.bound_units()));
        let macs: u128 = self.layers.iter().map(LayerRow::box_macs).sum();
        let slots = cycles * self.hardware.processing_elements();
        Total {
            cycles: Some(cycles),
            bound_cycles: bound,
            lower_bound_cycles: bound,
            utilization: Some(fraction(macs, slots)),
            energy_pj: None,
            ..alone
        }
    }

    /// Seconds of the step at the hardware's clock, if that is given and all of it was mapped.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a number for reports")]
    pub fn step_seconds(&self) -> Option<f64> {
        let hertz = self.hardware.clock_mhz? * 1e6;
        self.total().cycles.map(|cycles| cycles as f64 / hertz)
    }

    /// Samples per second: the batch in the time of the step; `None` where only a part of it was mapped.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a number for reports")]
    pub fn samples_per_second(&self) -> Option<f64> {
        let seconds = self.step_seconds().filter(|&seconds| seconds > 0.0);
        let seconds = seconds.filter(|_| !self.partial)?;
        Some(self.batch as f64 / seconds)
    }

    /// Operations per second, two for each multiply-accumulate of the boxes, padding included.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a number for reports")]
    pub fn operations_per_second(&self) -> Option<f64> {
        let macs: u128 = self.layers.iter().map(LayerRow::box_macs).sum();
        let seconds = self.step_seconds().filter(|&seconds| seconds > 0.0)?;
        Some(2.0 * macs as f64 / seconds)
    }

    /// Operations per second with all elements at work.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a number for reports")]
    pub fn peak_operations_per_second(&self) -> Option<f64> {
        let hertz = self.hardware.clock_mhz? * 1e6;
        Some(2.0 * self.hardware.processing_elements() as f64 * hertz)
    }
}

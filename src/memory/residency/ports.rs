//! The rows of time: what each mode takes, and what passes through every port meanwhile.

use crate::engine::named::Relation::AtLeast;
use crate::problem::port::{Direction, Port};
use crate::problem::schedule::{Mode, Partial};

use super::Residency;
use super::rows::{Terms, arrived};

/// Bits that move while an operation runs: so many for each unit of a variable, or a constant.
struct Flow {
    direction: Direction,
    variable: Option<usize>,
    /// Bits times slices.
    bits: f64,
    /// Whether their time is added to whatever takes longest.
    waits: bool,
}

impl Residency<'_> {
    /// [RES4] τ[t] ≥ Σ cycles · z[t,m] + what is added: an operation takes the cycles of its mode.
    /// [RES5] τ[t] ≥ (what passes by + what is fetched and stored) / (K · bandwidth) + what is
    /// added: and the time of each port of the memory outside.
    /// [RES12] τ[t] ≥ (the same + what the array exchanges) / (K · bandwidth) + what is added: and
    /// that of each port of the shared memory.
    /// [RES13] σ[t] ≥ Σ the time of transfers that overlap with nothing.
    /// [RES14] τ[t] ≥ Σ π[t,j] + what is added, π[t,j] ≥ the cycles and the time of each port in
    /// part j: parts run one after the other.
    pub(super) fn times(&mut self, operation: usize) {
        let name = self.schedule.operations[operation].name.clone();
        let cycles = self.cycles(operation, |mode| mode.cycles + mode.added_cycles);
        self.time_row(&format!("RES4_{name}"), operation, (cycles, 0.0));
        let flows = self.flows(operation);
        for (port, units) in self
            .schedule
            .ports
            .iter()
            .zip(self.schedule.units_per_bit())
        {
            let row = format!(
                "{}_{name}{}",
                if port.outer { "RES5" } else { "RES12" },
                suffix(port)
            );
            let carried = |flow: &&Flow| port.carries.contains(flow.direction);
            let (mut terms, right) = self.through(flows.iter().filter(carried), |_| units);
            terms.extend(self.cycles(operation, |mode| mode.added_cycles));
            self.time_row(&row, operation, (terms, right));
        }
        self.parts(operation);
        if let Some(waiting) = self.layout.operations[operation].waiting {
            let schedule = self.schedule;
            let slower = |flow: &Flow| schedule.crossing_units(flow.direction);
            let waits = flows.iter().filter(|flow| flow.waits);
            let (terms, right) = self.through(waits, slower);
            let mut row = negated(terms);
            row.push((waiting, 1.0));
            self.model
                .row(&format!("RES13_{name}"), row, AtLeast, right);
        }
    }

    /// The rows of the parts of an operation's modes.
    fn parts(&mut self, operation: usize) {
        let name = self.schedule.operations[operation].name.clone();
        let parts = self.layout.operations[operation].parts.clone();
        for (number, &time) in parts.iter().enumerate() {
            let mut row = negated(self.cycles(operation, |mode| mode.parts[number].cycles));
            row.push((time, 1.0));
            self.model
                .row(&format!("RES14_{name}_{number}"), row, AtLeast, 0.0);
            let flows = self.in_part(operation, number);
            for (port, units) in self
                .schedule
                .ports
                .iter()
                .zip(self.schedule.units_per_bit())
            {
                let carried = |flow: &&Flow| port.carries.contains(flow.direction);
                let (terms, right) = self.through(flows.iter().filter(carried), |_| units);
                let mut row = negated(terms);
                row.push((time, 1.0));
                let side = if port.outer { "outer" } else { "inner" };
                let row_name = format!("RES14_{name}_{number}_{side}{}", suffix(port));
                self.model.row(&row_name, row, AtLeast, right);
            }
        }
        if !parts.is_empty() {
            let mut terms: Terms = parts.iter().map(|&time| (time, 1.0)).collect();
            terms.extend(self.cycles(operation, |mode| mode.added_cycles));
            self.time_row(&format!("RES14_{name}"), operation, (terms, 0.0));
        }
    }

    /// τ[t] - σ[t] ≥ terms + constant.
    fn time_row(&mut self, name: &str, operation: usize, (terms, right): (Terms, f64)) {
        let variables = &self.layout.operations[operation];
        let mut row = negated(terms);
        row.push((variables.time, 1.0));
        row.extend(variables.waiting.map(|waiting| (waiting, -1.0)));
        self.model.row(name, row, AtLeast, right);
    }

    /// Cycles of the modes as times.
    #[expect(clippy::cast_precision_loss, reason = "cycles far below 2^53")]
    fn cycles(&self, operation: usize, of: impl Fn(&Mode) -> u128) -> Terms {
        let per_cycle = self.schedule.units_per_cycle() as f64 / self.units;
        let modes = self.layout.operations[operation].modes.iter();
        let modes = modes.zip(&self.schedule.operations[operation].modes);
        modes
            .map(|(&z, mode)| (z, of(mode) as f64 * per_cycle))
            .collect()
    }

    /// The time of flows, each at so many units a bit: terms and a constant.
    #[expect(clippy::cast_precision_loss, reason = "a bandwidth as a factor")]
    fn through<'f>(
        &self,
        flows: impl Iterator<Item = &'f Flow>,
        units: impl Fn(&Flow) -> u128,
    ) -> (Terms, f64) {
        let (mut terms, mut constant) = (Terms::new(), 0.0);
        for flow in flows {
            let time = flow.bits * (units(flow) as f64 / self.units);
            match flow.variable {
                Some(variable) => terms.push((variable, time)),
                None => constant += time,
            }
        }
        (terms, constant)
    }

    /// The bits, times slices, in some directions while an operation runs, in parts of `scale`.
    pub(super) fn bits(
        &self,
        operation: usize,
        directions: impl Fn(Direction) -> bool,
        scale: f64,
    ) -> (Terms, f64) {
        let (mut terms, mut constant) = (Terms::new(), 0.0);
        let flows = self.flows(operation).into_iter();
        for flow in flows.filter(|flow| directions(flow.direction)) {
            match flow.variable {
                Some(variable) => terms.push((variable, flow.bits / scale)),
                None => constant += flow.bits / scale,
            }
        }
        (terms, constant)
    }

    /// All that moves while an operation runs.
    fn flows(&self, operation: usize) -> Vec<Flow> {
        let mut flows = self.exchanged(operation);
        for operand in 0..self.layout.operations[operation].passing.len() {
            let bits = |mode: &Mode| mode.outer_bits[operand];
            flows.extend(self.passing_by(operation, operand, bits));
        }
        for &tensor in &self.near[operation] {
            flows.extend(self.transferred(operation, tensor));
        }
        flows
    }

    /// What each mode moves whatever is resident: what the array exchanges with the shared
    /// memory, and partial sums.
    fn exchanged(&self, operation: usize) -> Vec<Flow> {
        self.by_mode(operation, |mode| {
            (mode.read_bits, mode.written_bits, mode.partial)
        })
    }

    /// The same with numbers of a mode or of a part of it.
    #[expect(clippy::cast_precision_loss, reason = "bits far below 2^53")]
    fn by_mode(&self, operation: usize, of: impl Fn(&Mode) -> (u64, u64, Partial)) -> Vec<Flow> {
        let modes = self.layout.operations[operation].modes.iter();
        let modes = modes.zip(&self.schedule.operations[operation].modes);
        let all = modes.flat_map(|(&z, mode)| {
            let (read, written, partial) = of(mode);
            [
                (Direction::Read, read, false),
                (Direction::Written, written, false),
                (Direction::Outward, partial.outward, partial.waits),
                (Direction::Inward, partial.inward, partial.waits),
            ]
            .map(|(direction, bits, waits)| Flow {
                direction,
                variable: Some(z),
                bits: bits as f64 * self.most(),
                waits,
            })
        });
        all.filter(|flow| flow.bits > 0.0).collect()
    }

    /// What moves in a part of a mode.
    fn in_part(&self, operation: usize, number: usize) -> Vec<Flow> {
        let mut flows = self.by_mode(operation, |mode| {
            let part = &mode.parts[number];
            (part.read_bits, part.written_bits, part.partial)
        });
        for operand in 0..self.layout.operations[operation].passing.len() {
            let bits = |mode: &Mode| mode.parts[number].outer_bits[operand];
            flows.extend(self.passing_by(operation, operand, bits));
        }
        flows
    }

    /// What passes by of an operand, of so many bits in each mode.
    #[expect(clippy::cast_precision_loss, reason = "bits far below 2^53")]
    fn passing_by(&self, operation: usize, operand: usize, of: impl Fn(&Mode) -> u64) -> Vec<Flow> {
        let own = &self.schedule.operations[operation];
        let direction = own.direction(operand);
        let passing = &self.layout.operations[operation].passing[operand];
        let flow = |variable, bits, waits| Flow {
            direction,
            variable,
            bits,
            waits,
        };
        if passing.is_empty() {
            let Some(mode) = own.modes.iter().find(|m| !m.resident[operand]) else {
                return Vec::new();
            };
            let (bits, waits) = (of(mode) as f64, mode.waits[operand]);
            let tensor = own.operands().nth(operand);
            let held = tensor.map(|tensor| self.held_of(operation, tensor));
            return vec![
                flow(held, -bits, waits),
                flow(None, bits * self.most(), waits),
            ];
        }
        let modes = passing.iter().zip(&own.modes);
        let modes = modes.filter(|(g, _)| g.is_some());
        modes
            .map(|(&g, mode)| flow(g, of(mode) as f64, mode.waits[operand]))
            .collect()
    }

    /// The slices of a tensor that are fetched and stored while an operation runs.
    #[expect(clippy::cast_precision_loss, reason = "bits far below 2^53")]
    fn transferred(&self, operation: usize, tensor: usize) -> Vec<Flow> {
        let (own, number) = (
            &self.layout.tensors[tensor],
            self.event_of(operation, tensor),
        );
        let bits = self.schedule.tensors[tensor].bits as f64;
        let flow = |direction, (variable, slices): (usize, f64)| Flow {
            direction,
            variable: Some(variable),
            bits: bits * slices,
            waits: self.schedule.waits,
        };
        let event = self.events[tensor].get(number);
        let Some(event) = event.filter(|e| e.operation == operation) else {
            let gap = &own.gaps[number];
            let early = gap.early.iter().map(|at| (at, Direction::Inward));
            let late = gap.late.iter().map(|at| (at, Direction::Outward));
            let here = early
                .chain(late)
                .filter(|(at, _)| at.operation == operation);
            return here
                .map(|(at, direction)| flow(direction, (at.variable, 1.0)))
                .collect();
        };
        let variables = &own.events[number];
        let stored = variables.stored.map(|c| flow(Direction::Outward, (c, 1.0)));
        let mut flows: Vec<Flow> = stored.into_iter().collect();
        // One that may be left out fetches nothing if it is; then all that is held was there.
        if event.reads {
            let mut fetched = vec![(variables.held, 1.0)];
            fetched.extend(arrived(&own.gaps[number], -1.0));
            flows.extend(
                fetched
                    .into_iter()
                    .map(|term| flow(Direction::Inward, term)),
            );
        }
        flows
    }
}

/// What the row of a port of its own for each direction is called after its operation.
fn suffix(port: &Port) -> &'static str {
    let carries = |direction| port.carries.contains(direction);
    let (reads, writes) = if port.outer {
        (carries(Direction::Inward), carries(Direction::Outward))
    } else {
        (carries(Direction::Read), carries(Direction::Written))
    };
    match (reads, writes) {
        (true, false) => "_read",
        (false, true) => "_write",
        _ => "",
    }
}

/// The terms on the other side of a row, each variable once.
pub(super) fn negated(mut terms: Terms) -> Terms {
    terms.sort_by_key(|t| t.0);
    terms.dedup_by(|next, first| {
        let same = next.0 == first.0;
        if same {
            first.1 += next.1;
        }
        same
    });
    terms.iter().map(|&(v, factor)| (v, -factor)).collect()
}

//! The rows of the residency program.

use crate::engine::named::Relation::{AtLeast, AtMost, Equal};
use crate::problem::schedule::Event;

use super::variables::{At, GapVariables};
use super::{Residency, needs};

/// Terms of a row.
pub(super) type Terms = Vec<(usize, f64)>;

impl Residency<'_> {
    /// Adds all rows.
    pub(super) fn add_rows(&mut self) {
        for operation in 0..self.schedule.operations.len() {
            self.one_mode(operation);
            self.passing(operation);
            self.times(operation);
        }
        for tensor in 0..self.schedule.tensors.len() {
            for event in 0..self.events[tensor].len() {
                self.held(tensor, event);
                self.inside_only(tensor, event);
                self.needed(tensor, event);
            }
            self.gaps(tensor);
        }
        for operation in 0..self.schedule.operations.len() {
            self.capacity(operation);
        }
    }

    pub(super) fn most(&self) -> f64 {
        f64::from(self.schedule.slices)
    }

    fn name(&self, operation: usize) -> String {
        self.schedule.operations[operation].name.clone()
    }

    /// The modes of an operation, each with a factor: 1 if it runs.
    pub(super) fn runs(&self, operation: usize, factor: f64) -> Terms {
        let modes = self.layout.operations[operation].modes.iter();
        modes.map(|&z| (z, factor)).collect()
    }

    /// [RES2] Σ z[t,m] = 1: an operation runs in one mode, ≤ 1 where it may be left out.
    fn one_mode(&mut self, operation: usize) {
        let optional = self.schedule.operations[operation].optional;
        let relation = if optional { AtMost } else { Equal };
        let name = format!("RES2_{}", self.name(operation));
        self.model
            .row(&name, self.runs(operation, 1.0), relation, 1.0);
    }

    /// The event of an operation's operand: tensor and number of the event.
    pub(super) fn event_of(&self, operation: usize, tensor: usize) -> usize {
        self.events[tensor].partition_point(|e| e.operation < operation)
    }

    pub(super) fn held_of(&self, operation: usize, tensor: usize) -> usize {
        let event = self.event_of(operation, tensor);
        self.layout.tensors[tensor].events[event].held
    }

    /// [RES3] Σ g[t,m,o] = K Σ z[t,m] - k, g ≤ K z: the slices that are not held pass by, in
    /// the mode that runs; a mode that needs an operand resident lets none pass.
    fn passing(&mut self, operation: usize) {
        let own = &self.schedule.operations[operation];
        let most = self.most();
        for (operand, tensor) in own.operands().enumerate() {
            let held = self.held_of(operation, tensor);
            let passing = self.layout.operations[operation].passing[operand].clone();
            let name = format!("RES3_{}_{operand}", own.name);
            if self.schedule.is_stage(operation) {
                self.whole_or_not(operation, (operand, held));
            }
            if passing.is_empty() {
                let modes = self.layout.operations[operation].modes.iter();
                let needing = modes.zip(&own.modes).filter(|(_, m)| m.resident[operand]);
                let mut terms: Terms = needing.map(|(&z, _)| (z, -most)).collect();
                if !terms.is_empty() {
                    terms.push((held, 1.0));
                    self.model.row(&name, terms, AtLeast, 0.0);
                }
                continue;
            }
            let mut terms = self.runs(operation, -most);
            terms.push((held, 1.0));
            for (mode, g) in passing.iter().enumerate() {
                let Some(g) = *g else { continue };
                terms.push((g, 1.0));
                let z = self.layout.operations[operation].modes[mode];
                let bound = vec![(g, 1.0), (z, -most)];
                self.model
                    .row(&format!("{name}_{mode}"), bound, AtMost, 0.0);
            }
            let relation = if own.optional { AtLeast } else { Equal };
            self.model.row(&name, terms, relation, 0.0);
        }
    }

    /// [RES3] k = K Σ z\[t,m\] over the modes that need it: a stage has an operand as a whole or not at all.
    fn whole_or_not(&mut self, operation: usize, (operand, held): (usize, usize)) {
        let own = &self.schedule.operations[operation];
        let modes = self.layout.operations[operation].modes.iter();
        let needing = modes.zip(&own.modes).filter(|(_, m)| m.resident[operand]);
        let most = self.most();
        let mut terms: Terms = needing.map(|(&z, _)| (z, -most)).collect();
        terms.push((held, 1.0));
        let name = format!("RES3_{}_{operand}_whole", own.name);
        self.model.row(&name, terms, Equal, 0.0);
    }

    /// [RES6] k ≥ s + Σ p before, k ≥ s + Σ q after, k ≥ c + Σ q: what is there before an
    /// operation that touches the tensor and what stays after it is held meanwhile; what is left
    /// out changes nothing, and what it would write anew is not fetched early.
    fn held(&mut self, tensor: usize, number: usize) {
        let event = self.events[tensor][number];
        let own = self.layout.tensors[tensor].clone();
        let (variables, most) = (&own.events[number], self.most());
        let name = format!("RES6_{}_{number}", self.schedule.tensors[tensor].name);
        let before = arrived(&own.gaps[number], -1.0);
        if !before.is_empty() {
            let terms = with(before.clone(), variables.held, 1.0);
            self.model
                .row(&format!("{name}_before"), terms, AtLeast, 0.0);
        }
        let after = staying(&own.gaps[number + 1], -1.0);
        if !after.is_empty() {
            let terms = with(after, variables.held, 1.0);
            self.model
                .row(&format!("{name}_after"), terms, AtLeast, 0.0);
        }
        if let Some(stored) = variables.stored {
            let mut terms = stored_late(&own.gaps[number + 1], -1.0);
            terms.push((stored, -1.0));
            let terms = with(terms, variables.held, 1.0);
            self.model
                .row(&format!("{name}_stored"), terms, AtLeast, 0.0);
        }
        if !event.optional {
            return;
        }
        let mut same = self.runs(event.operation, -most);
        same.extend(before);
        let same = with(same, variables.held, 1.0);
        self.model.row(&format!("{name}_same"), same, AtMost, 0.0);
        if let Some(stored) = variables.stored {
            let idle = with(self.runs(event.operation, -most), stored, 1.0);
            self.model.row(&format!("{name}_idle"), idle, AtMost, 0.0);
        }
        let early = fetched_early(&own.gaps[number], 1.0);
        if event.writes && !event.reads && !early.is_empty() {
            let mut terms = self.runs(event.operation, most);
            terms.extend(early);
            self.model
                .row(&format!("{name}_early"), terms, AtMost, most);
        }
    }

    /// [RES7] u ≥ k - c - Σ q after a write, u ≥ u before - c - Σ q after a read: slices that are
    /// not outside. Where the writing operation may be left out, one of the two holds.
    fn inside_only(&mut self, tensor: usize, number: usize) {
        let own = self.layout.tensors[tensor].clone();
        let (variables, gap) = (&own.events[number], &own.gaps[number + 1]);
        let Some(inside_only) = gap.inside_only else {
            return;
        };
        let Event {
            operation,
            writes,
            optional,
            ..
        } = self.events[tensor][number];
        let name = format!("RES7_{}_{number}", self.schedule.tensors[tensor].name);
        let mut stored = stored_late(gap, 1.0);
        stored.extend(variables.stored.map(|c| (c, 1.0)));
        stored.push((inside_only, 1.0));
        let most = self.most();
        if writes {
            let mut terms = with(stored.clone(), variables.held, -1.0);
            let mut right = 0.0;
            if optional {
                terms.extend(self.runs(operation, -most));
                right = -most;
            }
            self.model
                .row(&format!("{name}_written"), terms, AtLeast, right);
        }
        if !writes || optional {
            let mut terms = stored;
            terms.extend(own.gaps[number].inside_only.map(|u| (u, -1.0)));
            if writes {
                terms.extend(self.runs(operation, most));
            }
            self.model
                .row(&format!("{name}_before"), terms, AtLeast, 0.0);
        }
    }

    /// [RES8] u ≤ s where the value is needed later: what is not outside stays. It is not needed
    /// where an operation that runs writes it anew before, or the one that reads is left out.
    fn needed(&mut self, tensor: usize, number: usize) {
        let gap = self.layout.tensors[tensor].gaps[number + 1].clone();
        let Some(inside_only) = gap.inside_only else {
            return;
        };
        let own = &self.schedule.tensors[tensor];
        let name = format!("RES8_{}_{number}", own.name);
        for need in needs::after(&self.events[tensor], number, own.ends_outside) {
            let mut terms = vec![(inside_only, 1.0)];
            terms.extend(gap.kept.map(|s| (s, -1.0)));
            for &writer in &need.writers {
                terms.extend(self.runs(writer, -self.most()));
            }
            let mut right = 0.0;
            if let Some(reader) = need.reader {
                terms.extend(self.runs(reader, self.most()));
                right = self.most();
            }
            self.model.row(&name, terms, AtMost, right);
        }
    }

    /// [RES9] s + Σ q still there + Σ p already there ≤ K: a slice is in the memory once. Only
    /// where slices are stored late and fetched early in one gap; RES6 says it elsewhere. And
    /// u + Σ p ≤ K before an operation that may be left out: what is fetched early lies outside,
    /// also where the value is lost because nothing that runs needs it.
    fn gaps(&mut self, tensor: usize) {
        for (number, gap) in self.layout.tensors[tensor].gaps.clone().iter().enumerate() {
            let optional = (self.events[tensor].get(number)).is_some_and(|e| e.optional);
            if let (Some(u), true, false) = (gap.inside_only, optional, gap.early.is_empty()) {
                let name = &self.schedule.tensors[tensor].name;
                let terms = with(fetched_early(gap, 1.0), u, 1.0);
                let name = format!("RES9_{name}_{number}_outside");
                self.model.row(&name, terms, AtMost, self.most());
            }
            let first = gap.early.first().map(|at| at.operation);
            for at in gap
                .late
                .iter()
                .filter(|at| first.is_some_and(|f| f <= at.operation))
            {
                let name = &self.schedule.tensors[tensor].name;
                let name = format!("RES9_{name}_{number}_{}", at.operation);
                let terms = present(gap, at.operation, 1.0);
                self.model.row(&name, terms, AtMost, self.most());
            }
        }
    }

    /// [RES10] Σ slices · bytes + Σ buffers · z[t,m] ≤ capacity: while an operation runs, what
    /// it holds, what stays and what comes and goes meanwhile fits beside its buffers.
    #[expect(clippy::cast_precision_loss, reason = "bytes far below 2^53")]
    fn capacity(&mut self, operation: usize) {
        let capacity = self.schedule.capacity.0 as f64;
        let own = &self.schedule.operations[operation];
        let modes = self.layout.operations[operation].modes.iter();
        let mut terms: Terms = (modes.zip(&own.modes))
            .map(|(&z, mode)| (z, mode.buffer_bytes as f64 / capacity))
            .collect();
        for &tensor in &self.near[operation] {
            let bytes = self.schedule.slice_bytes(tensor) as f64 / capacity;
            terms.extend(self.present_at(operation, tensor, bytes));
        }
        self.model
            .row(&format!("RES10_{}", own.name), terms, AtMost, 1.0);
    }

    /// The slices of a tensor in the memory while an operation runs.
    pub(super) fn present_at(&self, operation: usize, tensor: usize, factor: f64) -> Terms {
        let (own, number) = (
            &self.layout.tensors[tensor],
            self.event_of(operation, tensor),
        );
        let event = self.events[tensor].get(number);
        if event.is_some_and(|e| e.operation == operation) {
            return vec![(own.events[number].held, factor)];
        }
        present(&own.gaps[number], operation, factor)
    }
}

fn with(mut terms: Terms, variable: usize, factor: f64) -> Terms {
    terms.push((variable, factor));
    terms
}

fn all(list: &[At], factor: f64) -> Terms {
    list.iter().map(|at| (at.variable, factor)).collect()
}

fn stored_late(gap: &GapVariables, factor: f64) -> Terms {
    all(&gap.late, factor)
}

fn fetched_early(gap: &GapVariables, factor: f64) -> Terms {
    all(&gap.early, factor)
}

/// The slices at the end of a gap.
pub(super) fn arrived(gap: &GapVariables, factor: f64) -> Terms {
    let mut terms = fetched_early(gap, factor);
    terms.extend(gap.kept.map(|s| (s, factor)));
    terms
}

/// The slices at the beginning of a gap.
fn staying(gap: &GapVariables, factor: f64) -> Terms {
    let mut terms = stored_late(gap, factor);
    terms.extend(gap.kept.map(|s| (s, factor)));
    terms
}

/// The slices in a gap while an operation runs.
fn present(gap: &GapVariables, operation: usize, factor: f64) -> Terms {
    let mut terms: Terms = gap.kept.map(|s| (s, factor)).into_iter().collect();
    let late = gap.late.iter().filter(|at| at.operation >= operation);
    let early = gap.early.iter().filter(|at| at.operation <= operation);
    terms.extend(late.chain(early).map(|at| (at.variable, factor)));
    terms
}

//! The independent check that every result passes before it is reported.

use std::cell::Cell;

use super::warnings::Notice;
use crate::check;
use crate::problem::certificate::{Amount, Certificate, Evidence, Skipped};
use crate::problem::goal::Measure;
use crate::problem::result::{Cost, Status};
use crate::problem::{Fixed, Hardware, LayerRow, LoopNest, Mapping, PhaseRow, Work, Workload};

/// What mappings must keep to.
#[derive(Clone, Copy)]
pub(super) struct Restrictions<'a> {
    /// The network, or the step over it.
    pub(super) work: &'a dyn Workload,
    /// What is fixed, each entry with the indices of its layers.
    pub(super) fixed: &'a [(Vec<usize>, Fixed)],
}

impl<'a> Restrictions<'a> {
    /// What is fixed of a layer.
    pub(super) fn of(self, layer: &str) -> Vec<&'a Fixed> {
        let named = |&index: &usize| self.work.job(index).is_some_and(|job| job.name == layer);
        let entries = self.fixed.iter().filter(|(of, _)| of.iter().any(named));
        entries.map(|(_, fixed)| fixed).collect()
    }
}

/// What every mapping of a layer is checked against.
pub(super) struct Checks<'a> {
    hardware: &'a Hardware,
    /// What is fixed of the layer; `None` where mappings may be any.
    fixed: Option<Vec<&'a Fixed>>,
    /// Work for which nests may still be walked: that of one nest for all phases of a layer.
    walk: Cell<u128>,
}

impl<'a> Checks<'a> {
    /// The checks of a layer's mappings.
    pub(super) fn new(
        hardware: &'a Hardware,
        restrictions: Option<Restrictions<'a>>,
        layer: &str,
    ) -> Self {
        let fixed = restrictions.map(|own| own.of(layer));
        Self {
            hardware,
            fixed,
            walk: Cell::new(check::WALK_LIMIT),
        }
    }

    /// What is wrong with a mapping and its cost.
    pub(super) fn failure(
        &self,
        nest: &LoopNest,
        mapping: &Mapping,
        cost: &Cost,
    ) -> Option<String> {
        if unchecked(nest, self.hardware, mapping).is_some() {
            return None;
        }
        let walked = check::check_within(nest, self.hardware, mapping, cost, self.walk.get());
        let sound = walked.map(|work| self.walk.set(self.walk.get() - work));
        let kept = || match &self.fixed {
            Some(fixed) => check::restrict::check(nest, self.hardware, fixed, mapping),
            None => Ok(()),
        };
        sound.and_then(|()| kept()).err().map(|e| e.to_string())
    }
}

/// The tiles that a check would list, where they are too many for one.
pub(super) fn unchecked(nest: &LoopNest, hardware: &Hardware, mapping: &Mapping) -> Option<u128> {
    let tiles = check::tiles(nest, hardware, mapping);
    (tiles > check::TILES_LIMIT).then_some(tiles)
}

/// The warning that a mapping is not checked, if so.
pub(super) fn not_checked(
    layer: &str,
    nest: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
) -> Option<Notice> {
    let layer = layer.to_owned();
    unchecked(nest, hardware, mapping).map(|tiles| Notice::NotChecked { layer, tiles })
}

/// Takes back what is proved of a row, or of its phases, whose mapping is not checked; the warnings.
fn unchecked_rows(row: &mut LayerRow, hardware: &Hardware) -> Vec<Notice> {
    let phases = row.phases.iter_mut();
    let mut all: Vec<Notice> =
        (phases.flat_map(|phase| unchecked_rows(&mut phase.row, hardware))).collect();
    if let (Work::Mapped(nest), Some(mapping)) = (&row.work, &row.mapping) {
        all.extend(not_checked(&row.name, nest, hardware, mapping));
    }
    if !all.is_empty() {
        row.certificate = without_check(&row.certificate);
        row.reason.get_or_insert_with(|| NOT_CHECKED.to_owned());
    }
    all
}

/// A claim about a mapping that is not checked: nothing is proved.
pub(super) fn without_check(certificate: &Certificate) -> Certificate {
    let left = Skipped::Part(NOT_CHECKED.to_owned());
    certificate.clone().without(left)
}

/// Why such a row is not proved.
const NOT_CHECKED: &str = "its cost was too long to check independently";

/// Checks every mapping, those that were searched with what they must keep to. One that fails is
/// withdrawn from its row, so that it cannot be taken for a result, and comes back as an
/// internal error. One that would take too long to check comes back as a warning, and nothing is
/// proved of it.
pub(super) fn rows(
    rows: &mut [LayerRow],
    hardware: &Hardware,
    restrictions: Option<Restrictions<'_>>,
) -> Vec<Notice> {
    let mut notices = Vec::new();
    for row in rows {
        notices.extend(unchecked_rows(row, hardware));
        let checks = Checks::new(hardware, restrictions, &row.name);
        if let Some(what) = withdrawn(row, &checks) {
            let layer = row.name.clone();
            notices.push(Notice::CheckFailed { layer, what });
        }
    }
    notices
}

/// What is wrong with a row or with one of its phases; the mapping is then withdrawn.
fn withdrawn(row: &mut LayerRow, checks: &Checks<'_>) -> Option<String> {
    let of_phases = row.phases.iter_mut().filter_map(|phase| {
        let what = withdrawn(&mut phase.row, checks)?;
        Some(format!("phase {}: {what}", phase.index_text()))
    });
    // Every phase is looked at.
    let of_phases: Vec<String> = of_phases.collect();
    let what = of_phases
        .into_iter()
        .next()
        .or_else(|| failure(row, checks))?;
    let failed = Skipped::Contradicted(format!("internal error: {what}"));
    let bound = Amount::Whole(row.lower_bound_cycles);
    let evidence = Evidence::default().without([failed]);
    row.certificate = Certificate::open(Measure::Cycles, bound, evidence);
    row.cost = None;
    row.mapping = None;
    row.bound_cycles = row.lower_bound_cycles;
    row.reason = Some(format!("internal error: {what}"));
    Some(what)
}

fn failure(row: &LayerRow, checks: &Checks<'_>) -> Option<String> {
    if let Some(what) = row.contradiction() {
        return Some(what);
    }
    match (&row.work, &row.mapping, &row.cost) {
        (Work::Mapped(nest), Some(mapping), Some(cost)) => checks.failure(nest, mapping, cost),
        (Work::Mapped(_), None, None) if row.status() != Status::Optimal => None,
        (Work::Mapped(_), ..) => Some("a cost without a mapping".to_owned()),
        (Work::Phases, _, cost) => (cost.as_ref().map(|cost| cost.cycles) != cycles(&row.phases))
            .then(|| "its cycles are not the sum of its phases'".to_owned()),
        (Work::Streamed | Work::View, ..) => None,
    }
}

fn cycles(phases: &[PhaseRow]) -> Option<u128> {
    phases.iter().map(|phase| phase.row.cycles()).sum()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::mapper::exact::{SolveOptions, solve};
    use crate::problem::{PerDim, Precision, Window};

    #[test]
    fn what_is_not_checked_is_not_called_optimal() {
        // Outputs and taps both skip rows, which the check keeps in sets.
        let window = Window {
            stride: 3,
            dilation: 2,
            padding: 0,
            rows: (1 << 20) * 3 + 30,
        };
        let precision = Precision {
            input: 8,
            weight: 8,
            output: 8,
            accumulator: 32,
        };
        let extents = PerDim::planar([1, 1, 1, 1, 1 << 20, 1, 16, 1]);
        let nest = LoopNest::forward(extents, Window::planar([window, Window::NONE]), precision);
        let file = Path::new("inputs/hardware/shared-16x16.yaml");
        let hardware = crate::read::hardware(file).expect("a hardware file");
        let options = SolveOptions {
            time_limit: Some(Duration::from_millis(100)),
            ..SolveOptions::default()
        };
        let (mapping, cost) = solve(&nest, &hardware, &options).best.expect("a mapping");
        let value = Amount::Whole(cost.cycles);
        let mut row = LayerRow {
            certificate: Certificate::only_way(Measure::Cycles, value),
            bound_cycles: cost.cycles,
            cost: Some(cost),
            mapping: Some(mapping),
            ..LayerRow::without_mapping("c", "conv2d", Work::Mapped(Box::new(nest)))
        };
        assert_eq!(row.status(), Status::Optimal);
        let notices = rows(std::slice::from_mut(&mut row), &hardware, None);
        assert_eq!((notices.len(), row.status()), (1, Status::Feasible));
        assert!(row.cost.is_some());
        assert_eq!(row.reason.as_deref(), Some(NOT_CHECKED));
    }
}

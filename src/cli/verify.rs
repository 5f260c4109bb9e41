//! The independent check that every result passes before it is reported.

use super::warnings::Notice;
use crate::check;
use crate::problem::result::Status;
use crate::problem::{Hardware, LayerRow, PhaseRow, Work};

/// Checks every mapping. One that fails is withdrawn from its row, so that it cannot be
/// taken for a result, and comes back as an internal error.
pub(super) fn rows(rows: &mut [LayerRow], hardware: &Hardware) -> Vec<Notice> {
    rows.iter_mut()
        .filter_map(|row| {
            let what = withdrawn(row, hardware)?;
            Some(Notice::CheckFailed {
                layer: row.name.clone(),
                what,
            })
        })
        .collect()
}

/// What is wrong with a row or with one of its phases; the mapping is then withdrawn.
fn withdrawn(row: &mut LayerRow, hardware: &Hardware) -> Option<String> {
    let of_phases = row.phases.iter_mut().filter_map(|phase| {
        let what = withdrawn(&mut phase.row, hardware)?;
        Some(format!("phase {}: {what}", phase.index_text()))
    });
    // Every phase is looked at.
    let of_phases: Vec<String> = of_phases.collect();
    let what = of_phases
        .into_iter()
        .next()
        .or_else(|| failure(row, hardware))?;
    row.status = Status::Unknown;
    row.cost = None;
    row.mapping = None;
    row.bound_cycles = row.lower_bound_cycles;
    row.reason = Some(format!("internal error: {what}"));
    Some(what)
}

fn failure(row: &LayerRow, hardware: &Hardware) -> Option<String> {
    match (&row.work, &row.mapping, &row.cost) {
        (Work::Mapped(nest), Some(mapping), Some(cost)) => {
            check::check(nest, hardware, mapping, cost)
                .err()
                .map(|error| error.to_string())
        }
        (Work::Mapped(_), None, None) if row.status != Status::Optimal => None,
        (Work::Mapped(_), ..) => Some("a cost without a mapping".to_owned()),
        (Work::Phases, _, cost) => (cost.as_ref().map(|cost| cost.cycles) != cycles(&row.phases))
            .then(|| "its cycles are not the sum of its phases'".to_owned()),
        (Work::Streamed | Work::View, ..) => None,
    }
}

fn cycles(phases: &[PhaseRow]) -> Option<u128> {
    phases.iter().map(|phase| phase.row.cycles()).sum()
}

//! What was found of the operations of a step before its memory plan: the rows of the result.

use std::collections::BTreeMap;

use crate::problem::result::Status;
use crate::problem::{LayerRow, Mapping, PhaseIndex};

/// Mappings by operation and phase.
#[derive(Clone, Debug, Default)]
pub struct Known(BTreeMap<(String, Option<PhaseIndex>), KnownMapping>);

/// A mapping with its relative gap, 0 where it is proved to be the best.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownMapping {
    pub(super) mapping: Mapping,
    pub(super) gap: f64,
    /// No mapping takes fewer cycles.
    pub(super) bound_cycles: u128,
}

impl Known {
    /// The mappings of rows, as far as they have some.
    #[must_use]
    pub fn of(rows: &[LayerRow]) -> Self {
        let mut known = BTreeMap::new();
        for row in rows {
            known.extend(of_row(row).map(|own| ((row.name.clone(), None), own)));
            for phase in &row.phases {
                let key = (row.name.clone(), Some(phase.index));
                known.extend(of_row(&phase.row).map(|own| (key, own)));
            }
        }
        Self(known)
    }

    /// What is known of an operation, or of one of its phases.
    pub(super) fn get(&self, name: &str, phase: Option<PhaseIndex>) -> Option<&KnownMapping> {
        self.0.get(&(name.to_owned(), phase))
    }
}

fn of_row(row: &LayerRow) -> Option<KnownMapping> {
    let cycles = row.cycles()?;
    Some(KnownMapping {
        mapping: row.mapping.clone()?,
        gap: gap(row.status(), row.bound_cycles, cycles),
        bound_cycles: row.bound_cycles,
    })
}

/// The gap of a mapping.
pub(super) fn gap(status: Status, bound: u128, cycles: u128) -> f64 {
    if status == Status::Optimal {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "a ratio for reports")]
    let gap = cycles.saturating_sub(bound) as f64 / cycles.max(1) as f64;
    gap
}

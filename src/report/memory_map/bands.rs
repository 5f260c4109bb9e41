//! The parts of a step over time: forward, loss, backward, update.

use std::collections::BTreeMap;

use crate::problem::LayerRow;
use crate::problem::graph::Pass;
use crate::problem::plan::MemoryPlan;
use crate::report::pictures::sheet::{BANDS, Colour};

/// Operations one after the other that belong to one part of the step.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Band {
    /// `forward`, `loss`, `backward` or `update`.
    pub(super) name: &'static str,
    /// Index of its first operation, and of the one after its last.
    pub(super) operations: [usize; 2],
}

impl Band {
    /// Its colour.
    pub(super) fn colour(&self) -> Colour {
        colour(self.name)
    }
}

/// The parts of a step, in their order.
pub(in crate::report) const PARTS: [&str; 4] = ["forward", "loss", "backward", "update"];

/// The colour of a part.
pub(in crate::report) fn colour(part: &str) -> Colour {
    let place = PARTS.into_iter().position(|name| name == part);
    BANDS[place.unwrap_or(0)]
}

/// The part to which a pass belongs.
pub(in crate::report) fn part(pass: Pass) -> &'static str {
    match pass {
        Pass::Forward => "forward",
        Pass::Loss => "loss",
        Pass::Backward | Pass::BackwardData | Pass::BackwardWeight => "backward",
        Pass::Update => "update",
    }
}

/// The bands of a plan; what computes something again belongs to what runs before it.
pub(super) fn of(plan: &MemoryPlan, rows: &[LayerRow]) -> Vec<Band> {
    let passes: BTreeMap<&str, Pass> = (rows.iter())
        .map(|row| (row.name.as_str(), row.pass))
        .collect();
    let names = plan.schedule.operations.iter().map(|own| own.name.as_str());
    joined(names.map(|name| passes.get(name).copied().map(part)))
}

/// Operations of the same part joined; those of none belong to what is before.
fn joined(parts: impl Iterator<Item = Option<&'static str>>) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for (index, part) in parts.enumerate() {
        match (bands.last_mut(), part) {
            (Some(band), part) if part.is_none_or(|part| part == band.name) => {
                band.operations[1] = index + 1;
            }
            (_, Some(name)) => bands.push(Band {
                name,
                operations: [index, index + 1],
            }),
            (_, None) => {}
        }
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_together_is_one_band() {
        let parts = [
            Some("forward"),
            Some("forward"),
            Some("backward"),
            None,
            Some("backward"),
            Some("update"),
        ];
        let bands = joined(parts.into_iter());
        let told: Vec<_> = bands.iter().map(|b| (b.name, b.operations)).collect();
        let expected = [
            ("forward", [0, 2]),
            ("backward", [2, 5]),
            ("update", [5, 6]),
        ];
        assert_eq!(told, expected);
    }
}

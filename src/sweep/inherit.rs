//! What the planned step of one point says of another one, as for mappings: a plan can be carried out where
//! there is more of everything, and takes no more cycles there; a bound holds where there is less.

use serde_json::Value;
use thiserror::Error;

use super::journal::identity;
use super::range::compare;
use super::run::more_is_better;
use crate::problem::sweep::PointResult;

/// A plan that a bound of a point with no less contradicts: one of them is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "the plan at {point} takes {cycles} cycles, fewer than the {bound} that are proved at {other}, which has no less of anything"
)]
pub struct Contradiction {
    point: String,
    cycles: u128,
    bound: u128,
    other: String,
}

/// Gives every point the fastest planned step of those that need no more than it has, and the best bound of
/// those that have no less.
///
/// # Errors
/// A bound is above a plan for which it holds.
pub fn inherit(points: &mut [PointResult]) -> Result<(), Contradiction> {
    let found = points.to_vec();
    for point in points.iter_mut() {
        for other in &found {
            if has_no_less(point, other) {
                take_plan(point, other);
            }
            if has_no_less(other, point) {
                take_bound(point, other)?;
            }
        }
    }
    Ok(())
}

/// Whether a point has no less of anything than another one of the same step.
fn has_no_less(more: &PointResult, less: &PointResult) -> bool {
    let fits = |(field, own): (&String, &Value)| {
        let other = less.vary.get(field);
        other.is_some_and(|other| {
            own == other
                || (field == "dataflow" && own.as_str() == Some("any"))
                || (more_is_better(field) && compare(own, other).is_gt())
        })
    };
    more.vary.len() == less.vary.len() && more.vary.iter().all(fits)
}

/// Takes the planned step of a point that needs no more, if that is faster.
#[expect(clippy::cast_precision_loss, reason = "a ratio for reports")]
fn take_plan(point: &mut PointResult, other: &PointResult) {
    let (Some(own), Some(theirs)) = (&mut point.planned, &other.planned) else {
        return;
    };
    if theirs.cycles >= own.cycles || point.layers.len() != other.layers.len() {
        return;
    }
    let elements = other.elements as f64 / point.elements.max(1) as f64;
    own.cycles = theirs.cycles;
    own.utilization = theirs.utilization * elements;
    own.outer_bytes = theirs.outer_bytes;
    own.bottleneck.clone_from(&theirs.bottleneck);
    own.modes_bound_cycles = theirs.modes_bound_cycles;
    own.status = theirs.status;
    own.taken_from = Some(identity(&other.vary));
    own.settle();
    for (layer, theirs) in point.layers.iter_mut().zip(&other.layers) {
        layer.planned_cycles = theirs.planned_cycles;
        layer.planned_outer_bytes = theirs.planned_outer_bytes;
        layer
            .planned_bottleneck
            .clone_from(&theirs.planned_bottleneck);
    }
}

/// Takes the bound of a point that has no less, if that is better.
fn take_bound(point: &mut PointResult, other: &PointResult) -> Result<(), Contradiction> {
    let (Some(own), Some(theirs)) = (&mut point.planned, &other.planned) else {
        return Ok(());
    };
    if theirs.bound_cycles > own.cycles {
        return Err(Contradiction {
            point: identity(&point.vary),
            cycles: own.cycles,
            bound: theirs.bound_cycles,
            other: identity(&other.vary),
        });
    }
    if theirs.bound_cycles > own.bound_cycles {
        own.bound_cycles = theirs.bound_cycles;
        own.settle();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A point with so many bytes of a dataflow, and its plan with its bound.
    fn point(bytes: u64, dataflow: &str, cycles: u64, bound: u64) -> PointResult {
        let text = serde_json::json!({
            "vary": {"sram.capacity_bytes": bytes, "dataflow": dataflow},
            "network": "n", "hardware": "h", "mode": "inference", "batch": 1,
            "objective": "cycles", "elements": 4, "capacity_bytes": {}, "status": "optimal",
            "cycles": 900, "bound_cycles": 900, "lower_bound_cycles": 900, "gap": 0.0,
            "utilization": 0.5, "energy_pj": null, "layers": [], "seconds": 0.0,
            "planned": {
                "cycles": cycles, "bound_cycles": bound, "modes_bound_cycles": cycles,
                "status": "optimal", "gap": 0.5, "utilization": 0.5, "bottleneck": "dram",
                "outer_bytes": cycles,
            },
        });
        serde_json::from_value(text).expect("a point")
    }

    #[test]
    fn more_of_anything_never_has_a_slower_plan_nor_less_a_lower_bound() {
        let mut points = vec![
            point(64, "any", 800, 100),
            point(64, "weight_stationary", 700, 100),
            point(128, "any", 750, 300),
            point(128, "weight_stationary", 760, 250),
        ];
        inherit(&mut points).expect("no contradiction");
        let of = |own: &PointResult| {
            let planned = own.planned.as_ref().expect("a plan");
            (
                planned.cycles,
                planned.bound_cycles,
                planned.taken_from.is_some(),
            )
        };
        let all: Vec<_> = points.iter().map(of).collect();
        // The restricted plan in 64 bytes is one everywhere; the bound of any in 128 is too.
        let expected = [
            (700, 300, true),
            (700, 300, false),
            (700, 300, true),
            (700, 300, true),
        ];
        assert_eq!(all, expected);
        let planned = points[0].planned.as_ref().expect("a plan");
        assert!((planned.gap - 400.0 / 700.0).abs() < 1e-9 && planned.outer_bytes == 700);
    }

    #[test]
    fn a_bound_above_a_plan_with_less_is_an_error() {
        let mut points = vec![point(64, "any", 700, 100), point(128, "any", 900, 701)];
        let error = inherit(&mut points).expect_err("a contradiction");
        assert_eq!((error.cycles, error.bound), (700, 701));
        // As much as the plan takes is no contradiction.
        let mut points = vec![point(64, "any", 700, 100), point(128, "any", 900, 700)];
        assert_eq!(inherit(&mut points), Ok(()));
    }

    #[test]
    fn points_of_other_steps_say_nothing() {
        let mut other = point(128, "any", 750, 10);
        other.vary.insert("batch".to_owned(), Value::from(2));
        let mut points = vec![point(64, "any", 700, 10), other];
        inherit(&mut points).expect("no contradiction");
        assert!(
            points[1]
                .planned
                .as_ref()
                .is_some_and(|own| own.cycles == 750)
        );
    }
}

//! Which points of a sweep are the best: of those that run the same step, by what was minimised, for
//! each sample.

use serde_json::Value;

use crate::problem::goal::Measure;
use crate::problem::sweep::PointResult;

/// What is less at a better point, for each sample of the batch; `None` where a layer has no mapping.
pub(super) fn score(point: &PointResult) -> Option<f64> {
    let cycles = real(point.step_cycles()?);
    // Clocks may differ.
    let time = point.clock_mhz.map_or(cycles, |clock| cycles / clock);
    let objective = point.objective.as_str();
    let value = if objective == Measure::Energy.name() {
        point.energy_pj?
    } else if objective == Measure::EnergyDelay.name() {
        point.energy_pj? * time
    } else {
        time
    };
    Some(value / real(u128::from(point.batch.max(1))))
}

#[expect(clippy::cast_precision_loss, reason = "shown with few digits")]
fn real(value: u128) -> f64 {
    value as f64
}

/// The points with a score, the best first; of equally good ones those that come first.
pub(super) fn ranked<'a>(points: &[&'a PointResult]) -> Vec<(f64, &'a PointResult)> {
    let scored = points
        .iter()
        .filter_map(|point| Some((score(point)?, *point)));
    let mut all: Vec<(f64, &PointResult)> = scored.collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    all
}

/// The points that run the same step: by their modes, in the order in which these come.
pub(super) fn by_mode(points: &[PointResult]) -> Vec<(&str, Vec<&PointResult>)> {
    let mut all: Vec<(&str, Vec<&PointResult>)> = Vec::new();
    for point in points {
        match all.iter_mut().find(|(mode, _)| *mode == point.mode) {
            Some((_, own)) => own.push(point),
            None => all.push((&point.mode, vec![point])),
        }
    }
    all
}

/// For each value of a field how many times the best score the best point with it has.
pub(super) fn along(
    ranked: &[(f64, &PointResult)],
    field: &str,
    values: &[Value],
) -> Vec<(Value, Option<f64>)> {
    let best = ranked.first().map_or(0.0, |own| own.0);
    let of = |value: &Value| {
        let mut own = ranked
            .iter()
            .filter(|own| own.1.vary.get(field) == Some(value));
        let ratio = own.next().map(|own| own.0 / best).filter(|r| r.is_finite());
        (value.clone(), ratio)
    };
    values.iter().map(of).collect()
}

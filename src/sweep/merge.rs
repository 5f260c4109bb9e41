//! The points of several folders as one: shards of a sweep, or the same one from several machines.

use std::collections::BTreeMap;

use super::journal::identity;
use super::manifest::Manifest;
use super::points::{Choice, Shard};
use super::range::compare;
use crate::problem::result::Status;
use crate::problem::sweep::PointResult;

/// Optima of one point may differ by this part of them (problem definition, section 6).
const SAME: f64 = 1e-6;

/// What became of several folders' points.
#[derive(Debug, Default)]
pub struct Merged {
    /// All points, each once, by their values.
    pub points: Vec<PointResult>,
    /// Points that stand in several folders.
    pub doubles: usize,
    /// Points of the sweep that stand in none, as text.
    pub gaps: Vec<String>,
}

/// Puts points in the order of their values, the first field first.
pub fn sort(points: &mut [PointResult]) {
    points.sort_by(|a, b| {
        let fields = a.vary.iter();
        let mut orders = fields.map(|(field, value)| {
            compare(value, b.vary.get(field).unwrap_or(&serde_json::Value::Null))
        });
        orders
            .find(|order| order.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    });
}

/// Joins the points of folders, of points that stand in several the one that is best proved.
///
/// # Errors
/// A point that is proved optimal in two folders with different cycles.
pub fn merge(folders: Vec<Vec<PointResult>>, whole: &[Choice]) -> Result<Merged, String> {
    let mut merged = Merged::default();
    let mut of: BTreeMap<String, PointResult> = BTreeMap::new();
    for point in folders.into_iter().flatten() {
        let name = identity(&point.vary);
        let Some(other) = of.get(&name) else {
            of.insert(name, point);
            continue;
        };
        merged.doubles += 1;
        if differ(&point, other) {
            return Err(format!(
                "{name}: proved optimal with {} and with {} cycles; one of the folders is damaged",
                other.cycles.unwrap_or(0),
                point.cycles.unwrap_or(0)
            ));
        }
        if let Some((least, found)) = below_bound(&point, other).or(below_bound(other, &point)) {
            return Err(format!(
                "{name}: planned in {found} cycles, where none takes fewer than {least}; one of the folders is damaged"
            ));
        }
        if is_better(&point, other) {
            of.insert(name, point);
        }
    }
    let missing = whole
        .iter()
        .filter(|c| !of.contains_key(&identity(&c.json())));
    merged.gaps = missing.map(Choice::text).collect();
    merged.points = of.into_values().collect();
    sort(&mut merged.points);
    Ok(merged)
}

/// Whether both are proved, of something different.
#[expect(clippy::cast_precision_loss, reason = "compared to a relative 1e-6")]
fn differ(a: &PointResult, b: &PointResult) -> bool {
    // Cycles of each layer are whole numbers: each may differ by one.
    let proved = |p: &PointResult| {
        let cycles = p.cycles.filter(|_| p.status == Status::Optimal)?;
        Some((cycles, p.layers.len() as f64))
    };
    let (Some(a), Some(b)) = (proved(a), proved(b)) else {
        return false;
    };
    a.0.abs_diff(b.0) as f64 > (SAME * a.0.max(b.0) as f64).max(a.1)
}

/// The bound of one planned step and the cycles of another one below it.
fn below_bound(a: &PointResult, b: &PointResult) -> Option<(u128, u128)> {
    let (least, found) = (a.planned.as_ref()?.bound_cycles, b.planned.as_ref()?.cycles);
    (found < least).then_some((least, found))
}

/// Whether a point is proved where the other one is not, or has fewer cycles; of equal ones, whether its
/// planned step has.
fn is_better(new: &PointResult, old: &PointResult) -> bool {
    let rank = |p: &PointResult| {
        let planned = p.planned.as_ref().map_or(u128::MAX, |own| own.cycles);
        let cycles = p.cycles.unwrap_or(u128::MAX);
        (p.status != Status::Optimal, cycles, planned)
    };
    rank(new) < rank(old)
}

/// Which shards have points missing, with how many.
#[must_use]
pub fn gaps_by_shard(gaps: &[String], whole: &[Choice], of: usize) -> Vec<(usize, usize)> {
    let shards = (1..=of).map(|number| {
        let own = Shard { number, of }.of(whole);
        let missing = own.iter().filter(|choice| gaps.contains(&choice.text()));
        (number, missing.count())
    });
    shards.filter(|&(_, missing)| missing > 0).collect()
}

/// What the parts of one sweep have in common.
///
/// # Errors
/// Folders of different sweeps.
pub fn common(folders: &[(String, Manifest)]) -> Result<Manifest, String> {
    let Some(((first, manifest), others)) = folders.split_first() else {
        return Err("no folder is given".to_owned());
    };
    for (folder, other) in others {
        if let Some(what) = manifest.conflict(other) {
            return Err(format!(
                "{first} and {folder} hold different sweeps: {what}"
            ));
        }
    }
    let mut whole = manifest.clone();
    whole.shard = None;
    let other = others
        .iter()
        .find(|(_, m)| m.vary != whole.vary || m.paired != whole.paired);
    if let Some((folder, other)) = other.filter(|(_, m)| m.paired || whole.paired) {
        let how = if other.paired { "paired" } else { "product" };
        return Err(format!(
            "{first} and {folder} hold different sweeps: their paired values differ ({how} there)"
        ));
    }
    for (_, other) in others {
        for own in &mut whole.vary {
            let more = other.vary.iter().filter(|v| v.field == own.field);
            for value in more.flat_map(|v| &v.values) {
                if !own.values.contains(value) {
                    own.values.push(value.clone());
                }
            }
        }
    }
    Ok(whole)
}

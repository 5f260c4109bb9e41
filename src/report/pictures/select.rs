//! Which of many points are drawn.

use serde_json::Value;

use crate::problem::sweep::PointResult;

/// The values of a field over all points, each once, in the order in which points come.
#[must_use]
pub fn values(points: &[PointResult], field: &str) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    for value in points.iter().filter_map(|point| point.vary.get(field)) {
        if !all.contains(value) {
            all.push(value.clone());
        }
    }
    all
}

/// The varied fields.
#[must_use]
pub fn fields(points: &[PointResult]) -> Vec<String> {
    let first = points.first();
    first.map_or_else(Vec::new, |point| point.vary.keys().cloned().collect())
}

/// The point in the middle: of each field the middle one of its values, of words `any` or the
/// first one. Where there is no such point, as of paired fields, the one in the middle of those
/// that have cycles; `None` where none has.
#[must_use]
pub fn middle(points: &[PointResult]) -> Option<&PointResult> {
    let wanted: Vec<(String, Value)> = (fields(points).into_iter())
        .filter_map(|field| {
            let all = values(points, &field);
            let any = all.iter().find(|value| value.as_str() == Some("any"));
            let number = all.first()?.is_number();
            let own = if number {
                all.get(all.len() / 2)
            } else {
                any.or(all.first())
            };
            Some((field, own?.clone()))
        })
        .collect();
    let solved: Vec<&PointResult> = points.iter().filter(|p| p.cycles.is_some()).collect();
    let is_wanted = |point: &PointResult| {
        (wanted.iter()).all(|(field, value)| point.vary.get(field) == Some(value))
    };
    let exact = solved.iter().find(|point| is_wanted(point));
    exact.or_else(|| solved.get(solved.len() / 2)).copied()
}

/// The points that differ from one in this field alone.
#[must_use]
pub fn along<'a>(
    points: &'a [PointResult],
    from: &PointResult,
    field: &str,
) -> Vec<&'a PointResult> {
    let alike = |point: &&PointResult| {
        let others = from.vary.iter().filter(|(name, _)| *name != field);
        let mut others = others.map(|(name, value)| point.vary.get(name) == Some(value));
        others.all(|alike| alike)
    };
    points.iter().filter(alike).collect()
}

/// What is varied at a point, as one text.
#[must_use]
pub fn text(point: &PointResult) -> String {
    super::text::point(&point.vary)
}

/// A value of a field as text, with its unit where that is not in the field's.
#[must_use]
pub fn value_text(field: &str, value: &Value) -> String {
    super::text::value(field, value)
}

/// A field as text, with its unit.
#[must_use]
pub fn field_text(field: &str) -> String {
    super::text::field(field)
}

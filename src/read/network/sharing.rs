//! `shares`: layers that use the parameters of a layer before them.

use crate::problem::Layer;
use crate::read::field::quote;
use crate::read::suggest;
use crate::read::table::Table;

use super::precision::Widths;
use super::scope::{Producer, Scopes};
use super::site::Parts;

const SHARES: &str = "the name of the layer before it whose parameters it uses";

/// The layer whose parameters it uses, which must be of the same shapes and width.
pub(super) fn owner(
    names: &Scopes,
    layers: &[Layer],
    table: &Table<'_>,
    precision: Widths,
    parts: &Parts,
) -> Option<Option<usize>> {
    let Some(field) = table.optional("shares", SHARES) else {
        return Some(None);
    };
    let name = field.text()?;
    let owner = match names.layer(name) {
        Some(Producer::Layer(owner)) => owner,
        Some(Producer::Wrong) => return None,
        Some(Producer::Input) | None => {
            let hint = suggest::closest(name, names.names());
            let hint = hint.map_or_else(
                || format!("give {SHARES}"),
                |near| format!("did you mean `{near}`?"),
            );
            field.reject(format!(
                "there is no layer {} before this one; {hint}",
                quote(name)
            ));
            return None;
        }
    };
    let owner = layers[owner].spec.shares.unwrap_or(owner);
    let theirs = &layers[owner].spec;
    let [part] = parts.list.as_slice() else {
        field.reject("does not go with an operator of several parts; leave it out");
        return None;
    };
    let ours = part.outcome.operator.parameters();
    let shapes = |own: Vec<(&'static str, Vec<u64>)>| own.into_iter().map(|own| own.1);
    if ours.is_empty() || !shapes(ours).eq(shapes(theirs.operator.parameters())) {
        field.reject(format!(
            "{} has no parameters of the same shapes; only layers with equal parameters share them",
            quote(name)
        ));
        return None;
    }
    if theirs.precision.weight != precision.forward.weight {
        field.reject(format!(
            "{} has parameters of {} bits, this layer of {}; give both the same `precision_bits: {{weight: ..}}`",
            quote(name), theirs.precision.weight, precision.forward.weight
        ));
        return None;
    }
    Some(Some(owner))
}

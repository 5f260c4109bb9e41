//! What a mapping is of: a layer, or one phase of a layer.

use crate::problem::{LayerKind, NestId, Phase, PhaseIndex, Workload};
use crate::read::field::{Field, LARGEST_EXTENT, quote};
use crate::read::suggest;
use crate::read::table::Table;

const PHASE: &str = "row and column of the output modulo the strides, such as `[0, 1]`, after the depth where there are several in depth";

/// The loop nest of the named layer, or of its phase that the mapping's table names.
pub(super) fn of(name: &Field<'_>, mapping: &Table<'_>, work: &dyn Workload) -> Option<NestId> {
    let layer = layer(name, work)?;
    let phase = if let LayerKind::Phases(phases) = work.job(layer)?.kind {
        Some(phase(&mapping.required("phase", PHASE)?, phases)?)
    } else {
        let why = "the layer is not computed phase by phase; leave it out";
        mapping.forbid(&["phase"], why)?;
        None
    };
    Some(NestId { layer, phase })
}

/// The index of the named layer, which has loop nests.
pub(super) fn layer(field: &Field<'_>, work: &dyn Workload) -> Option<usize> {
    let name = field.text()?;
    let jobs = work.jobs();
    let Some(index) = jobs.iter().position(|job| job.name == name) else {
        let names = jobs.iter().map(|job| job.name);
        let hint = match suggest::closest(name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "use the name of one of its layers".to_owned(),
        };
        let (name, network) = (quote(name), quote(work.network()));
        field.reject(format!("the network {network} has no layer {name}; {hint}"));
        return None;
    };
    let layer = jobs[index];
    match layer.kind {
        LayerKind::MultiplyAccumulate(_) | LayerKind::Phases(_) => return Some(index),
        LayerKind::Stream(_) | LayerKind::View => {}
    }
    let (name, op) = (quote(name), quote(layer.op));
    field.reject(format!(
        "{name} is a {op} and has no mapping; give a layer that multiplies and accumulates"
    ));
    None
}

/// The index of a phase that has taps.
fn phase(field: &Field<'_>, phases: &[Phase]) -> Option<PhaseIndex> {
    let items = field.list()?;
    let numbers = items.iter().map(|item| item.integer(0, LARGEST_EXTENT));
    let numbers: Vec<u64> = numbers.collect::<Option<_>>()?;
    let asked = PhaseIndex::of(&numbers);
    let found = phases.iter().find(|phase| Some(phase.index) == asked);
    let Some(found) = found else {
        let last = phases
            .last()
            .map_or(PhaseIndex::planar([0, 0]), |phase| phase.index);
        field.reject(format!(
            "the layer has no such phase; give {PHASE}, up to {last}"
        ));
        return None;
    };
    if found.nest().is_none() {
        field.reject("no tap reaches this phase, so it has no mapping; leave it out");
        return None;
    }
    Some(found.index)
}

//! The pictures of one run, `solve --report`.

use anyhow::anyhow;
use serde_json::Map;

use super::output::Output;
use super::sweep::args::PictureArguments;
use super::sweep::pictures::{beside, longest, of_layer};
use crate::problem::RunResult;
use crate::problem::sweep::PointResult;
use crate::report::memory_map;
use crate::report::pictures::page::{self, Head};
use crate::report::pictures::{Picture, limits, roofline};

/// Draws the layers of a run, the mapping of one of them, and the memory over time if it is planned.
pub(super) fn write(
    output: Output,
    arguments: &PictureArguments,
    result: &RunResult,
) -> anyhow::Result<()> {
    let point = PointResult::of(Map::new(), result);
    let what = format!("{}, batch {}", result.hardware.name, result.batch);
    let mut pictures: Vec<Picture> = Vec::new();
    pictures.extend(roofline::draw(&point, &result.hardware, &what)?);
    pictures.extend(limits::draw(&point, &what)?);
    if let Some(layer) = arguments.report_layer.clone().or_else(|| longest(&point)) {
        pictures.extend(of_layer(result, &what, &layer)?);
    }
    pictures.extend(memory(result)?);
    let head = head(result);
    output.write(|out| page::write(&head, &pictures, out))?;
    pictures
        .iter()
        .try_for_each(|picture| beside(arguments, picture))
}

/// The memory map, where the run planned one.
fn memory(result: &RunResult) -> anyhow::Result<Option<Picture>> {
    let Some(plan) = &result.memory_plan else {
        return Ok(None);
    };
    let title = format!(
        "{} on {}, {}",
        result.network, result.hardware.name, result.mode
    );
    let svg = memory_map::svg(plan, &title).map_err(|error| anyhow!(error))?;
    Ok(Some(Picture {
        name: "memory-map".to_owned(),
        title: "Memory over time".to_owned(),
        caption: "What stands where in the shared memory during each operation of the step."
            .to_owned(),
        svg,
    }))
}

fn head(result: &RunResult) -> Head {
    let total = result.total();
    let cycles = total
        .cycles
        .map_or("-".to_owned(), |cycles| cycles.to_string());
    let used = total
        .utilization
        .map_or("-".to_owned(), |part| format!("{:.1} %", part * 100.0));
    let facts = [
        ("Network", result.network.clone()),
        ("Hardware", result.hardware.name.clone()),
        ("Mode", result.mode.to_owned()),
        ("Batch", result.batch.to_string()),
        ("Cycles", cycles),
        ("Utilization", used),
        (
            "Proved optimal",
            format!("{} of {} layers", total.layers_optimal, total.layers),
        ),
    ];
    Head {
        title: format!("{} on {}", result.network, result.hardware.name),
        facts: facts.map(|(what, value)| (what.to_owned(), value)).to_vec(),
    }
}

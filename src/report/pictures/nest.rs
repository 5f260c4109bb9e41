//! The loop nest of a layer as a picture.

use super::Picture;
use super::sheet::svg;
use crate::problem::{Hardware, LayerRow, Work};
use crate::report::nest::lines;

const LINE: i32 = 19;
const LETTERS: i32 = 14;
/// Width of a letter of equal width, in hundredths of its height.
const WIDE: i32 = 62;

/// Draws the mapping of a row, of a layer computed phase by phase that of its first phase;
/// `what` says of which point. `None` where there is no mapping.
#[must_use]
pub fn draw(row: &LayerRow, hardware: &Hardware, what: &str) -> Option<Picture> {
    let own = mapped(row);
    let (Work::Mapped(nest), Some(mapping), Some(cost)) = (&own.work, &own.mapping, &own.cost)
    else {
        return None;
    };
    let lines = lines(nest, hardware, mapping, cost);
    let longest = lines
        .iter()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0);
    let width = i32::try_from(longest).unwrap_or(1000) * LETTERS * WIDE / 100 + 40;
    let height = i32::try_from(lines.len()).unwrap_or(1000) * LINE + 20;
    let svg = svg(width.max(300), height, |sheet| {
        for (number, line) in (0..).zip(&lines) {
            sheet.code(line, (14, 10 + LINE / 2 + LINE * number), LETTERS);
        }
    });
    Some(Picture {
        name: "loop-nest".to_owned(),
        title: format!("Loop nest of {}", row.name),
        caption: format!(
            "The mapping of {} at {what}, from the outermost loop in.",
            row.name
        ),
        svg,
        narrow: None,
    })
}

/// The row itself, or that of its first phase with a mapping.
pub(super) fn mapped(row: &LayerRow) -> &LayerRow {
    let mut phases = row.phases.iter().map(|phase| &phase.row);
    phases.find(|phase| phase.mapping.is_some()).unwrap_or(row)
}

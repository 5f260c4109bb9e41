//! The loop nest of a layer as a picture.

use std::borrow::Cow;

use textwrap::Options;

use super::Picture;
use super::sheet::svg;
use crate::problem::{Hardware, LayerRow, Work};
use crate::report::nest::lines;

const LINE: i32 = 19;
const LETTERS: i32 = 14;
/// Width of a letter of equal width, in hundredths of its height.
const WIDE: i32 = 62;
/// Letters of a line on a narrow screen, and their height.
const NARROW: (usize, i32) = (45, 12);

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
    let narrow = narrow(&lines);
    Some(Picture {
        name: "loop-nest".to_owned(),
        title: format!("Loop nest of {}", row.name),
        caption: format!(
            "The mapping of {} at {what}, from the outermost loop in.",
            row.name
        ),
        svg: code(&lines, LETTERS),
        narrow: (narrow != lines).then(|| code(&narrow, NARROW.1)),
    })
}

/// Lines in letters of this height.
fn code(lines: &[String], letters: i32) -> String {
    let longest = lines.iter().map(|line| line.chars().count()).max();
    let width = i32::try_from(longest.unwrap_or(0)).unwrap_or(1000) * letters * WIDE / 100 + 24;
    let height = i32::try_from(lines.len()).unwrap_or(1000) * LINE + 20;
    svg(width.max(300), height, |sheet| {
        for (number, line) in (0..).zip(lines) {
            sheet.code(line, (14, 10 + LINE / 2 + LINE * number), letters);
        }
    })
}

/// The lines with those that are long in several, the further ones indented.
fn narrow(lines: &[String]) -> Vec<String> {
    let folded = lines.iter().flat_map(|line| {
        let indent = line.len() - line.trim_start().len() + 4;
        let indent = " ".repeat(indent.min(NARROW.0 / 2));
        let options = Options::new(NARROW.0)
            .subsequent_indent(&indent)
            .break_words(false);
        let own = textwrap::wrap(line, options).into_iter();
        own.map(Cow::into_owned).collect::<Vec<_>>()
    });
    folded.collect()
}

/// The row itself, or that of its first phase with a mapping.
pub(super) fn mapped(row: &LayerRow) -> &LayerRow {
    let mut phases = row.phases.iter().map(|phase| &phase.row);
    phases.find(|phase| phase.mapping.is_some()).unwrap_or(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_narrow_screens() {
        let lines = [
            "for k in 0..4".to_owned(),
            format!(
                "{}registers keeps input [C 2, P 28, Q 28, R 3, S 3] 2 x 3,136 bytes",
                " ".repeat(8)
            ),
        ];
        let narrow = narrow(&lines);
        assert_eq!(narrow[0], lines[0]);
        assert!(narrow[1].starts_with("        registers keeps input"));
        assert!(
            narrow.len() == 3 && narrow[2].starts_with(&" ".repeat(12)),
            "{narrow:?}"
        );
        assert!(narrow.iter().all(|line| line.chars().count() <= NARROW.0));
    }
}

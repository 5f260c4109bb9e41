//! A table of texts that is no wider than it may be: columns are left out first, then texts are cut.

use comfy_table::{Cell, CellAlignment, LineStyle, Table, presets};

/// A column.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    /// What stands above it.
    pub(super) title: String,
    /// Whether it stands to the right and is never cut.
    pub(super) number: bool,
    /// Columns of a higher rank are left out first, those of rank 0 never.
    pub(super) rank: u8,
    /// One text for each row.
    pub(super) cells: Vec<String>,
}

/// Texts are cut to so many characters at least.
const LEAST: usize = 8;

impl Column {
    /// A column of texts that is never left out.
    pub(super) fn texts(title: &str, cells: impl IntoIterator<Item = String>) -> Self {
        Self {
            title: title.to_owned(),
            cells: cells.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The same of numbers.
    pub(super) fn numbers(title: &str, cells: impl IntoIterator<Item = String>) -> Self {
        Self {
            number: true,
            ..Self::texts(title, cells)
        }
    }

    /// The same column, left out where the table is too wide, those of higher rank first.
    pub(super) fn ranked(self, rank: u8) -> Self {
        Self { rank, ..self }
    }

    /// Characters of its widest cell.
    fn widest_cell(&self) -> usize {
        self.cells.iter().map(|own| length(own)).max().unwrap_or(0)
    }

    fn width(&self) -> usize {
        self.widest_cell().max(length(&self.title))
    }

    /// The width to which it can be cut.
    fn least(&self) -> usize {
        let cells = self.widest_cell();
        if self.number { cells } else { cells.min(LEAST) }
    }

    fn cut(&mut self, most: usize) {
        for text in std::iter::once(&mut self.title).chain(&mut self.cells) {
            if length(text) > most {
                *text = shortened(text, most);
            }
        }
    }
}

/// The table's lines, with a rule below the header, no wider than this where that can be.
pub(super) fn lines(mut columns: Vec<Column>, width: usize) -> Vec<String> {
    while wide(&columns) > width {
        let last = columns.iter().map(|own| own.rank).max().unwrap_or(0);
        if last == 0 {
            narrow(&mut columns, width);
            break;
        }
        columns.retain(|own| own.rank < last);
    }
    let table = drawn(&columns);
    (table.lines())
        .map(|line| line.trim_end().to_owned())
        .collect()
}

/// Two spaces and a separator beside each, and a space before the first and after the last.
fn wide(columns: &[Column]) -> usize {
    columns.iter().map(|own| own.width() + 3).sum::<usize>() + 2
}

/// Cuts the widest columns until the table is no wider than this, or nothing can be cut. Widths are
/// found first: names may have thousands of letters.
fn narrow(columns: &mut [Column], width: usize) {
    let of = |own: &Column| (own.width(), own.least().max(1));
    let mut widths: Vec<(usize, usize)> = columns.iter().map(of).collect();
    for _ in width..wide(columns) {
        let can_be_cut = widths.iter_mut().filter(|(own, least)| own > least);
        let Some(widest) = can_be_cut.max_by_key(|own| own.0) else {
            break;
        };
        widest.0 -= 1;
    }
    for (column, (most, _)) in columns.iter_mut().zip(widths) {
        column.cut(most);
    }
}

fn drawn(columns: &[Column]) -> Table {
    let mut table = Table::new();
    let rule = LineStyle::none().fill('─').junction('─');
    table.load_style(presets::NOTHING.header_separator(rule));
    table.set_header(columns.iter().map(|own| Cell::new(&own.title)));
    let rows = columns.iter().map(|own| own.cells.len()).max().unwrap_or(0);
    let cell = |own: &Column, row: usize| Cell::new(own.cells.get(row).map_or("", String::as_str));
    table.add_rows((0..rows).map(|row| columns.iter().map(move |own| cell(own, row))));
    for (index, own) in columns.iter().enumerate() {
        if let (true, Some(column)) = (own.number, table.column_mut(index)) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The characters of a text.
pub(super) fn length(text: &str) -> usize {
    text.chars().count()
}

/// A name with its middle left out: it begins with the block and ends with the layer.
pub(crate) fn shortened(name: &str, most: usize) -> String {
    let letters: Vec<char> = name.chars().collect();
    let head = most / 3;
    let tail = most.saturating_sub(head + 1).min(letters.len());
    let (head, tail) = (
        &letters[..head.min(letters.len())],
        &letters[letters.len() - tail..],
    );
    head.iter().chain(&['…']).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        let texts = |text: &str| vec![text.to_owned(), "short".to_owned()];
        vec![
            Column::texts("Layer", texts(&"block.".repeat(10))),
            Column::numbers("A title that is long", texts("1,234,567")),
            Column::texts("Beside", texts("left out first")).ranked(2),
            Column::texts("Then", texts("left out next")).ranked(1),
        ]
    }

    #[test]
    fn columns_are_left_out_before_texts_are_cut() {
        let widest = |width: usize| {
            let text = lines(columns(), width);
            let wide = text.iter().map(|own| length(own)).max().unwrap_or(0);
            (wide <= width, text.join("\n"))
        };
        let (fits, text) = widest(110);
        assert!(
            fits && !text.contains("Beside") && text.contains("left out next"),
            "{text}"
        );
        assert!(!text.contains('…'), "{text}");
        let (fits, text) = widest(40);
        assert!(
            fits && text.contains('…') && text.contains("1,234,567"),
            "{text}"
        );
        // However long texts are, it takes no time to speak of: cut a letter at a time, this one took hours.
        let long = vec![
            Column::texts("Layer", ["x".repeat(1_000_000)]),
            columns().swap_remove(0),
        ];
        assert!(lines(long, 40).iter().all(|line| length(line) <= 40));
        // A number is never cut.
        let (_, text) = widest(1);
        assert!(text.contains("1,234,567"), "{text}");
    }
}

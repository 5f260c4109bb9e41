//! A list for people.

use std::io::{self, Write};

use comfy_table::{CellAlignment, LineStyle, Table, presets};

use crate::report::detail::Detail;
use crate::report::listing::Listing;

/// Columns of a table, at most.
const WIDEST: usize = 100;

/// Writes the list; descriptions end with the line.
pub(super) fn write(list: &Listing, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new();
    let rule = LineStyle::none().fill('─').junction('─');
    table.load_style(presets::NOTHING.header_separator(rule));
    table.set_header(list.columns.iter().map(|column| column.head));
    for row in &list.rows {
        table.add_row(row.iter().map(|entry| entry.shown.as_str()));
    }
    for (index, column) in list.columns.iter().enumerate() {
        if let Some(own) = table.column_mut(index)
            && column.right
        {
            own.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.to_string().lines() {
        writeln!(out, "{}", cut(line.trim_end()))?;
    }
    Ok(())
}

/// A line that is not too wide, with `…` where its end is left out.
fn cut(line: &str) -> String {
    if line.chars().count() <= WIDEST {
        return line.to_owned();
    }
    let start: String = line.chars().take(WIDEST - 1).collect();
    let (whole, _) = start.rsplit_once(' ').unwrap_or((&start, ""));
    if line.contains('─') {
        return line.chars().take(WIDEST).collect();
    }
    format!("{}…", whole.trim_end_matches([',', ';', ':', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_a_word() {
        let long = "word ".repeat(40);
        let line = cut(long.trim_end());
        assert!(line.chars().count() <= WIDEST, "{line}");
        assert!(line.ends_with("word…"), "{line}");
    }
}

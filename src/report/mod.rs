//! Reports of a run: one result type in, one format per file out.

mod answer;
mod blocks;
mod bounds;
mod certificate;
mod columns;
pub mod comparison;
pub mod csv;
pub mod decoded;
pub mod explain;
pub mod explain_step;
pub mod front;
pub mod graph;
mod grid;
pub mod json;
pub mod listing;
pub mod mapping;
mod markup;
pub mod memory_map;
mod memory_plan;
pub mod nest;
mod numbers;
pub mod packing;
pub mod pictures;
mod stages;
pub mod sweep;
pub mod table;
pub mod trace;
mod training;
mod usage;
mod wrap;

#[cfg(test)]
mod testing;

pub(crate) use grid::shortened;

use std::io::{self, Write};

use crate::cost::dataflow;
use crate::problem::{Dataflow, Hardware, LayerRow, RunResult, Work};

/// A format of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table for people.
    Table,
    /// One JSON object.
    Json,
    /// One line for each layer.
    Csv,
}

/// How much a table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The loop nest of every mapping.
    pub mappings: bool,
    /// A line for every layer, those of blocks that equal an earlier one too, and every column.
    pub all: bool,
    /// The order of the lines.
    pub sort: Sort,
    /// So many columns of text at most, where the table can be made so narrow.
    pub width: usize,
}

/// The order of a table's lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// As the layers run.
    #[default]
    Step,
    /// What takes the most cycles first.
    Cycles,
    /// By name.
    Name,
}

/// The width of a table that is not written to a terminal.
pub const WIDTH: usize = 100;

impl Default for Detail {
    fn default() -> Self {
        Self {
            mappings: false,
            all: false,
            sort: Sort::Step,
            width: WIDTH,
        }
    }
}

/// Writes the report of a run, a table with this much detail.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(
    result: &RunResult,
    format: Format,
    detail: Detail,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Table => table::write(result, detail, out),
        Format::Json => json::write(result, out),
        Format::Csv => csv::write(result, out),
    }
}

/// The names of the dataflows that a row's mapping has; `None` where it has no mapping.
fn dataflows(row: &LayerRow, hardware: &Hardware) -> Option<Vec<&'static str>> {
    let (Work::Mapped(nest), Some(mapping)) = (&row.work, &row.mapping) else {
        return None;
    };
    let all = dataflow::of(nest, hardware, mapping);
    Some(all.into_iter().map(Dataflow::name).collect())
}

/// The same as one text, `other` where it has none of them; of a layer computed phase by phase
/// those of each phase's mapping after its index.
fn dataflow_text(row: &LayerRow, hardware: &Hardware) -> Option<String> {
    if !row.phases.is_empty() {
        let own = row.phases.iter().filter_map(|phase| {
            let names = dataflow_text(&phase.row, hardware)?;
            Some(format!("{} {names}", phase.index_text()))
        });
        return Some(own.collect::<Vec<_>>().join("; "));
    }
    dataflows(row, hardware).map(|names| {
        if names.is_empty() {
            "other".to_owned()
        } else {
            names.join(" ")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pipe whose reader is gone.
    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_format_reports_a_closed_pipe_as_one() {
        for format in [Format::Table, Format::Json, Format::Csv] {
            let error =
                write(&testing::run(), format, Detail::default(), &mut Closed).expect_err("closed");
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{format:?}");
        }
    }
}

//! Reports: a result in, a text out. An output format is a folder or a file (`table`, `json`, `csv`,
//! `dot`) that says of every type of result how it writes it, and a line of `formats::ALL`. Pictures and
//! pages (`pictures`, `memory_map`, `comparison::plot`), traces and the files of a sweep stand beside them.

mod answer;
mod blocks;
mod columns;
pub mod comparison;
mod csv;
mod dataflow;
pub mod decoded;
mod detail;
mod dot;
pub mod explain;
pub mod explain_step;
mod exporter;
pub mod formats;
mod front;
pub mod graph;
mod grid;
mod json;
pub mod listing;
pub mod mapping;
mod markup;
pub mod memory_map;
pub mod nest;
mod numbers;
pub mod packing;
pub mod pictures;
mod stages;
pub mod sweep;
mod table;
pub mod trace;
mod usage;
mod wrap;

#[cfg(test)]
mod testing;

pub(crate) use grid::shortened;

pub use detail::{Detail, Sort, WIDTH};
pub use exporter::{Exporter, Format, Reported, write};

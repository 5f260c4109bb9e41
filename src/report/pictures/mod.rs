//! Pictures of results as SVG, and an HTML page with all of them that needs no network.

mod axes;
pub mod buffers;
pub mod heatmap;
pub mod limits;
pub mod nest;
pub mod page;
pub mod pareto;
pub mod roofline;
pub mod select;
pub mod sensitivity;
mod sheet;
mod text;

/// A picture with what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Name of its SVG file, without the extension.
    pub name: String,
    /// Title.
    pub title: String,
    /// What is seen, in a sentence or two.
    pub caption: String,
    /// The SVG text.
    pub svg: String,
}

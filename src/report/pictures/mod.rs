//! Pictures of results as SVG, and an HTML page with all of them that needs no network.

pub(in crate::report) mod axes;
pub mod buffers;
mod colour;
pub mod heatmap;
mod labels;
pub mod limits;
pub mod nest;
pub mod page;
pub mod pareto;
pub mod roofline;
pub mod select;
pub mod sensitivity;
pub(in crate::report) mod sheet;
pub mod step;
pub(in crate::report) mod text;
pub mod tip;

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
    /// The same for narrow screens, where it is drawn anew for them.
    pub narrow: Option<String>,
}

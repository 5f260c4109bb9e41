//! Reports of sweeps: a table of the best points, and a CSV record for each point and for each layer.

pub mod csv;
pub mod layers;
mod ranking;
pub mod table;

use std::io;
use std::path::Path;

use crate::problem::sweep::PointResult;

/// Writes both CSV files of a folder; the name of the one that cannot be written comes with the error.
///
/// # Errors
/// If one of them cannot be written; what stood there before is then still there.
pub fn write_files(folder: &Path, points: &[PointResult]) -> Result<(), (&'static str, io::Error)> {
    csv::write_file(folder, points).map_err(|error| (csv::FILE, error))?;
    layers::write_file(folder, points).map_err(|error| (layers::FILE, error))
}

//! Mappers: from an operation and the hardware to a mapping, with or without proof.

pub mod heuristic;
pub mod registry;
pub mod trial;

use trial::Trial;

/// Something that maps one loop nest.
pub trait Mapper: Sync {
    /// Its name on the command line and in results.
    fn name(&self) -> &'static str;

    /// What it does, with its publication.
    fn description(&self) -> &'static str;

    /// The mappings among which it chooses.
    fn space(&self) -> &'static str;

    /// Its parameters, with their values.
    fn parameters(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Maps the loop nest of the trial: offers it mappings until it is over or the method is done.
    /// With the same seed it offers the same ones, and more evaluations only add to them.
    fn map(&self, trial: &mut Trial<'_>);
}

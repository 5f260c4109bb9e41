//! What the layer program is built from.

use crate::columns::group::ColumnGroup;
use crate::problem::goal::Goal;
use crate::tiling::site::Site;

use super::switches::Switches;

/// Everything that a program is built from.
#[derive(Clone, Copy)]
pub struct Layer<'a> {
    /// The operation on its hardware.
    pub site: &'a Site<'a>,
    /// The columns.
    pub columns: &'a [ColumnGroup],
    /// A bound in cycles that holds for every mapping.
    pub lower_bound: u128,
    /// What is minimised under which limits.
    pub goal: &'a Goal,
    /// The energy in pJ that no mapping is below, more than 0: energies count in it.
    pub energy_unit: f64,
    /// The rules by which pairs of parts and boxes are left out.
    pub switches: Switches,
}

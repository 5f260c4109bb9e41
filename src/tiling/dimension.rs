//! A dimension of which chains are written out and compared.

use crate::problem::Dim;

use super::bypass::Optional;
use super::site::Site;
use super::wanted::Wanted;

/// A dimension of an operation whose chains are written out.
pub struct Dimension<'a> {
    /// The operation on its hardware.
    pub site: &'a Site<'a>,
    /// The dimension.
    pub d: Dim,
    /// The slots that a class may leave without a node, and what restrictions tell apart.
    pub optional: &'a Optional,
    /// What restrictions ask of its chains.
    pub wanted: &'a Wanted,
}

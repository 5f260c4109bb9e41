//! What stands for many chains: the columns of a group of dimensions, whole chains, the parts of
//! long ones or boxes, with all that programs need to know of them.

pub mod attribute;
pub mod bank;
pub mod boxes;
mod elements;
pub mod expand;
pub mod expander;
mod found;
pub mod group;
pub mod groups;
pub mod inner_parts;
pub mod kinds;
pub mod least_tiles;
mod logarithm;
pub mod outer_box;
pub mod outer_parts;
pub mod tuning;
mod values;
mod window_rows;

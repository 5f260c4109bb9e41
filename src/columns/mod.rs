//! What stands for many chains: the columns of a group of dimensions, whole chains, the parts of
//! long ones or boxes, with all that programs need to know of them.

pub mod attribute;
pub mod bank;
pub mod boxes;
pub mod elements;
pub mod expander;
pub mod group;
pub mod groups;
pub mod least_tiles;
pub mod outer_box;
pub mod part;
pub mod parts;

//! What columns stand for: single chains, the outer or the inner parts of many, or boxes of them.

mod boxes;
mod chains;
mod inner;
mod kind;
mod outer;

pub use boxes::BOXES;
pub use chains::CHAINS;
pub use inner::INNER;
pub use kind::{Cell, Columns, Place, Refinement};
pub use outer::OUTER;

//! Mappings judged from the definition alone: a printed loop nest is parsed, walked element by
//! element with sets of coordinates, and tiny operations are searched over all explicit nests.
//!
//! Nothing here uses the crate's costs, checks, programs or mappers, only its plain data types.
//! Covered are the cycles of memories whose transfers are `ideal` or double-buffered; energy is
//! not. A dimension that is reduced may be spread only over axes that add up partial sums.
#![allow(
    dead_code,
    unused_imports,
    reason = "every test file that includes the module uses a part of it"
)]

mod boundaries;
mod cases;
mod counts;
mod events;
mod feed;
mod least;
mod parse;
mod replay;
mod search;
mod space;
mod tensor;

pub use cases::{Case, Kind, array, memory, random_case, random_nest};
pub use counts::{Counts, MemoryCounts, Moved};
pub use parse::{Item, Nest, parse};
pub use replay::{replay, replay_nest};
pub use search::{Best, search, search_below};
pub use tensor::distinct;

//! Mappings judged from the definition alone: a printed loop nest is parsed, walked element by
//! element with sets of coordinates, and tiny operations are searched over all explicit nests.
//!
//! Nothing here uses the crate's costs, checks, programs or mappers, only its plain data types.
//! Covered are the cycles of memories whose transfers are `ideal` or double-buffered; energy is
//! not. Every memory keeps what it may hold. A dimension that is reduced may be spread only over axes that add up partial sums.
//!
//! Where the definition leaves room:
//! * "The first relevant loop with more than one trip": a printed loop has more than one in the
//!   largest tile. A tile stays as long as this loop and all further out stand still.
//! * "With R whole inside the tile": no loop above the node cuts R. What arrays may not spread is
//!   said by "no array between it and its parent spreads P or R", and by nothing else.
//! * "O's register node above I's ends I's sliding": a node of the output in a memory below an
//!   array, above a node of the input in a memory further out. The output's own node in that memory
//!   does not.
//! * "Every MAC reads input and weight": an element's registers are read in the padding too.
//! * "More than one tile is ever loaded" counts tiles that hold nothing but padding.
//! * Every tile is dealt to the elements by itself, as far as an element does not hold it already.
//! * An operand that lies in the memory right inside the outermost one crosses nothing into it. The
//!   place of its node ends walks further in, as any node's does.
//! * Element 0 counts for the ports below an array, the largest tile of any element for the space.
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

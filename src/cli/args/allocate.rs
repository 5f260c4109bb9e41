//! Arguments of `allocate`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, value_parser};

use super::format::{format, formats};
use super::seconds;
use crate::report::Format;
use crate::report::packing::PackingReport;

pub(super) const EXAMPLES: &str = "\
Examples:
  deepmatrix allocate blocks.csv --capacity 1048576
  deepmatrix allocate blocks.csv --capacity 1048576 --alignment 64 --format json
  deepmatrix allocate blocks.csv --capacity min --base 4096

The file has the columns id, lower, upper and size: the time at which a block begins, the time at
which it ends (exclusive), and its bytes. It may have alignment (of this block), offset (the
address that it must have) and gaps (spans of time such as `3-5 8-9` at which it is not alive).
MiniMalloc's other names are read too: buffer, begin, start, and end, the last time of a block.";

#[derive(Args, Debug)]
pub(in crate::cli) struct AllocateArguments {
    /// Blocks (CSV): id,lower,upper,size and, optionally, alignment,offset,gaps
    pub(in crate::cli) file: PathBuf,
    /// Capacity of the memory, or `min` for the least one, proved
    #[arg(long, value_name = "BYTES|min", value_parser = CapacityArgument::parse)]
    pub(in crate::cli) capacity: CapacityArgument,
    /// The first address of the memory; addresses are not counted from it
    #[arg(long, value_name = "ADDRESS", default_value_t = 0, value_parser = value_parser!(u64).range(..=LARGEST))]
    pub(in crate::cli) base: u64,
    /// Every address is a multiple of this many bytes, but of blocks that say otherwise
    #[arg(long, value_name = "BYTES", default_value_t = 1, value_parser = value_parser!(u64).range(1..=1 << 32))]
    pub(in crate::cli) alignment: u64,
    /// Time limit for the search
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(in crate::cli) time_limit: Option<Duration>,
    /// Format of the result [default: the extension of --output, else csv]
    #[arg(long, value_parser = formats::<PackingReport<'static>>())]
    format: Option<Format>,
    /// Write the result to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

/// Capacities and addresses stay below this, so that sums do not overflow.
const LARGEST: u64 = 1 << 53;

/// The capacity of a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum CapacityArgument {
    /// So many bytes.
    Bytes(u64),
    /// The least one.
    Least,
}

impl CapacityArgument {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "min" {
            return Ok(Self::Least);
        }
        let bytes = text.parse::<u64>().ok();
        let bytes = bytes.filter(|bytes| (1..=LARGEST).contains(bytes));
        bytes
            .map(Self::Bytes)
            .ok_or_else(|| format!("it must be a whole number from 1 to {LARGEST}, or `min`"))
    }

    /// The most that the memory may hold.
    pub(in crate::cli) fn most(self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Least => LARGEST,
        }
    }
}

impl AllocateArguments {
    /// The format that was asked for, or that the name of the output file implies.
    pub(in crate::cli) fn format(&self) -> Format {
        format::<PackingReport<'_>>(self.format, self.output.as_deref())
    }
}

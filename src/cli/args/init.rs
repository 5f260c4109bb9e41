//! Arguments of `init`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::import::width;
use crate::cli::init::quantity::{Array, Quantity, lanes};

pub(super) const EXAMPLES: &str = "\
Examples:
  deepmatrix init hardware --macs 64x32 --sram 1MiB --dram 25.6GB/s --clock 1GHz -o chip.yaml
  deepmatrix init hardware --macs 16x16 --sram 256KiB --dram 8B/cycle --clock 200MHz --precision weight=4
  deepmatrix init hardware --macs 32x32 --sram 512KiB --dram 12.8GB/s --clock 800MHz --energies";

#[derive(Args, Debug)]
pub(in crate::cli) struct InitArguments {
    #[command(subcommand)]
    pub(in crate::cli) subject: InitSubject,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum InitSubject {
    /// A hardware file: an outer memory, a shared buffer, an array, and registers in each element
    #[command(after_help = EXAMPLES)]
    Hardware(HardwareArguments),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct HardwareArguments {
    /// Multiply-accumulates per cycle, as the rows and columns of an array or as one axis
    #[arg(long, value_name = "ROWSxCOLUMNS", value_parser = Array::parse)]
    pub(in crate::cli) macs: Array,
    /// Capacity of the shared buffer, in B, kB, MB, GB, KiB, MiB or GiB
    #[arg(long, value_name = "BYTES", value_parser = Quantity::bytes)]
    pub(in crate::cli) sram: Quantity,
    /// Bandwidth of the outer memory, in kB/s, MB/s, GB/s, TB/s or B/cycle
    #[arg(long, value_name = "BANDWIDTH", value_parser = Quantity::bandwidth)]
    pub(in crate::cli) dram: Quantity,
    /// Clock, in kHz, MHz or GHz
    #[arg(long, value_name = "CLOCK", value_parser = Quantity::clock)]
    pub(in crate::cli) clock: Quantity,
    /// Widths in bits for which the buffer's bandwidth and the registers are chosen
    /// [default: input=8,weight=8,output=8,accumulator=32]
    #[arg(long, value_name = "ROLE=BITS[,..]", value_delimiter = ',', value_parser = width)]
    pub(in crate::cli) precision: Vec<(String, u32)>,
    /// Lanes of the vector unit [default: one for each column]
    #[arg(long, value_name = "LANES", value_parser = lanes)]
    pub(in crate::cli) vector: Option<u64>,
    /// Round energies of a 45 nm process for every access and multiply-accumulate (Horowitz 2014)
    #[arg(long)]
    pub(in crate::cli) energies: bool,
    /// Name of the hardware [default: from --macs and --sram]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,
    /// Write to this file instead of standard output; one that exists is kept
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Replace a file that exists
    #[arg(long, requires = "output")]
    pub(in crate::cli) force: bool,
}

//! Arguments of `import`, and those that every command takes with an ONNX file.

use std::path::PathBuf;

use clap::{Args, value_parser};

use crate::read::NetworkOptions;

pub(super) const EXAMPLES: &str = "\
Examples:
  deepmatrix import model.onnx -o model.yaml
  deepmatrix import bert.onnx --batch 1 --dim seq=128 -o bert.yaml
  deepmatrix import model.onnx --precision weight=4 -o model.yaml

Weights are not read. Element types are those of --precision, but for quantized operators.";

#[derive(Args, Debug)]
pub(in crate::cli) struct ImportArguments {
    /// Model (ONNX)
    #[arg(value_name = "MODEL")]
    pub(in crate::cli) model: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) batch: BatchArgument,
    #[command(flatten)]
    pub(in crate::cli) onnx: OnnxArguments,
    /// Write the network to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

/// The batch size.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct BatchArgument {
    /// Batch size in place of the model's
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(in crate::cli) batch: Option<u64>,
}

/// What an ONNX file leaves open.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct OnnxArguments {
    /// Size of an axis that an ONNX file only names; may be given several times
    #[arg(long = "dim", value_name = "NAME=N", value_parser = dimension)]
    dims: Vec<(String, u64)>,
    /// Widths in bits of an ONNX file's operands [default: input=8,weight=8,output=8,accumulator=32]
    #[arg(long, value_name = "ROLE=BITS[,..]", value_delimiter = ',', value_parser = width)]
    precision: Vec<(String, u32)>,
}

impl OnnxArguments {
    /// What is changed in a network that is read.
    pub(in crate::cli) fn options(&self, batch: Option<u64>) -> NetworkOptions {
        NetworkOptions {
            batch,
            dims: self.dims.clone(),
            precision: self.precision.clone(),
        }
    }

    /// The options as they are written, for manifests.
    pub(in crate::cli) fn texts(&self) -> [(&'static str, Option<String>); 2] {
        let joined = |texts: Vec<String>| (!texts.is_empty()).then(|| texts.join(","));
        let dims = self
            .dims
            .iter()
            .map(|(name, size)| format!("{name}={size}"));
        let widths = self
            .precision
            .iter()
            .map(|(role, bits)| format!("{role}={bits}"));
        [
            ("dim", joined(dims.collect())),
            ("precision", joined(widths.collect())),
        ]
    }
}

/// A name and a size.
fn dimension(text: &str) -> Result<(String, u64), String> {
    let (name, size) = text
        .rsplit_once('=')
        .ok_or_else(|| "it must be a name and a size, such as `seq=128`".to_owned())?;
    match size.parse() {
        Ok(size) if size > 0 && !name.is_empty() => Ok((name.to_owned(), size)),
        _ => Err("the size must be a whole number of at least 1, as in `seq=128`".to_owned()),
    }
}

/// An operand's role and its width in bits.
pub(super) fn width(text: &str) -> Result<(String, u32), String> {
    const ROLES: [&str; 4] = ["input", "weight", "output", "accumulator"];
    let (role, bits) = text
        .split_once('=')
        .ok_or_else(|| "it must be a role and its bits, such as `weight=4`".to_owned())?;
    if !ROLES.contains(&role) {
        return Err(format!("`{role}` is none of {}", ROLES.join(", ")));
    }
    match bits.parse() {
        Ok(bits @ 1..=64) => Ok((role.to_owned(), bits)),
        _ => Err("the bits must be a whole number from 1 to 64".to_owned()),
    }
}

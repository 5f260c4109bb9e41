//! `import`: the network file that a model of another format stands for.

use anyhow::{anyhow, bail};

use super::Outcome;
use super::args::ImportArguments;
use super::input::{one_error_per_line, show_assumptions};
use super::output::Output;
use crate::read;

/// Runs the command.
pub(super) fn run(arguments: &ImportArguments) -> anyhow::Result<Outcome> {
    let model = &arguments.model;
    if !read::onnx::is_onnx(model) {
        bail!(
            "{}: is no ONNX file by its name; give a file that ends in `.onnx`",
            model.display()
        );
    }
    let options = arguments.onnx.options(arguments.batch.batch);
    let (text, network) = read::network_text(model, &options)
        .map_err(|error| anyhow!(one_error_per_line([error].iter())))?;
    show_assumptions(&network);
    let output = Output::open(arguments.output.as_deref())?;
    output.write(|out| out.write_all(text.as_bytes()))?;
    Ok(Outcome::Done)
}

//! `completions` and `man`: what shells and readers of manuals know of the command line.

use std::fs;
use std::path::Path;

use anyhow::Context;
use clap::{Command, CommandFactory};

use super::Outcome;
use super::args::{Arguments, CompletionArguments, ManArguments};
use super::output::Output;
use crate::files;

/// Runs `completions`.
pub(super) fn completions(arguments: &CompletionArguments) -> anyhow::Result<Outcome> {
    let mut command = Arguments::command();
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, NAME, &mut text);
    Output::Standard.write(|out| out.write_all(&text))?;
    Ok(Outcome::Done)
}

const NAME: &str = "deepmatrix";

/// Runs `man`.
pub(super) fn man(arguments: &ManArguments) -> anyhow::Result<Outcome> {
    let folder = &arguments.output;
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let mut command = Arguments::command();
    // Gives every command its full name.
    command.build();
    let written = pages(&command, folder)?;
    Output::Standard.write(|out| writeln!(out, "{}: {written} pages", folder.display()))?;
    Ok(Outcome::Done)
}

/// Writes the page of a command and those of the commands inside it; how many they are.
fn pages(command: &Command, folder: &Path) -> anyhow::Result<usize> {
    let version = env!("CARGO_PKG_VERSION");
    let page = clap_mangen::Man::new(command.clone()).source(format!("{NAME} {version}"));
    let path = folder.join(page.get_filename());
    files::write(&path, |out| page.render(out))
        .with_context(|| format!("cannot write {}", path.display()))?;
    let inside = command
        .get_subcommands()
        .filter(|own| own.get_name() != "help");
    let counts = inside.map(|own| pages(own, folder));
    counts.sum::<anyhow::Result<usize>>().map(|below| below + 1)
}

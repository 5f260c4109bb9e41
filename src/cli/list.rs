//! `list`: the networks and hardware files that the program carries.

use anyhow::anyhow;

use super::Outcome;
use super::args::{ListArguments, ListSubject};
use super::input::one_error_per_line;
use super::output::Output;
use crate::read::{self, NetworkOptions, ReadError, Shipped};
use crate::report::listing::Listing;
use crate::report::{self, Detail};

/// Runs the command.
pub(super) fn run(arguments: &ListArguments) -> anyhow::Result<Outcome> {
    let listing = match arguments.subject {
        ListSubject::Networks => networks(),
        ListSubject::Hardware => hardware(),
    };
    let listing = listing.map_err(|error| anyhow!(one_error_per_line([error].iter())))?;
    let output = Output::open(arguments.output.as_deref())?;
    output.write(|out| report::write(&listing, arguments.format(), Detail::default(), out))?;
    Ok(Outcome::Done)
}

fn networks() -> Result<Listing, ReadError> {
    let options = NetworkOptions::default();
    let all: Result<Vec<_>, ReadError> = Shipped::Networks
        .names()
        .map(|name| Ok((name, read::shipped_network(name, &options)?)))
        .collect();
    Ok(Listing::networks(&all?))
}

fn hardware() -> Result<Listing, ReadError> {
    let all: Result<Vec<_>, ReadError> = Shipped::Hardware
        .names()
        .map(|name| Ok((name, read::shipped_hardware(name)?)))
        .collect();
    Ok(Listing::hardware(&all?))
}

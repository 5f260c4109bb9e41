//! CSV: what it has for each type of result.

mod comparison;
mod front;
mod listing;
mod packing;
pub(super) mod records;
mod run;

use crate::problem::RunResult;
use crate::problem::comparison::Comparison;
use crate::problem::front::FrontResult;
use crate::report::exporter::{Export, Exporter};
use crate::report::listing::Listing;
use crate::report::packing::PackingReport;

/// CSV for spreadsheets.
pub struct Csv;

impl Exporter for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["csv"]
    }

    fn run(&self) -> Option<Export<RunResult>> {
        Some(Export::new("One line for each layer", run::write))
    }

    fn fronts(&self) -> Option<Export<FrontResult>> {
        Some(Export::new("One line for each point", front::write))
    }

    fn comparison(&self) -> Option<Export<[Comparison]>> {
        Some(Export::new("One line for each layer", comparison::write))
    }

    fn packing<'a>(&self) -> Option<Export<PackingReport<'a>>> {
        Some(Export::new(
            "One line for each block: id,lower,upper,size,offset",
            packing::write,
        ))
    }

    fn listing(&self) -> Option<Export<Listing>> {
        Some(Export::new("One line for each entry", listing::write))
    }
}

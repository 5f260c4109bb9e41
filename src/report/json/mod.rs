//! JSON: what it has for each type of result.

mod bounds;
mod certificate;
mod comparison;
mod decoded;
mod explain;
mod explain_step;
mod front;
mod graph;
mod layer;
mod listing;
mod object;
mod packing;
mod plan;
mod run;
mod space;
mod stages;
mod total;
mod training;

use crate::problem::RunResult;
use crate::problem::comparison::Comparison;
use crate::problem::front::FrontResult;
use crate::report::decoded::DecodedReport;
use crate::report::explain::ExplainReport;
use crate::report::explain_step::StepReport;
use crate::report::exporter::{Export, Exporter};
use crate::report::graph::GraphReport;
use crate::report::listing::Listing;
use crate::report::packing::PackingReport;

/// JSON for other programs.
pub struct Json;

impl Exporter for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn run(&self) -> Option<Export<RunResult>> {
        Some(Export::new("One JSON object", run::write))
    }

    fn fronts(&self) -> Option<Export<FrontResult>> {
        Some(Export::new("One JSON object", front::write))
    }

    fn comparison(&self) -> Option<Export<[Comparison]>> {
        Some(Export::new("One JSON object", comparison::write))
    }

    fn explanation<'a>(&self) -> Option<Export<ExplainReport<'a>>> {
        Some(Export::new("One JSON object", explain::write))
    }

    fn step_explanation<'a>(&self) -> Option<Export<StepReport<'a>>> {
        Some(Export::new("One JSON object", explain_step::write))
    }

    fn decoded<'a>(&self) -> Option<Export<DecodedReport<'a>>> {
        Some(Export::new("One JSON object", decoded::write))
    }

    fn graph<'a>(&self) -> Option<Export<GraphReport<'a>>> {
        Some(Export::new("One JSON object", graph::write))
    }

    fn packing<'a>(&self) -> Option<Export<PackingReport<'a>>> {
        Some(Export::new(
            "A list of objects with these names; of the least capacity an object with the list",
            packing::write,
        ))
    }

    fn listing(&self) -> Option<Export<Listing>> {
        Some(Export::new("A list of objects", listing::write))
    }
}

//! Tables and texts for people: what there is for each type of result.

pub(super) mod below;
mod comparison;
mod decoded;
mod explain;
mod explain_step;
mod front;
mod graph;
mod listing;
mod orders;
mod plan;
mod run;
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

/// Tables and texts for people.
pub struct Table;

impl Exporter for Table {
    fn name(&self) -> &'static str {
        "table"
    }

    fn is_for_people(&self) -> bool {
        true
    }

    fn run(&self) -> Option<Export<RunResult>> {
        Some(Export::new("A table for people", run::write))
    }

    fn fronts(&self) -> Option<Export<FrontResult>> {
        Some(Export::new("A table for people", front::write))
    }

    fn comparison(&self) -> Option<Export<[Comparison]>> {
        Some(Export::new("A table for people", comparison::write))
    }

    fn explanation<'a>(&self) -> Option<Export<ExplainReport<'a>>> {
        Some(Export::new("For people", explain::write))
    }

    fn step_explanation<'a>(&self) -> Option<Export<StepReport<'a>>> {
        Some(Export::new("For people", explain_step::write))
    }

    fn decoded<'a>(&self) -> Option<Export<DecodedReport<'a>>> {
        Some(Export::new("For people", decoded::write))
    }

    fn graph<'a>(&self) -> Option<Export<GraphReport<'a>>> {
        Some(Export::new("Tables for people", graph::write))
    }

    fn listing(&self) -> Option<Export<Listing>> {
        Some(Export::new("A table for people", listing::write))
    }
}

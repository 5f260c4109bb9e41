//! What an output format is: it says of every type of result how it writes it.

use std::fmt::{self, Debug};
use std::io::{self, Write};

use super::decoded::DecodedReport;
use super::detail::Detail;
use super::explain::ExplainReport;
use super::explain_step::StepReport;
use super::graph::GraphReport;
use super::listing::Listing;
use super::packing::PackingReport;
use crate::problem::RunResult;
use crate::problem::comparison::Comparison;
use crate::problem::front::FrontResult;

/// How a format writes results of one type.
pub struct Export<R: ?Sized> {
    /// What a reader gets, in a few words.
    pub about: &'static str,
    /// Writes one.
    pub write: fn(&R, Detail, &mut dyn Write) -> io::Result<()>,
}

impl<R: ?Sized> Export<R> {
    /// A way to write results of a type.
    pub(super) fn new(
        about: &'static str,
        write: fn(&R, Detail, &mut dyn Write) -> io::Result<()>,
    ) -> Self {
        Self { about, write }
    }
}

/// An output format. What it does not mention it cannot show: commands do not offer it there.
pub trait Exporter: Sync {
    /// The name on the command line.
    fn name(&self) -> &'static str;

    /// The endings of names of files that stand for it.
    fn endings(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether people read it, and the loop nests below it.
    fn is_for_people(&self) -> bool {
        false
    }

    /// The result of `solve` and `evaluate`.
    fn run(&self) -> Option<Export<RunResult>> {
        None
    }

    /// Pareto fronts.
    fn fronts(&self) -> Option<Export<FrontResult>> {
        None
    }

    /// A comparison of mappers over one network or several on the same hardware.
    fn comparison(&self) -> Option<Export<[Comparison]>> {
        None
    }

    /// Why a layer's mapping is the best one.
    fn explanation<'a>(&self) -> Option<Export<ExplainReport<'a>>> {
        None
    }

    /// What binds a whole step.
    fn step_explanation<'a>(&self) -> Option<Export<StepReport<'a>>> {
        None
    }

    /// A decoded solution of an exported program.
    fn decoded<'a>(&self) -> Option<Export<DecodedReport<'a>>> {
        None
    }

    /// Operations and tensors.
    fn graph<'a>(&self) -> Option<Export<GraphReport<'a>>> {
        None
    }

    /// Blocks with addresses.
    fn packing<'a>(&self) -> Option<Export<PackingReport<'a>>> {
        None
    }

    /// What the program carries.
    fn listing(&self) -> Option<Export<Listing>> {
        None
    }
}

/// One of `formats::ALL`.
pub type Format = &'static dyn Exporter;

impl Debug for dyn Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A type of results that formats can write.
pub trait Reported {
    /// What it is called.
    const NAME: &'static str;
    /// The format where none is asked for.
    const DEFAULT: &'static str = "table";

    /// How a format writes it, if it can.
    fn export(format: &dyn Exporter) -> Option<Export<Self>>;
}

/// Writes a result in a format.
///
/// # Errors
/// If the format cannot show it, or `out` cannot be written.
pub fn write<R: Reported + ?Sized>(
    result: &R,
    format: &dyn Exporter,
    detail: Detail,
    out: &mut dyn Write,
) -> io::Result<()> {
    let export = R::export(format).ok_or_else(|| {
        let what = format!("{} does not show {}", format.name(), R::NAME);
        io::Error::new(io::ErrorKind::Unsupported, what)
    })?;
    (export.write)(result, detail, out)
}

impl Reported for RunResult {
    const NAME: &'static str = "the result of a run";

    fn export(format: &dyn Exporter) -> Option<Export<Self>> {
        format.run()
    }
}

impl Reported for FrontResult {
    const NAME: &'static str = "Pareto fronts";

    fn export(format: &dyn Exporter) -> Option<Export<Self>> {
        format.fronts()
    }
}

impl Reported for [Comparison] {
    const NAME: &'static str = "comparisons";

    fn export(format: &dyn Exporter) -> Option<Export<Self>> {
        format.comparison()
    }
}

impl Reported for ExplainReport<'_> {
    const NAME: &'static str = "explanations of layers";

    fn export(format: &dyn Exporter) -> Option<Export<Self>> {
        format.explanation()
    }
}

impl Reported for StepReport<'_> {
    const NAME: &'static str = "explanations of steps";

    fn export(format: &dyn Exporter) -> Option<Export<Self>> {
        format.step_explanation()
    }
}

impl Reported for DecodedReport<'_> {
    const NAME: &'static str = "decoded solutions";

    fn export(format: &dyn Exporter) -> Option<Export<Self>> {
        format.decoded()
    }
}

impl Reported for GraphReport<'_> {
    const NAME: &'static str = "graphs";

    fn export(format: &dyn Exporter) -> Option<Export<Self>> {
        format.graph()
    }
}

impl Reported for PackingReport<'_> {
    const NAME: &'static str = "addresses of blocks";
    const DEFAULT: &'static str = "csv";

    fn export(format: &dyn Exporter) -> Option<Export<Self>> {
        format.packing()
    }
}

impl Reported for Listing {
    const NAME: &'static str = "lists";

    fn export(format: &dyn Exporter) -> Option<Export<Self>> {
        format.listing()
    }
}

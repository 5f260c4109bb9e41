//! The registry of output formats.

use super::csv::Csv;
use super::dot::Dot;
use super::exporter::{Format, Reported};
use super::json::Json;
use super::table::Table;

/// All formats, in the order in which they are offered.
pub const ALL: [Format; 4] = [&Table, &Json, &Csv, &Dot];

/// The format of this name.
#[must_use]
pub fn find(name: &str) -> Option<Format> {
    ALL.into_iter().find(|own| own.name() == name)
}

/// The formats of a type of result with what each is there, the one that is taken by default first.
#[must_use]
pub fn of<R: Reported + ?Sized>() -> Vec<(Format, &'static str)> {
    let all = ALL.into_iter();
    let own = all.filter_map(|own| Some((own, R::export(own)?.about)));
    let mut own: Vec<_> = own.collect();
    own.sort_by_key(|(format, _)| format.name() != R::DEFAULT);
    own
}

/// The format of a type of result for which the ending of a file's name stands, else the default.
#[must_use]
pub fn by_ending<R: Reported + ?Sized>(ending: Option<&str>) -> Format {
    let all = of::<R>();
    let stands = |own: &&(Format, &str)| ending.is_some_and(|e| own.0.endings().contains(&e));
    let own = all.iter().find(stands).or(all.first());
    own.map_or(ALL[0], |own| own.0)
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};

    use super::super::detail::Detail;
    use super::super::exporter::Exporter;
    use super::super::testing;
    use super::super::write;
    use super::super::{graph::GraphReport, packing::PackingReport};
    use super::*;
    use crate::problem::RunResult;

    /// A pipe whose reader is gone.
    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_format_reports_a_closed_pipe_as_one() {
        for (format, _) in of::<RunResult>() {
            let error =
                write(&testing::run(), format, Detail::default(), &mut Closed).expect_err("closed");
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{}", format.name());
        }
    }

    #[test]
    fn a_result_has_the_formats_that_can_show_it() {
        let names = |all: Vec<(Format, &str)>| -> Vec<&str> {
            all.into_iter().map(|(own, _)| own.name()).collect()
        };
        assert_eq!(names(of::<RunResult>()), ["table", "json", "csv"]);
        assert_eq!(names(of::<GraphReport<'_>>()), ["table", "json", "dot"]);
        assert_eq!(names(of::<PackingReport<'_>>()), ["csv", "json"]);
        let error = write(&testing::run(), &Dot, Detail::default(), &mut Vec::new());
        let error = error.expect_err("no graph");
        assert_eq!(error.to_string(), "dot does not show the result of a run");
    }

    #[test]
    fn every_format_has_a_name_of_its_own() {
        for own in ALL {
            assert_eq!(find(own.name()).map(Exporter::name), Some(own.name()));
        }
    }

    #[test]
    fn the_ending_of_a_file_implies_its_format() {
        let name = |ending| by_ending::<RunResult>(ending).name();
        assert_eq!(name(None), "table");
        assert_eq!(name(Some("json")), "json");
        assert_eq!(name(Some("gv")), "table", "runs are no graphs");
        assert_eq!(by_ending::<GraphReport<'_>>(Some("gv")).name(), "dot");
        assert_eq!(by_ending::<PackingReport<'_>>(Some("txt")).name(), "csv");
    }
}

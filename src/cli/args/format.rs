//! The option `--format`: the formats that can show a result.

use std::path::Path;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::report::{Format, Reported, formats};

/// What reads the name of a format of this type of result.
pub(in crate::cli) fn formats<R: Reported + ?Sized>() -> impl TypedValueParser<Value = Format> {
    let all = formats::of::<R>().into_iter();
    let names = all.map(|(format, about)| PossibleValue::new(format.name()).help(about));
    PossibleValuesParser::new(names)
        .try_map(|name| formats::find(&name).ok_or_else(|| format!("there is no format `{name}`")))
}

/// The format that was asked for, or that the name of the output file implies.
pub(in crate::cli) fn format<R: Reported + ?Sized>(
    asked: Option<Format>,
    output: Option<&Path>,
) -> Format {
    let ending = output.and_then(Path::extension).and_then(|e| e.to_str());
    asked.unwrap_or_else(|| formats::by_ending::<R>(ending))
}

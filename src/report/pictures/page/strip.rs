//! Bars whose parts add up to a whole, as HTML.

use crate::report::markup::escape;
use crate::report::numbers::percent;
use crate::report::pictures::sheet::Colour;

/// A part of a whole.
pub(super) struct Part {
    /// What is written on it.
    pub(super) name: String,
    /// Its share of the whole, between 0 and 1.
    pub(super) share: f64,
    pub(super) colour: Colour,
}

/// A bar of these parts, with what it is about.
pub(super) fn html(what: &str, parts: &[Part]) -> String {
    let parts = parts.iter().filter(|part| part.share > 0.0).map(|part| {
        let (name, share) = (escape(&part.name), percent(part.share));
        let (fill, ink) = (part.colour.hex(), part.colour.letters().hex());
        format!(
            "<span class=\"mark\" title=\"{name}\n{share} of the time\" \
             style=\"flex:{:.6};background:{fill};color:{ink}\"><em>{name}</em> <em>{share}</em></span>",
            part.share
        )
    });
    let parts: Vec<String> = parts.collect();
    format!(
        "<div class=\"strip\"><span class=\"what\">{}</span><div>{}</div></div>",
        escape(what),
        parts.concat()
    )
}

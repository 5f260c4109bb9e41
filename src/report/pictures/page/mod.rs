//! The HTML page: all pictures inside, nothing loaded from anywhere. Its script shows what marks say, and
//! sorts, searches and zooms; without it the page still shows everything.

mod layers;
pub mod run;
mod strip;

use std::io::{self, Write};

use super::Picture;
use crate::report::markup::escape;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
/// Nothing may be loaded, whatever a name from a file says.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/// What stands at the head of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Title.
    pub title: String,
    /// Lines of a table: what, and its value.
    pub facts: Vec<(String, String)>,
}

/// A part of the page.
struct Section {
    /// What links to it end with.
    name: String,
    title: String,
    /// What is seen, in a sentence or two.
    caption: String,
    /// HTML.
    body: String,
}

impl Section {
    fn of(picture: &Picture) -> Self {
        let wide = if picture.narrow.is_some() {
            " class=\"wide\""
        } else {
            ""
        };
        let narrow = picture.narrow.as_ref();
        let narrow = narrow.map(|svg| format!("<figure class=\"narrow\">{svg}</figure>"));
        Self {
            name: picture.name.clone(),
            title: picture.title.clone(),
            caption: picture.caption.clone(),
            body: format!(
                "<figure{wide}>{}</figure>{}",
                picture.svg,
                narrow.unwrap_or_default()
            ),
        }
    }
}

/// Writes the page of many runs.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(head: &Head, pictures: &[Picture], out: &mut dyn Write) -> io::Result<()> {
    let facts = head.facts.iter().map(|(what, value)| {
        let (what, value) = (escape(what), escape(value));
        format!("<tr><th scope=\"row\">{what}</th><td>{value}</td></tr>")
    });
    let facts = facts.collect::<Vec<_>>().concat();
    let body = format!("<table class=\"facts\">{facts}</table>");
    let sections: Vec<Section> = pictures.iter().map(Section::of).collect();
    whole(&head.title, &body, &sections, out)
}

/// Writes a page with this HTML at its head.
fn whole(title: &str, head: &str, sections: &[Section], out: &mut dyn Write) -> io::Result<()> {
    let title = escape(title);
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title><link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n\
         <noscript><style>.script{{display:none}}tr[hidden]{{display:table-row}}</style></noscript>\n\
         </head><body>\n<h1>{title}</h1>\n{head}\n<nav>"
    )?;
    for section in sections {
        let (name, title) = (escape(&section.name), escape(&section.title));
        writeln!(out, "<a href=\"#{name}\">{title}</a>")?;
    }
    writeln!(out, "</nav>")?;
    for section in sections {
        let (name, title) = (escape(&section.name), escape(&section.title));
        writeln!(out, "<section id=\"{name}\"><h2>{title}</h2>")?;
        writeln!(out, "<p>{}</p>", escape(&section.caption))?;
        writeln!(out, "{}</section>", section.body)?;
    }
    writeln!(out, "<div id=\"tip\" role=\"tooltip\" hidden></div>")?;
    writeln!(out, "<script>{SCRIPT}</script>\n</body></html>")
}

//! The HTML page: all pictures inside, nothing loaded from anywhere, no scripts.

use std::io::{self, Write};

use super::Picture;

const STYLE: &str = "\
body{font-family:system-ui,sans-serif;color:#222;background:#fff;max-width:64rem;margin:2rem auto;padding:0 1rem;line-height:1.45}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin:2.2rem 0 .2rem}
p{margin:.2rem 0 .6rem}figure{margin:0;overflow-x:auto}svg{max-width:none}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.15rem .8rem .15rem 0;text-align:left;vertical-align:top}
nav{font-size:.95rem}nav a{margin-right:1rem;color:#0072b2}";

/// What stands at the head of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Title.
    pub title: String,
    /// Lines of a table: what, and its value.
    pub facts: Vec<(String, String)>,
}

/// Writes the page.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(head: &Head, pictures: &[Picture], out: &mut dyn Write) -> io::Result<()> {
    let title = escape(&head.title);
    writeln!(out, "<!DOCTYPE html>")?;
    writeln!(
        out,
        "<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>"
    )?;
    writeln!(
        out,
        "<link rel=\"icon\" href=\"data:,\"><style>{STYLE}</style></head><body>"
    )?;
    writeln!(out, "<h1>{title}</h1>")?;
    writeln!(out, "<table>")?;
    for (what, value) in &head.facts {
        writeln!(
            out,
            "<tr><th>{}</th><td>{}</td></tr>",
            escape(what),
            escape(value)
        )?;
    }
    writeln!(out, "</table><nav>")?;
    for picture in pictures {
        let (name, title) = (escape(&picture.name), escape(&picture.title));
        writeln!(out, "<a href=\"#{name}\">{title}</a>")?;
    }
    writeln!(out, "</nav>")?;
    for picture in pictures {
        let (name, title) = (escape(&picture.name), escape(&picture.title));
        writeln!(out, "<section id=\"{name}\"><h2>{title}</h2>")?;
        writeln!(out, "<p>{}</p>", escape(&picture.caption))?;
        writeln!(out, "<figure>{}</figure></section>", picture.svg)?;
    }
    writeln!(out, "</body></html>")
}

/// Text in which nothing is taken for HTML.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

//! A layer's program and its files.

use crate::engine::lp_file::{comment_lines, lp_text};
use crate::engine::mps_file::mps_text;
use crate::engine::named::Named;

use super::facts::Facts;
use super::header;

/// A layer's program.
#[derive(Debug)]
pub struct LayerProgram {
    /// The model.
    pub(super) model: Named,
    /// What is said of it.
    pub facts: Facts,
}

impl LayerProgram {
    /// The program.
    #[must_use]
    pub fn model(&self) -> &Named {
        &self.model
    }

    /// The program as an LP file, `title` first in its comments.
    #[must_use]
    pub fn lp(&self, title: &[String]) -> String {
        lp_text(&self.model, &header::comments(&self.facts, title))
    }

    /// The program as an MPS file.
    #[must_use]
    pub fn mps(&self, title: &[String]) -> String {
        mps_text(&self.model, &header::comments(&self.facts, title))
    }
}

/// How an LP file with this title begins.
#[must_use]
pub fn first_comment(title: &[String]) -> String {
    let first = title.first().map(String::as_str).unwrap_or_default();
    let mut text = String::new();
    for line in comment_lines(first) {
        text.push_str("\\ ");
        text.push_str(&line);
        text.push('\n');
    }
    text
}

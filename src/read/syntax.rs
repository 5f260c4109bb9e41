//! The parser's own errors in the terms of someone who writes such a file.

use super::error::{NESTING, Problem, whole};
use super::locate::Lines;

/// What the parser's error means: one line, or one for each key that is given twice.
pub(super) fn explain(error: &serde_yaml::Error, text: &str) -> Vec<Problem> {
    let line = error.location().map(|l| l.line());
    let message = message(error);
    if message.contains("duplicate entry") {
        let repeated = repeated(text);
        if !repeated.is_empty() {
            return repeated;
        }
    }
    if message.contains("as u128") || message.contains("as i128") {
        return vec![too_large(line, &message)];
    }
    let what = if message.contains("recursion limit") {
        NESTING.to_owned()
    } else if message.contains("repetition limit") {
        "its aliases (`*name`) repeat too much; write the repeated parts out".to_owned()
    } else if message.contains("more than one document") {
        "holds several YAML documents; keep one in each file and remove the `---` between them"
            .to_owned()
    } else if message.contains("unknown anchor") {
        "an alias `*name` stands before any anchor `&name`; define the anchor above it".to_owned()
    } else {
        format!("is not readable YAML: {message}; {}", advice(line, text))
    };
    whole(line, what)
}

/// The message without the place of the error, which stands in front of the line.
fn message(error: &serde_yaml::Error) -> String {
    let full = error.to_string();
    let Some(place) = error.location() else {
        return full;
    };
    let place = format!(" at line {} column {}", place.line(), place.column());
    full.replacen(&place, "", 1)
}

fn repeated(text: &str) -> Vec<Problem> {
    let problem = |(field, line)| Problem {
        line: Some(line),
        field,
        message: "is given twice; keep one of them".to_owned(),
    };
    Lines::of(text)
        .repeated()
        .into_iter()
        .map(problem)
        .collect()
}

/// `FIELD: invalid type: integer `N` as u128, …`
fn too_large(line: Option<usize>, message: &str) -> Problem {
    let field = message.split_once(": invalid type").map_or("", |m| m.0);
    let number = message.split('`').nth(1).unwrap_or_default();
    Problem {
        line,
        field: field.to_owned(),
        message: format!("the number {number} is too large; numbers have at most 64 bits"),
    }
}

fn advice(line: Option<usize>, text: &str) -> &'static str {
    let at = line.and_then(|line| text.lines().nth(line.saturating_sub(1)));
    if at.is_some_and(|at| at.starts_with(char::is_whitespace) && at.contains('\t')) {
        "indent with spaces in place of tabs"
    } else {
        "check the brackets, quotes and indentation around this line"
    }
}

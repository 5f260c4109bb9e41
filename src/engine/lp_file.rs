//! Writes a named model as an LP file: deterministic, with twelve significant digits.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::named::{Kind, Named, Relation, Variable};
use super::settle::CutRow;

/// The longest line; long sums are broken, which every reader allows.
const LINE: usize = 100;

/// The model as the text of an LP file, `comments` first.
#[must_use]
pub fn lp_text(model: &Named, comments: &[String]) -> String {
    let mut text = String::new();
    for comment in comments {
        line(&mut text, &format!("\\ {comment}"));
    }
    let costs: Vec<(usize, f64)> = (0..model.variables().len())
        .map(|v| (v, model.variables()[v].cost))
        .filter(|c| c.1 != 0.0)
        .collect();
    line(&mut text, "Minimize");
    sum(&mut text, model, model.objective(), &costs, "");
    line(&mut text, "Subject To");
    for row in model.rows() {
        let relation = match row.relation {
            Relation::AtMost => "<=",
            Relation::Equal => "=",
            Relation::AtLeast => ">=",
        };
        let end = format!(" {relation} {}", number(row.right));
        sum(&mut text, model, &row.name, &row.factors, &end);
    }
    bounds(&mut text, model);
    for (section, kind) in [("General", Kind::Integer), ("Binary", Kind::Binary)] {
        let own = model.variables().iter().filter(|v| v.kind == kind);
        let names: Vec<&str> = own.map(|v| v.name.as_str()).collect();
        if !names.is_empty() {
            line(&mut text, section);
            wrapped(&mut text, names.into_iter().map(|n| format!(" {n}")));
        }
    }
    line(&mut text, "End");
    text
}

/// A comment in lines of no more than a hundred letters, the later ones indented.
#[must_use]
pub fn comment_lines(text: &str) -> Vec<String> {
    const WIDTH: usize = 96;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if !line.trim().is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(format!("  {word}"));
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// The text of an LP file that this module wrote with more rows `Σ factor · variable ≤ 0`, and a
/// comment before its first section; `None` if it is no such file. Each row has its name's
/// beginning and end, between which the next free number is put.
///
/// Variables that the file does not have are left out of a row; its factors of variables that
/// begin with `a_` then add up to 1 again.
#[must_use]
pub fn with_rows(text: &str, comment: &str, rows: &[CutRow]) -> Option<String> {
    let (head, body) = text.split_once("Minimize\n")?;
    let at = body.find("\nBounds\n")? + 1;
    let known: BTreeSet<&str> = body.split([' ', '\n']).collect();
    let mut longer = format!("{head}\\ {comment}\nMinimize\n{}", &body[..at]);
    let mut taken = BTreeSet::new();
    for row in rows {
        let name = |number: usize| format!("{}_{number}_{}", row.row, row.label);
        let free =
            |name: &String| !known.contains(format!("{name}:").as_str()) && !taken.contains(name);
        let name = (1..=known.len() + rows.len()).map(name).find(free)?;
        let own = present(row, &known);
        let words = own.iter().map(|(name, factor)| word(name, *factor));
        let first = std::iter::once(format!(" {name}:"));
        wrapped(
            &mut longer,
            first
                .chain(words)
                .chain(std::iter::once(" <= 0".to_owned())),
        );
        taken.insert(name);
    }
    longer.push_str(&body[at..]);
    Some(longer)
}

/// The factors of the variables that a file has. The weights of terms, those of `a_…`, then add up
/// to 1 again, and the factor of the switch, in which their entropy stands, is that of these weights.
fn present(row: &CutRow, known: &BTreeSet<&str>) -> Vec<(String, f64)> {
    let is_term = |f: &(String, f64)| f.0.starts_with("a_");
    let entropy = |own: &[(String, f64)]| -> f64 {
        let weights = own.iter().filter(|f| is_term(f));
        weights.map(|f| -f.1 * f.1.ln()).sum()
    };
    let before = entropy(&row.factors);
    let mut own = row.factors.clone();
    own.retain(|f| known.contains(f.0.as_str()));
    let total: f64 = own.iter().filter(|f| is_term(f)).map(|f| f.1).sum();
    for factor in own.iter_mut().filter(|f| is_term(f)) {
        factor.1 /= total;
    }
    let change = entropy(&own) - before;
    let switch = format!("y_{}", row.label);
    for factor in own.iter_mut().filter(|f| f.0 == switch) {
        factor.1 += change;
    }
    own
}

fn line(text: &mut String, content: &str) {
    text.push_str(content);
    text.push('\n');
}

/// Words one after the other, broken into lines.
fn wrapped(text: &mut String, words: impl Iterator<Item = String>) {
    let mut length = 0;
    for word in words {
        if length > 0 && length + word.len() > LINE {
            text.push_str("\n ");
            length = 1;
        }
        length += word.len();
        text.push_str(&word);
    }
    text.push('\n');
}

/// `name: Σ factor variable` and what comes after it.
fn sum(text: &mut String, model: &Named, name: &str, factors: &[(usize, f64)], end: &str) {
    let first = std::iter::once(format!(" {name}:"));
    let words = factors
        .iter()
        .map(|&(v, factor)| word(&model.variables()[v].name, factor));
    // A row without variables still needs one.
    let none = (factors.is_empty() && !model.variables().is_empty())
        .then(|| format!(" 0 {}", model.variables()[0].name));
    wrapped(
        text,
        first
            .chain(words)
            .chain(none)
            .chain(std::iter::once(end.to_owned())),
    );
}

/// A factor with its variable.
fn word(name: &str, factor: f64) -> String {
    let sign = if factor < 0.0 { '-' } else { '+' };
    let size = number(factor.abs());
    if size == "1" {
        format!(" {sign} {name}")
    } else {
        format!(" {sign} {size} {name}")
    }
}

/// The bounds of all variables but the binary ones.
fn bounds(text: &mut String, model: &Named) {
    let bound = |v: &Variable| match (v.lower.is_finite(), v.upper.is_finite()) {
        (false, false) => format!(" {} free", v.name),
        (true, false) => format!(" {} >= {}", v.name, number(v.lower)),
        (false, true) => format!(" -inf <= {} <= {}", v.name, number(v.upper)),
        (true, true) => format!(" {} <= {} <= {}", number(v.lower), v.name, number(v.upper)),
    };
    let own: Vec<String> = model
        .variables()
        .iter()
        .filter(|v| v.kind != Kind::Binary)
        .map(bound)
        .collect();
    if !own.is_empty() {
        line(text, "Bounds");
        for bound in own {
            line(text, &bound);
        }
    }
}

/// Twelve significant digits: the last digits of a logarithm differ between machines.
#[must_use]
pub fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let mut rounded = String::new();
    let _ = write!(rounded, "{value:.11e}");
    let parsed: f64 = rounded.parse().unwrap_or(value);
    if (1e-6..1e15).contains(&parsed.abs()) {
        format!("{parsed}")
    } else {
        format!("{parsed:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_written_row_by_row() {
        let mut model = Named::new("cost");
        let z = model.continuous("z", (0.0, f64::INFINITY), 1.0);
        let a = model.continuous("a", (f64::NEG_INFINITY, f64::INFINITY), 0.0);
        let x = model.binary("x");
        model.row(
            "R1",
            vec![(z, 1.0), (a, -1.0 / 3.0), (x, 0.0)],
            Relation::AtLeast,
            0.0,
        );
        model.row("R2", vec![(x, 1.0)], Relation::Equal, 1.0);
        let expected = "\\ An example.\nMinimize\n cost: + z\nSubject To\n R1: + z - 0.333333333333 a >= 0\n \
                        R2: + x = 1\nBounds\n z >= 0\n a free\nBinary\n x\nEnd\n";
        assert_eq!(lp_text(&model, &["An example.".into()]), expected);
    }

    #[test]
    #[expect(clippy::approx_constant, reason = "a number with many digits")]
    fn numbers_have_twelve_digits() {
        assert_eq!(number(0.693_147_180_559_945_3), "0.69314718056");
        assert_eq!(number(1.0), "1");
        assert_eq!(number(-2.5e-9), "-2.5e-9");
        assert_eq!(number(1e20), "1e20");
    }
}

//! Writes a named model as a free-format MPS file: the numbers are those of the LP file.

use std::fmt::Write;

use super::lp_file::number;
use super::named::{Kind, Named, Relation, Variable};

/// The model as the text of an MPS file, `comments` first.
#[must_use]
pub fn mps_text(model: &Named, comments: &[String]) -> String {
    let mut text = String::new();
    for comment in comments {
        push(&mut text, &format!("* {comment}"));
    }
    push(&mut text, "NAME deepmatrix FREE");
    push(&mut text, "ROWS");
    push(&mut text, &format!(" N {}", model.objective()));
    for row in model.rows() {
        let relation = match row.relation {
            Relation::AtMost => 'L',
            Relation::Equal => 'E',
            Relation::AtLeast => 'G',
        };
        push(&mut text, &format!(" {relation} {}", row.name));
    }
    columns(&mut text, model);
    push(&mut text, "RHS");
    for row in model.rows().iter().filter(|row| row.right != 0.0) {
        let line = format!(" RHS {} {}", row.name, number(row.right));
        push(&mut text, &line);
    }
    bounds(&mut text, model);
    push(&mut text, "ENDATA");
    text
}

fn push(text: &mut String, line: &str) {
    let _ = writeln!(text, "{line}");
}

/// Every variable with its factors, those that take whole numbers between markers.
fn columns(text: &mut String, model: &Named) {
    let mut entries: Vec<Vec<(&str, f64)>> = vec![Vec::new(); model.variables().len()];
    for (own, variable) in entries.iter_mut().zip(model.variables()) {
        if variable.cost != 0.0 {
            own.push((model.objective(), variable.cost));
        }
    }
    for row in model.rows() {
        for &(variable, factor) in &row.factors {
            entries[variable].push((&row.name, factor));
        }
    }
    push(text, "COLUMNS");
    let mut marked = false;
    for (variable, own) in model.variables().iter().zip(&entries) {
        let whole = variable.kind != Kind::Continuous;
        if whole != marked {
            marker(text, whole);
            marked = whole;
        }
        if own.is_empty() {
            // A variable without a factor still needs a line.
            push(text, &format!(" {} {} 0", variable.name, model.objective()));
        }
        for (row, factor) in own {
            let line = format!(" {} {row} {}", variable.name, number(*factor));
            push(text, &line);
        }
    }
    if marked {
        marker(text, false);
    }
}

fn marker(text: &mut String, begins: bool) {
    let end = if begins { "INTORG" } else { "INTEND" };
    push(text, &format!(" MARKER 'MARKER' '{end}'"));
}

/// The bounds of all variables but those that are 0 at least and nothing else.
fn bounds(text: &mut String, model: &Named) {
    push(text, "BOUNDS");
    for variable in model.variables() {
        for line in bound(variable) {
            push(text, &line);
        }
    }
}

#[expect(clippy::float_cmp, reason = "bounds are set, not computed")]
fn bound(variable: &Variable) -> Vec<String> {
    let name = &variable.name;
    let (lower, upper) = (variable.lower, variable.upper);
    let line = |kind: &str, value: f64| format!(" {kind} BOUND {name} {}", number(value));
    if variable.kind == Kind::Binary {
        return vec![format!(" BV BOUND {name}")];
    }
    if lower == upper {
        return vec![line("FX", lower)];
    }
    let mut lines = match (lower.is_finite(), upper.is_finite()) {
        (false, false) => vec![format!(" FR BOUND {name}")],
        (false, true) => vec![format!(" MI BOUND {name}")],
        (true, _) if lower == 0.0 => Vec::new(),
        (true, _) => vec![line("LO", lower)],
    };
    if upper.is_finite() {
        lines.push(line("UP", upper));
    } else if variable.kind == Kind::Integer {
        // Without a bound some readers take an integer for a binary.
        lines.push(format!(" PL BOUND {name}"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_written_column_by_column() {
        let mut model = Named::new("cost");
        let z = model.continuous("z", (0.0, f64::INFINITY), 1.0);
        let a = model.continuous("a", (f64::NEG_INFINITY, f64::INFINITY), 0.0);
        let x = model.binary("x");
        model.integer("n", (0.0, 4.0));
        model.integer("m", (0.0, f64::INFINITY));
        model.continuous("unit", (2.5, 2.5), 1.0);
        let row = vec![(z, 1.0), (a, -1.0 / 3.0)];
        model.row("R1", row, Relation::AtLeast, 0.0);
        model.row("R2", vec![(x, 1.0)], Relation::Equal, 1.0);
        let expected = "* An example.\nNAME deepmatrix FREE\nROWS\n N cost\n G R1\n E R2\nCOLUMNS\n \
                        z cost 1\n z R1 1\n a R1 -0.333333333333\n MARKER 'MARKER' 'INTORG'\n x R2 1\n \
                        n cost 0\n m cost 0\n MARKER 'MARKER' 'INTEND'\n unit cost 1\nRHS\n RHS R2 1\nBOUNDS\n FR BOUND a\n \
                        BV BOUND x\n UP BOUND n 4\n PL BOUND m\n FX BOUND unit 2.5\nENDATA\n";
        assert_eq!(mps_text(&model, &["An example.".into()]), expected);
    }
}

//! Solution files of other solvers: HiGHS, CBC, SCIP and Gurobi, told apart by their first line.

use std::path::Path;

use super::{Problem, ReadError, source};

/// A larger file is no solution: one of the largest program that is exported, 300,000 binaries, has
/// some 30 MB.
const LARGEST_BYTES: u64 = 256 << 20;

/// The solver that wrote a file, by the file's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Solver {
    /// `Model status`, then `# Columns`.
    Highs,
    /// `Optimal - objective value …`, then numbered lines.
    Cbc,
    /// `solution status: …` or not, `objective value: …`, then names, values and `(obj:…)`.
    Scip,
    /// `# Objective value = …`, then names and values.
    Gurobi,
}

impl Solver {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Solver::Highs => "HiGHS",
            Solver::Cbc => "CBC",
            Solver::Scip => "SCIP",
            Solver::Gurobi => "Gurobi",
        }
    }
}

/// A solution.
#[derive(Clone, Debug, PartialEq)]
pub struct SolutionFile {
    /// Who wrote it.
    pub solver: Solver,
    /// Its objective.
    pub objective: f64,
    /// Variables with their values; those that are 0 may be missing.
    pub values: Vec<(String, f64)>,
}

/// Reads a solution.
///
/// # Errors
/// The file cannot be read, is of none of these forms, or holds no solution.
pub fn read(path: &Path) -> Result<SolutionFile, ReadError> {
    let wrong = |line, message: String| ReadError {
        file: path.to_owned(),
        errors: vec![Problem {
            line,
            field: String::new(),
            message,
        }],
    };
    let bytes = source::bytes(path, LARGEST_BYTES).map_err(|message| wrong(None, message))?;
    let text = String::from_utf8_lossy(&bytes);
    parse(&text).map_err(|(line, message)| wrong(line, message))
}

/// An error with its line.
type Wrong = (Option<usize>, String);

fn parse(text: &str) -> Result<SolutionFile, Wrong> {
    let (number, first) = numbered(text)
        .next()
        .ok_or_else(|| (None, "is empty; it is no solution file".to_owned()))?;
    let (solver, objective, values) = if first.starts_with("Model status") {
        (Solver::Highs, highs_objective(text)?, highs_solution(text)?)
    } else if first.contains("objective value") && first.contains(" - ") {
        cbc_status(first, number)?;
        (
            Solver::Cbc,
            after(first, "objective value", number)?,
            cbc(text)?,
        )
    } else if first.starts_with("solution status:") || first.starts_with("objective value:") {
        (Solver::Scip, scip_objective(text)?, scip(text)?)
    } else if first.starts_with("# ") && first.contains("bjective value =") {
        let lines = numbered(text).filter(|l| !l.1.starts_with('#'));
        let objective = after(first, "bjective value =", number)?;
        (Solver::Gurobi, objective, pairs(lines)?)
    } else {
        return Err((
            Some(number),
            "is in no form that is known; solutions of HiGHS, CBC, SCIP and Gurobi are, as these \
             solvers write them"
                .to_owned(),
        ));
    };
    Ok(SolutionFile {
        solver,
        objective,
        values,
    })
}

/// The lines that are not blank, with their numbers from 1.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(i, l)| (i + 1, l.trim()));
    lines.filter(|l| !l.1.is_empty())
}

/// The number after a word of a line.
fn after(line: &str, word: &str, number: usize) -> Result<f64, Wrong> {
    let rest = line.split(word).nth(1).unwrap_or_default();
    let value = rest.split_whitespace().next().and_then(finite);
    value.ok_or_else(|| no_number(number, word))
}

fn no_number(line: usize, what: &str) -> Wrong {
    let message =
        format!("no number after `{what}`; the solver found no solution, or the file is damaged");
    (Some(line), message)
}

/// A number that is no infinity.
fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|v: &f64| v.is_finite())
}

/// Names with their values, one pair a line; what comes after them says nothing.
fn pairs<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Result<Vec<(String, f64)>, Wrong> {
    lines
        .map(|(number, line)| {
            let mut words = line.split_whitespace();
            let (name, value) = (words.next(), words.next().and_then(finite));
            let name = name.map(str::to_owned);
            name.zip(value).ok_or_else(|| {
                let message = format!("`{line}`: it must be a variable's name and its value");
                (Some(number), message)
            })
        })
        .collect()
}

/// A solver that ended without a solution. The program has one: `export` knows a mapping.
fn no_solution(line: usize, status: &str) -> Wrong {
    let message = format!(
        "`{status}`: it holds no solution, though the program that `export` wrote has one; give the \
         solver more time, or other tolerances"
    );
    (Some(line), message)
}

fn highs_objective(text: &str) -> Result<f64, Wrong> {
    let found = numbered(text).find(|l| l.1.starts_with("Objective"));
    let Some((number, line)) = found else {
        return Err(match numbered(text).nth(1) {
            Some((number, status)) => no_solution(number, status),
            None => no_number(1, "Objective"),
        });
    };
    after(line, "Objective", number)
}

fn highs_solution(text: &str) -> Result<Vec<(String, f64)>, Wrong> {
    let lines = numbered(text).skip_while(|l| !l.1.starts_with("# Columns"));
    pairs(lines.skip(1).take_while(|l| !l.1.starts_with('#')))
}

/// Without a solution CBC writes the values of a relaxation.
fn cbc_status(first: &str, number: usize) -> Result<(), Wrong> {
    let status = first.split(" - ").next().unwrap_or_default();
    if status.starts_with("Optimal") || status.starts_with("Stopped") {
        return Ok(());
    }
    Err(no_solution(number, status))
}

/// Numbered lines, with `**` before those that are not feasible.
fn cbc(text: &str) -> Result<Vec<(String, f64)>, Wrong> {
    let lines = numbered(text).skip(1).map(|(number, line)| {
        let line = line.trim_start_matches('*').trim_start();
        let rest = line.split_once(char::is_whitespace);
        (number, rest.map_or("", |r| r.1.trim_start()))
    });
    pairs(lines)
}

fn scip_objective(text: &str) -> Result<f64, Wrong> {
    let found = numbered(text).find(|l| l.1.starts_with("objective value:"));
    let Some((number, line)) = found else {
        let status = text.lines().next().unwrap_or_default();
        let status = status.trim_start_matches("solution status:").trim();
        return Err(no_solution(1, status));
    };
    after(line, "objective value:", number)
}

fn scip(text: &str) -> Result<Vec<(String, f64)>, Wrong> {
    let lines = numbered(text).skip_while(|l| !l.1.starts_with("objective value:"));
    pairs(lines.skip(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> (Solver, f64, Vec<(String, f64)>) {
        let own = parse(text).expect("a solution");
        (own.solver, own.objective, own.values)
    }

    #[test]
    fn four_solvers_are_read() {
        let expected = vec![("z".to_owned(), 2.5), ("x_K_2".to_owned(), 1.0)];
        let text = "Model status\nOptimal\n\n# Primal solution values\nFeasible\nObjective 2.5\n\
                     # Columns 2\nz 2.5\nx_K_2 1\n# Rows 1\nr 0\n\n# Dual solution values\nNone\n";
        assert_eq!(values(text), (Solver::Highs, 2.5, expected.clone()));
        let cbc =
            "Optimal - objective value 2.50000000\n      0 z     2.5      1\n**    7 x_K_2  1  0\n";
        assert_eq!(values(cbc), (Solver::Cbc, 2.5, expected.clone()));
        let scip = "solution status: optimal solution found\nobjective value:        2.5\n\
                    z                2.5 \t(obj:1)\nx_K_2            1 \t(obj:0)\n";
        assert_eq!(values(scip), (Solver::Scip, 2.5, expected.clone()));
        let gurobi = "# Solution for model deepmatrix\n# Objective value = 2.5\nz 2.5\nx_K_2 1\n";
        let gurobi = gurobi.split_once('\n').expect("lines").1;
        assert_eq!(values(gurobi), (Solver::Gurobi, 2.5, expected));
    }

    #[test]
    fn what_is_no_solution_is_said() {
        for (text, line) in [
            ("", None),
            ("Minimize\n z\n", Some(1)),
            ("Infeasible - objective value 3.0\n", Some(1)),
            (
                "solution status: infeasible\nno solution available\n",
                Some(1),
            ),
            (
                "solution status: optimal\nobjective value: 1\nx one\n",
                Some(3),
            ),
            ("Model status\nInfeasible\n", Some(2)),
            ("Model status\n", Some(1)),
        ] {
            assert_eq!(parse(text).expect_err("an error").0, line, "{text:?}");
        }
    }
}

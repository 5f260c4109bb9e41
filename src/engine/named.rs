//! A mixed-integer model whose variables and rows have names.
//!
//! Names are valid in every LP reader: letters, digits and underscores, no digit first, no
//! exponent such as `e5`, no keyword. Variables and rows keep the order in which they were added,
//! so that a model is written byte for byte the same each time.

use std::collections::BTreeSet;

/// What values a variable takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any value between its bounds.
    Continuous,
    /// 0 or 1.
    Binary,
    /// A whole number between its bounds.
    Integer,
}

/// A variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Its least value, which may be minus infinity.
    pub lower: f64,
    /// Its largest value, which may be infinity.
    pub upper: f64,
    /// Its factor in the objective, which is minimised.
    pub cost: f64,
}

/// How a row's left side compares with its right side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// At most.
    AtMost,
    /// Equal.
    Equal,
    /// At least.
    AtLeast,
}

/// A row: Σ factor · variable ⋚ right.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedRow {
    /// Its name, with the equation's identifier first.
    pub name: String,
    /// Indices of variables with their factors.
    pub factors: Vec<(usize, f64)>,
    /// How both sides compare.
    pub relation: Relation,
    /// The right side.
    pub right: f64,
}

/// A model.
#[derive(Clone, Debug, Default)]
pub struct Named {
    objective: String,
    variables: Vec<Variable>,
    rows: Vec<NamedRow>,
    taken: BTreeSet<String>,
}

impl Named {
    /// A model without variables, with the name of its objective.
    #[must_use]
    pub fn new(objective: &str) -> Self {
        Self {
            objective: valid(objective),
            ..Self::default()
        }
    }

    /// The name of the objective.
    #[must_use]
    pub fn objective(&self) -> &str {
        &self.objective
    }

    /// The variables, in the order in which they were added.
    #[must_use]
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The rows, in the order in which they were added.
    #[must_use]
    pub fn rows(&self) -> &[NamedRow] {
        &self.rows
    }

    /// Adds a continuous variable with bounds and a cost; its index.
    pub fn continuous(&mut self, name: &str, (lower, upper): (f64, f64), cost: f64) -> usize {
        self.add(name, Kind::Continuous, (lower, upper), cost)
    }

    /// Adds a binary variable; its index.
    pub fn binary(&mut self, name: &str) -> usize {
        self.add(name, Kind::Binary, (0.0, 1.0), 0.0)
    }

    /// Adds an integer variable with bounds; its index.
    pub fn integer(&mut self, name: &str, bounds: (f64, f64)) -> usize {
        self.add(name, Kind::Integer, bounds, 0.0)
    }

    fn add(&mut self, name: &str, kind: Kind, (lower, upper): (f64, f64), cost: f64) -> usize {
        let name = self.unused('v', name);
        self.variables.push(Variable {
            name,
            kind,
            lower,
            upper,
            cost,
        });
        self.variables.len() - 1
    }

    /// Adds a row; factors of zero are left out.
    pub fn row(&mut self, name: &str, factors: Vec<(usize, f64)>, relation: Relation, right: f64) {
        let name = self.unused('r', name);
        let factors = factors.into_iter().filter(|f| f.1 != 0.0).collect();
        self.rows.push(NamedRow {
            name,
            factors,
            relation,
            right,
        });
    }

    /// A valid name that nothing else of the same kind (`v`ariable or `r`ow) has.
    fn unused(&mut self, kind: char, name: &str) -> String {
        let wanted = valid(name);
        let mut tried = wanted.clone();
        let mut number = 2;
        while !self.taken.insert(format!("{kind} {tried}")) {
            tried = format!("{wanted}_{number}");
            number += 1;
        }
        tried
    }

    /// The largest violation of a row or a bound at given values.
    #[must_use]
    pub fn violation(&self, values: &[f64]) -> f64 {
        let rows = self.rows.iter().map(|row| {
            let left: f64 = row.factors.iter().map(|&(v, f)| f * values[v]).sum();
            match row.relation {
                Relation::AtMost => left - row.right,
                Relation::AtLeast => row.right - left,
                Relation::Equal => (left - row.right).abs(),
            }
        });
        let bounds = self
            .variables
            .iter()
            .zip(values)
            .map(|(v, &value)| (v.lower - value).max(value - v.upper));
        rows.chain(bounds).fold(0.0, f64::max)
    }
}

/// Longer names are cut: some readers take no more than 255 letters.
const LONGEST: usize = 200;

/// Turns any text into a name that every LP reader takes.
#[must_use]
pub fn valid(text: &str) -> String {
    let mut name: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let mut letters = name.chars();
    let (first, second) = (letters.next(), letters.next());
    let number = first.is_none_or(|c| c.is_ascii_digit());
    let exponent = matches!(first, Some('e' | 'E')) && second.is_none_or(|c| c.is_ascii_digit());
    let lower = name.to_ascii_lowercase();
    let keyword = KEYWORDS.contains(&lower.as_str());
    if number || exponent || keyword {
        name.insert(0, '_');
    }
    name
}

/// Words that begin a section of an LP file, or are numbers.
const KEYWORDS: [&str; 20] = [
    "st", "free", "inf", "infinity", "nan", "min", "max", "minimize", "minimise", "minimum",
    "maximize", "maximise", "maximum", "bound", "bounds", "bin", "binary", "gen", "general", "end",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_valid_everywhere() {
        for (text, name) in [
            ("x", "x"),
            ("e5", "_e5"),
            ("E", "_E"),
            ("edge", "edge"),
            ("st", "_st"),
            ("Free", "_Free"),
            ("inf", "_inf"),
            ("2d", "_2d"),
            ("", "_"),
            ("on-chip µ", "on_chip__"),
        ] {
            assert_eq!(valid(text), name, "{text:?}");
        }
        assert_eq!(valid(&"e5".repeat(500)).len(), LONGEST + 1);
    }

    #[test]
    fn names_are_unique_among_variables_and_among_rows() {
        let mut model = Named::new("cost");
        let (first, second) = (model.binary("x-1"), model.binary("x_1"));
        model.row("x_1", vec![(first, 1.0)], Relation::AtMost, 1.0);
        let names: Vec<&str> = model.variables().iter().map(|v| v.name.as_str()).collect();
        assert_eq!((first, second), (0, 1));
        assert_eq!(names, ["x_1", "x_1_2"]);
        assert_eq!(model.rows()[0].name, "x_1");
    }
}

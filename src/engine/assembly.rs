//! From pieces of convex programs to one named mixed-integer model.
//!
//! With a single piece its switch `y` is the constant 1 and left out; with several, one piece is
//! switched on, and every row is homogeneous: a piece that is switched off has only zeros.

use super::hand_over::Outcome;
use super::linear::{Imposed, Linearised, Range, ranges};
use super::master::Tangent;
use super::named::{Named, Relation};
use super::piece::Piece;
use super::program::{Program, RowNames};

const ANY: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

/// Which variable stands for which column.
#[derive(Debug, Default)]
pub struct Layout {
    /// For each piece and group the columns with their variables.
    columns: Vec<Vec<Vec<(u32, usize)>>>,
}

impl Layout {
    /// The piece that a solution switches on, and its choice.
    #[must_use]
    pub fn choice(&self, outcome: &Outcome) -> Option<(usize, Vec<u32>)> {
        let values = outcome.values.as_ref()?;
        let chosen = |group: &Vec<(u32, usize)>| {
            let largest = group
                .iter()
                .max_by(|a, b| values[a.1].total_cmp(&values[b.1]))?;
            (values[largest.1] > 0.5).then_some(largest.0)
        };
        self.columns.iter().enumerate().find_map(|(piece, groups)| {
            let choice: Option<Vec<u32>> = groups.iter().map(chosen).collect();
            choice.map(|c| (piece, c))
        })
    }

    /// The value of every variable where a choice of a piece is made and nothing else.
    #[must_use]
    pub fn binaries(&self, piece: usize, choice: &[u32]) -> Vec<usize> {
        let groups = self.columns[piece].iter().zip(choice);
        groups
            .filter_map(|(group, j)| group.iter().find(|c| c.0 == *j).map(|c| c.1))
            .collect()
    }
}

/// Minimise z, the logarithm of the objective; with several pieces the sum of theirs,
/// all but one of which are 0. No z is larger than `ceiling`.
#[must_use]
pub fn assemble(pieces: &[Piece], ceiling: f64) -> (Named, Layout) {
    put_together(pieces, ceiling, pieces.len() > 1)
}

/// The same with a switch for every piece, even for a single one, and no ceiling.
#[must_use]
pub fn assemble_switched(pieces: &[Piece]) -> (Named, Layout) {
    put_together(pieces, f64::INFINITY, true)
}

fn put_together(pieces: &[Piece], ceiling: f64, switched: bool) -> (Named, Layout) {
    let names = pieces.first().map(|p| p.program.names).unwrap_or_default();
    let mut model = Named::new(names.objective);
    let mut layout = Layout::default();
    let switches: Vec<Option<usize>> = pieces
        .iter()
        .map(|p| switched.then(|| model.binary(&named("y", &p.label))))
        .collect();
    for (piece, &switch) in pieces.iter().zip(&switches) {
        let own = piece.ranges();
        let mut assembly = Assembly {
            piece,
            linear: Linearised::new(&piece.program, &own),
            ranges: own,
            switch,
            objective: objective(&mut model, piece, ceiling),
            columns: Vec::new(),
            arguments: vec![None; piece.program.arguments.len()],
            names: piece.program.names,
            terms: vec![None; piece.program.terms.len()],
            model: &mut model,
        };
        assembly.columns();
        assembly.arguments();
        assembly.terms();
        assembly.rows();
        assembly.forbidden();
        layout.columns.push(assembly.columns);
    }
    one_piece(&mut model, names.piece, &switches);
    (model, layout)
}

/// The variables of the objective's parts, none of which is negative.
fn objective(model: &mut Named, piece: &Piece, ceiling: f64) -> Vec<usize> {
    let parts = piece.program.parts();
    let name = |part: usize| {
        if part == 0 {
            "z".to_owned()
        } else {
            format!("z{part}")
        }
    };
    (0..parts)
        .map(|part| model.continuous(&named(&name(part), &piece.label), (0.0, ceiling), 1.0))
        .collect()
}

/// `Σ_c y_c = 1`: one piece is chosen.
fn one_piece(model: &mut Named, name: &str, switches: &[Option<usize>]) {
    let own: Vec<(usize, f64)> = switches.iter().flatten().map(|&y| (y, 1.0)).collect();
    if !own.is_empty() {
        model.row(name, own, Relation::Equal, 1.0);
    }
}

/// A name and a label.
fn named(name: &str, label: &str) -> String {
    if label.is_empty() {
        name.to_owned()
    } else {
        format!("{name}_{label}")
    }
}

struct Assembly<'a> {
    names: RowNames,
    piece: &'a Piece,
    linear: Linearised<'a>,
    ranges: Vec<Range>,
    switch: Option<usize>,
    objective: Vec<usize>,
    columns: Vec<Vec<(u32, usize)>>,
    arguments: Vec<Option<usize>>,
    terms: Vec<Option<usize>>,
    model: &'a mut Named,
}

impl Assembly<'_> {
    /// Adds a row whose right side counts only where the piece is switched on.
    fn row(&mut self, name: &str, mut factors: Vec<(usize, f64)>, relation: Relation, right: f64) {
        let name = named(name, &self.piece.label);
        match self.switch {
            None => self.model.row(&name, factors, relation, right),
            Some(y) => {
                factors.push((y, -right));
                self.model.row(&name, factors, relation, 0.0);
            }
        }
    }

    fn group_name(&self, group: usize) -> String {
        let labels = self.piece.labels.as_ref();
        labels.map_or_else(|| group.to_string(), |l| l.groups[group].clone())
    }

    fn column_name(&self, group: usize, column: u32) -> String {
        match &self.piece.labels {
            Some(labels) => labels.columns[group][column as usize].clone(),
            None => format!("{group}_{column}"),
        }
    }

    /// `Σ_j x[g,j] = y`: each group picks one column.
    fn columns(&mut self) {
        for (group, own) in self.piece.active.iter().enumerate() {
            let label = &self.piece.label;
            let columns: Vec<(u32, usize)> = own
                .iter()
                .map(|&j| {
                    let name = format!("x_{}", self.column_name(group, j));
                    (j, self.model.binary(&named(&name, label)))
                })
                .collect();
            let factors = columns.iter().map(|c| (c.1, 1.0)).collect();
            let name = format!("{}_{}", self.names.group, self.group_name(group));
            self.row(&name, factors, Relation::Equal, 1.0);
            self.columns.push(columns);
        }
    }

    /// s = Σ value · x, the argument that a chord needs; where the piece covers a part of its range
    /// only, s lies within that.
    fn arguments(&mut self) {
        let program = &self.piece.program;
        let natural = ranges(program, &self.piece.active, &Imposed::default());
        for (a, whole) in natural.into_iter().enumerate() {
            let Range { low, high } = self.ranges[a];
            let imposed = [
                ("least", Relation::AtLeast, low, low > whole.low + 1e-9),
                ("most", Relation::AtMost, high, high < whole.high - 1e-9),
            ];
            let sloped = |c: &Option<(usize, f64)>| c.is_some_and(|(own, s)| own == a && s != 0.0);
            if !imposed.iter().any(|i| i.3) && !self.linear.chords.iter().any(sloped) {
                continue;
            }
            let s = self.argument(a);
            for (end, relation, limit, _) in imposed.into_iter().filter(|i| i.3) {
                let name = format!("{}_{a}_{end}", self.names.argument);
                self.row(&name, vec![(s, 1.0)], relation, limit);
            }
        }
    }

    /// The variable of an argument, with the row that says what it is.
    fn argument(&mut self, argument: usize) -> usize {
        let name = named(&format!("s_{argument}"), &self.piece.label);
        let s = self.model.continuous(&name, ANY, 0.0);
        self.arguments[argument] = Some(s);
        let value = |group, j| self.piece.program.argument(group, argument, j);
        let mut factors = vec![(s, 1.0)];
        for (group, own) in self.columns.iter().enumerate() {
            factors.extend(own.iter().map(|&(j, x)| (x, -value(group, j))));
        }
        let name = format!("{}_{argument}", self.names.argument);
        self.row(&name, factors, Relation::Equal, 0.0);
        s
    }

    /// a = log constant + Σ log value · x (+ the chord of s): a term is a product over groups.
    fn terms(&mut self) {
        let names = term_names(&self.piece.program);
        let used = self.piece.tangents.iter().flat_map(|t| {
            let terms = &self.piece.program.rows[t.row].terms;
            terms
                .iter()
                .zip(&t.weights)
                .filter(|w| *w.1 > 0.0)
                .map(|w| *w.0)
        });
        let mut used: Vec<usize> = used.filter(|&t| self.linear.has(t)).collect();
        used.sort_unstable();
        used.dedup();
        for term in used {
            let name = format!("a_{}", names[term]);
            let a = self
                .model
                .continuous(&named(&name, &self.piece.label), ANY, 0.0);
            self.terms[term] = Some(a);
            let mut factors = vec![(a, 1.0)];
            for (group, own) in self.columns.iter().enumerate() {
                let value = |j| self.piece.program.value(group, term, j);
                factors.extend(own.iter().map(|&(j, x)| (x, -value(j))));
            }
            if let Some((argument, slope)) = self.linear.chords[term]
                && let Some(s) = self.arguments[argument]
            {
                factors.push((s, -slope));
            }
            let name = format!("{}_{}", self.names.term, names[term]);
            self.row(&name, factors, Relation::Equal, self.linear.constants[term]);
        }
    }

    /// Every tangent of every row: `Σ_t p_t a_t + H(p) ≤ limit + (z or 0)`, with the entropy H.
    fn rows(&mut self) {
        let program = &self.piece.program;
        let mut number = vec![0; program.rows.len()];
        for tangent in &self.piece.tangents {
            let row = &program.rows[tangent.row];
            let Some(weights) = self.present(tangent) else {
                continue;
            };
            let (limit, part) = self.linear.limit(tangent.row);
            let entropy: f64 = weights.iter().map(|w| -w.1 * w.1.ln()).sum();
            let mut factors: Vec<(usize, f64)> = weights
                .iter()
                .filter_map(|&(term, weight)| self.terms[term].map(|a| (a, weight)))
                .collect();
            if let Some(part) = part {
                factors.push((self.objective[part], -1.0));
            }
            number[tangent.row] += 1;
            let name = if row.terms.len() > 1 {
                format!("{}_{}", row.name, number[tangent.row])
            } else {
                row.name.clone()
            };
            self.row(&name, factors, Relation::AtMost, limit - entropy);
        }
    }

    /// The terms of a tangent that take part in this piece, their weights adding up to 1.
    fn present(&self, tangent: &Tangent) -> Option<Vec<(usize, f64)>> {
        let terms = &self.piece.program.rows[tangent.row].terms;
        let mut own: Vec<(usize, f64)> = terms
            .iter()
            .copied()
            .zip(tangent.weights.iter().copied())
            .filter(|&(term, weight)| weight > 0.0 && self.linear.has(term))
            .collect();
        let total: f64 = own.iter().map(|w| w.1).sum();
        for weight in &mut own {
            weight.1 /= total;
        }
        (total > 0.0).then_some(own)
    }

    /// `Σ_g x[g, j_g] ≤ G − 1`: a combination that the exact evaluation has dealt with.
    fn forbidden(&mut self) {
        for (number, choice) in self.piece.forbidden.iter().enumerate() {
            let own = self.columns.iter().zip(choice);
            let chosen = own.filter_map(|(group, j)| group.iter().find(|c| c.0 == *j));
            let factors: Vec<(usize, f64)> = chosen.map(|c| (c.1, 1.0)).collect();
            let groups = u32::try_from(choice.len()).unwrap_or(u32::MAX);
            if factors.len() == choice.len() {
                let name = format!("tried_{number}");
                self.row(&name, factors, Relation::AtMost, f64::from(groups) - 1.0);
            }
        }
    }
}

/// A name for every term: that of its row, and its number in the row.
pub(super) fn term_names(program: &Program) -> Vec<String> {
    let mut names = vec![String::new(); program.terms.len()];
    for row in &program.rows {
        for (i, &term) in row.terms.iter().enumerate() {
            names[term] = if row.terms.len() > 1 {
                format!("{}_{}", row.name, i + 1)
            } else {
                row.name.clone()
            };
        }
    }
    names
}

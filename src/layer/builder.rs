//! The rows of a class as they come, and the values of columns that they are made of.

use crate::classes::class::Class;
use crate::classes::slots::SlotMap;
use crate::columns::attribute::Attribute;
use crate::columns::group::ColumnGroup;
use crate::engine::{Argument, ArgumentKey, Concave, Group, Limit, Program, Row, Term, Values};
use crate::problem::{Dim, Node};

use super::input::Layer;
use super::row_names::ROW_NAMES;

/// A term before its values are looked up.
#[derive(Clone)]
pub(super) struct Recipe {
    pub(super) bits: f64,
    pub(super) attributes: Vec<Attribute>,
    pub(super) concave: Option<(usize, f64, f64)>,
}

/// The objective itself.
pub(super) const CYCLES: Limit = Limit::Objective {
    part: 0,
    constant: 0.0,
};

pub(super) struct Builder<'a> {
    pub(super) layer: &'a Layer<'a>,
    pub(super) slots: SlotMap<'a>,
    pub(super) class: &'a Class,
    pub(super) recipes: Vec<Recipe>,
    pub(super) arguments: Vec<Vec<Attribute>>,
    /// Arguments that are logarithms of fractions.
    pub(super) fractional: Vec<usize>,
    /// Name, terms and constant of every row that bounds the cycles.
    pub(super) cycle_rows: Vec<(String, Vec<usize>, f64)>,
    pub(super) argument_of: Vec<(Node, usize)>,
    pub(super) rows: Vec<Row>,
    /// Combinations of the sides on which transfers that are not overlapped may take their time,
    /// each with its terms in cycles.
    pub(super) added: Vec<Vec<Recipe>>,
}

impl<'a> Builder<'a> {
    /// No rows yet.
    pub(super) fn new(layer: &'a Layer<'a>, class: &'a Class) -> Self {
        Self {
            layer,
            slots: SlotMap::new(layer.site.operation, &layer.site.hardware, class),
            class,
            recipes: Vec::new(),
            arguments: Vec::new(),
            argument_of: Vec::new(),
            fractional: Vec::new(),
            cycle_rows: Vec::new(),
            rows: Vec::new(),
            added: Vec::new(),
        }
    }
}

impl Builder<'_> {
    pub(super) fn dims(&self) -> impl Iterator<Item = Dim> + use<> {
        let extents = self.layer.site.operation.extents;
        Dim::ALL.into_iter().filter(move |&d| extents[d] > 1)
    }

    pub(super) fn row(&mut self, name: String, terms: Vec<usize>, limit: Limit) {
        self.rows.push(Row { name, terms, limit });
    }

    pub(super) fn term(&mut self, bits: f64, attributes: Vec<Attribute>) -> usize {
        self.recipes.push(Recipe {
            bits,
            attributes,
            concave: None,
        });
        self.recipes.len() - 1
    }

    /// A row that bounds the cycles with what is added to them: one for every combination of the
    /// sides that may take longest. `scale` bits or steps take one cycle.
    pub(super) fn cycles(&mut self, name: &str, terms: &[usize], scale: f64) {
        for (number, added) in self.added.clone().into_iter().enumerate() {
            let suffix = if number > 0 {
                format!("_side{number}")
            } else {
                String::new()
            };
            let mut terms = terms.to_vec();
            for mut recipe in added {
                recipe.bits *= scale;
                self.recipes.push(recipe);
                terms.push(self.recipes.len() - 1);
            }
            self.cycle_rows
                .push((format!("{name}{suffix}"), terms, scale.ln()));
        }
    }

    /// Looks up the values of all terms in every group.
    pub(super) fn finish(self) -> Program {
        let groups = self
            .layer
            .columns
            .iter()
            .map(|group| Group {
                columns: group.columns.len(),
                terms: self
                    .recipes
                    .iter()
                    .map(|r| values(group, &r.attributes))
                    .collect(),
                arguments: self.arguments.iter().map(|a| values(group, a)).collect(),
                exact: group.exact_columns(),
            })
            .collect();
        let terms = self
            .recipes
            .iter()
            .map(|r| Term {
                constant: r.bits.ln(),
                concave: r.concave.map(|(argument, slope, offset)| Concave {
                    argument,
                    slope,
                    offset,
                }),
            })
            .collect();
        Program {
            groups,
            terms,
            rows: self.rows,
            arguments: (self.arguments.iter().enumerate())
                .map(|(a, own)| Argument {
                    key: key(own),
                    fractional: self.fractional.contains(&a),
                })
                .collect(),
            names: ROW_NAMES,
        }
    }
}

/// An argument is the product of its attributes, in whatever order a class names them.
fn key(attributes: &[Attribute]) -> ArgumentKey {
    let mut all: Vec<String> = attributes.iter().map(|own| format!("{own:?}")).collect();
    all.sort_unstable();
    ArgumentKey::new(&all.join(" "))
}

/// The sum of the attributes that belong to a group, one value per column.
fn values(group: &ColumnGroup, attributes: &[Attribute]) -> Values {
    let own: Vec<Attribute> = attributes
        .iter()
        .copied()
        .filter(|a| group.has(*a))
        .collect();
    if own.is_empty() { None } else { group.sum(own) }
}

#[expect(clippy::cast_precision_loss, reason = "the bound is rounded outwards")]
pub(super) fn to_f64(value: u128) -> f64 {
    value as f64
}

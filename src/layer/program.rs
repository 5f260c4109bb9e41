//! The layer program of a class: rows over the logarithms of what columns determine.
//!
//! `formulations/layer.md` states the program; each file of this folder writes the rows that it cites.

use crate::classes::class::Class;
use crate::columns::attribute::Attribute;
use crate::engine::Program;

use super::builder::Builder;
use super::input::Layer;

/// Builds the program of a class.
#[must_use]
pub fn program(layer: &Layer<'_>, class: &Class) -> Program {
    rows(layer, class).finish()
}

/// What the terms and arguments of a class's program are made of, in the program's order.
#[derive(Debug)]
pub struct Outline {
    /// For every term the attributes whose product it is.
    pub terms: Vec<Vec<Attribute>>,
    /// The same for every argument.
    pub arguments: Vec<Vec<Attribute>>,
}

/// The outline of a class's program.
#[must_use]
pub fn outline(layer: &Layer<'_>, class: &Class) -> Outline {
    let builder = rows(layer, class);
    let terms = builder.recipes.into_iter().map(|own| own.attributes);
    Outline {
        terms: terms.collect(),
        arguments: builder.arguments,
    }
}

/// All rows of a class, without the values of columns.
fn rows<'a>(layer: &'a Layer<'a>, class: &'a Class) -> Builder<'a> {
    let mut builder = Builder::new(layer, class);
    builder.added();
    builder.compute();
    builder.ports();
    builder.goal();
    builder.capacities();
    builder.axes();
    if layer.switches.couplings {
        builder.couplings();
        builder.kept_tiles();
    }
    builder
}

//! The one program that has the classes as variables, for small operations.
//!
//! Every class has its own columns `x[c,g,j]`, terms and objective `z[c]`, and a switch `y[c]`:
//! `Σ_c y_c = 1`, `Σ_j x[c,g,j] = y_c`, and every row is homogeneous in (x, y, z) of its class, so
//! that a class that is switched off has only zeros. It has the optimum of the best class.

use std::sync::Arc;

use crate::classes::allowed;
use crate::classes::class::Class;
use crate::classes::roots::roots;
use crate::classes::split::split;
use crate::engine::assembly::{Layout, assemble};
use crate::engine::linear::Active;
use crate::engine::named::Named;
use crate::engine::piece::{Labels, Piece};
use crate::engine::{Node, Watch, pareto};
use crate::layer;
use crate::problem::{Hardware, LoopNest};
use crate::tiling::symmetry;

use super::Layer;
use super::names;

/// Single classes with their programs.
#[derive(Debug)]
pub struct Monolith {
    /// The classes.
    pub classes: Vec<Class>,
    /// The program of each class, tangents included; its origin is the class's number.
    pub pieces: Vec<Piece>,
}

/// All single classes of an operation.
#[must_use]
pub fn classes(operation: &LoopNest, hardware: &Hardware) -> Vec<Class> {
    fn leaves(operation: &LoopNest, hardware: &Hardware, class: Class, all: &mut Vec<Class>) {
        match split(operation, hardware, &class) {
            None => all.push(class),
            Some(parts) => {
                for part in parts {
                    leaves(operation, hardware, part, all);
                }
            }
        }
    }
    let mut all = Vec::new();
    for root in roots(operation, hardware) {
        leaves(operation, hardware, root, &mut all);
    }
    all
}

/// The programs of some classes; `dominance` drops columns that another one makes useless in
/// their class. `None` where a dimension is so long that its columns come in parts.
#[must_use]
pub fn monolith(layer: &Layer<'_>, classes: Vec<Class>, dominance: bool) -> Option<Monolith> {
    if layer.columns.iter().any(|g| !g.is_whole()) {
        return None;
    }
    let labels = Arc::new(names::labels(&layer.site.hardware, layer.columns));
    let pieces = classes
        .iter()
        .enumerate()
        .map(|(number, class)| piece(layer, number, class, &labels, dominance))
        .filter(Piece::is_possible)
        .collect();
    Some(Monolith { classes, pieces })
}

fn piece(
    layer: &Layer<'_>,
    number: usize,
    class: &Class,
    labels: &Arc<Labels>,
    dominance: bool,
) -> Piece {
    let program = layer::program(layer, class);
    let mut node = Node::new((), program, 0.0);
    allowed::restrict(
        layer.site.operation,
        &layer.site.hardware,
        class,
        layer.columns,
        &mut node.active,
    );
    if dominance && symmetry::shares_all(&layer.site.hardware) {
        pareto::prune(&node.program, &mut node.active, &Watch::default());
    }
    let mut piece = Piece::new(number, node.program, node.active, node.imposed);
    piece.label = names::class(&layer.site.hardware, class);
    piece.labels = Some(Arc::clone(labels));
    piece
}

impl Monolith {
    /// The number of binaries.
    #[must_use]
    pub fn binaries(&self) -> usize {
        let own = |p: &Piece| 1 + p.active.iter().map(|own| own.len()).sum::<usize>();
        self.pieces.iter().map(own).sum()
    }

    /// Splits every class by the exact numbers of visits of its output nodes, so that partial
    /// sums are exact, and adds the tangents of all rows at every integer point.
    pub fn complete(&mut self) {
        let mut open: Vec<Piece> = self.pieces.drain(..).rev().collect();
        while let Some(mut piece) = open.pop() {
            if !piece.is_possible() {
                continue;
            }
            let points = choices(&piece.active);
            if let Some([below, above]) = points.iter().find_map(|choice| piece.split(choice)) {
                open.push(above);
                open.push(below);
                continue;
            }
            for choice in points {
                piece.add_all(&choice);
            }
            self.pieces.push(piece);
        }
    }

    /// The model with the tangents so far.
    #[must_use]
    pub fn model(&self) -> (Named, Layout) {
        assemble(&self.pieces, f64::INFINITY)
    }
}

/// Every choice of one column per group.
#[must_use]
pub fn choices(active: &Active) -> Vec<Vec<u32>> {
    active.iter().fold(vec![Vec::new()], |prefixes, own| {
        prefixes
            .iter()
            .flat_map(|prefix| own.iter().map(move |&j| [prefix.as_slice(), &[j]].concat()))
            .collect()
    })
}

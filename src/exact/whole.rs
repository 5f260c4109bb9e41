//! The layer program's space where HiGHS solves each class's integer program as a whole.
//!
//! Classes are split and bounded as in branch and price, and columns are filtered by reduced
//! cost; a single class is then left to HiGHS instead of being enumerated or branched on.

use crate::engine::{Node, Program, Space, Switches, Watch};

use super::part::Part;
use super::space::LayerSpace;

/// A space whose single classes are solved as a whole.
pub struct Whole<'s, 'a>(pub &'s mut LayerSpace<'a>);

impl Space for Whole<'_, '_> {
    type Class = Part;

    fn target(&self) -> f64 {
        self.0.target()
    }

    fn try_choice(&mut self, part: &Part, program: &Program, choice: &[u32]) -> bool {
        self.0.try_choice(part, program, choice)
    }

    fn evaluations(&self, part: &Part) -> Option<usize> {
        self.0.evaluations(part)
    }

    /// As in branch and price; a single class in parts is written out in whole chains.
    fn split(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        self.0.split(node).or_else(|| self.0.exact(node))
    }

    fn is_single(&self, part: &Part) -> bool {
        self.0.is_single(part)
    }

    fn is_settled(&self, part: &Part) -> bool {
        self.0.is_settled(part)
    }

    fn is_exact(&self, part: &Part, group: usize, column: u32) -> bool {
        self.0.is_exact(part, group, column)
    }

    fn exact(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        self.0.exact(node)
    }

    fn watch(&self) -> &Watch {
        self.0.watch()
    }

    fn build(&self, node: &mut Node<Part>) {
        self.0.build(node);
    }

    fn switches(&self) -> Switches {
        Switches {
            enumerate: false,
            ..self.0.switches()
        }
    }

    fn solves_whole(&self) -> bool {
        true
    }
}

//! The classes of a space, and which of them and of their columns restrictions leave.

use crate::classes::class::Class;
use crate::classes::roots::roots_where;
use crate::classes::split::{completions, split_where};
use crate::classes::{allowed, constraints, flow};
use crate::columns::group::ColumnGroup;
use crate::engine::Node;
use crate::engine::linear::Active;

use super::part::Part;
use super::space::LayerSpace;
use super::tuning::MOST_COMPLETIONS;

impl LayerSpace<'_> {
    /// The first classes of which some mapping may keep to what is fixed.
    #[must_use]
    pub fn roots(&self) -> Vec<Class> {
        let mirrored = constraints::are_mirrored(&self.fixed);
        let all = || {
            let switches = self.switches.classes;
            roots_where(self.operation, self.hardware, mirrored, switches)
        };
        let roots = if self.branch.is_empty() {
            all()
        } else {
            self.branch.to_vec()
        };
        roots
            .into_iter()
            .filter(|class| self.may_keep_to(class))
            .collect()
    }

    /// The classes that decide one thing more, of which some mapping may keep to what is fixed;
    /// `None` if everything is decided.
    #[must_use]
    pub fn split_class(&self, class: &Class) -> Option<Vec<Class>> {
        let parts = split_where(self.operation, self.hardware, class, self.switches.classes);
        let more = || constraints::split_unbounded(self.hardware, &self.fixed, class);
        let mut parts = parts.or_else(more)?;
        parts.retain(|part| self.may_keep_to(part));
        Some(parts)
    }

    /// Whether nothing is left by the restrictions, as far as that is plain.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !constraints::fit(self.operation, self.hardware, &self.fixed) || self.roots().is_empty()
    }

    /// Whether the nodes of a class stand as restrictions ask, whatever the tiles are.
    #[must_use]
    pub fn stands_well(&self, class: &Class) -> bool {
        flow::leads(self.hardware, class) && constraints::stands(&self.fixed, class)
    }

    /// Whether mappings are restricted.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        !self.fixed.is_empty() || !self.hardware.dataflow.is_empty()
    }

    fn may_keep_to(&self, class: &Class) -> bool {
        constraints::is_possible(self.hardware, &self.fixed, class)
    }

    /// The classes in which a choice of a class is evaluated, and whether these are all.
    pub(super) fn completions(&self, class: &Class) -> (Vec<Class>, bool) {
        let (mut all, complete) = completions(
            self.operation,
            self.hardware,
            class,
            self.switches.classes,
            MOST_COMPLETIONS,
        );
        all.retain(|class| self.may_keep_to(class));
        (all, complete)
    }

    /// Drops the columns that a class rules out.
    pub fn keep_allowed(&self, class: &Class, columns: &[ColumnGroup], active: &mut Active) {
        let (operation, hardware) = (self.operation, self.hardware);
        allowed::restrict(operation, hardware, class, columns, active);
        constraints::restrict(operation, hardware, &self.fixed, class, columns, active);
    }

    /// Drops the columns that the class rules out: loops where a tile is kept, tiles where an
    /// operand is loaded whole.
    pub(super) fn restrict(&self, node: &mut Node<Part>, columns: &[ColumnGroup]) {
        let Node { part, active, .. } = node;
        self.keep_allowed(&part.class, columns, active);
    }
}

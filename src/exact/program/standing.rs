//! In which class a mapping stands: one whose program gives it no more than it costs.
//!
//! A class counts a node's visits by its order alone. A nest may cost less in its own order's class
//! than the program says, because loops of one trip stand between its nodes; then it is that of
//! another order too, in which the program says what it costs.

use std::sync::Arc;
use std::time::Instant;

use crate::classes::class::Class;
use crate::columns::group::ColumnGroup;
use crate::engine::{Decided, Node, Refinement, Space, search};
use crate::exact::history::History;
use crate::exact::part::Part;
use crate::exact::space::LayerSpace;
use crate::exact::survey::ClassColumns;
use crate::layer;
use crate::layer::{decode, encode};
use crate::problem::{Hardware, LoopNest, Mapping, PerDim};
use crate::tiling::tile_space::TileSpace;

use super::listing::{all_classes, all_of, groups};
use crate::exact::tuning::STANDING_NODES as NODES;

/// A program's value is the exact cost to within this, in logarithms.
const SAME: f64 = 1e-9;

/// The class in which the best mapping, or another one as good, costs what it costs, with its
/// columns alone; `None` if none was found.
pub(super) fn standing(
    space: &LayerSpace<'_>,
    best: &Mapping,
) -> Option<(Class, Vec<ColumnGroup>)> {
    let most = most(space)?;
    let (operation, hardware) = (space.operation, &space.site.hardware);
    let own = encode::classes(operation, hardware, &best.order);
    let other = || all_classes(operation, hardware).into_iter();
    own.into_iter()
        .find_map(|class| stands(space, class, best, most))
        .or_else(|| other().find_map(|class| stands(space, class, best, most)))
        .or_else(|| searched(space, most))
}

/// The logarithm of the best cost, as the program counts.
fn most(space: &LayerSpace<'_>) -> Option<f64> {
    let (_, cost) = space.best.as_ref()?;
    let unit = if space.goal.minimise.has_energy() {
        space.energy_unit.ln()
    } else {
        0.0
    };
    Some(space.goal.minimise.of(cost).ln() - unit + SAME)
}

/// The mapping in a class, if it is one of its mappings and costs no more in its program.
fn stands(
    space: &LayerSpace<'_>,
    class: Class,
    best: &Mapping,
    most: f64,
) -> Option<(Class, Vec<ColumnGroup>)> {
    let mapping = reordered(best, &class)?;
    let columns = encode::columns(&space.site, &class, &mapping)?;
    let mut active = all_of(&columns);
    space.keep_allowed(&class, &columns, &mut active);
    if active.iter().any(|own| own.is_empty()) {
        return None;
    }
    is_mapping(space, &class, &columns, most).then_some((class, columns))
}

/// Whether the only choice of a class is a mapping whose program and whose exact cost are no more
/// than that.
fn is_mapping(space: &LayerSpace<'_>, class: &Class, columns: &[ColumnGroup], most: f64) -> bool {
    let program = layer::program(&space.layer(columns), class);
    let choice = vec![0; columns.len()];
    let (operation, hardware): (&LoopNest, &Hardware) = (space.operation, space.hardware);
    program.objective_at(&choice).is_some_and(|o| o <= most)
        && crate::cost::evaluate(
            operation,
            hardware,
            &decode::mapping(operation, hardware, columns, class, &choice),
        )
        .is_ok_and(|cost| space.goal.allows(&cost))
}

/// The same tiles with the nodes in a class's order.
fn reordered(mapping: &Mapping, class: &Class) -> Option<Mapping> {
    if class.order.len() != mapping.order.len() {
        return None;
    }
    let extents: Option<Vec<PerDim<u64>>> = (class.order.iter())
        .map(|node| mapping.extents_of(*node).copied())
        .collect();
    Some(Mapping {
        order: class.order.clone(),
        extents: extents?,
        ..mapping.clone()
    })
}

/// Another mapping as good as the best one, found by branch and price.
fn searched(space: &LayerSpace<'_>, most: f64) -> Option<(Class, Vec<ColumnGroup>)> {
    let columns = space.columns(TileSpace::All)?;
    let roots = space.root_parts(&columns).into_iter();
    let roots = roots.map(|part| space.node(part)).collect();
    let mut finder = Finder {
        inner: LayerSpace {
            // No incumbent: whatever is as good as the best mapping is looked for.
            best: None,
            watch: space.watch.clone(),
            kept: std::collections::BTreeMap::new(),
            goal: space.goal.clone(),
            site: space.site.clone(),
            fixed: Arc::clone(&space.fixed),
            branch: Arc::clone(&space.branch),
            history: History::new(Instant::now()),
            ..*space
        },
        most,
        found: None,
    };
    let options = space.options().with_nodes(NODES);
    search(&mut finder, roots, &options);
    finder.found
}

/// The space in which anything as good as the best mapping is looked for.
struct Finder<'a> {
    inner: LayerSpace<'a>,
    most: f64,
    found: Option<(Class, Vec<ColumnGroup>)>,
}

impl Space for Finder<'_> {
    type Part = Part;

    fn relax(&self, node: &mut Node<Part>) {
        self.inner.relax(node);
    }

    fn decided(&self, part: &Part) -> Decided {
        let single = self.inner.decided(part).is_single();
        Decided {
            all_but_columns: single,
            evaluations: single.then_some(1),
        }
    }

    fn refine(&mut self, node: &Node<Part>, way: Refinement) -> Option<Vec<Node<Part>>> {
        match way {
            Refinement::Part | Refinement::Exact => self.inner.refine(node, way),
            Refinement::Compact | Refinement::Ties => None,
        }
    }

    /// Nothing is claimed where none is found.
    fn try_choice(&mut self, part: &Part, choice: &[u32]) -> bool {
        if self.found.is_some() || !self.inner.decided(part).is_single() {
            return true;
        }
        let active = choice.iter().map(|&j| Arc::new(vec![j])).collect();
        let own = ClassColumns::of(&part.class, &part.columns, &active);
        let columns = groups(&self.inner, &own);
        if is_mapping(&self.inner, &part.class, &columns, self.most) {
            self.found = Some((part.class.clone(), columns));
        }
        true
    }

    fn target(&self) -> f64 {
        if self.found.is_some() {
            f64::NEG_INFINITY
        } else {
            self.most
        }
    }
}

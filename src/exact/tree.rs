//! The layer program's space as the branch and bound sees it.

use std::sync::Arc;

use crate::columns::group::ColumnGroup;
use crate::engine::{Node, Program, Space, Switches, Watch};
use crate::layer;
use crate::layer::refine::has_box;
use crate::problem::goal::Measure;

use super::part::Part;
use super::refinement::{halved, put_off};
use super::space::LayerSpace;
use super::tolerance::{RELATIVE_GAP, largest_improvement, open_cycles};

/// The same for a node that splitting does not bound any better.
const TIED_CHAINS: usize = 160_000;

/// Columns of a part from which on those it no longer allows are left out.
const WORTH_COMPACTING: usize = 500;

/// Orders and slides in which the other corners of a box are evaluated at most.
const MOST_CORNERED: usize = 4;

impl Space for LayerSpace<'_> {
    type Class = Part;

    fn bounded(&mut self, bound: f64) {
        let cycles = open_cycles(bound).max(self.lower_bound);
        self.history.bounded(cycles);
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "rounded up by less than the bound's own slack"
    )]
    fn target(&self) -> f64 {
        let Some((_, best)) = &self.best else {
            // No incumbent: any mapping is an improvement.
            return 200.0;
        };
        if self.is_met() {
            return f64::NEG_INFINITY;
        }
        let integer = |value: u128| match largest_improvement(value) {
            0 => f64::NEG_INFINITY,
            target => (target as f64).ln() + 1e-12,
        };
        match self.goal.minimise {
            Measure::Cycles => integer(best.cycles),
            Measure::Traffic => integer(best.outermost_bits()),
            measure => (measure.of(best) * (1.0 - RELATIVE_GAP) / self.energy_unit).ln(),
        }
    }

    fn try_choice(&mut self, part: &Part, _program: &Program, choice: &[u32]) -> bool {
        let (classes, _) = self.completions(&part.class);
        let all = self.offer_in(&classes, &part.columns, choice);
        let boxed = (part.columns.iter().zip(choice)).any(|(g, &j)| has_box(g, &[j]));
        if boxed {
            let few = &classes[..classes.len().min(MOST_CORNERED)];
            let memories = self.hardware.memories();
            let levels: Vec<usize> = memories.skip(1).map(|(level, _)| level).collect();
            for level in levels {
                let corner: Vec<ColumnGroup> = (part.columns.iter().zip(choice))
                    .map(|(group, &j)| group.corner(&self.site, j, level))
                    .collect();
                self.offer_in(few, &corner, &vec![0; choice.len()]);
            }
        }
        all
    }

    fn evaluations(&self, part: &Part) -> Option<usize> {
        if !part.is_whole() {
            return None;
        }
        let (classes, all) = self.completions(&part.class);
        all.then_some(classes.len())
    }

    fn split(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        if !node.class.is_whole()
            && let Some(whole) = self.to_expand(node, self.most_expanded())
        {
            return Some(vec![whole]);
        }
        if let Some(next) = self.halved_boxes(node) {
            return Some(next);
        }
        let classes = self.split_class(&node.class.class)?;
        let mut nodes = Vec::with_capacity(classes.len());
        for class in classes {
            let columns = self.columns_of(&class, &node.class.columns);
            let same = Arc::ptr_eq(&columns, &node.class.columns);
            let part = Part {
                class,
                columns,
                expand: None,
                own: same && node.class.own,
                stalled: false,
            };
            nodes.push(if same {
                node.child(part)
            } else {
                put_off(part, node)
            });
        }
        Some(nodes)
    }

    fn is_single(&self, part: &Part) -> bool {
        part.is_whole() && self.split_class(&part.class).is_none()
    }

    fn is_settled(&self, part: &Part) -> bool {
        !part.columns.iter().any(ColumnGroup::is_parted) && self.split_class(&part.class).is_none()
    }

    fn is_exact(&self, part: &Part, group: usize, column: u32) -> bool {
        part.columns[group].is_exact(column as usize)
    }

    fn exact(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        if node.class.is_whole() {
            return None;
        }
        let boxed = |(group, own): (&ColumnGroup, &Arc<Vec<u32>>)| has_box(group, own);
        if node.class.columns.iter().zip(&node.active).any(boxed) {
            return Some(self.refined(node, true));
        }
        halved(node).or_else(|| Some(vec![self.to_expand(node, usize::MAX)?]))
    }

    fn exact_at_ties(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        let apart = node.class.is_whole() || !self.site.hardware.has_energy();
        let whole = (!apart).then(|| self.to_expand(node, TIED_CHAINS));
        Some(vec![whole.flatten()?])
    }

    fn weight(&self, part: &Part) -> usize {
        let columns = part.columns.iter().map(|group| group.columns.len());
        if part.own { columns.sum() } else { 0 }
    }

    fn compact(&self, node: &Node<Part>) -> Option<Node<Part>> {
        let columns: usize = node.class.columns.iter().map(|g| g.columns.len()).sum();
        let active: usize = node.active.iter().map(|own| own.len()).sum();
        if !node.class.own || columns < WORTH_COMPACTING || 2 * active > columns {
            return None;
        }
        let groups = node.class.columns.iter().zip(&node.active);
        let kept = groups.map(|(group, active)| {
            let own = active.iter().map(|&j| group.columns[j as usize]);
            group.with_columns(&self.site, own.collect())
        });
        let mut next = self.node(Part {
            columns: Arc::new(kept.collect()),
            ..node.class.clone()
        });
        next.bound = node.bound;
        next.imposed.clone_from(&node.imposed);
        next.prices.clone_from(&node.prices);
        let place = |g: usize, j: u32| {
            let found = node.active[g].binary_search(&j).ok()?;
            u32::try_from(found).ok()
        };
        let point = node.point.iter();
        next.point = point
            .filter_map(|&(g, j, x)| Some((g, place(g, j)?, x)))
            .collect();
        next.start = next.point.iter().map(|p| (p.0, p.1)).collect();
        Some(next)
    }

    fn watch(&self) -> &Watch {
        &self.watch
    }

    fn build(&self, node: &mut Node<Part>) {
        if let Some(limit) = node.class.expand {
            if let Some(whole) = self.expanded(node, limit) {
                *node = whole;
            }
            return;
        }
        let columns = Arc::clone(&node.class.columns);
        let program = layer::program(&self.layer(&columns), &node.class.class);
        node.program = Arc::new(program);
        self.restrict(node, &columns);
        node.put_off = false;
    }

    fn switches(&self) -> Switches {
        self.switches
    }
}

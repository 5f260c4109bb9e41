//! The layer program's space as the branch and bound sees it.

use std::sync::Arc;

use crate::columns::group::ColumnGroup;
use crate::engine::{Decided, Node, Refinement, Space, State};
use crate::layer;
use crate::layer::refine::has_box;
use crate::problem::goal::Measure;

use super::part::Part;
use super::refinement::{halved, put_off};
use super::space::LayerSpace;
use super::tolerance::{RELATIVE_GAP, largest_improvement, open_cycles};
use super::tuning::{MOST_CORNERED, TIED_CHAINS, WORTH_COMPACTING};

/// The ways to make a node smaller.
impl LayerSpace<'_> {
    /// Smaller classes; before that parts written out where few pairs are left, or boxes halved.
    fn parted(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        if !node.part.is_whole()
            && let Some(whole) = self.to_expand(node, self.most_expanded())
        {
            return Some(vec![whole]);
        }
        if let Some(next) = self.halved_boxes(node) {
            return Some(next);
        }
        let classes = self.split_class(&node.part.class)?;
        let mut nodes = Vec::with_capacity(classes.len());
        for class in classes {
            let columns = self.columns_of(&class, &node.part.columns);
            let same = Arc::ptr_eq(&columns, &node.part.columns);
            let part = Part {
                class,
                columns,
                expand: None,
                own: same && node.part.own,
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

    /// Exact chains in place of parts or boxes, or fewer of these.
    fn exact(&self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        if node.part.is_whole() {
            return None;
        }
        let boxed = |(group, own): (&ColumnGroup, &Arc<Vec<u32>>)| has_box(group, own);
        if node.part.columns.iter().zip(&node.active).any(boxed) {
            return Some(self.refined(node, true));
        }
        halved(node).or_else(|| Some(vec![self.to_expand(node, usize::MAX)?]))
    }

    /// Parts written out in whole chains where energy counts and columns are tied.
    fn exact_at_ties(&self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        let apart = node.part.is_whole() || !self.site.hardware.has_energy();
        let whole = (!apart).then(|| self.to_expand(node, TIED_CHAINS));
        Some(vec![whole.flatten()?])
    }

    /// \[PRU33\] The largest whole number that is an improvement worth looking for.
    fn improvement(&self, value: u128) -> u128 {
        if self.switches.mapper.whole_numbers {
            largest_improvement(value)
        } else {
            value
        }
    }

    /// The node with the columns that it no longer allows left out.
    fn compact(&self, node: &Node<Part>) -> Option<Node<Part>> {
        let columns: usize = node.part.columns.iter().map(|g| g.columns.len()).sum();
        let active: usize = node.active.iter().map(|own| own.len()).sum();
        if !node.part.own || columns < WORTH_COMPACTING || 2 * active > columns {
            return None;
        }
        let groups = node.part.columns.iter().zip(&node.active);
        let kept = groups.map(|(group, active)| {
            let own = active.iter().map(|&j| group.columns[j as usize]);
            group.with_columns(&self.site, own.collect())
        });
        let mut next = self.node(Part {
            columns: Arc::new(kept.collect()),
            ..node.part.clone()
        });
        next.bound = node.bound;
        next.imposed.clone_from(&node.imposed);
        next.prices.clone_from(&node.prices);
        let place = |g: usize, j: u32| {
            let found = node.active[g].binary_search(&j).ok()?;
            u32::try_from(found).ok()
        };
        let point: Vec<_> = (node.point().iter())
            .filter_map(|&(g, j, x)| Some((g, place(g, j)?, x)))
            .collect();
        next.start = point.iter().map(|p| (p.0, p.1)).collect();
        next.state = State::Bounded(point);
        Some(next)
    }
}

impl Space for LayerSpace<'_> {
    type Part = Part;

    fn relax(&self, node: &mut Node<Part>) {
        if let Some(limit) = node.part.expand {
            if let Some(whole) = self.expanded(node, limit) {
                *node = whole;
            }
            return;
        }
        let columns = Arc::clone(&node.part.columns);
        let program = layer::program(&self.layer(&columns), &node.part.class);
        node.program = Arc::new(program);
        self.restrict(node, &columns);
        node.state = State::Ready;
    }

    fn decided(&self, part: &Part) -> Decided {
        let parted = part.columns.iter().any(ColumnGroup::is_parted);
        let solutions = part.is_whole().then(|| self.completions(&part.class));
        Decided {
            all_but_columns: !parted && self.split_class(&part.class).is_none(),
            evaluations: solutions.and_then(|(classes, all)| all.then_some(classes.len())),
        }
    }

    fn refine(&mut self, node: &Node<Part>, way: Refinement) -> Option<Vec<Node<Part>>> {
        match way {
            Refinement::Compact => self.compact(node).map(|smaller| vec![smaller]),
            Refinement::Part => self.parted(node),
            Refinement::Ties => self.exact_at_ties(node),
            Refinement::Exact => self.exact(node),
        }
    }

    fn try_choice(&mut self, part: &Part, choice: &[u32]) -> bool {
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
        let integer = |value: u128| match self.improvement(value) {
            0 => f64::NEG_INFINITY,
            target => (target as f64).ln() + 1e-12,
        };
        match self.goal.minimise {
            Measure::Cycles => integer(best.cycles),
            Measure::Traffic => integer(best.outermost_bits()),
            measure => (measure.of(best) * (1.0 - RELATIVE_GAP) / self.energy_unit).ln(),
        }
    }

    fn bounded(&mut self, bound: f64) {
        let cycles = open_cycles(bound).max(self.lower_bound);
        self.history.bounded(cycles);
        self.improve_if_stalled(bound);
    }
}

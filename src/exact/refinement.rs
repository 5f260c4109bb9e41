//! Nodes of fewer, finer columns: parts written out in whole chains, boxes halved.

use std::sync::Arc;

use crate::columns::group::ColumnGroup;
use crate::columns::kinds::Refinement;
use crate::engine::bound::lagrangian;
use crate::engine::linear::{Imposed, Linearised, ranges};
use crate::engine::{Node, Space, State};
use crate::layer::expansion::{Left, fits, whole_columns};
use crate::layer::refine::{Effort, Visits, has_box, refine};

use super::part::Part;
use super::space::LayerSpace;
use super::tuning::{CHAINS, HALVING_DEPTH, HALVINGS, MOST_HALVED, PAIRS, WORTH_HALVING};

impl LayerSpace<'_> {
    /// What the prices of a node leave, handed on.
    fn with_left<T>(&self, node: &Node<Part>, use_it: impl FnOnce(&Left<'_>) -> T) -> T {
        let all_ranges = ranges(&node.program, &node.active, &node.imposed);
        let linear = Linearised::new(&node.program, &all_ranges);
        let bound = lagrangian(&linear, &node.active, &node.prices);
        let excess: Vec<Vec<f64>> = bound
            .priced
            .iter()
            .zip(&bound.smallest)
            .map(|(priced, least)| priced.iter().map(|p| p - least).collect())
            .collect();
        use_it(&Left {
            active: &node.active,
            excess: &excess,
            weights: &node.prices.term_weights(&linear),
            smallest: &bound.smallest,
            room: self.target() - bound.value,
        })
    }

    /// The most pairs of parts, or chains where energy counts, that are written out before a
    /// node is split.
    pub(super) fn most_expanded(&self) -> usize {
        if self.site.hardware.has_energy() {
            CHAINS
        } else {
            PAIRS
        }
    }

    /// The node to be written out in whole chains when it is its turn, unless there are more
    /// than `limit` pairs, or with energy chains.
    pub(super) fn to_expand(&self, node: &Node<Part>, limit: usize) -> Option<Node<Part>> {
        let layer = self.layer(&node.part.columns);
        let class = &node.part.class;
        self.with_left(node, |left| fits(&layer, class, left, limit))
            .then(|| Node {
                part: Part {
                    expand: Some(limit),
                    ..node.part.clone()
                },
                state: State::Deferred,
                ..node.fewer()
            })
    }

    /// The node with whole chains in place of parts, in groups of at most `limit` pairs.
    pub(super) fn expanded(&self, node: &Node<Part>, limit: usize) -> Option<Node<Part>> {
        let layer = self.layer(&node.part.columns);
        let class = &node.part.class;
        let columns = self.with_left(node, |left| whole_columns(&layer, class, left, limit))?;
        let mut next = self.node(Part {
            class: class.clone(),
            columns: Arc::new(columns),
            expand: None,
            own: true,
            stalled: false,
        });
        next.bound = node.bound;
        next.imposed.clone_from(&node.imposed);
        Some(next)
    }

    /// What partial sums weigh in the prices of a node.
    fn visits(node: &Node<Part>) -> Visits {
        let program = &node.program;
        let all_ranges = ranges(program, &node.active, &node.imposed);
        let linear = Linearised::new(program, &all_ranges);
        let mut weights = vec![0.0; program.arguments.len()];
        let terms = node.prices.term_weights(&linear);
        for (chord, weight) in linear.chords.iter().zip(terms) {
            if let Some((argument, slope)) = *chord {
                weights[argument] += slope * weight;
            }
        }
        let most = |g: usize, a: usize| {
            let values = node.active[g].iter().map(|&j| program.argument(g, a, j));
            values.fold(f64::NEG_INFINITY, f64::max)
        };
        let groups = 0..node.active.len();
        let most = groups.map(|g| (0..program.arguments.len()).map(|a| most(g, a)).collect());
        Visits {
            weights,
            most: most.collect(),
        }
    }

    /// The node with the boxes halved on which its bound rests: none if nothing is left of it,
    /// `None` if it has no boxes, or its class is to be split first.
    pub(super) fn halved_boxes(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        let groups = node.part.columns.iter().zip(&node.active);
        let boxed = groups.filter(|(group, own)| has_box(group, own)).count();
        let any = node
            .part
            .columns
            .iter()
            .any(|g| g.refinement() == Refinement::Halve);
        let single = self.split_class(&node.part.class).is_none();
        let columns: usize = node.active.iter().map(|own| own.len()).sum();
        if !any
            || (boxed > 0
                && (if single {
                    columns > MOST_HALVED
                } else {
                    node.part.stalled
                }))
        {
            return None;
        }
        Some(self.refined(node, single))
    }

    /// The node with boxes halved, all that its prices leave or those on which its bound rests;
    /// none if nothing is left of it.
    pub(super) fn refined(&self, node: &Node<Part>, all: bool) -> Vec<Node<Part>> {
        let layer = self.layer(&node.part.columns);
        let effort = Effort {
            halvings: HALVINGS[usize::from(all)],
            depth: HALVING_DEPTH,
            all,
        };
        let class = &node.part.class;
        let visits = Self::visits(node);
        let (refined, room) = self.with_left(node, |left| {
            (refine(&layer, class, left, &visits, effort), left.room)
        });
        let closed = refined.gain > room && self.switches.layer.box_prices;
        if self.watch.stopped() || closed {
            return Vec::new();
        }
        let part = Part {
            columns: Arc::new(refined.columns),
            own: true,
            stalled: refined.gain < WORTH_HALVING * room,
            ..node.part.clone()
        };
        // Its program is built when it is its turn, and the parent's is not kept until then.
        vec![Node {
            bound: node.bound.max(self.target() - room + refined.gain),
            program: Arc::default(),
            imposed: node.imposed.clone(),
            prices: node.prices.clone(),
            start: refined.start,
            ..put_off(part, node)
        }]
    }
}

/// The node with the larger and with the smaller half of the parts of a dimension, that with the
/// most of them; `None` where every dimension has one box and one inner part left.
pub(super) fn halved(node: &Node<Part>) -> Option<Vec<Node<Part>>> {
    let groups = node.part.columns.iter().zip(&node.active).enumerate();
    let parts = groups.filter(|(_, (group, own))| !group.is_whole() && own.len() > 1);
    let (index, (group, own)) = parts.max_by_key(|(_, (_, own))| own.len())?;
    let mut order: Vec<u32> = own.to_vec();
    order.sort_by_key(|&j| {
        let chain = group.chain(j as usize, 0);
        (chain.extents.clone(), chain.spread_above(usize::MAX), j)
    });
    let (small, large) = order.split_at(order.len() / 2);
    let child = |half: &[u32]| {
        let mut half = half.to_vec();
        half.sort_unstable();
        let mut child = node.child(node.part.clone());
        child.active[index] = Arc::new(half);
        child.state = State::Ready;
        child.start.clear();
        child
    };
    Some(vec![child(small), child(large)])
}

/// A node of a part with other columns than its parent's, to be built when it is its turn.
pub(super) fn put_off(part: Part, parent: &Node<Part>) -> Node<Part> {
    let all = |group: &ColumnGroup| {
        let columns = u32::try_from(group.columns.len()).unwrap_or(u32::MAX);
        Arc::new((0..columns).collect())
    };
    Node {
        active: part.columns.iter().map(all).collect(),
        imposed: Imposed::default(),
        start: Vec::new(),
        weight: part.weight(),
        ..parent.child(part)
    }
}

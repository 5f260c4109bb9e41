//! What the bounds leave: every class whose relaxation is below the best mapping, with the columns
//! that reduced cost leaves in it. Of a class with many columns, those are left out as well that branching and
//! enumeration exclude.

use std::sync::Arc;

use crate::classes::class::Class;
use crate::columns::group::ColumnGroup;
use crate::engine::linear::Active;
use crate::engine::{Decided, Node, Options, Refinement, Space, Switches, pareto, search};
use crate::problem::Dim;
use crate::tiling::chain::Chain;
use crate::tiling::tile_space::TileSpace;

use super::part::Part;
use super::space::LayerSpace;
use super::tuning::{LARGE, SMALL};

/// A class with columns, each one chain for every dimension of its group.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassColumns {
    /// The class, a single one.
    pub class: Class,
    /// For each group of dimensions its columns.
    pub groups: Vec<(Vec<Dim>, Vec<Vec<Chain>>)>,
}

impl ClassColumns {
    /// Some columns of a class.
    #[must_use]
    pub fn of(class: &Class, columns: &[ColumnGroup], active: &Active) -> Self {
        let groups = columns.iter().zip(active).map(|(group, own)| {
            let column = |&j: &u32| {
                let dims = 0..group.dims.len();
                dims.map(|p| group.chain(j as usize, p).clone()).collect()
            };
            (group.dims.clone(), own.iter().map(column).collect())
        });
        let mut own = Self {
            class: class.clone(),
            groups: groups.collect(),
        };
        own.sort();
        own
    }

    /// Large tiles first; every column once.
    fn sort(&mut self) {
        for (_, columns) in &mut self.groups {
            columns.sort_by_cached_key(|column| {
                let keys = column.iter().map(|c| {
                    let extents: Vec<u64> = c.extents.iter().map(|&e| u64::MAX - e).collect();
                    (extents, c.spread.to_vec(), c.third)
                });
                keys.collect::<Vec<_>>()
            });
            columns.dedup();
        }
    }

    /// Adds the columns of another one of the same class that are not there yet.
    pub fn add(&mut self, other: Self) {
        for ((_, own), (_, more)) in self.groups.iter_mut().zip(other.groups) {
            own.extend(more);
        }
        self.sort();
    }

    /// The number of columns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.groups.iter().map(|g| g.1.len()).sum()
    }

    /// The number of its columns that another one of the same class does not have.
    fn beside(&self, other: &Self) -> usize {
        let mut both = other.clone();
        both.add(self.clone());
        both.len() - other.len()
    }
}

/// How many columns were left out of the classes that are left, and by what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// By the bound: no mapping with one of them is better than the best one.
    pub bound: usize,
    /// By another column of their group that is nowhere larger.
    pub dominance: usize,
}

/// What the bounds leave.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The classes with their columns.
    pub classes: Vec<ClassColumns>,
    /// What was left out of these.
    pub left_out: LeftOut,
    /// Whether the chains of long dimensions were bounded in two parts, and only those that their
    /// prices leave counted one by one.
    pub parts: bool,
}

/// The classes in which a mapping may be better than the space's best one; `None` if there are
/// too many columns, or if it is time to stop. Only where that one is `proved` to be the best are
/// choices left out that enumeration finds to be within the bound: they are no better then.
pub fn survey(space: &mut LayerSpace<'_>, tiles: TileSpace, proved: bool) -> Option<Survey> {
    let columns = space.columns(tiles)?;
    let roots = space.root_parts(&columns).into_iter();
    let roots = roots.map(|part| space.node(part)).collect();
    let mut recorder = Recorder {
        space,
        kept: Vec::new(),
        allowed: Vec::new(),
        large: Vec::new(),
        most: LARGE,
        proved,
        parts: columns.iter().any(|g| !g.is_whole()),
    };
    let options = recorder.options();
    let (mut open, _) = search(&mut recorder, roots, &options);
    // What is large is branched on and enumerated until little is left of it.
    let large = std::mem::take(&mut recorder.large);
    recorder.most = SMALL;
    let options = recorder.options();
    open = open.min(search(&mut recorder, large, &options).0);
    open.is_infinite().then(|| recorder.found())
}

/// The space whose single classes are written down instead of searched.
struct Recorder<'s, 'a> {
    space: &'s mut LayerSpace<'a>,
    /// What was written down, and what dominance left out of it.
    kept: Vec<(ClassColumns, ClassColumns)>,
    /// The columns that each of these classes allows.
    allowed: Vec<usize>,
    /// Classes with many columns, for a second search.
    large: Vec<Node<Part>>,
    /// Columns up to which a class is written down.
    most: usize,
    /// Whether no mapping is better than the best one.
    proved: bool,
    parts: bool,
}

impl Recorder<'_, '_> {
    fn record(&mut self, node: &Node<Part>) {
        let columns = &node.part.columns;
        let class = &node.part.class;
        let mut active = node.active.clone();
        if self.space.switches.tree.dominance {
            pareto::prune(&node.program, &mut active, &self.space.watch);
        }
        let dropped = node.active.iter().zip(&active).map(|(all, left)| {
            let dropped = all.iter().filter(|j| left.binary_search(j).is_err());
            Arc::new(dropped.copied().collect())
        });
        let dominated = ClassColumns::of(class, columns, &dropped.collect());
        let own = ClassColumns::of(class, columns, &active);
        if let Some(known) = self.kept.iter_mut().find(|k| k.0.class == *class) {
            known.0.add(own);
            known.1.add(dominated);
        } else {
            self.allowed.push(self.count_allowed(class, columns));
            self.kept.push((own, dominated));
        }
    }

    fn count_allowed(&self, class: &Class, columns: &[ColumnGroup]) -> usize {
        let everything = columns.iter().map(|g| {
            let all = 0..u32::try_from(g.columns.len()).unwrap_or(u32::MAX);
            Arc::new(all.collect())
        });
        let mut allowed: Active = everything.collect();
        self.space.keep_allowed(class, columns, &mut allowed);
        allowed.iter().map(|own| own.len()).sum()
    }

    fn found(self) -> Survey {
        let mut left_out = LeftOut::default();
        for ((own, dominated), allowed) in self.kept.iter().zip(&self.allowed) {
            let by_dominance = dominated.beside(own);
            left_out.dominance += by_dominance;
            left_out.bound += allowed.saturating_sub(own.len() + by_dominance);
        }
        Survey {
            classes: self.kept.into_iter().map(|k| k.0).collect(),
            left_out,
            parts: self.parts,
        }
    }
}

impl Recorder<'_, '_> {
    /// Enumerated where the best mapping is proved alone: no choice is better.
    fn options(&self) -> Options {
        let switches = Switches {
            enumerate: self.proved && self.most == SMALL,
            rounding: false,
            dominance: false,
            ..self.space.switches.tree
        };
        Options::new(&self.space.watch, switches)
    }

    /// A single class is written down, or put aside where it has many columns.
    fn parted(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        if !self.space.decided(&node.part).is_single() {
            let parts = self.space.refine(node, Refinement::Part);
            return parts.or_else(|| self.space.refine(node, Refinement::Exact));
        }
        let columns: usize = node.active.iter().map(|own| own.len()).sum();
        if columns <= self.most {
            self.record(node);
        } else if self.most == SMALL {
            return None;
        } else {
            self.large.push(node.clone());
        }
        Some(Vec::new())
    }
}

impl Space for Recorder<'_, '_> {
    type Part = Part;

    fn relax(&self, node: &mut Node<Part>) {
        self.space.relax(node);
    }

    /// Columns are pruned when they are written down, so that what did it is known.
    fn decided(&self, part: &Part) -> Decided {
        Decided {
            all_but_columns: false,
            ..self.space.decided(part)
        }
    }

    fn refine(&mut self, node: &Node<Part>, way: Refinement) -> Option<Vec<Node<Part>>> {
        match way {
            Refinement::Part => self.parted(node),
            Refinement::Exact => self.space.refine(node, way),
            Refinement::Compact | Refinement::Ties => None,
        }
    }

    /// No choice is better where the best mapping is proved; elsewhere none is enumerated.
    fn try_choice(&mut self, _part: &Part, _choice: &[u32]) -> bool {
        true
    }

    fn target(&self) -> f64 {
        self.space.target()
    }
}

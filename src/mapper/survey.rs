//! What the bounds leave: every class whose relaxation is below the best mapping, with the columns
//! that reduced cost leaves in it. Nothing is enumerated and nothing branched on, but by class.

use std::sync::Arc;

use crate::formulate::TileSpace;
use crate::formulate::chains::Chain;
use crate::formulate::class::Class;
use crate::formulate::columns::ColumnGroup;
use crate::formulate::groups::{ColumnLimits, columns_within};
use crate::milp::linear::Active;
use crate::milp::{Node, Program, Space, Switches, Watch, pareto, search};
use crate::problem::Dim;

use super::space::{LayerSpace, MOST_COLUMNS, Part};

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
        Self {
            class: class.clone(),
            groups: groups.collect(),
        }
    }

    /// Adds the columns of another one of the same class that are not there yet.
    pub fn add(&mut self, other: Self) {
        for ((_, own), (_, more)) in self.groups.iter_mut().zip(other.groups) {
            for column in more {
                if !own.contains(&column) {
                    own.push(column);
                }
            }
        }
    }

    /// The number of columns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.groups.iter().map(|g| g.1.len()).sum()
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
/// too many columns, or if it is time to stop.
pub fn survey(space: &mut LayerSpace<'_>, tiles: TileSpace) -> Option<Survey> {
    let limits = ColumnLimits {
        whole: space.whole,
        most: MOST_COLUMNS,
        watch: space.watch.clone(),
        fixed: Arc::clone(&space.fixed),
    };
    let columns = columns_within(space.operation, &space.planned, tiles, &limits)?;
    let columns = Arc::new(columns);
    let part = |class| Part {
        class,
        columns: Arc::clone(&columns),
        expand: None,
        own: false,
    };
    let roots = space.roots().into_iter();
    let roots = roots.map(|class| space.node(part(class))).collect();
    let whole = crate::formulate::parts::Part::Whole;
    let mut recorder = Recorder {
        space,
        found: Survey {
            parts: columns.iter().any(|g| g.part != whole),
            ..Survey::default()
        },
    };
    let (open, _) = search(&mut recorder, roots, u64::MAX);
    (open.is_infinite()).then_some(recorder.found)
}

/// The space whose single classes are written down instead of searched.
struct Recorder<'s, 'a> {
    space: &'s mut LayerSpace<'a>,
    found: Survey,
}

impl Recorder<'_, '_> {
    fn record(&mut self, node: &Node<Part>) {
        let columns = &node.class.columns;
        let everything = columns.iter().map(|g| {
            let all = 0..u32::try_from(g.columns.len()).unwrap_or(u32::MAX);
            Arc::new(all.collect())
        });
        let mut allowed: Active = everything.collect();
        let class = &node.class.class;
        self.space.keep_allowed(class, columns, &mut allowed);
        let mut active = node.active.clone();
        if self.space.switches.dominance {
            pareto::prune(&node.program, &mut active, &self.space.watch);
        }
        let count = |active: &Active| active.iter().map(|own| own.len()).sum::<usize>();
        let left = count(&node.active);
        self.found.left_out.bound += count(&allowed).saturating_sub(left);
        self.found.left_out.dominance += left - count(&active);
        let own = ClassColumns::of(class, columns, &active);
        let mut known = self.found.classes.iter_mut();
        match known.find(|known| known.class == *class) {
            Some(known) => known.add(own),
            None => self.found.classes.push(own),
        }
    }
}

impl Space for Recorder<'_, '_> {
    type Class = Part;

    fn target(&self) -> f64 {
        self.space.target()
    }

    /// The best mapping is known: what the bounds leave does not depend on others.
    fn try_choice(&mut self, _part: &Part, _program: &Program, _choice: &[u32]) {}

    fn evaluations(&self, _part: &Part) -> Option<usize> {
        None
    }

    fn split(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        if self.space.is_single(&node.class) {
            self.record(node);
            return Some(Vec::new());
        }
        self.space.split(node).or_else(|| self.space.exact(node))
    }

    /// Columns are pruned when they are written down, so that what did it is known.
    fn is_single(&self, _part: &Part) -> bool {
        false
    }

    fn exact(&mut self, node: &Node<Part>) -> Option<Vec<Node<Part>>> {
        self.space.exact(node)
    }

    fn watch(&self) -> &Watch {
        &self.space.watch
    }

    fn build(&self, node: &mut Node<Part>) {
        self.space.build(node);
    }

    fn bytes(&self, part: &Part) -> usize {
        self.space.bytes(part)
    }

    fn switches(&self) -> Switches {
        Switches {
            enumerate: false,
            rounding: false,
            dominance: false,
            ..self.space.switches()
        }
    }
}

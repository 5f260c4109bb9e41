//! Branch and bound over columns of which some stand for many: whatever these bound, no solution
//! is lost to them.

use std::sync::Arc;

use deepmatrix::engine::{
    Cause, Decided, Group, Limit, Node, Options, Program, Refinement, Row, Space, Switches, Term,
    Watch, search,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A solution's two parts; its objective is the larger one.
type Member = [f64; 2];

/// A column stands for members, by the least of each part, and is exact if it has but one.
type Columns = Vec<Vec<Member>>;

fn objective(member: Member) -> f64 {
    member[0].max(member[1])
}

/// The program over columns: log-sum-exp rows of one term each.
fn program(columns: &Columns) -> Program {
    let least = |part: usize| -> Vec<f64> {
        let of = |own: &Vec<Member>| own.iter().map(|m| m[part]).fold(f64::INFINITY, f64::min);
        columns.iter().map(of).collect()
    };
    let term = Term {
        constant: 0.0,
        concave: None,
    };
    let row = |part: usize| Row {
        name: format!("PART{part}"),
        terms: vec![part],
        limit: Limit::Objective {
            part: 0,
            constant: 0.0,
        },
    };
    Program {
        groups: vec![Group {
            columns: columns.len(),
            terms: vec![Some(Arc::new(least(0))), Some(Arc::new(least(1)))],
            exact: Some(Arc::new(columns.iter().map(|own| own.len() == 1).collect())),
            ..Group::default()
        }],
        terms: vec![term.clone(), term],
        rows: vec![row(0), row(1)],
        ..Program::default()
    }
}

fn node(columns: Columns, bound: f64) -> Node<Columns> {
    let program = program(&columns);
    Node::new(columns, program, bound)
}

/// A space whose columns are halved until they are exact.
struct Halving {
    best: f64,
    /// Members that are not evaluated.
    refused: Vec<Member>,
    /// Work after which it is time to stop: what is made from then on is cut short.
    left: u32,
    watch: Watch,
}

impl Halving {
    /// Whether there is time for one more piece of work.
    fn has_time(&mut self) -> bool {
        if self.left == 0 {
            self.watch.stop(Cause::Time);
        }
        self.left = self.left.saturating_sub(1);
        self.watch.cause().is_none()
    }

    /// Half of the first column that stands for many made a column of its own.
    fn halved(&mut self, node: &Node<Columns>) -> Option<Vec<Node<Columns>>> {
        if !self.has_time() {
            return Some(Vec::new());
        }
        let active = node.active[0].iter();
        let mut left: Columns = active.map(|&j| node.part[j as usize].clone()).collect();
        let place = left.iter().position(|own| own.len() > 1)?;
        let half = left[place].len() / 2;
        let other = left[place].split_off(half);
        left.push(other);
        Some(vec![self::node(left, node.bound)])
    }
}

impl Space for Halving {
    type Part = Columns;

    fn relax(&self, _node: &mut Node<Columns>) {}

    fn decided(&self, columns: &Columns) -> Decided {
        let single = columns.iter().all(|own| own.len() == 1);
        Decided {
            all_but_columns: true,
            evaluations: single.then_some(1),
        }
    }

    fn refine(&mut self, node: &Node<Columns>, way: Refinement) -> Option<Vec<Node<Columns>>> {
        (way == Refinement::Exact).then(|| self.halved(node))?
    }

    /// Of a column that stands for many its last member is tried.
    fn try_choice(&mut self, columns: &Columns, choice: &[u32]) -> bool {
        let last = columns[choice[0] as usize].last();
        if !self.has_time() || last.is_some_and(|m| self.refused.contains(m)) {
            return false;
        }
        self.best = last.map_or(self.best, |&m| self.best.min(objective(m)));
        true
    }

    fn target(&self) -> f64 {
        self.best - 1e-9
    }
}

/// All of the method, or all but enumeration.
fn options(space: &Halving, enumerate: bool) -> Options {
    let switches = Switches {
        enumerate,
        ..Switches::ALL
    };
    Options::new(&space.watch, switches)
}

#[test]
fn no_solution_is_lost_to_columns_that_stand_for_many() {
    for seed in 0..400 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut members = |count: usize| -> Vec<Member> {
            let one = |_| [0, 1].map(|_| f64::from(random.random_range(1..60_u32)) / 7.0);
            (0..count).map(one).collect()
        };
        let mut columns: Columns = members(6).into_iter().map(|m| vec![m]).collect();
        columns.extend([members(5), members(2)]);
        let all = columns.iter().flatten().copied().map(objective);
        let expected = all.fold(f64::INFINITY, f64::min);
        for enumerate in [true, false] {
            let mut space = Halving {
                best: 200.0,
                refused: Vec::new(),
                left: u32::MAX,
                watch: Watch::default(),
            };
            let how = options(&space, enumerate);
            let (open, _) = search(&mut space, vec![node(columns.clone(), -1.0)], &how);
            assert!(
                (space.best - expected).abs() < 1e-12 && open > space.target(),
                "seed {seed}: found {}, expected {expected}, open {open}",
                space.best
            );
        }
    }
}

/// What is not evaluated stays open with its bound: only where some other solution meets that is
/// anything proved.
#[test]
fn a_solution_that_is_not_evaluated_leaves_its_node_open() {
    let mut proved = [0, 0];
    for seed in 0..400 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut members = |count: usize| -> Vec<Member> {
            let one = |_| [0, 1].map(|_| f64::from(random.random_range(1..60_u32)) / 7.0);
            (0..count).map(one).collect()
        };
        let mut columns: Columns = members(6).into_iter().map(|m| vec![m]).collect();
        columns.extend([members(5), members(2)]);
        let all: Vec<Member> = columns.iter().flatten().copied().collect();
        let least = all
            .iter()
            .copied()
            .map(objective)
            .fold(f64::INFINITY, f64::min);
        for enumerate in [true, false] {
            let mut space = Halving {
                best: 200.0,
                refused: (all.iter().copied())
                    .filter(|_| random.random_bool(0.3))
                    .collect(),
                left: u32::MAX,
                watch: Watch::default(),
            };
            let root = vec![node(columns.clone(), -1.0)];
            let how = options(&space, enumerate);
            let (open, statistics) = search(&mut space, root, &how);
            let is_least = space.best - least < 1e-12;
            let closed = open > space.target();
            assert!(
                closed || open <= least + 1e-9,
                "seed {seed}: {open} {least}"
            );
            assert!(!closed || is_least, "seed {seed}: {} {least}", space.best);
            assert_eq!(statistics.unevaluated > 0, open.is_finite(), "seed {seed}");
            proved[usize::from(closed)] += 1;
        }
    }
    assert!(proved.iter().all(|&n| n > 100), "{proved:?}");
}

/// Wherever time ends, what was cut short is taken for no proof.
#[test]
fn a_search_that_is_stopped_anywhere_proves_nothing_by_what_it_left_out() {
    let mut proved = [0, 0];
    for seed in 0..300 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut members = |count: usize| -> Vec<Member> {
            let one = |_| [0, 1].map(|_| f64::from(random.random_range(1..60_u32)) / 7.0);
            (0..count).map(one).collect()
        };
        let columns: Columns = vec![members(4), members(5), members(2)];
        let all = columns.iter().flatten().copied().map(objective);
        let least = all.fold(f64::INFINITY, f64::min);
        for left in 0..12 {
            let mut space = Halving {
                best: 200.0,
                refused: Vec::new(),
                left,
                watch: Watch::default(),
            };
            let root = vec![node(columns.clone(), -1.0)];
            let how = options(&space, true);
            let (open, _) = search(&mut space, root, &how);
            let closed = open > space.target();
            assert!(!closed || space.best - least < 1e-12, "seed {seed}, {left}");
            assert!(closed || open <= least + 1e-9, "seed {seed}, {left}");
            proved[usize::from(closed)] += 1;
        }
    }
    assert!(proved.iter().all(|&n| n > 300), "{proved:?}");
}

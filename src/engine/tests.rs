//! The engine on a problem of its own: products of choices.
//!
//! A shop puts a machine together from parts, one from each shelf. A part multiplies the machine's
//! prices of some resources; a row adds the prices of two resources up, and is to be small
//! (the objective) or within a budget. One price is counted as `2 v − 1` for a wear `v ≥ 1` that is
//! a product of the parts' wears too. On some floors of the shop only some parts are to be had, and
//! each floor has a surcharge: the space's parts are sets of floors. All choices are enumerated.

use std::sync::Arc;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::linear::retain;
use super::program::{Argument, ArgumentKey, Concave, Group, Limit, Program, Row, RowNames, Term};
use super::{Decided, Node, Options, Refinement, Space, State, Switches, Watch, search};

/// Resources; the last one's price is counted with its wear.
const RESOURCES: usize = 4;

/// A part of the machine: what it multiplies prices by, its wear, and the floors that have it.
#[derive(Clone, Debug)]
struct Piece {
    factors: [u32; RESOURCES],
    wear: u32,
    floors: [bool; 3],
}

/// Shelves of parts, the surcharge of every floor, and the budget of the last two resources.
#[derive(Clone, Debug)]
struct Shop {
    shelves: Vec<Vec<Piece>>,
    surcharges: [f64; 3],
    budget: f64,
    /// Whether the objective is the product of two sums, in place of the larger one.
    product: bool,
}

impl Shop {
    fn random(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let shelves = random.random_range(2..4);
        let mut piece = |_| Piece {
            factors: [0; RESOURCES].map(|_| random.random_range(1..9)),
            wear: random.random_range(1..4),
            floors: [0; 3].map(|_| random.random_bool(0.8)),
        };
        let shelves = (0..shelves)
            .map(|shelf| (0..4 + shelf).map(&mut piece).collect())
            .collect();
        Self {
            shelves,
            surcharges: [0; 3].map(|_| f64::from(random.random_range(10..30_u32)) / 10.0),
            budget: f64::from(random.random_range(20..600_u32)),
            product: random.random_bool(0.3),
        }
    }

    /// The logarithm of what a choice costs on a floor; `None` if it exceeds the budget or the floor
    /// lacks a part.
    fn cost(&self, floor: usize, choice: &[u32]) -> Option<f64> {
        let own = || {
            self.shelves
                .iter()
                .zip(choice)
                .map(|(s, &j)| &s[j as usize])
        };
        if !own().all(|piece| piece.floors[floor]) {
            return None;
        }
        let price = |r: usize| own().map(|p| f64::from(p.factors[r])).product::<f64>();
        let wear: f64 = own().map(|p| f64::from(p.wear)).product();
        let worn = price(3) * (2.0 * wear - 1.0);
        if price(2) + worn > self.budget {
            return None;
        }
        let sums = [price(0) + price(1), price(1) + worn].map(|s| s * self.surcharges[floor]);
        Some(if self.product {
            sums[0].ln() + sums[1].ln()
        } else {
            sums[0].max(sums[1]).ln()
        })
    }

    /// Every choice of one part from each shelf.
    fn choices(&self) -> Vec<Vec<u32>> {
        self.shelves.iter().fold(vec![Vec::new()], |all, shelf| {
            let columns = 0..u32::try_from(shelf.len()).unwrap_or(u32::MAX);
            let longer = |c: &Vec<u32>| {
                columns
                    .clone()
                    .map(|j| [c.as_slice(), &[j]].concat())
                    .collect::<Vec<_>>()
            };
            all.iter().flat_map(longer).collect()
        })
    }

    /// The least cost over all floors and choices.
    fn optimum(&self) -> Option<f64> {
        let choices = self.choices();
        let all = (0..3).flat_map(|floor| choices.iter().filter_map(move |c| self.cost(floor, c)));
        all.min_by(f64::total_cmp)
    }

    /// The program of a set of floors: the least of their surcharges.
    fn program(&self, floors: &[usize]) -> Program {
        let least = (floors.iter().map(|&f| self.surcharges[f])).fold(f64::INFINITY, f64::min);
        let group = |shelf: &Vec<Piece>| {
            let values = |of: &dyn Fn(&Piece) -> u32| {
                Some(Arc::new(
                    shelf.iter().map(|p| f64::from(of(p)).ln()).collect(),
                ))
            };
            Group {
                columns: shelf.len(),
                terms: (0..RESOURCES).map(|r| values(&|p| p.factors[r])).collect(),
                arguments: vec![values(&|p| p.wear)],
                exact: None,
            }
        };
        let term = |r: usize| Term {
            constant: 0.0,
            concave: (r == 3).then_some(Concave {
                argument: 0,
                slope: 2.0,
                offset: 1.0,
            }),
        };
        let objective = |part: usize| Limit::Objective {
            part: if self.product { part } else { 0 },
            constant: -least.ln(),
        };
        let row = |name: &str, terms: [usize; 2], limit: Limit| Row {
            name: name.to_owned(),
            terms: terms.to_vec(),
            limit,
        };
        Program {
            groups: self.shelves.iter().map(group).collect(),
            terms: (0..RESOURCES).map(term).collect(),
            rows: vec![
                row("FIRST", [0, 1], objective(0)),
                row("SECOND", [1, 3], objective(1)),
                row("BUDGET", [2, 3], Limit::Constant(self.budget.ln() + 1e-12)),
            ],
            arguments: vec![Argument {
                key: ArgumentKey::new("wear"),
                fractional: false,
            }],
            names: RowNames::default(),
        }
    }
}

/// The floors and choices of a shop as the search sees them.
struct Floors<'a> {
    shop: &'a Shop,
    best: Option<f64>,
    bounds: Vec<f64>,
}

impl Floors<'_> {
    fn root(&self) -> Node<Vec<usize>> {
        let all = vec![0, 1, 2];
        Node::new(all.clone(), self.shop.program(&all), f64::NEG_INFINITY)
    }
}

impl Space for Floors<'_> {
    type Part = Vec<usize>;

    fn relax(&self, node: &mut Node<Vec<usize>>) {
        node.program = Arc::new(self.shop.program(&node.part));
        for (shelf, own) in self.shop.shelves.iter().zip(&mut node.active) {
            let has = |j: u32| node.part.iter().any(|&f| shelf[j as usize].floors[f]);
            retain(own, has);
        }
        node.state = State::Ready;
    }

    fn decided(&self, floors: &Vec<usize>) -> Decided {
        Decided {
            all_but_columns: floors.len() == 1,
            evaluations: Some(floors.len()),
        }
    }

    fn refine(
        &mut self,
        node: &Node<Vec<usize>>,
        way: Refinement,
    ) -> Option<Vec<Node<Vec<usize>>>> {
        let is_split = way == Refinement::Part && node.part.len() > 1;
        let floor = |&f: &usize| node.child(vec![f]);
        is_split.then(|| node.part.iter().map(floor).collect())
    }

    fn try_choice(&mut self, floors: &Vec<usize>, choice: &[u32]) -> bool {
        let costs = floors.iter().filter_map(|&f| self.shop.cost(f, choice));
        self.best = costs.chain(self.best).min_by(f64::total_cmp);
        true
    }

    fn target(&self) -> f64 {
        self.best.map_or(200.0, |best| best - 1e-9)
    }

    fn bounded(&mut self, bound: f64) {
        self.bounds.push(bound);
    }
}

/// Parts of the method, one for each bit.
fn switches(bits: u32) -> Switches {
    let mut own = Switches::ALL;
    for (bit, switch) in own.each().enumerate() {
        *switch = bits >> bit & 1 == 1;
    }
    own
}

/// The best cost that a search finds, after it has closed everything.
fn searched(shop: &Shop, options: &Options) -> Option<f64> {
    let mut space = Floors {
        shop,
        best: None,
        bounds: Vec::new(),
    };
    let root = space.root();
    let (open, statistics) = search(&mut space, vec![root], options);
    assert!(open.is_infinite() && statistics.nodes > 0, "{open}");
    let least = space.best.unwrap_or(f64::INFINITY);
    assert!(space.bounds.iter().all(|&b| b <= least + 1e-9), "{shop:?}");
    space.best
}

fn agrees(found: Option<f64>, expected: Option<f64>) -> bool {
    match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
        (found, expected) => found == expected,
    }
}

#[test]
fn every_combination_of_switches_finds_the_optimum_of_enumeration() {
    let compared = |seed: u32| {
        let (watch, shop) = (Watch::default(), Shop::random(seed.into()));
        let expected = shop.optimum();
        // All combinations for two shops, every sixteenth for the others.
        let (first, step) = if seed < 2 { (0, 1) } else { (seed % 16, 16) };
        let all = (first..1 << Switches::RULES.len()).into_par_iter();
        all.step_by(step).for_each(|bits| {
            let found = searched(&shop, &Options::new(&watch, switches(bits)));
            assert!(
                agrees(found, expected),
                "seed {seed}, {bits:b}: {found:?} {expected:?}"
            );
        });
        usize::from(expected.is_some())
    };
    let feasible: usize = (0..20_u32).map(compared).sum();
    assert!(
        (10..20).contains(&feasible),
        "{feasible} of 20 have a choice"
    );
}

#[test]
fn highs_on_whole_programs_finds_the_same() {
    for seed in 0..10 {
        let shop = Shop::random(seed);
        let options = Options {
            whole: true,
            ..Options::new(&Watch::default(), Switches::ALL)
        };
        let (found, expected) = (searched(&shop, &options), shop.optimum());
        assert!(
            agrees(found, expected),
            "seed {seed}: {found:?} {expected:?}"
        );
    }
}

/// The program of one floor says exactly what a choice costs there, and that of several no more
/// than on any of them.
#[test]
fn programs_bound_what_they_stand_for() {
    for seed in 0..60 {
        let shop = Shop::random(seed);
        let whole = shop.program(&[0, 1, 2]);
        for (floor, choice) in (0..3).flat_map(|f| shop.choices().into_iter().map(move |c| (f, c)))
        {
            let Some(cost) = shop.cost(floor, &choice) else {
                continue;
            };
            let own = shop.program(&[floor]).objective_at(&choice);
            assert!(
                own.is_some_and(|own| (own - cost).abs() < 1e-9),
                "seed {seed}"
            );
            let bound = whole.objective_at(&choice);
            assert!(
                bound.is_some_and(|bound| bound <= cost + 1e-9),
                "seed {seed}"
            );
        }
    }
}

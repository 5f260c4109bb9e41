//! Prices of the columns of one group, as a relaxation weighs what they determine.

use rustc_hash::FxHashMap;

use crate::columns::attribute::Attribute;
use crate::columns::group::ColumnGroup;

use super::Outline;

/// Partial sums in a relaxation: what an argument weighs, and the most it is in every group.
#[derive(Clone, Debug, Default)]
pub struct Visits {
    /// The weight of every argument, that of its terms' chords.
    pub weights: Vec<f64>,
    /// For every group and argument the largest value of the active columns. A chord is a
    /// lower bound up to their sum, and a chain may have more than its box says.
    pub most: Vec<Vec<f64>>,
}

/// Prices columns of one group.
pub(super) struct Pricer {
    /// Attributes and their weights.
    attributes: Vec<(Attribute, f64)>,
    /// Arguments: attributes, weight and the most that counts.
    visits: Vec<(Vec<Attribute>, f64, f64)>,
    /// For each dimension and slot the weight of what changes with its extent.
    pub(super) slots: Vec<Vec<f64>>,
}

impl Pricer {
    pub(super) fn new(
        group: &ColumnGroup,
        outline: &Outline,
        weights: &[f64],
        visits: &Visits,
        g: usize,
    ) -> Self {
        let mut sums: Vec<(Attribute, f64)> = Vec::new();
        let mut place: FxHashMap<Attribute, usize> = FxHashMap::default();
        let own = |all: &[Attribute]| -> Vec<Attribute> {
            all.iter().copied().filter(|&a| group.has(a)).collect()
        };
        for (attributes, &weight) in outline.terms.iter().zip(weights).filter(|w| *w.1 > 0.0) {
            for attribute in own(attributes) {
                let index = *place.entry(attribute).or_insert_with(|| {
                    sums.push((attribute, 0.0));
                    sums.len() - 1
                });
                sums[index].1 += weight;
            }
        }
        let arguments = outline.arguments.iter().enumerate();
        let visits: Vec<(Vec<Attribute>, f64, f64)> = arguments
            .map(|(a, attributes)| (own(attributes), visits.weights[a], visits.most[g][a]))
            .filter(|(attributes, weight, _)| !attributes.is_empty() && *weight > 0.0)
            .collect();
        let mut slots: Vec<Vec<f64>> = group.slots.iter().map(|s| vec![0.0; s.len()]).collect();
        let counted = visits
            .iter()
            .flat_map(|(all, weight, _)| all.iter().map(move |&a| (a, *weight)));
        for (attribute, weight) in sums.iter().copied().chain(counted) {
            for (position, slot) in touched(group, attribute) {
                if let Some(own) = slots[position].get_mut(slot) {
                    *own += weight;
                }
            }
        }
        Self {
            attributes: sums,
            visits,
            slots,
        }
    }

    pub(super) fn price(&self, group: &ColumnGroup, column: usize) -> f64 {
        let terms = self.attributes.iter();
        let terms: f64 = terms
            .map(|&(attribute, weight)| weight * group.logarithm(attribute, column))
            .sum();
        let visits = self.visits.iter().map(|(attributes, weight, most)| {
            let own = attributes.iter().map(|&a| group.logarithm(a, column));
            weight * own.sum::<f64>().min(*most)
        });
        terms + visits.sum::<f64>()
    }
}

/// The slots whose extents an attribute depends on most.
fn touched(group: &ColumnGroup, attribute: Attribute) -> Vec<(usize, usize)> {
    let of = |d, slot| group.position(d).map(|p| (p, slot));
    match attribute {
        Attribute::Count(d, slot) | Attribute::Extent(d, slot) | Attribute::Share(d, slot, _) => {
            of(d, slot).into_iter().collect()
        }
        Attribute::Receivers(d, slot, ..)
        | Attribute::Active(d, slot, ..)
        | Attribute::Repeats(d, slot, ..) => slot.and_then(|s| of(d, s)).into_iter().collect(),
        Attribute::Rows(_, output, kernel) => vec![(0, output), (1, kernel)],
        Attribute::Sum(sum) => vec![(0, sum.output), (1, sum.kernel)],
        Attribute::Steps(_)
        | Attribute::Spread(..)
        | Attribute::Need(_)
        | Attribute::Room(_)
        | Attribute::PerWide(..) => Vec::new(),
    }
}

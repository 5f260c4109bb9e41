//! Splitting a node by its columns, or by the range of an argument.

use std::sync::Arc;

use super::linear::{Range, retain};
use super::node::Node;
use super::tuning::{LEAST_VARIANCE, NEAR_END, SAME};

/// Splits at a value of the concave argument whose chord, as the prices weigh it, is furthest from
/// the truth at the node's fractional point: arguments are logarithms of integers, so the parts
/// are `≤ v` and `≥ v + 1`. `None` if no chord is off by more than `least`.
#[must_use]
pub fn at_argument<P: Clone>(
    node: &Node<P>,
    ranges: &[Range],
    least: f64,
    trim: bool,
) -> Option<Vec<Node<P>>> {
    let program = &node.program;
    let weights = node.term_weights();
    let mut worst: Option<(f64, usize, f64)> = None;
    for (term, &weight) in program.terms.iter().zip(&weights) {
        let Some(concave) = term.concave else {
            continue;
        };
        let Range { low, high } = ranges[concave.argument];
        if high - low < SAME || node.prices.weights.is_empty() {
            continue;
        }
        let argument: f64 = node
            .point()
            .iter()
            .map(|&(g, j, x)| x * program.argument(g, concave.argument, j))
            .sum();
        let argument = argument.clamp(low, high);
        let (at_low, at_high) = (concave.at(low), concave.at(high));
        let gap = if at_low.is_finite() {
            let chord = at_low + (at_high - at_low) * (argument - low) / (high - low);
            weight * (concave.at(argument) - chord)
        } else {
            // It vanishes at the least argument: the program does not know of it yet.
            f64::INFINITY
        };
        if worst.is_none_or(|w| gap > w.0) {
            worst = Some((gap, concave.argument, argument));
        }
    }
    let (gap, index, argument) = worst?;
    if gap < least {
        return None;
    }
    let Range { low, high } = ranges[index];
    if program.arguments[index].fractional {
        let near_end = argument - low < NEAR_END || high - argument < NEAR_END;
        let point = if near_end {
            f64::midpoint(low, high)
        } else {
            argument
        };
        return Some(at_fraction(node, index, point, trim));
    }
    // The largest integer below the point, at least the smallest possible one and less than the largest.
    let value = argument
        .exp()
        .floor()
        .max(low.exp().round())
        .min(high.exp().round() - 1.0);
    let mut below = node.fewer();
    let most = Range::up_to(value.ln() + SAME);
    below.imposed.narrow(program, index, most);
    let mut above = node.fewer();
    let least = Range::from((value + 1.0).ln() - SAME);
    above.imposed.narrow(program, index, least);
    Some(trimmed([below, above], index, trim))
}

/// The parts with an argument below and above a point; they overlap by less than rounding.
fn at_fraction<P: Clone>(node: &Node<P>, index: usize, point: f64, trim: bool) -> Vec<Node<P>> {
    let (mut below, mut above) = (node.fewer(), node.fewer());
    below
        .imposed
        .narrow(&node.program, index, Range::up_to(point + SAME));
    above
        .imposed
        .narrow(&node.program, index, Range::from(point));
    trimmed([below, above], index, trim)
}

/// The nodes, with `trim` without the columns that alone exceed the imposed range of an argument.
fn trimmed<P>(nodes: [Node<P>; 2], argument: usize, trim: bool) -> Vec<Node<P>> {
    let own = nodes.into_iter();
    if trim {
        own.map(|node| within_range(node, argument)).collect()
    } else {
        own.collect()
    }
}

/// \[PRU29\] Drops the columns that alone exceed the imposed range of an argument.
fn within_range<P>(mut node: Node<P>, argument: usize) -> Node<P> {
    let program = &node.program;
    let Range { low, high } = node.imposed.on(program, argument);
    let extremes: Vec<(f64, f64)> = node
        .active
        .iter()
        .enumerate()
        .map(|(g, own)| {
            let values = own.iter().map(|&j| program.argument(g, argument, j));
            values.fold((f64::INFINITY, 0.0_f64), |(l, h), v| (l.min(v), h.max(v)))
        })
        .collect();
    let least: f64 = extremes.iter().map(|e| e.0).sum();
    let most: f64 = extremes.iter().map(|e| e.1).sum();
    for (g, own) in node.active.iter_mut().enumerate() {
        retain(own, |j| {
            let value = program.argument(g, argument, j);
            value + least - extremes[g].0 <= high && value + most - extremes[g].1 >= low
        });
    }
    node
}

/// Splits a group's columns at the mean of one term, where the weighted variance of the
/// fractional point is largest; `None` if it tells no columns apart.
#[must_use]
pub fn at_value<P: Clone>(node: &Node<P>) -> Option<Vec<Node<P>>> {
    let (group, low) = at_mean(node, true, LEAST_VARIANCE)?;
    Some(parted(node, group, low))
}

/// Splits a group's columns that prices do not tell apart: where a term varies most, or else
/// one half and the other; `None` if every group has a single column.
#[must_use]
pub fn at_tie<P: Clone>(node: &Node<P>) -> Option<Vec<Node<P>>> {
    let (group, low) = at_mean(node, false, 0.0).or_else(|| {
        // Columns that agree in every term.
        let group = (0..node.active.len()).find(|&g| node.active[g].len() > 1)?;
        let own = &node.active[group];
        Some((group, own[..own.len() / 2].to_vec()))
    })?;
    Some(parted(node, group, low))
}

/// The group and its columns up to the mean of the term of largest variance, weighted by the
/// prices at the fractional point or over all active columns, if that is more than `least`.
fn at_mean<P>(node: &Node<P>, weighted: bool, least: f64) -> Option<(usize, Vec<u32>)> {
    let weights = node.term_weights();
    let mut best = (least, None);
    for group in (0..node.active.len()).filter(|&g| node.active[g].len() > 1) {
        for (term, &weight) in weights.iter().enumerate() {
            let factor = if weighted { weight } else { 1.0 };
            if factor <= 0.0 {
                continue;
            }
            if let Some((mean, variance)) = spread(node, group, term, weighted)
                && variance * factor > best.0
            {
                best = (variance * factor, Some((group, term, mean)));
            }
        }
    }
    let (group, term, mean) = best.1?;
    let own = node.active[group].iter().copied();
    let low: Vec<u32> = own
        .filter(|&j| node.program.value(group, term, j) <= mean)
        .collect();
    // A mean that is rounded beyond all columns parts nothing.
    let parts = (1..node.active[group].len()).contains(&low.len());
    parts.then_some((group, low))
}

/// The node with some columns of a group, and with the others.
fn parted<P: Clone>(node: &Node<P>, group: usize, low: Vec<u32>) -> Vec<Node<P>> {
    let high: Vec<u32> = node.active[group]
        .iter()
        .copied()
        .filter(|j| low.binary_search(j).is_err())
        .collect();
    let part = |columns: Vec<u32>| {
        let mut part = node.fewer();
        part.active[group] = Arc::new(columns);
        part
    };
    vec![part(low), part(high)]
}

/// Mean and variance of a term's value over a group: at the fractional point, or over all active columns.
fn spread<P>(node: &Node<P>, group: usize, term: usize, at_point: bool) -> Option<(f64, f64)> {
    node.program.groups[group].terms[term].as_ref()?;
    let value = |j: u32| node.program.value(group, term, j);
    let weighted: Vec<(f64, f64)> = if at_point {
        node.point()
            .iter()
            .filter(|p| p.0 == group && node.active[group].binary_search(&p.1).is_ok())
            .map(|p| (value(p.1), p.2))
            .collect()
    } else {
        node.active[group]
            .iter()
            .map(|&j| (value(j), 1.0))
            .collect()
    };
    let total: f64 = weighted.iter().map(|w| w.1).sum();
    if total <= 0.0 {
        return None;
    }
    let mean = weighted.iter().map(|(v, w)| v * w).sum::<f64>() / total;
    let variance = weighted
        .iter()
        .map(|(v, w)| w * (v - mean) * (v - mean))
        .sum::<f64>()
        / total;
    // The mean must part the active columns, or the split makes no progress.
    let largest = node.active[group]
        .iter()
        .map(|&j| value(j))
        .fold(f64::NEG_INFINITY, f64::max);
    (largest > mean && variance > 0.0).then_some((mean, variance))
}

#[cfg(test)]
mod tests {
    use super::super::bound::Prices;
    use super::super::linear::ranges;
    use super::super::node::State;
    use super::super::program::{Argument, ArgumentKey, Concave, Group, Limit, Program, Row, Term};
    use super::*;

    /// Three groups whose argument is the logarithm of a product of numbers.
    fn program(numbers: [&[u32]; 3]) -> Program {
        let group = |own: &[u32]| {
            let values = own.iter().map(|&n| f64::from(n).ln()).collect();
            Group {
                columns: own.len(),
                terms: vec![None],
                arguments: vec![Some(Arc::new(values))],
                ..Group::default()
            }
        };
        Program {
            groups: numbers.map(group).into(),
            terms: vec![Term {
                constant: 0.0,
                concave: Some(Concave {
                    argument: 0,
                    slope: 2.0,
                    offset: 1.0,
                }),
            }],
            rows: vec![Row {
                name: "row".to_owned(),
                terms: vec![0],
                limit: Limit::Objective {
                    part: 0,
                    constant: 0.0,
                },
            }],
            arguments: vec![Argument {
                key: ArgumentKey::new("visits"),
                fractional: false,
            }],
            ..Program::default()
        }
    }

    /// Every choice is in the part of its product, and in no other one a column of its own is.
    #[test]
    fn trim_leaves_what_lies_in_the_range() {
        let numbers: [&[u32]; 3] = [&[1, 2, 5, 9], &[1, 3, 4], &[1, 2, 7]];
        let (mut trimmed, mut splits) = (0, 0);
        for start in 0..3 {
            let mut node = Node::new((), program(numbers), 0.0);
            node.prices = Prices {
                weights: vec![vec![1.0]],
            };
            node.state = State::Bounded((0..3).map(|g| (g, start, 1.0)).collect());
            let own = ranges(&node.program, &node.active, &node.imposed);
            let Some(parts) = at_argument(&node, &own, -1.0, true) else {
                continue;
            };
            splits += 1;
            let all = (0..4).flat_map(|a| (0..3).flat_map(move |b| (0..3).map(move |c| [a, b, c])));
            for choice in all {
                let product = |g: usize| f64::from(numbers[g][choice[g] as usize]).ln();
                let argument: f64 = (0..3).map(product).sum();
                let within = |part: &Node<()>| {
                    let Range { low, high } = part.imposed.on(&part.program, 0);
                    (low..=high).contains(&argument)
                };
                let has = |part: &Node<()>| {
                    let mut groups = part.active.iter().zip(choice);
                    groups.all(|(own, column)| own.contains(&column))
                };
                assert_eq!(parts.iter().filter(|part| within(part)).count(), 1);
                let own = parts.iter().find(|part| within(part)).expect("a part");
                assert!(has(own), "{choice:?} {argument}");
            }
            let left = parts.iter().flat_map(|part| &part.active);
            trimmed += 20 - left.map(|own| own.len()).sum::<usize>();
        }
        assert!(splits > 1 && trimmed > 0, "{splits} {trimmed}");
    }
}

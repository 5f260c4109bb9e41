//! The equation of an Einsum, and its products of two operands from the left to the right.

use std::collections::BTreeMap;

/// The product of two operands: for every label its size and where it occurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) left: Vec<char>,
    pub(super) right: Vec<char>,
    /// Labels that are left after it.
    pub(super) output: Vec<char>,
}

/// An equation with the sizes of its labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Equation {
    pub(super) operands: Vec<Vec<char>>,
    pub(super) output: Vec<char>,
    pub(super) sizes: BTreeMap<char, u64>,
}

/// The labels that stand for the axes of an ellipsis, the last one first.
const ELLIPSIS: [char; 8] = ['0', '1', '2', '3', '4', '5', '6', '7'];

/// Reads an equation over operands of these shapes.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(equation: &str, shapes: &[&[u64]]) -> Result<Equation, String> {
    let text: String = equation.chars().filter(|c| !c.is_whitespace()).collect();
    let wrong = |why: &str| format!("its equation `{}` {why}", super::node::quoted(equation));
    let (left, right) = match text.split_once("->") {
        Some((left, right)) => (left, Some(right)),
        None => (text.as_str(), None),
    };
    let terms: Vec<&str> = left.split(',').collect();
    if terms.len() != shapes.len() {
        return Err(wrong("has another number of operands than the node"));
    }
    let mut sizes = BTreeMap::new();
    let mut operands = Vec::new();
    for (term, shape) in terms.iter().zip(shapes) {
        let labels = labels(term, Some(shape.len()))
            .ok_or_else(|| wrong("does not fit the operands' axes"))?;
        for (&label, &size) in labels.iter().zip(*shape) {
            let known = sizes.entry(label).or_insert(size);
            if *known == 1 {
                *known = size;
            } else if size != 1 && size != *known {
                return Err(wrong(&format!(
                    "gives `{label}` the sizes {known} and {size}"
                )));
            }
        }
        if labels
            .iter()
            .enumerate()
            .any(|(i, l)| labels[..i].contains(l))
        {
            return Err(wrong("takes a diagonal, which is not supported"));
        }
        operands.push(labels);
    }
    let output = match right {
        Some(term) => {
            let dots: usize = if term.contains("...") {
                operands
                    .iter()
                    .map(|o| o.iter().filter(|c| ELLIPSIS.contains(c)).count())
                    .max()
                    .unwrap_or(0)
            } else {
                0
            };
            let plain = term.replace("...", "").chars().count();
            labels(term, Some(plain + dots)).ok_or_else(|| wrong("has a wrong output"))?
        }
        None => once(&operands),
    };
    let unknown = |label: &char| !sizes.contains_key(label);
    let twice = output
        .iter()
        .enumerate()
        .any(|(i, l)| output[..i].contains(l));
    if output.iter().any(unknown) || twice {
        return Err(wrong(
            "has an output of labels that no operand has, or that stand twice",
        ));
    }
    Ok(Equation {
        operands,
        output,
        sizes,
    })
}

/// The labels of a term; an ellipsis stands for the axes that are left.
fn labels(term: &str, rank: Option<usize>) -> Option<Vec<char>> {
    let (before, after) = match term.split_once("...") {
        Some((before, after)) => (before, Some(after)),
        None => (term, None),
    };
    let mut found: Vec<char> = before.chars().collect();
    if let Some(after) = after {
        let named = before.chars().count() + after.chars().count();
        let dots = rank?.checked_sub(named)?;
        found.extend(ELLIPSIS.get(..dots)?.iter().rev());
        found.extend(after.chars());
    }
    let letters = found
        .iter()
        .all(|c| c.is_ascii_alphabetic() || ELLIPSIS.contains(c));
    (letters && Some(found.len()) == rank).then_some(found)
}

/// Without an output: the ellipsis, then the labels that occur once, in alphabetical order.
fn once(operands: &[Vec<char>]) -> Vec<char> {
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    for &label in operands.iter().flatten() {
        *counts.entry(label).or_default() += 1;
    }
    let dots = ELLIPSIS
        .iter()
        .rev()
        .copied()
        .filter(|c| counts.contains_key(c));
    let letters = counts
        .iter()
        .filter(|(l, n)| **n == 1 && !ELLIPSIS.contains(l));
    dots.chain(letters.map(|(&l, _)| l)).collect()
}

impl Equation {
    /// The shape of the output.
    pub(super) fn shape(&self) -> Vec<u64> {
        self.output.iter().map(|l| self.sizes[l]).collect()
    }

    /// The products from the left to the right; each sums the labels that nothing after it has.
    pub(super) fn pairs(&self) -> Vec<Pair> {
        let mut pairs = Vec::new();
        let Some(mut left) = self.operands.first().cloned() else {
            return pairs;
        };
        for (i, right) in self.operands.iter().enumerate().skip(1) {
            let later = &self.operands[i + 1..];
            let needed = |l: &char| self.output.contains(l) || later.iter().any(|o| o.contains(l));
            let mut output: Vec<char> = left.iter().copied().filter(needed).collect();
            for &label in right {
                if needed(&label) && !output.contains(&label) {
                    output.push(label);
                }
            }
            if later.is_empty() {
                output.clone_from(&self.output);
            }
            pairs.push(Pair {
                left: std::mem::replace(&mut left, output.clone()),
                right: right.clone(),
                output,
            });
        }
        pairs
    }

    /// Multiply-accumulates of a product: the sizes of all its labels multiplied.
    pub(super) fn macs(&self, pair: &Pair) -> u128 {
        let only_right = pair.right.iter().filter(|l| !pair.left.contains(l));
        (pair.left.iter().chain(only_right))
            .fold(1_u128, |n, l| n.saturating_mul(self.sizes[l].into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_operands_are_two_products() {
        let shapes: [&[u64]; 3] = [&[16, 8, 512], &[8, 512, 256], &[16, 8]];
        let equation = read("tef,efd,te->td", &shapes).expect("an equation");
        let pairs = equation.pairs();
        let macs: Vec<u128> = pairs.iter().map(|p| equation.macs(p)).collect();
        assert_eq!(macs, [16 * 8 * 512 * 256, 16 * 8 * 256]);
        assert_eq!(pairs[0].output, ['t', 'e', 'd']);
        assert_eq!(equation.shape(), [16, 256]);
    }

    #[test]
    fn an_ellipsis_stands_for_the_axes_that_are_left() {
        let shapes: [&[u64]; 2] = [&[2, 3, 4, 5], &[2, 3, 5, 6]];
        let equation = read("...ij,...jk->...ik", &shapes).expect("an equation");
        assert_eq!(equation.shape(), [2, 3, 4, 6]);
        assert_eq!(equation.macs(&equation.pairs()[0]), 2 * 3 * 4 * 5 * 6);
    }

    #[test]
    fn wrong_equations_are_refused() {
        let shapes: [&[u64]; 2] = [&[2, 3], &[4, 5]];
        for wrong in [
            "ij,jk->ik",
            "ij",
            "ij,kl->im",
            "ii,kl->ik",
            "i,kl->ik",
            "ij,k%->ik",
        ] {
            assert!(read(wrong, &shapes).is_err(), "{wrong}");
        }
    }
}

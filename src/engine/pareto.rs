//! Columns that another column of their group makes useless in a single class.

use std::sync::Arc;

use super::linear::Active;
use super::program::Program;
use super::watch::Watch;

/// Groups larger than this are left as they are.
const LARGEST: usize = 4_000;

/// Drops every column that is nowhere smaller than another one of its group: all rows grow with
/// every term and argument, so the other one can take its place in any choice. The other one is
/// `exact`: one that stands for many has values that none of these may reach.
pub fn prune(
    program: &Program,
    active: &mut Active,
    watch: &Watch,
    exact: &dyn Fn(usize, u32) -> bool,
) {
    for (group, columns) in active.iter_mut().enumerate() {
        if columns.len() > 1 && columns.len() <= LARGEST {
            *columns = Arc::new(front(program, group, columns, watch, exact));
        }
    }
}

fn front(
    program: &Program,
    group: usize,
    columns: &[u32],
    watch: &Watch,
    exact: &dyn Fn(usize, u32) -> bool,
) -> Vec<u32> {
    let own = &program.groups[group];
    let mut keys: Vec<&[f64]> = Vec::new();
    for values in own.terms.iter().chain(&own.arguments).flatten() {
        if !keys.contains(&values.as_slice()) {
            keys.push(values);
        }
    }
    let mut vectors: Vec<(u32, Vec<f64>, f64)> = columns
        .iter()
        .map(|&j| {
            let vector: Vec<f64> = keys.iter().map(|k| k[j as usize]).collect();
            let sum = vector.iter().sum();
            (j, vector, sum)
        })
        .collect();
    // A dominating column has the smaller sum, or an equal one and comes first.
    vectors.sort_by(|a, b| {
        let exact_first = || exact(group, b.0).cmp(&exact(group, a.0));
        a.2.total_cmp(&b.2).then_with(exact_first)
    });
    let ticker = watch.ticker();
    let mut kept: Vec<usize> = Vec::new();
    let mut dominating: Vec<usize> = Vec::new();
    for i in 0..vectors.len() {
        let dominated = !ticker.stopped()
            && dominating
                .iter()
                .any(|&k| vectors[k].1.iter().zip(&vectors[i].1).all(|(a, b)| a <= b));
        if !dominated {
            kept.push(i);
            if exact(group, vectors[i].0) {
                dominating.push(i);
            }
        }
    }
    let mut left: Vec<u32> = kept.into_iter().map(|i| vectors[i].0).collect();
    left.sort_unstable();
    left
}

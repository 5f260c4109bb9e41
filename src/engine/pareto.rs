//! Columns that another column of their group makes useless where only columns are left to decide.

use std::sync::Arc;

use super::linear::Active;
use super::program::{Group, Program};
use super::tuning::LARGEST_PRUNED as LARGEST;
use super::watch::Watch;

/// \[PRU26\] Drops every column that is nowhere smaller than another one of its group: all rows grow with
/// every term and argument, so the other one can take its place in any choice. The other one is
/// exact: one that stands for many has values that none of these may reach.
pub fn prune(program: &Program, active: &mut Active, watch: &Watch) {
    for (group, columns) in program.groups.iter().zip(active) {
        if columns.len() > 1 && columns.len() <= LARGEST {
            *columns = Arc::new(front(group, columns, watch));
        }
    }
}

fn front(own: &Group, columns: &[u32], watch: &Watch) -> Vec<u32> {
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
        let exact_first = || own.is_exact(b.0).cmp(&own.is_exact(a.0));
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
            if own.is_exact(vectors[i].0) {
                dominating.push(i);
            }
        }
    }
    let mut left: Vec<u32> = kept.into_iter().map(|i| vectors[i].0).collect();
    left.sort_unstable();
    left
}

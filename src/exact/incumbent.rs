//! A first mapping: coordinate descent over a few columns in every class.

use crate::classes::class::{Buffering, Class};
use crate::classes::keeps::without_one;
use crate::cost::spatial::fewest_steps;
use crate::layer;
use crate::problem::{Node, Role};
use crate::tiling::tile_space::TileSpace;

use super::descent::{Columns, Descent, allowed_columns, columns, descend, done};
use super::smallest::{self, last_leaf};
use super::space::LayerSpace;
use super::tuning::{BYPASS_ROUNDS, FEW_COLUMNS, KICKS, POLISHED, SWEPT, WIDTH};

/// How often a class is descended in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Descents {
    /// Once.
    One,
    /// The best classes again, from changed starts and over more columns.
    Many,
}

/// Looks for a good mapping; stops as soon as the lower bound is met.
///
/// First the smallest tiles, which fit if any do. Then every class with very few columns, then
/// the best classes again from changed starts, then the best classes with more columns.
pub fn find(space: &mut LayerSpace<'_>, divisors_only: bool, descents: Descents) {
    smallest::offer(space);
    if done(space) {
        return;
    }
    if !divisors_only {
        at_once(space);
    }
    if done(space) {
        return;
    }
    let Some(few) = few_columns(space, divisors_only) else {
        return;
    };
    let mut found = match all_classes(space) {
        Some(classes) => sweep(space, &few, classes),
        None => Vec::new(),
    };
    if found.is_empty() && !done(space) {
        found = beam(space, &few);
    }
    if descents == Descents::One {
        return;
    }
    keep_best(&mut found);
    go_around(space, &few, &mut found);
    for (_, class) in &found {
        if done(space) {
            return;
        }
        descend(space, &few, class, KICKS);
    }
    if divisors_only || done(space) {
        return;
    }
    let Some(more) = columns(space, TileSpace::Starter, 4 * FEW_COLUMNS) else {
        return;
    };
    for (_, class) in &found {
        if done(space) {
            return;
        }
        descend(space, &more, class, 0);
    }
}

/// The few best classes, the best first.
fn keep_best(found: &mut Vec<(f64, Class)>) {
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.truncate(POLISHED);
}

/// Tries the best classes with one operand after the other going around a memory.
fn go_around(space: &mut LayerSpace<'_>, columns: &Columns, found: &mut Vec<(f64, Class)>) {
    let mut seen: Vec<Class> = found.iter().map(|f| f.1.clone()).collect();
    for _ in 0..BYPASS_ROUNDS {
        let mut more = Vec::new();
        for (_, class) in found.iter() {
            for next in without_one(space.operation, space.hardware, class) {
                if done(space) {
                    return;
                }
                if seen.contains(&next) {
                    continue;
                }
                seen.push(next.clone());
                if let Some(cycles) = descend(space, columns, &next, 0) {
                    more.push((cycles, next));
                }
            }
        }
        let before = found.clone();
        found.extend(more);
        keep_best(found);
        if *found == before {
            return;
        }
    }
}

/// Whether every memory keeps all that it may keep.
fn keeps_all(space: &LayerSpace<'_>, class: &Class) -> bool {
    space.hardware.memories().skip(1).all(|(level, memory)| {
        Role::ALL.into_iter().all(|role| {
            let kept = class.keeps(space.hardware, Node { level, role });
            !memory.may_keep(role) || kept != Some(false)
        })
    })
}

/// Descends over a handful of columns in one class for each order of the outermost tiles.
fn at_once(space: &mut LayerSpace<'_>) {
    let Some(handful) = columns(space, TileSpace::Coarsest, FEW_COLUMNS) else {
        return;
    };
    for root in space.roots() {
        if done(space) {
            return;
        }
        if keeps_all(space, &root) {
            let leaf = last_leaf(space, root);
            descend(space, &handful, &leaf, 0);
        }
    }
}

/// The columns with which every class is looked at: the finest list that is short enough.
fn few_columns(space: &LayerSpace<'_>, divisors_only: bool) -> Option<Columns> {
    if divisors_only {
        return columns(space, TileSpace::Divisors, 4 * FEW_COLUMNS);
    }
    let fine = if uneven(space) {
        TileSpace::Balanced
    } else {
        TileSpace::Seed
    };
    columns(space, fine, FEW_COLUMNS)
        .or_else(|| columns(space, TileSpace::Coarse, 4 * FEW_COLUMNS))
        .or_else(|| columns(space, TileSpace::Coarsest, 4 * FEW_COLUMNS))
}

/// Whether the dimensions do not fill the array evenly, so that odd factors may be best.
fn uneven(space: &LayerSpace<'_>) -> bool {
    let elements = space.hardware.processing_elements().max(1);
    fewest_steps(space.operation, space.hardware) > space.operation.box_macs().div_ceil(elements)
}

/// All single classes with at most one operand loaded whole in which every memory keeps all that
/// it may; `None` if they are too many.
fn all_classes(space: &LayerSpace<'_>) -> Option<Vec<Class>> {
    let mut all = Vec::new();
    let mut open = space.roots();
    open.retain(|c| keeps_all(space, c));
    open.reverse();
    while let Some(class) = open.pop() {
        if all.len() > SWEPT {
            return None;
        }
        match space.split_class(&class) {
            None => all.push(class),
            Some(parts) => {
                let plain = |c: &Class| is_plain(c) && keeps_all(space, c);
                open.extend(parts.into_iter().rev().filter(plain));
            }
        }
    }
    Some(all)
}

/// Whether at most one operand is loaded whole, and the others are all doubled, or all but one.
fn is_plain(class: &Class) -> bool {
    let count = |own| class.buffering.iter().filter(|b| b.1 == own).count();
    let (double, single) = (count(Buffering::Double), count(Buffering::Single));
    count(Buffering::Whole) <= 1 && (double <= 1 || single <= 1)
}

/// Descends in every class; the cycles reached in each.
fn sweep(space: &mut LayerSpace<'_>, columns: &Columns, classes: Vec<Class>) -> Vec<(f64, Class)> {
    let mut found = Vec::new();
    for class in classes {
        if done(space) {
            break;
        }
        if let Some(cycles) = descend(space, columns, &class, 0) {
            found.push((cycles, class));
        }
    }
    found
}

/// Decides one thing after the other, keeps the few best classes each time, and offers the
/// last class to which each of them leads.
fn beam(space: &mut LayerSpace<'_>, columns: &Columns) -> Vec<(f64, Class)> {
    let mut found = Vec::new();
    let mut front: Vec<(f64, Class, Option<Vec<u32>>)> = space
        .roots()
        .into_iter()
        .map(|class| (0.0, class, None))
        .collect();
    while !front.is_empty() {
        let mut next = Vec::new();
        for (_, class, start) in front {
            if done(space) {
                return found;
            }
            let program = layer::program(&space.layer(&columns.groups), &class);
            let Some(active) = allowed_columns(space, columns, &class) else {
                continue;
            };
            let mut search = Descent::new(&program, columns, active, &space.watch);
            if let Some(start) = start {
                search.begin(&start);
            }
            search.run(None);
            let leaf = last_leaf(space, class.clone());
            let mut cycles = search.offer(space, columns, &leaf);
            if cycles.is_none() && space.is_restricted() {
                // The class leaves open what the restriction asks of the last one.
                cycles = descend(space, columns, &leaf, 0);
            }
            if leaf == class {
                found.extend(cycles.map(|c| (c, leaf)));
            }
            next.push((search.total(), class, search.choice));
        }
        next.sort_by(|a, b| a.0.total_cmp(&b.0));
        next.truncate(WIDTH);
        front = Vec::new();
        for (score, class, choice) in next {
            let parts = space.split_class(&class).unwrap_or_default();
            front.extend(parts.into_iter().map(|c| (score, c, Some(choice.clone()))));
        }
    }
    found
}

//! The nest that is printed is the nest that is costed: random mappings are printed, the text is
//! replayed element by element, and every count that is reported must come out.

use crate::literal::{Counts, memory, replay};
use crate::mappings::random;
use deepmatrix::check::check;
use deepmatrix::cost::evaluate;
use deepmatrix::cost::loops::{Line, lines as loops};
use deepmatrix::problem::result::Cost;
use deepmatrix::problem::{
    Array, Axis, Dim, DimSet, Hardware, Level, LoopNest, Mapping, Memory, Node, Overlap, PerDim,
    Precision, Role, RoleSet, Tiles, Window,
};
use deepmatrix::report::nest::lines;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;

/// A memory whose operands may go around it, or not.
fn inner(rng: &mut ChaCha8Rng, name: &str) -> Level {
    let overlap = [Overlap::Ideal, Overlap::DoubleBuffer][rng.random_range(0..2)];
    let bypass = if rng.random_bool(0.4) {
        RoleSet::ALL
    } else {
        RoleSet::NONE
    };
    Level::Memory(Memory {
        bypass,
        tiles: Tiles::PerOperand,
        ..memory(name, None, Some("1.5"), overlap)
    })
}

/// An array of one or two axes, some of which do not multicast.
fn array(rng: &mut ChaCha8Rng, name: &str, size: u64) -> Level {
    let axes = (0..rng.random_range(1..=2)).map(|i| Axis {
        name: format!("{name}{i}"),
        size,
        dims: DimSet::ALL,
        multicast: rng.random_bool(0.8),
        reduce: true,
    });
    Level::Array(Array {
        name: name.to_owned(),
        axes: axes.collect(),
        split_dims: false,
    })
}

/// Two to four memories, none to two arrays.
fn hardware(rng: &mut ChaCha8Rng) -> Hardware {
    let mut levels = vec![Level::Memory(memory(
        "dram",
        None,
        Some("1"),
        Overlap::Ideal,
    ))];
    levels.push(inner(rng, "sram"));
    match rng.random_range(0..6) {
        0 => {}
        1 => levels.push(array(rng, "pe", 3)),
        2 | 3 => {
            levels.push(array(rng, "pe", 3));
            levels.push(inner(rng, "registers"));
        }
        4 => {
            levels.push(inner(rng, "buffer"));
            levels.push(array(rng, "pe", 3));
        }
        _ => {
            levels.push(array(rng, "cores", 2));
            levels.push(inner(rng, "buffer"));
            levels.push(array(rng, "pe", 2));
            levels.push(inner(rng, "registers"));
        }
    }
    Hardware {
        name: "random".to_owned(),
        source: None,
        clock_mhz: None,
        levels,
        energy_pj_per_mac: None,
        static_pj_per_cycle: None,
        vector_lanes: None,
        dataflow: Vec::new(),
    }
}

/// Extents of convolutions over rows and columns, at most.
const PLANAR: &[(Dim, u64)] = {
    use Dim::{C, K, N, P, Q, R, S};
    &[(N, 2), (K, 3), (C, 2), (P, 8), (Q, 3), (R, 3), (S, 2)]
};

/// Extents of convolutions over depth, rows and columns, at most.
const DEEP: &[(Dim, u64)] = {
    use Dim::{G, K, N, P, Q, R, S, T, Z};
    &[
        (G, 2),
        (N, 2),
        (K, 2),
        (P, 3),
        (Q, 3),
        (R, 2),
        (S, 2),
        (Z, 5),
        (T, 3),
    ]
};

/// A convolution of some hundred multiply-accumulates, with padding where `padded`.
fn nest(rng: &mut ChaCha8Rng, shape: &[(Dim, u64)], padded: bool) -> LoopNest {
    use Dim::{C, G, N};
    let mut extents = PerDim::all(1);
    for &(d, most) in shape {
        extents[d] = rng.random_range(1..=most);
    }
    let mut window = |outputs: u64, taps: u64| {
        let (stride, dilation) = (rng.random_range(1..=2), rng.random_range(1..=3));
        let span = (outputs - 1) * stride + (taps - 1) * dilation + 1;
        let padding = rng.random_range(0..=2).min(span - 1);
        let padding = if padded { padding } else { 0 };
        let after = if padded { rng.random_range(0..=2) } else { 0 };
        Window {
            stride,
            dilation,
            padding,
            rows: (span - padding).saturating_sub(after).max(1),
        }
    };
    let mut windows = [Window::NONE; Window::COUNT];
    for (own, (p, r)) in windows.iter_mut().zip(LoopNest::WINDOW_DIMS) {
        if shape.iter().any(|&(d, _)| d == p) {
            *own = window(extents[p], extents[r]);
        }
    }
    let rows: u64 = windows.iter().map(|w| w.rows).product();
    if extents[G] * extents[N] * extents[C] * rows > 512 {
        return self::nest(rng, shape, padded);
    }
    let precision = Precision {
        input: 8,
        weight: 4,
        output: 8,
        accumulator: 24,
    };
    LoopNest::forward(extents, windows, precision)
}

/// A random order of the nodes of what is kept, each operand's own from the outside in.
fn order(rng: &mut ChaCha8Rng, nest: &LoopNest, hardware: &Hardware) -> Vec<Node> {
    let mut left = Role::ALL.map(|role| {
        let memories = hardware.memories().skip(1);
        let lies = |level: usize| level == 1 && nest.resident.contains(role);
        let must = |level: usize, m: &Memory| !m.may_bypass(role) || lies(level);
        let kept = memories.filter(|&(level, m)| must(level, m) || rng.random_bool(0.5));
        kept.map(|(level, _)| level).collect::<Vec<usize>>()
    });
    let mut order = Vec::new();
    while left.iter().any(|levels| !levels.is_empty()) {
        // Mostly one memory's nodes after the other's; a node further in may come early.
        let outermost = left.iter().filter_map(|l| l.first()).min().copied();
        let role = Role::ALL[rng.random_range(0..3)];
        let own = &mut left[role as usize];
        let Some(&level) = own.first() else { continue };
        if Some(level) == outermost || rng.random_bool(0.2) {
            own.remove(0);
            order.push(Node { level, role });
        }
    }
    order
}

/// A random mapping, which may be none.
fn mapping(rng: &mut ChaCha8Rng, nest: &LoopNest, hardware: &Hardware) -> Mapping {
    let mut mapping = Mapping {
        order: order(rng, nest, hardware),
        extents: Vec::new(),
        spatial: random::spatial(rng, nest, hardware),
        slides: Vec::new(),
        double_buffered: Vec::new(),
    };
    let keeps = rng.random_range(0.4..0.9);
    random::cut(rng, nest, hardware, &mut mapping, keeps);
    let mut slides = vec![None, Some(Dim::P), Some(Dim::P), Some(Dim::Q)];
    if nest.dims().contains(&Dim::Z) {
        slides.extend([Some(Dim::Z); 4]);
    }
    for (level, _) in hardware.memories().skip(1) {
        let slide = slides[rng.random_range(0..slides.len())];
        let may = slide.filter(|&d| {
            let role = Role::Input;
            let lies = level == 1 && nest.resident.contains(role);
            mapping.keeps(Node { level, role }) && !lies && mapping.may_slide_inside(level, d)
        });
        mapping.slides.extend(may.map(|d| (level, d)));
    }
    mapping
}

/// What of a cost the replay does not find.
fn differences(hardware: &Hardware, cost: &Cost, counts: &Counts) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut same = |what: String, stated: u128, found: u128| {
        if stated != found {
            wrong.push(format!("{what}: reported {stated}, replayed {found}"));
        }
    };
    same("steps".to_owned(), cost.compute_cycles, counts.steps);
    for memory in &cost.memories {
        let found = counts.memory(memory.level);
        let name = hardware
            .memory(memory.level)
            .map_or("", |m| m.name.as_str());
        for role in Role::ALL {
            let r = role as usize;
            let (reads, writes) = (
                found.inner[r].reads + found.outer[r].reads,
                found.inner[r].writes + found.outer[r].writes,
            );
            same(
                format!("{name} {role} read"),
                memory.traffic[r].read.0,
                reads,
            );
            same(
                format!("{name} {role} written"),
                memory.traffic[r].write.0,
                writes,
            );
            let copies = if memory.doubled[r] { 2 } else { 1 };
            let space = found.footprint[r] * copies;
            same(format!("{name} {role} space"), memory.occupied[r].0, space);
        }
        same(format!("{name} busy"), memory.busy_cycles, found.busy);
    }
    same("cycles".to_owned(), cost.cycles, counts.cycles);
    wrong
}

/// What kinds of nests were replayed.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    mappings: usize,
    slides: usize,
    dilated: usize,
    moved: usize,
    cores: usize,
    bypasses: usize,
    /// Walks in depth.
    deep: usize,
    /// Depth or its taps spread over an array.
    spread: usize,
}

/// Replays the mapping of a seed with some operands resident, if it is one.
fn replayed(seed: u64, shape: &[(Dim, u64)], own: RoleSet) -> Result<Option<Seen>, String> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let hardware = hardware(&mut rng);
    // Where an array stands above another one the elements' blocks of a padded window may lie
    // elsewhere than in the tile around them.
    let cores = hardware.arrays().count() > 1;
    let nest = nest(&mut rng, shape, !cores).with_resident(own);
    let mapping = mapping(&mut rng, &nest, &hardware);
    let Ok(cost) = evaluate(&nest, &hardware, &mapping) else {
        return Ok(None);
    };
    let printed = loops(&nest, &mapping);
    let text = lines(&nest, &hardware, &mapping, &cost).join("\n");
    let counts = replay(&nest, &hardware, &text);
    let wrong = differences(&hardware, &cost, &counts);
    if !wrong.is_empty() {
        let wrong = wrong.join("\n");
        return Err(format!(
            "seed {seed}:\n{wrong}\n{text}\n{nest:?}\n{mapping:?}"
        ));
    }
    check(&nest, &hardware, &mapping, &cost).map_err(|error| format!("seed {seed}: {error}"))?;
    let slides = printed
        .iter()
        .filter(|line| matches!(line, Line::Keep { slide: Some(_), .. }));
    let slides = slides.count();
    let in_depth = |line: &Line| {
        matches!(
            line,
            Line::Keep {
                slide: Some(Dim::Z),
                ..
            }
        )
    };
    let deep = printed.iter().any(in_depth);
    let spread = [Dim::Z, Dim::T].into_iter();
    let spread = spread.map(|d| mapping.spread_above(usize::MAX, d)).max();
    let order = printed.iter().filter_map(|line| match line {
        Line::Keep { node, .. } => Some(*node),
        Line::Loop { .. } => None,
    });
    let all = 3 * (hardware.memories().count() - 1);
    Ok(Some(Seen {
        mappings: 1,
        slides: usize::from(slides > 0),
        dilated: usize::from(slides > 0 && nest.windows.iter().any(|w| w.dilation > 1)),
        moved: usize::from(!order.eq(mapping.order.iter().copied())),
        cores: usize::from(cores),
        bypasses: usize::from(mapping.order.len() < all),
        deep: usize::from(deep),
        spread: usize::from(spread > Some(1)),
    }))
}

fn replay_all(seeds: std::ops::Range<u64>, shape: &[(Dim, u64)]) -> Seen {
    replay_with(seeds, shape, |_| RoleSet::NONE)
}

/// The same with the operands resident that a seed says.
fn replay_with(
    seeds: std::ops::Range<u64>,
    shape: &[(Dim, u64)],
    resident: fn(u64) -> RoleSet,
) -> Seen {
    let seeds = seeds.into_par_iter();
    let all: Vec<_> = seeds
        .map(|seed| replayed(seed, shape, resident(seed)))
        .collect();
    let wrong: Vec<String> = all.iter().filter_map(|own| own.clone().err()).collect();
    let few = wrong
        .iter()
        .take(5)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n\n");
    assert!(wrong.is_empty(), "{}:\n{few}", wrong.len());
    let mut sum = Seen::default();
    for own in all.into_iter().flatten().flatten() {
        sum.mappings += own.mappings;
        sum.slides += own.slides;
        sum.dilated += own.dilated;
        sum.moved += own.moved;
        sum.cores += own.cores;
        sum.bypasses += own.bypasses;
        sum.deep += own.deep;
        sum.spread += own.spread;
    }
    sum
}

/// That there were many mappings, and many of the kinds that any shape has and of these.
fn assert_many(seen: &Seen, [one, other]: [usize; 2]) {
    assert!(seen.mappings > 600, "{seen:?}");
    let kinds = [seen.slides, seen.dilated, seen.moved, one, other];
    assert!(kinds.iter().all(|&n| n > 50), "{seen:?}");
}

#[test]
fn printed_nests_cost_what_is_reported() {
    let seen = replay_all(0..3_000, PLANAR);
    assert_many(&seen, [seen.cores, seen.bypasses]);
}

#[test]
fn printed_nests_over_three_axes_cost_what_is_reported() {
    let seen = replay_all(0..4_000, DEEP);
    assert_many(&seen, [seen.deep, seen.spread]);
}

/// Each set of operands in turn.
#[test]
fn printed_nests_with_resident_operands_cost_what_is_reported() {
    let resident = |seed: u64| {
        let roles = Role::ALL.into_iter();
        let own = roles.filter(|&role| (seed % 7 + 1) >> role as u64 & 1 != 0);
        RoleSet::of(&own.collect::<Vec<Role>>())
    };
    let seen = replay_with(100_000..103_000, PLANAR, resident);
    assert_many(&seen, [seen.cores, seen.bypasses]);
    let seen = replay_with(200_000..208_000, DEEP, resident);
    assert_many(&seen, [seen.deep, seen.spread]);
}

#[test]
#[ignore = "minutes"]
fn many_more_printed_nests_cost_what_is_reported() {
    replay_all(3_000..60_000, PLANAR);
    replay_all(4_000..60_000, DEEP);
}

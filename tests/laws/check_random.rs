//! The checker on random mappings of tiny convolutions: it accepts exactly one cost for each, and
//! that cost obeys laws that hold for every mapping.

use deepmatrix::check::{CheckError, check};
use deepmatrix::cost::evaluate;
use deepmatrix::problem::result::{Cost, MemoryCost, PortTraffic};
use deepmatrix::problem::{
    AccessEnergy, Array, ArrayMapping, Axis, Bandwidth, Bits, Dim, DimSet, Hardware, Level,
    LoopNest, Mapping, Memory, Node, Overlap, PerDim, Ports, Precision, Role, RoleSet, Tiles,
    Window,
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// An unbounded memory with a port of each direction.
fn memory(name: &str, sliding_reuse: bool) -> Level {
    Level::Memory(Memory {
        name: name.to_owned(),
        capacity: None,
        ports: Ports::Separate {
            read: Bandwidth::new(3, 2),
            write: Bandwidth::new(5, 1),
        },
        energy: AccessEnergy::ABSENT,
        holds: RoleSet::ALL,
        bypass: RoleSet::NONE,
        overlap: Overlap::DoubleBuffer,
        tiles: Tiles::PerOperand,
        sliding_reuse,
        alignment: Memory::DEFAULT_ALIGNMENT,
    })
}

/// An array with two axes for all dimensions.
fn array(name: &str, size: u64) -> Level {
    let axis = |name: &str| Axis {
        name: name.to_owned(),
        size,
        dims: DimSet::ALL,
        multicast: true,
        reduce: true,
    };
    Level::Array(Array {
        name: name.to_owned(),
        axes: vec![axis("rows"), axis("cols")],
        split_dims: false,
    })
}

/// One of four hierarchies: with and without cores, with and without registers.
fn hardware(kind: usize) -> Hardware {
    let mut levels = vec![memory("dram", true)];
    if kind & 1 != 0 {
        levels.push(array("cores", 2));
    }
    levels.push(memory("sram", true));
    levels.push(array("pe", 3));
    if kind & 2 != 0 {
        levels.push(memory("registers", true));
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

/// A random convolution of a few hundred multiply-accumulates.
fn nest(rng: &mut ChaCha8Rng) -> LoopNest {
    use Dim::{C, K, N, P, Q, R, S};
    shaped(
        rng,
        &[(N, 2), (K, 5), (C, 5), (P, 7), (Q, 3), (R, 3), (S, 2)],
    )
}

/// The same over depth, rows and columns.
fn deep_nest(rng: &mut ChaCha8Rng) -> LoopNest {
    use Dim::{C, K, P, Q, R, S, T, Z};
    shaped(
        rng,
        &[
            (K, 3),
            (C, 3),
            (P, 3),
            (Q, 3),
            (R, 2),
            (S, 2),
            (Z, 5),
            (T, 3),
        ],
    )
}

/// A random convolution of extents up to these.
fn shaped(rng: &mut ChaCha8Rng, shape: &[(Dim, u64)]) -> LoopNest {
    let mut extents = PerDim::all(1);
    for &(d, most) in shape {
        extents[d] = rng.random_range(1..=most);
    }
    let mut window = |outputs: u64, taps: u64| {
        let (stride, dilation) = (rng.random_range(1..=3), rng.random_range(1..=2));
        let span = (outputs - 1) * stride + (taps - 1) * dilation + 1;
        let padding = rng.random_range(0..=1).min(span - 1);
        Window {
            stride,
            dilation,
            padding,
            rows: (span - padding)
                .saturating_sub(rng.random_range(0..=1))
                .max(1),
        }
    };
    let mut windows = [Window::NONE; Window::COUNT];
    for (own, (p, r)) in windows.iter_mut().zip(LoopNest::WINDOW_DIMS) {
        if shape.iter().any(|&(d, _)| d == p) {
            *own = window(extents[p], extents[r]);
        }
    }
    let precision = Precision {
        input: 8,
        weight: 4,
        output: 8,
        accumulator: 24,
    };
    LoopNest::forward(extents, windows, precision)
}

/// Random spatial loops: one dimension per axis, no dimension on two axes of an array.
fn spatial(rng: &mut ChaCha8Rng, nest: &LoopNest, hardware: &Hardware) -> Vec<ArrayMapping> {
    let (arrays, dims) = (hardware.arrays(), nest.dims());
    arrays
        .map(|(level, array)| {
            let mut axes = vec![PerDim::all(1); 2];
            let first = rng.random_range(0..dims.len());
            let second = (first + rng.random_range(1..dims.len())) % dims.len();
            axes[0][dims[first]] = rng.random_range(1..=array.axes[0].size);
            axes[1][dims[second]] = rng.random_range(1..=array.axes[1].size);
            ArrayMapping { level, axes }
        })
        .collect()
}

/// A random order of all nodes, each operand's own from the outside in.
fn order(rng: &mut ChaCha8Rng, hardware: &Hardware) -> Vec<Node> {
    let levels: Vec<usize> = hardware.memories().skip(1).map(|m| m.0).collect();
    let mut next = [0; 3];
    let mut order = Vec::new();
    while order.len() < 3 * levels.len() {
        let role = Role::ALL[rng.random_range(0..3)];
        if let Some(&level) = levels.get(next[role as usize]) {
            next[role as usize] += 1;
            order.push(Node { level, role });
        }
    }
    order
}

/// A random mapping, in some with cuts in dimensions irrelevant to a node; it may still tile below
/// a node what that node keeps.
fn mapping(rng: &mut ChaCha8Rng, nest: &LoopNest, hardware: &Hardware) -> Mapping {
    let mut mapping = Mapping {
        order: order(rng, hardware),
        extents: Vec::new(),
        spatial: spatial(rng, nest, hardware),
        slides: Vec::new(),
        double_buffered: Vec::new(),
    };
    let mut current = nest.extents;
    for i in 0..mapping.order.len() {
        let node = mapping.order[i];
        let mut tile = PerDim::all(1);
        let above = hardware.arrays().all(|(array, _)| node.level < array);
        for &d in nest.dims() {
            let own_cut = above && rng.random_bool(0.1);
            if !nest.is_relevant(node.role, d) && !own_cut {
                continue;
            }
            let elements = mapping.spread_above(node.level, d);
            let largest = current[d].div_ceil(elements);
            let keep = rng.random_bool(0.6);
            tile[d] = if keep {
                largest
            } else {
                rng.random_range(1..=largest)
            };
            if nest.is_relevant(node.role, d) || tile[d] > 1 {
                current[d] = current[d].min(tile[d] * elements);
            }
        }
        mapping.extents.push(tile);
    }
    mapping
}

/// A cost with all numbers zero.
fn zero(hardware: &Hardware) -> Cost {
    let part = |level| MemoryCost {
        level,
        traffic: [PortTraffic::default(); 3],
        occupied: [Bits(0); 3],
        doubled: [false; 3],
        busy_cycles: 0,
        added_cycles: [0; 3],
    };
    Cost {
        cycles: 0,
        compute_cycles: u128::from(u64::MAX),
        memories: hardware.memories().map(|m| part(m.0)).collect(),
        energy_pj: None,
    }
}

/// Puts the number that the checker found in the place of the one that it rejects.
fn repair(cost: &mut Cost, hardware: &Hardware, error: &CheckError) -> Option<()> {
    let place = |name: &str| hardware.memories().position(|m| m.1.name == name);
    match error {
        CheckError::Operand {
            memory,
            role,
            quantity,
            found,
            ..
        } => {
            let part = &mut cost.memories[place(memory)?];
            let r = *role as usize;
            match *quantity {
                "bits read" => part.traffic[r].read = Bits(*found),
                "bits written" => part.traffic[r].write = Bits(*found),
                "occupied bits" => part.occupied[r] = Bits(*found),
                _ => part.doubled[r] = *found == 1,
            }
        }
        CheckError::Memory { memory, found, .. } => {
            cost.memories[place(memory)?].busy_cycles = *found;
        }
        CheckError::Total {
            quantity: "cycles",
            found,
            ..
        } => cost.cycles = *found,
        CheckError::Total { found, .. } => cost.compute_cycles = *found,
        _ => return None,
    }
    Some(())
}

/// The only cost that the checker accepts; `None` if the mapping is none.
fn accepted(nest: &LoopNest, hardware: &Hardware, mapping: &Mapping) -> Option<Cost> {
    let mut cost = zero(hardware);
    for _ in 0..200 {
        match check(nest, hardware, mapping, &cost) {
            Ok(()) => return Some(cost),
            Err(CheckError::Mapping(_)) => return None,
            Err(error) => {
                repair(&mut cost, hardware, &error).unwrap_or_else(|| panic!("{error}"));
            }
        }
    }
    panic!("the checker does not settle on {mapping:?}");
}

/// The distinct elements of the input.
fn touched(nest: &LoopNest) -> u128 {
    let axis = |i: usize| {
        let (output, kernel) = LoopNest::WINDOW_DIMS[i];
        let w = nest.windows[i];
        let is_touched = |row: &u64| {
            (0..nest.extents[output]).any(|p| {
                (0..nest.extents[kernel]).any(|r| p * w.stride + r * w.dilation == row + w.padding)
            })
        };
        (0..w.rows).filter(is_touched).count() as u128
    };
    let plain = [Dim::G, Dim::N, Dim::C].map(|d| u128::from(nest.extents[d]));
    plain.iter().product::<u128>() * (0..Window::COUNT).map(axis).product::<u128>()
}

/// The elements of the weight or the output.
fn elements(nest: &LoopNest, role: Role) -> u128 {
    let dims = nest.relevant[role as usize].iter();
    dims.map(|d| u128::from(nest.extents[d])).product()
}

/// The evaluation is the cost that the checker accepts, also of mappings with cuts in dimensions
/// irrelevant to a node, in each kind of hardware that has any.
#[test]
fn evaluation_and_checker_agree() {
    let with_cuts = agree(8000, nest);
    assert!(with_cuts[0] > 100 && with_cuts[2] > 100, "{with_cuts:?}");
}

#[test]
fn evaluation_and_checker_agree_over_three_axes() {
    let with_cuts = agree(6000, deep_nest);
    assert!(with_cuts[0] > 50 && with_cuts[2] > 50, "{with_cuts:?}");
}

/// Compares evaluation and checker; how many mappings had cuts of their own, by kind of hardware.
fn agree(rounds: usize, nest: fn(&mut ChaCha8Rng) -> LoopNest) -> [usize; 4] {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut with_cuts = [0; 4];
    for round in 0..rounds {
        let hardware = hardware(round % 4);
        let nest = nest(&mut rng);
        let mut mapping = mapping(&mut rng, &nest, &hardware);
        if rng.random_bool(0.5) {
            let outputs = nest.window_outputs();
            let dim = outputs[rng.random_range(0..outputs.len())];
            mapping.slides = vec![(mapping.order[0].level, dim)];
        }
        let Ok(cost) = evaluate(&nest, &hardware, &mapping) else {
            continue;
        };
        let checked = check(&nest, &hardware, &mapping, &cost);
        assert_eq!(checked, Ok(()), "round {round}: {nest:?}\n{mapping:?}");
        let mut nodes = mapping.order.iter().zip(&mapping.extents);
        let has_cuts = nodes.any(|(node, own)| {
            let irrelevant = |d: &Dim| !nest.is_relevant(node.role, *d);
            Dim::ALL.into_iter().filter(irrelevant).any(|d| own[d] > 1)
        });
        with_cuts[round % 4] += usize::from(has_cuts);
    }
    with_cuts
}

#[test]
fn accepted_costs_obey_the_laws() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut mapped = [0; 4];
    for round in 0..1000 {
        let hardware = hardware(round % 4);
        let nest = nest(&mut rng);
        let mut mapping = mapping(&mut rng, &nest, &hardware);
        let Some(cost) = accepted(&nest, &hardware, &mapping) else {
            continue;
        };
        mapped[round % 4] += 1;
        let dram = &cost.memories[0].traffic;
        assert!(dram[0].read.0 >= 8 * touched(&nest));
        assert!(dram[1].read.0 >= 4 * elements(&nest, Role::Weight));
        let output = elements(&nest, Role::Output);
        assert_eq!(dram[2].write.0, dram[2].read.0 + 8 * output);
        assert_eq!(dram[2].read.0 % 24, 0);
        // Sliding never adds traffic, and changes the input's only.
        let level = mapping.order[0].level;
        let dim = [Dim::P, Dim::Q][round / 4 % 2];
        mapping.slides = vec![(level, dim)];
        if let Some(slid) = accepted(&nest, &hardware, &mapping) {
            assert!(slid.memories[0].traffic[0].read <= dram[0].read);
            assert_eq!(slid.compute_cycles, cost.compute_cycles);
        }
    }
    assert!(mapped.iter().all(|&m| m > 20), "{mapped:?}");
}

/// 10 outputs and 3 taps with a row of padding on either side, in tiles of 4. A cut of 6 at the
/// weight's node makes them 4 + 2 | 4: both full tiles see padding and have 5 rows, not 6.
#[test]
fn a_third_cut_saves_a_row() {
    let mut extents = PerDim::all(1);
    (extents[Dim::P], extents[Dim::R]) = (10, 3);
    let window = Window {
        stride: 1,
        dilation: 1,
        padding: 1,
        rows: 10,
    };
    let precision = Precision {
        input: 8,
        weight: 4,
        output: 8,
        accumulator: 24,
    };
    let nest = LoopNest::forward(extents, Window::planar([window, Window::NONE]), precision);
    let hardware = hardware(0);
    let spatial = vec![ArrayMapping {
        level: 2,
        axes: vec![PerDim::all(1); 2],
    }];
    let roles = [Role::Output, Role::Weight, Role::Input];
    let tile = |role: Role, p: u64| {
        let mut tile = PerDim(Dim::ALL.map(|d| {
            if nest.is_relevant(role, d) {
                extents[d]
            } else {
                1
            }
        }));
        tile[Dim::P] = p;
        tile
    };
    let cost = |weight: u64| {
        let mapping = Mapping {
            order: roles.map(|role| Node { level: 1, role }).to_vec(),
            extents: vec![
                tile(Role::Output, 10),
                tile(Role::Weight, weight),
                tile(Role::Input, 4),
            ],
            spatial: spatial.clone(),
            slides: Vec::new(),
            double_buffered: Vec::new(),
        };
        let cost = evaluate(&nest, &hardware, &mapping).expect("a mapping");
        assert_eq!(check(&nest, &hardware, &mapping, &cost), Ok(()));
        cost
    };
    let (two, three) = (cost(1), cost(6));
    // Doubled, as several tiles are loaded: 4 | 4 | 2 outputs see 5, 6 and 3 rows, 4 | 2 | 4 see 5, 4 and 5.
    assert_eq!(two.memories[1].occupied[0], Bits(2 * 8 * 6));
    assert_eq!(three.memories[1].occupied[0], Bits(2 * 8 * 5));
    for cost in [two, three] {
        assert_eq!(cost.memories[0].traffic[0].read, Bits(8 * 14));
        assert_eq!(cost.memories[0].traffic[1].read, Bits(4 * 3));
        assert_eq!(cost.compute_cycles, 30);
    }
}

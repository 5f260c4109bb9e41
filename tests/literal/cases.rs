//! Random tiny cases, mostly those in which windows are awkward: dilation, clipped padding,
//! strides above the kernel, outputs that read nothing but padding.

use deepmatrix::problem::{
    AccessEnergy, Array, Axis, Bandwidth, Bytes, DimSet, Hardware, Level, LoopNest, Memory,
    Overlap, PerDim, Ports, Precision, RoleSet, Tiles, Window,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::events::spreads;
use super::parse::Nest;
use super::space::{Space, State, all_spreads};

/// An operation on an accelerator.
#[derive(Clone, Debug)]
pub struct Case {
    /// The operation.
    pub operation: LoopNest,
    /// The accelerator.
    pub hardware: Hardware,
}

/// What a random case may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// DRAM, SRAM and an array, windows along the rows.
    Rows,
    /// The same with rows and columns of tiny extents.
    RowsAndColumns,
    /// Windows along the rows, and registers below the array.
    Registers,
    /// Windows in depth, and along rows or columns, of tiny extents.
    Depth,
}

/// The random case of this seed.
pub fn random_case(kind: Kind, seed: u64) -> Case {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let one = |rng: &mut ChaCha8Rng| rng.random_range(1..=2);
    let mut deep = (1, 1);
    let ((p, r), (q, s), (k, c)) = match kind {
        Kind::Rows => (
            (rng.random_range(2..=6), rng.random_range(1..=3)),
            (1, 1),
            if rng.random() {
                (one(rng), 1)
            } else {
                (1, one(rng))
            },
        ),
        Kind::RowsAndColumns => (
            (rng.random_range(2..=3), one(rng)),
            (rng.random_range(2..=3), one(rng)),
            (1, 1),
        ),
        Kind::Depth => {
            deep = (rng.random_range(2..=3), rng.random_range(1..=2));
            let other = (2, one(rng));
            let (rows, columns) = if rng.random() {
                (other, (1, 1))
            } else {
                ((1, 1), other)
            };
            (rows, columns, (1, 1))
        }
        Kind::Registers => ((rng.random_range(2..=4), one(rng)), (1, 1), (one(rng), 1)),
    };
    let output = 8;
    let precision = Precision {
        input: pick(rng, &[8, 8, 16, 4]),
        weight: pick(rng, &[8, 8, 4]),
        output,
        accumulator: pick(rng, &[8, 16, 32]),
    };
    let windows = [(p, r), (q, s), deep].map(|(outputs, taps)| window(rng, outputs, taps));
    let extents = PerDim([1, 1, k, c, p, q, r, s, deep.0, deep.1]);
    let operation = LoopNest::forward(extents, windows, precision);
    Case {
        operation,
        hardware: hardware(rng, kind),
    }
}

fn pick<T: Copy>(rng: &mut ChaCha8Rng, values: &[T]) -> T {
    values[rng.random_range(0..values.len())]
}

/// A window over a tensor that ends before, at or behind the last row that it reaches.
fn window(rng: &mut ChaCha8Rng, outputs: u64, taps: u64) -> Window {
    if outputs == 1 && taps == 1 {
        return Window::NONE;
    }
    let (stride, dilation) = (pick(rng, &[1, 1, 2, 3]), pick(rng, &[1, 2, 2, 3]));
    let span = (outputs - 1) * stride + (taps - 1) * dilation + 1;
    let padding = rng.random_range(0..=3.min(span - 1));
    let end = rng.random_range(0..=3.min(span - padding - 1));
    let unread = if end == 0 { rng.random_range(0..=1) } else { 0 };
    Window {
        stride,
        dilation,
        padding,
        rows: span - padding - end + unread,
    }
}

fn hardware(rng: &mut ChaCha8Rng, kind: Kind) -> Hardware {
    // Half of them starve on the outer port: there the windows decide.
    let (dram, sram) = if rng.random() {
        (pick(rng, &["0.25", "0.5"]), None)
    } else {
        let sram = pick(rng, &["1", "1.5", "2", "4", "8"]);
        (pick(rng, &["0.5", "1", "2", "4"]), Some(sram))
    };
    let doubled = rng.random();
    let capacity = rng.random_range(if doubled { 6..30 } else { 4..20 });
    let overlap = if doubled {
        Overlap::DoubleBuffer
    } else {
        Overlap::Ideal
    };
    let axes: &[u64] = pick(rng, &[&[2], &[3], &[4], &[2, 2], &[1]]);
    let multicast = rng.random_range(0..4) > 0;
    let mut levels = vec![
        Level::Memory(memory("dram", None, Some(dram), Overlap::Ideal)),
        Level::Memory(memory("sram", Some(capacity), sram, overlap)),
        array(axes, multicast),
    ];
    if kind == Kind::Registers {
        let capacity = rng.random_range(4..12);
        levels.push(Level::Memory(Memory {
            tiles: Tiles::Shared,
            sliding_reuse: false,
            ..memory("registers", Some(capacity), None, Overlap::Ideal)
        }));
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

/// A memory of so many bytes and bytes per cycle, one port, a tile for each operand.
///
/// # Panics
/// If the bandwidth is no decimal.
pub fn memory(
    name: &str,
    capacity: Option<u64>,
    bandwidth: Option<&str>,
    overlap: Overlap,
) -> Memory {
    Memory {
        name: name.to_owned(),
        capacity: capacity.map(Bytes),
        ports: Ports::Shared(bandwidth.map(|b| Bandwidth::parse(b).expect("a decimal"))),
        energy: AccessEnergy::ABSENT,
        holds: RoleSet::ALL,
        bypass: RoleSet::NONE,
        overlap,
        tiles: Tiles::PerOperand,
        sliding_reuse: true,
        alignment: Memory::DEFAULT_ALIGNMENT,
    }
}

/// An array with axes x, y of these sizes over which everything may be spread.
pub fn array(sizes: &[u64], multicast: bool) -> Level {
    let axis = |(name, &size): (&str, &u64)| Axis {
        name: name.to_owned(),
        size,
        dims: DimSet::ALL,
        multicast,
        reduce: true,
    };
    Level::Array(Array {
        name: "pe".to_owned(),
        axes: ["x", "y"].into_iter().zip(sizes).map(axis).collect(),
        split_dims: false,
    })
}

/// A random nest of a case, which may not fit.
pub fn random_nest(case: &Case, rng: &mut ChaCha8Rng) -> Nest {
    let mut all = all_spreads(&case.operation, &case.hardware);
    let parallel = all.swap_remove(rng.random_range(0..all.len()));
    let spreads = spreads(&Nest {
        items: parallel.clone(),
    });
    let space = Space {
        operation: &case.operation,
        hardware: &case.hardware,
        parallel,
        spreads,
    };
    let mut state = State::new(&case.operation, &case.hardware);
    while !state.has_all_nodes() {
        let mut next = space.next(&state);
        if next.is_empty() {
            // Nodes of a shared box that cannot agree any more: from the start again.
            state = State::new(&case.operation, &case.hardware);
            continue;
        }
        state = next.swap_remove(rng.random_range(0..next.len()));
    }
    space.completed(&state)
}

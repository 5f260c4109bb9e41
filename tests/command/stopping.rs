//! A search that is stopped gives what it has: a mapping, and a bound that holds.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use deepmatrix::check;
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::network::inference::{self, InferenceOptions};
use deepmatrix::network::training::{self, StepOptions};
use deepmatrix::problem::graph::Mode;
use deepmatrix::problem::result::{Solution, Status};
use deepmatrix::problem::{
    Array, Axis, Bandwidth, Bytes, Dim, DimSet, Hardware, LayerKind, Level, LoopNest, Memory,
    Overlap, PerDim, Ports, Precision, Tiles, Window,
};
use deepmatrix::read::{self, NetworkOptions};

/// What a stopped layer may take on a loaded machine. Without the limit each would take hours.
const GENEROUS: Duration = Duration::from_secs(60);

fn hardware(name: &str) -> Hardware {
    let path = format!("inputs/hardware/{name}.yaml");
    read::hardware(Path::new(&path)).expect("a hardware file")
}

/// A convolution of 64 × 64 channels with a square output and kernel.
fn convolution(output: u64, kernel: u64, padding: u64) -> LoopNest {
    let window = Window {
        stride: 1,
        dilation: 1,
        padding,
        rows: output + kernel - 1 - 2 * padding,
    };
    let precision = Precision {
        input: 8,
        weight: 8,
        output: 8,
        accumulator: 32,
    };
    let extents = PerDim::planar([1, 1, 64, 64, output, output, kernel, kernel]);
    LoopNest::forward(extents, Window::planar([window; 2]), precision)
}

/// Eight levels: DRAM, then three times an array over a bounded memory, and a buffer below DRAM.
fn deep() -> Hardware {
    let mut hardware = hardware("shared-16x16");
    let Some(Level::Memory(dram)) = hardware.levels.first().cloned() else {
        panic!("the outermost level is a memory");
    };
    let memory = |name: &str, bytes: u64| {
        Level::Memory(Memory {
            name: name.into(),
            capacity: Some(Bytes(bytes)),
            ports: Ports::Shared(Bandwidth::new(64, 1)),
            overlap: Overlap::DoubleBuffer,
            tiles: Tiles::PerOperand,
            ..dram.clone()
        })
    };
    let array = |name: &str, size| {
        let axis = |name: &str| Axis {
            name: name.into(),
            size,
            dims: DimSet::ALL,
            multicast: true,
            reduce: true,
        };
        Level::Array(Array {
            name: name.into(),
            axes: vec![axis("rows"), axis("cols")],
            split_dims: false,
        })
    };
    hardware.levels = vec![
        Level::Memory(dram.clone()),
        memory("shared", 1 << 22),
        array("chips", 2),
        memory("global", 1 << 20),
        array("cores", 4),
        memory("local", 1 << 15),
        array("pe", 8),
        memory("registers", 256),
    ];
    hardware
}

fn limited(nest: &LoopNest, hardware: &Hardware, seconds: f64) -> Solution {
    let options = SolveOptions {
        time_limit: Some(Duration::from_secs_f64(seconds)),
        ..SolveOptions::default()
    };
    solve(nest, hardware, &options)
}

/// The solution is a mapping, and no better than its bound.
fn assert_mapped(name: &str, solution: &Solution) {
    let cycles = solution.best.as_ref().map(|best| best.1.cycles);
    assert!(
        cycles.is_some_and(|c| solution.bound_cycles <= c && solution.bound_cycles > 0),
        "{name}: {cycles:?}, bound {}, {:?}",
        solution.bound_cycles,
        solution.reason
    );
    let proved = solution.status() == Status::Optimal;
    assert!(proved || solution.status() == Status::Feasible, "{name}");
    assert_eq!(proved, solution.reason.is_none(), "{name}");
}

#[test]
fn a_limit_is_obeyed_on_monstrous_layers() {
    for (name, hardware) in [("two levels", hardware("shared-16x16")), ("deep", deep())] {
        for (output, kernel, padding) in [(1000, 512, 0), (1000, 512, 255), (224, 3, 1)] {
            let started = Instant::now();
            let solution = limited(&convolution(output, kernel, padding), &hardware, 0.5);
            let name = format!("{name} {output} {kernel} {padding}");
            assert_mapped(&name, &solution);
            let took = started.elapsed();
            assert!(took < GENEROUS, "{name}: {took:?}");
        }
    }
}

#[test]
fn a_kernel_of_a_million_ends_with_a_mapping() {
    let mut nest = convolution(1000, 1, 0);
    let [(_, r), (q, _), _] = LoopNest::WINDOW_DIMS;
    nest.extents[r] = 1_000_000;
    nest.extents[q] = 1;
    nest.windows[0].rows = 1_000_999;
    nest.windows[1].rows = 1;
    let started = Instant::now();
    assert_mapped("million", &limited(&nest, &hardware("hard-32x32"), 0.5));
    assert!(started.elapsed() < GENEROUS);
}

#[test]
fn every_layer_has_a_mapping_at_once() {
    let path = Path::new("inputs/networks/vgg16.yaml");
    let network = read::network(path, &NetworkOptions::default()).expect("a network file");
    for name in ["hard-32x32", "starved-32x32", "shared-32x32"] {
        let hardware = hardware(name);
        for layer in &network.layers {
            if let LayerKind::MultiplyAccumulate(nest) = &layer.kind {
                assert_mapped(&layer.name, &limited(nest, &hardware, 0.05));
            }
        }
    }
}

#[test]
fn an_interrupt_stops_at_once() {
    let options = SolveOptions {
        interrupt: Arc::new(AtomicBool::new(true)),
        ..SolveOptions::default()
    };
    let solution = solve(&convolution(112, 3, 1), &deep(), &options);
    assert_mapped("interrupted", &solution);
    assert_eq!(solution.status(), Status::Feasible);
    assert!(
        solution
            .reason
            .is_some_and(|r| r.starts_with("interrupted"))
    );
}

/// Wherever a search is cut off, its bound is none above the optimum.
#[test]
fn what_was_cut_off_proves_nothing() {
    let mut nest = convolution(6, 3, 1);
    nest.extents[Dim::K] = 12;
    nest.extents[Dim::C] = 10;
    let hardware = hardware("hard-32x32");
    // Without the bound that holds for every mapping the classes have to be searched.
    let mut options = SolveOptions::default();
    options.switches.mapper.lower_bound = false;
    let optimum = solve(&nest, &hardware, &options);
    assert_eq!(optimum.status(), Status::Optimal);
    let best = optimum.best.expect("a mapping").1.cycles;
    for milliseconds in [0, 1, 3, 10, 20, 40, 80, 160, 320] {
        options.time_limit = Some(Duration::from_millis(milliseconds));
        let stopped = solve(&nest, &hardware, &options);
        assert_mapped("cut off", &stopped);
        assert!(stopped.bound_cycles <= best, "{milliseconds} ms");
        // Optimal is within a relative 1e-6.
        let found = stopped.best.as_ref().expect("a mapping").1.cycles;
        assert!(stopped.status() != Status::Optimal || found - best <= 1 + best / 500_000);
    }
}

/// A layer that fills any memory before it is proved: on four memories, its optimum above every
/// simple bound.
fn hard_layer() -> (LoopNest, Hardware) {
    let path = Path::new("inputs/networks/resnet50.yaml");
    let network = read::network(path, &NetworkOptions::default()).expect("a network file");
    let layer = network.layers.iter().find(|l| l.name == "conv3_1b");
    let Some(LayerKind::MultiplyAccumulate(nest)) = layer.map(|l| &l.kind) else {
        panic!("a convolution");
    };
    (nest.as_ref().clone(), hardware("mcu-like"))
}

#[test]
fn a_search_ends_in_order_where_its_memory_is_used_up() {
    let (nest, hardware) = hard_layer();
    for mebibytes in [16, 32] {
        let options = SolveOptions {
            memory_limit: Some(mebibytes << 20),
            // Ends a search that does not heed the memory's limit.
            time_limit: Some(10 * GENEROUS),
            ..SolveOptions::default()
        };
        let solution = solve(&nest, &hardware, &options);
        assert_mapped("memory", &solution);
        assert_eq!(solution.status(), Status::Feasible);
        let reason = solution.reason.unwrap_or_default();
        assert!(reason.contains("memory"), "{mebibytes} MiB: {reason}");
    }
}

/// Wherever memory ends, the bound is none above the optimum.
#[test]
fn what_memory_cut_off_proves_nothing() {
    let mut nest = convolution(6, 3, 1);
    nest.extents[Dim::K] = 12;
    nest.extents[Dim::C] = 10;
    let hardware = hardware("hard-32x32");
    let mut options = SolveOptions::default();
    options.switches.mapper.lower_bound = false;
    options.memory_limit = None;
    let best = solve(&nest, &hardware, &options).best.expect("a mapping");
    let mut stopped = 0;
    for kibibytes in [0, 16, 64, 256, 512, 1 << 10, 2 << 10, 4 << 10, 8 << 10] {
        options.memory_limit = Some(kibibytes << 10);
        let solution = solve(&nest, &hardware, &options);
        assert_mapped("cut off", &solution);
        assert!(solution.bound_cycles <= best.1.cycles, "{kibibytes} KiB");
        stopped += u32::from(solution.status() == Status::Feasible);
        let found = solution.best.as_ref().expect("a mapping").1.cycles;
        let off = found - best.1.cycles;
        assert!(solution.status() != Status::Optimal || off <= 1 + found / 500_000);
    }
    assert!(stopped > 2, "{stopped}");
}

/// Extents of B, M, N, K of a product.
fn product([b, m, n, k]: [u64; 4]) -> LoopNest {
    LoopNest {
        extents: PerDim::planar([b, m, n, k, 1, 1, 1, 1]),
        windows: [Window::NONE; Window::COUNT],
        ..convolution(1, 1, 0)
    }
}

/// A row of so many outputs of 8 x 8 channels.
fn long_row(outputs: u64, taps: u64, window: Window) -> LoopNest {
    let reach = (outputs - 1) * window.stride + (taps - 1) * window.dilation + 1;
    let rows = reach - 2 * window.padding;
    LoopNest {
        extents: PerDim::planar([1, 1, 8, 8, outputs, 1, taps, 1]),
        windows: Window::planar([Window { rows, ..window }, Window::NONE]),
        ..convolution(1, 1, 0)
    }
}

/// No list, walk or window is made without a look at the clock, however large the extents.
#[test]
fn a_limit_holds_where_extents_are_huge() {
    let window = |stride, dilation, padding| Window {
        stride,
        dilation,
        padding,
        rows: 0,
    };
    let nests = [
        ("product", product([1, 1 << 24, 1 << 24, 4096])),
        ("batch", product([16_777_213, 7, 5, 16_777_213])),
        ("rows", product([1, 16_777_213, 1000, 512])),
        ("padded", long_row(16_777_211, 3, window(1, 1, 1))),
        ("strided", long_row(5_592_405, 11, window(3, 2, 5))),
        ("taps", long_row(1 << 20, 1 << 16, window(3, 7, 5))),
    ];
    let limit = Duration::from_secs(1);
    for (name, nest) in &nests {
        for hardware in ["shared-16x16", "hard-32x32"].map(hardware) {
            let start = ThreadTime::now();
            let solution = limited(nest, &hardware, limit.as_secs_f64());
            let took = start.elapsed();
            let name = format!("{name} on {}", hardware.name);
            assert_mapped(&name, &solution);
            assert!(took < 4 * limit, "{name}: {took:?} of processor time");
        }
    }
}

/// An array of so many by so many elements below 64 KiB, and perhaps registers.
fn square(size: u64, register_bytes: Option<u64>) -> Hardware {
    let mut hardware = hardware("shared-16x16");
    for level in &mut hardware.levels {
        match level {
            Level::Array(array) => {
                for axis in &mut array.axes {
                    (axis.size, axis.dims) = (size, DimSet::ALL);
                }
            }
            Level::Memory(memory) if memory.name == "sram" => {
                memory.capacity = Some(Bytes(65536));
            }
            Level::Memory(memory) if memory.name == "registers" => {
                memory.capacity = register_bytes.map(Bytes);
            }
            Level::Memory(_) => {}
        }
    }
    if register_bytes.is_none() {
        hardware.levels.pop();
    }
    hardware
}

/// Millions of tiles that see no padding are one kind to the cost and to its independent check.
#[test]
fn padded_rows_of_millions_are_mapped_and_checked_in_time() {
    let limit = Duration::from_secs(1);
    for (stride, outputs) in [(1, 1 << 24), (2, 1 << 23)] {
        let window = Window {
            stride,
            dilation: 1,
            padding: 1,
            rows: 0,
        };
        let nest = long_row(outputs, 3, window);
        for (size, registers) in [(8, None), (32, Some(32))] {
            let hardware = square(size, registers);
            let name = format!("stride {stride} on {size}");
            let start = ThreadTime::now();
            let solution = limited(&nest, &hardware, limit.as_secs_f64());
            let took = start.elapsed();
            assert_mapped(&name, &solution);
            assert!(took < 5 * limit / 2, "{name}: {took:?} of processor time");
            let (mapping, cost) = solution.best.expect("a mapping");
            let tiles = check::tiles(&nest, &hardware, &mapping);
            assert!(tiles <= check::TILES_LIMIT, "{name}: {tiles}");
            let start = ThreadTime::now();
            let checked = check::check(&nest, &hardware, &mapping, &cost);
            assert_eq!(checked, Ok(()), "{name}");
            let took = start.elapsed();
            assert!(took < limit, "{name}: {took:?} for the check");
        }
    }
}

/// Thousands of different layers cost no more than their searches: reading them, their graph, what
/// is equal among them and their rows take this thread a moment.
#[test]
fn thousands_of_layers_are_no_work_but_their_searches() {
    let head = "name: many\nprecision_bits: {input: 8, weight: 8, output: 8, accumulator: 32}\n\
                    input: {features: 3}\nlayers:\n";
    let layer = |i: u32| {
        let features = i % 89 + i / 89 + 1;
        format!("  - {{name: l{i}, op: linear, out_features: {features}}}\n")
    };
    let text: String = std::iter::once(head.to_owned())
        .chain((0..4000).map(layer))
        .collect();
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), text).expect("writable");
    let start = ThreadTime::now();
    let network = read::network(file.path(), &NetworkOptions::default()).expect("a network");
    let options = StepOptions {
        mode: Mode::Training,
        optimizer: deepmatrix::problem::Optimizer::Sgd,
        fuse: true,
    };
    let step = training::step(&network, options).expect("a step");
    let forward = training::step(
        &network,
        StepOptions {
            mode: Mode::Inference,
            ..options
        },
    )
    .expect("a step");
    let options = InferenceOptions {
        solve: SolveOptions {
            interrupt: Arc::new(AtomicBool::new(true)),
            ..SolveOptions::default()
        },
        fuse: true,
        jobs: 2,
        layers: None,
        fixed: Vec::new(),
    };
    let hardware = hardware("shared-16x16");
    let (rows, beside) =
        inference::train(&step, &forward, &hardware, &options, &|_| ()).expect("threads");
    assert!(rows.len() >= 8000 && beside.len() == 4000);
    let reason = Some("interrupted before its turn");
    assert!(beside.iter().all(|row| row.reason.as_deref() == reason));
    let took = start.elapsed();
    assert!(took < Duration::from_secs(8), "{took:?}");
}

/// The step of a network of a strided convolution with many phases.
fn phases() -> deepmatrix::problem::graph::Graph {
    let text = "name: bw\nprecision_bits: {input: 8, weight: 8, output: 8, accumulator: 32}\n\
                input: {channels: 16, height: 113, width: 113}\nlayers:\n\
                \x20 - {name: pre, op: conv2d, out_channels: 8, kernel: [1, 1]}\n\
                \x20 - {name: c, op: conv2d, out_channels: 24, kernel: [11, 11], stride: [4, 4]}\n\
                \x20 - {name: f, op: linear, out_features: 10}\n";
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), text).expect("writable");
    let network = read::network(file.path(), &NetworkOptions::default()).expect("a network");
    let options = StepOptions {
        mode: Mode::Training,
        optimizer: deepmatrix::problem::Optimizer::Sgd,
        fuse: true,
    };
    training::step(&network, options).expect("a step")
}

/// The options of the one row with many phases.
fn of_phases(solve: SolveOptions, jobs: usize) -> InferenceOptions {
    InferenceOptions {
        solve,
        fuse: true,
        jobs,
        layers: regex::Regex::new("^c.backward_data$").ok(),
        fixed: Vec::new(),
    }
}

#[test]
fn the_phases_of_a_row_share_its_deadline() {
    let graph = phases();
    let mut hardware = hardware("shared-16x16");
    if let Some(Level::Memory(dram)) = hardware.levels.first_mut() {
        dram.ports = Ports::Shared(Bandwidth::new(3, 1));
    }
    let limit = Duration::from_secs(1);
    let solve = SolveOptions {
        time_limit: Some(limit),
        ..SolveOptions::default()
    };
    let started = Instant::now();
    let rows = inference::map(&graph, &hardware, &of_phases(solve, 1), &|_| ()).expect("threads");
    let took = started.elapsed();
    let [row] = rows.as_slice() else {
        panic!("one row");
    };
    assert!(row.phases.len() >= 16 && row.cost.is_some());
    let searched: f64 = row.phases.iter().map(|p| p.row.statistics.seconds).sum();
    assert!(searched < 2.5, "{searched} s of {limit:?}, {took:?} in all");
}

#[test]
fn nodes_and_processor_time_end_a_search() {
    let (nest, hardware) = hard_layer();
    let few = SolveOptions {
        node_limit: Some(3),
        time_limit: Some(10 * GENEROUS),
        ..SolveOptions::default()
    };
    let found = [(); 2].map(|()| solve(&nest, &hardware, &few));
    for solution in &found {
        assert_mapped("nodes", solution);
        assert!(
            solution.statistics.nodes <= 4,
            "{}",
            solution.statistics.nodes
        );
        assert!(
            solution
                .reason
                .as_ref()
                .is_some_and(|r| r.contains("node limit"))
        );
    }
    let [first, second] = found.map(|own| (own.best, own.bound_cycles, own.statistics.nodes));
    assert_eq!(first, second);
    let short = SolveOptions {
        cpu_limit: Some(Duration::from_millis(300)),
        time_limit: Some(10 * GENEROUS),
        ..SolveOptions::default()
    };
    let start = ThreadTime::now();
    let solution = solve(&nest, &hardware, &short);
    let took = start.elapsed();
    assert_mapped("processor time", &solution);
    assert!(solution.reason.is_some_and(|r| r.contains("CPU time")));
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_limit_longer_than_the_clock_is_none() {
    let options = SolveOptions {
        time_limit: Some(Duration::MAX),
        cpu_limit: Some(Duration::MAX),
        node_limit: Some(u64::MAX),
        ..SolveOptions::default()
    };
    let solution = solve(&convolution(6, 3, 1), &hardware("shared-16x16"), &options);
    assert_eq!(solution.status(), Status::Optimal);
}

/// A memory of 5 bytes below three cores: whatever is loaded whole or doubled, 6 bytes are needed.
#[test]
fn what_fits_nowhere_is_infeasible_at_once() {
    let nest = LoopNest {
        extents: PerDim::planar([1, 1, 1, 1, 2, 2, 5, 1]),
        windows: Window::planar([(6, 1), (2, 1)].map(|(rows, stride)| Window {
            stride,
            dilation: 1,
            padding: 0,
            rows,
        })),
        precision: Precision {
            input: 8,
            weight: 8,
            output: 8,
            accumulator: 16,
        },
        ..convolution(1, 1, 0)
    };
    let text = r#"{"name": "h", "levels": [{"memory": "dram", "bandwidth_bytes_per_cycle": 1.5},
        {"memory": "sram", "capacity_bytes": 44, "bandwidth_bytes_per_cycle": 1.5, "overlap": "ideal"},
        {"array": "cores", "axes": [{"name": "c", "size": 3}]},
        {"memory": "local", "capacity_bytes": 5, "bandwidth_bytes_per_cycle": 4, "overlap": "double_buffer", "tiles": "per_operand", "sliding_reuse": false},
        {"array": "pe", "axes": [{"name": "x", "size": 2}]},
        {"memory": "registers", "capacity_bytes": 5}]}"#;
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), text).expect("writable");
    let hardware = read::hardware(file.path()).expect("hardware");
    let solution = limited(&nest, &hardware, 10.0);
    assert_eq!(solution.status(), Status::Infeasible);
    let reason = solution.reason.unwrap_or_default();
    assert!(
        reason.starts_with("local: the smallest tiles") && reason.contains("larger by"),
        "{reason}"
    );
    assert_eq!(solution.statistics.programs, 0);
}

//! Published designs have the dataflow that they are known for, and no layer lacks a mapping of a
//! dataflow for its sizes alone.

use std::path::Path;
use std::time::Duration;

use deepmatrix::cost::dataflow;
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::problem::{
    Dataflow, Dim, Hardware, LayerKind, LoopNest, Mapping, PerDim, Role, Window,
};
use deepmatrix::read::{self, NetworkOptions};

/// The hardware of a file, and a layer of a network.
fn published(name: &str, layer: &str) -> (LoopNest, Hardware) {
    let hardware = format!("inputs/hardware/{name}.yaml");
    let hardware = read::hardware(Path::new(&hardware)).unwrap_or_else(|e| panic!("{e}"));
    let network = Path::new("inputs/networks/alexnet.yaml");
    let network = read::network(network, &NetworkOptions::default()).expect("a network");
    let layer = network.layers.into_iter().find(|l| l.name == layer);
    match layer.map(|l| l.kind) {
        Some(LayerKind::MultiplyAccumulate(nest)) => (*nest, hardware),
        _ => panic!("no layer of multiply-accumulates"),
    }
}

/// A mapping that is found within a second or two.
fn soon(nest: &LoopNest, hardware: &Hardware) -> Option<Mapping> {
    let options = SolveOptions {
        time_limit: Some(Duration::from_secs(2)),
        ..SolveOptions::default()
    };
    solve(nest, hardware, &options).best.map(|best| best.0)
}

#[test]
fn published_designs_have_their_dataflow() {
    for (name, flow) in [
        ("tpu-v1-like", Dataflow::WeightStationary),
        ("nvdla-like", Dataflow::WeightStationary),
        ("mcu-like", Dataflow::OutputStationary),
    ] {
        let (nest, hardware) = published(name, "conv3");
        let mapping = soon(&nest, &hardware).expect("a mapping");
        let found = dataflow::of(&nest, &hardware, &mapping);
        assert!(found.contains(&flow), "{name}: {found:?}");
    }
}

#[test]
fn row_stationary_spreads_rows_of_kernel_and_output_as_eyeriss_does() {
    let (nest, mut hardware) = published("eyeriss-like", "conv3");
    hardware.dataflow = vec![Dataflow::RowStationary];
    let mapping = soon(&nest, &hardware).expect("a mapping");
    let [rows, columns] = mapping.spatial[0].axes.as_slice() else {
        panic!("two axes");
    };
    assert_eq!(rows[Dim::R], nest.extents[Dim::R], "{mapping:?}");
    assert!(columns[Dim::P] > 1, "{mapping:?}");
    let weight = mapping.order.iter().rposition(|n| n.role == Role::Weight);
    let whole = weight.map(|i| mapping.extents[i][Dim::S]);
    assert_eq!(whole, Some(nest.extents[Dim::S]), "{mapping:?}");
}

#[test]
fn no_layer_lacks_a_mapping_for_its_sizes() {
    use Dim::{C, G, K, N, P, Q, R, S};
    let shapes: [&[(Dim, u64)]; 9] = [
        &[],
        &[(K, 10)],
        &[(C, 10)],
        &[(N, 10)],
        &[(P, 10)],
        &[(G, 10)],
        &[(K, 10), (C, 10), (P, 7), (Q, 7)],
        &[(P, 7), (R, 3)],
        &[(P, 7), (Q, 7), (R, 3), (S, 3), (K, 2)],
    ];
    for name in ["hard-32x32", "shared-16x16", "starved-32x32", "simba-like"] {
        let (like, mut hardware) = published(name, "conv3");
        for shape in shapes {
            let mut extents = PerDim::all(1);
            for &(d, extent) in shape {
                extents[d] = extent;
            }
            let windows = LoopNest::WINDOW_DIMS.map(|(p, r)| Window {
                rows: extents[p] + extents[r] - 1,
                ..Window::NONE
            });
            let nest = LoopNest::forward(extents, windows, like.precision);
            for flow in Dataflow::ALL {
                hardware.dataflow = vec![flow];
                let found = soon(&nest, &hardware);
                assert!(found.is_some(), "{name} {shape:?} {flow}");
            }
        }
    }
}

/// Without time for a search the smallest tiles are offered, with rows spread as they must be.
#[test]
fn row_stationary_has_a_mapping_before_the_search_begins() {
    for (name, layer) in [
        ("simba-like", "conv3"),
        ("simba-like", "conv1"),
        ("eyeriss-like", "conv2"),
        ("shared-32x32", "conv3"),
    ] {
        let (nest, mut hardware) = published(name, layer);
        hardware.dataflow = vec![Dataflow::RowStationary];
        let options = SolveOptions {
            time_limit: Some(Duration::ZERO),
            ..SolveOptions::default()
        };
        let found = solve(&nest, &hardware, &options).best;
        let (mapping, _) = found.unwrap_or_else(|| panic!("{name} {layer}: no mapping"));
        let flows = dataflow::of(&nest, &hardware, &mapping);
        assert!(flows.contains(&Dataflow::RowStationary), "{flows:?}");
    }
}

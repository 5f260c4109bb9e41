//! The tiny network has the cycles that the comments of its files derive by hand.

use std::path::Path;

use deepmatrix::exact::SolveOptions;
use deepmatrix::network::inference::{InferenceOptions, infer};
use deepmatrix::problem::result::Status;
use deepmatrix::read::{self, NetworkOptions};

#[test]
fn the_tiny_network_is_as_derived_by_hand() {
    let network = read::network(
        Path::new("inputs/tiny/tiny.yaml"),
        &NetworkOptions::default(),
    )
    .unwrap_or_else(|e| panic!("{e}"));
    let hardware =
        read::hardware(Path::new("inputs/tiny/tiny-hw.yaml")).unwrap_or_else(|e| panic!("{e}"));
    let options = InferenceOptions {
        solve: SolveOptions::default(),
        fuse: true,
        jobs: 1,
        layers: None,
        fixed: Vec::new(),
    };
    let rows = infer(&network, &hardware, &options, &|_| {}).unwrap_or_else(|e| panic!("{e}"));
    assert!(rows.iter().all(|row| row.status() == Status::Optimal));
    let found: Vec<(&str, Option<u128>)> = rows
        .iter()
        .map(|row| (row.name.as_str(), row.cycles()))
        .collect();
    let expected = [("conv", 964), ("pool", 80), ("flatten", 0), ("fc", 186)];
    assert_eq!(found, expected.map(|(name, cycles)| (name, Some(cycles))));
    let ports = |name: &str| {
        let row = rows.iter().find(|row| row.name == name);
        let cost = row.and_then(|row| row.cost.as_ref());
        cost.map(|cost| {
            let busy = cost.memories.iter().map(|memory| memory.busy_cycles);
            (cost.compute_cycles, busy.collect::<Vec<_>>())
        })
    };
    assert_eq!(ports("conv"), Some((384, vec![208, 964])));
    assert_eq!(ports("fc"), Some((40, vec![186, 179])));
}

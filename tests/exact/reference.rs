//! Reference cycles of layers under `inputs/`, over tiles that divide the dimensions.
//!
//! They were known before this program was written, so none may become worse, or better.

use std::path::Path;

use deepmatrix::check::check;
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::problem::result::Status;
use deepmatrix::problem::{Hardware, LayerKind, Level, LoopNest, Tiles};
use deepmatrix::read::{self, NetworkOptions};

fn starved() -> Hardware {
    let path = Path::new("inputs/hardware/starved-32x32-kcrs.yaml");
    read::hardware(path).unwrap_or_else(|e| panic!("{e}"))
}

/// The loop nest of a layer of VGG-16 whose input is counted with its border.
fn layer(name: &str) -> LoopNest {
    let path = Path::new("inputs/networks/vgg16-padded.yaml");
    let network = read::network(path, &NetworkOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    let layer = network.layers.into_iter().find(|l| l.name == name);
    match layer.map(|l| l.kind) {
        Some(LayerKind::MultiplyAccumulate(nest)) => *nest,
        _ => panic!("no {name}"),
    }
}

/// The proved and checked optimum over divisors.
fn cycles(nest: &LoopNest, hardware: &Hardware) -> u128 {
    let options = SolveOptions {
        divisors_only: true,
        ..SolveOptions::default()
    };
    let solution = solve(nest, hardware, &options);
    assert_eq!(solution.status(), Status::Optimal);
    let (mapping, cost) = solution.best.expect("a mapping");
    check(nest, hardware, &mapping, &cost).unwrap_or_else(|e| panic!("{e}"));
    cost.cycles
}

#[test]
fn vgg_on_the_starved_array() {
    let expected = [
        ("conv1_1", 1_683_110),
        ("conv1_2", 3_258_496),
        ("conv2_1", 1_255_552),
        ("conv2_2", 1_806_336),
        ("conv3_1", 911_616),
    ];
    let hardware = starved();
    let found = expected.map(|(name, _)| (name, cycles(&layer(name), &hardware)));
    assert_eq!(found, expected);
}

#[test]
fn one_box_for_all_operands_costs_seven_percent() {
    let mut hardware = starved();
    let Some(Level::Memory(sram)) = hardware.levels.get_mut(1) else {
        panic!("the second level is the SRAM");
    };
    sram.tiles = Tiles::Shared;
    assert_eq!(cycles(&layer("conv3_1"), &hardware), 979_456);
}

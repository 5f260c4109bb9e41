//! Every file under `inputs/` is read without an error, and mappings in every accepted form give the same result.

use std::fs;
use std::path::Path;

use deepmatrix::problem::{
    Dim, Hardware, Level, Mapping, NestId, Network, Node, Overlap, PerDim, Role, Tiles,
};
use deepmatrix::read::{self, FileKind, NetworkOptions};

use crate::files;

fn network(path: &str) -> Network {
    read::network(Path::new(path), &NetworkOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn hardware(path: &str) -> Hardware {
    read::hardware(Path::new(path)).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn every_input_is_readable_and_has_a_source() {
    let files = files::below(Path::new("inputs"), "yaml");
    assert!(files.len() >= 12);
    for path in files {
        match read::kind(&path).unwrap_or_else(|e| panic!("{e}")) {
            FileKind::Network => {
                let network = network(&path.display().to_string());
                assert!(network.source.is_some(), "{}", path.display());
            }
            FileKind::Hardware => {
                let hardware = hardware(&path.display().to_string());
                assert!(hardware.source.is_some(), "{}", path.display());
            }
            FileKind::Constraints | FileKind::Mapping => {}
        }
    }
}

#[test]
fn defaults_depend_on_the_arrays_around_a_memory() {
    let hard = hardware("inputs/hardware/shared-32x32.yaml");
    let memories: Vec<_> = hard.memories().map(|m| m.1).collect();
    let [dram, sram, registers] = memories.as_slice() else {
        panic!("three memories");
    };
    assert_eq!(
        (dram.overlap, dram.tiles),
        (Overlap::Ideal, Tiles::PerOperand)
    );
    assert_eq!(
        (sram.overlap, sram.sliding_reuse),
        (Overlap::DoubleBuffer, true)
    );
    assert_eq!(
        (registers.overlap, registers.tiles),
        (Overlap::Ideal, Tiles::Shared)
    );
    assert!(!registers.sliding_reuse);
    let starved = hardware("inputs/hardware/starved-32x32-kcrs.yaml");
    let Some(Level::Array(array)) = starved.levels.last() else {
        panic!("an array");
    };
    assert!(array.axes[1].dims.contains(Dim::S) && !array.axes[1].dims.contains(Dim::K));
}

/// What a file of this text maps on the hard hardware.
fn mappings(text: &str) -> Vec<(NestId, Mapping)> {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), text).expect("writable");
    let network = network("inputs/networks/vgg16-hard.yaml");
    let hardware = hardware("inputs/hardware/hard-32x32.yaml");
    read::mappings(file.path(), &network, &hardware).unwrap_or_else(|e| panic!("{e}"))
}

const MAPPING: &str = "{layer: conv2_2, levels: [{memory: sram, order: [weight, input, output], slide: P, \
    tiles: {input: {C: 64, P: 28}, weight: {K: 32, R: 2}, output: {K: 16, C: 1}}}, \
    {array: pe, spatial: {cols: {C: 4, Q: 8}}}, {memory: registers, tile: {P: 3, C: 2}, stationary: output}]}";

#[test]
fn a_mapping_is_read_with_its_defaults() {
    let read = mappings(MAPPING);
    let [(of, mapping)] = read.as_slice() else {
        panic!("one mapping");
    };
    let layer_1 = NestId {
        layer: 1,
        phase: None,
    };
    assert_eq!(*of, layer_1);
    let node = |level, role| Node { level, role };
    let (i, w, o) = (Role::Input, Role::Weight, Role::Output);
    let order = [
        node(1, w),
        node(1, i),
        node(1, o),
        node(3, o),
        node(3, i),
        node(3, w),
    ];
    assert_eq!(mapping.order, order);
    // G N K C P Q R S: whole above the array, 1 below it, 1 where it does not index the operand.
    assert_eq!(
        mapping.extents[0],
        PerDim::planar([1, 1, 32, 128, 1, 1, 2, 3])
    );
    assert_eq!(
        mapping.extents[1],
        PerDim::planar([1, 1, 1, 64, 28, 112, 3, 3])
    );
    assert_eq!(
        mapping.extents[2],
        PerDim::planar([1, 1, 16, 1, 112, 112, 1, 1])
    );
    assert_eq!(mapping.extents[3], PerDim::planar([1, 1, 1, 1, 3, 1, 1, 1]));
    assert_eq!(mapping.extents[4], PerDim::planar([1, 1, 1, 2, 3, 1, 1, 1]));
    assert_eq!(mapping.slides, [(1, Dim::P)]);
    assert_eq!(mapping.spatial[0].axes[0], PerDim::all(1));
    assert_eq!(
        mapping.spatial[0].axes[1],
        PerDim::planar([1, 1, 1, 4, 1, 8, 1, 1])
    );
}

/// What a mapping of the dilated example slides along, with these tiles of the input and this text.
fn slides_of(tile: &str, slide: &str) -> Vec<(usize, Dim)> {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let text = format!(
        "{{layer: l, levels: [{{memory: sram, order: [weight, input, output], {slide}tiles: \
         {{input: {tile}, weight: {{}}, output: {{P: 1, Q: 1}}}}}}]}}"
    );
    fs::write(file.path(), text).expect("writable");
    let network = network("tests/examples/dilated.yaml");
    let hardware = hardware("tests/examples/dilated-hw.yaml");
    let read = read::mappings(file.path(), &network, &hardware).unwrap_or_else(|e| panic!("{e}"));
    read[0].1.slides.clone()
}

/// Of single outputs neighbours along Q share rows and those along P, at a dilation of 2, do not.
#[test]
fn without_a_slide_a_mapping_gets_that_of_least_traffic() {
    assert_eq!(slides_of("{P: 1, Q: 1}", ""), [(1, Dim::Q)]);
    assert_eq!(slides_of("{P: 1, Q: 1}", "slide: P, "), [(1, Dim::P)]);
    assert_eq!(slides_of("{P: 1, Q: 1}", "slide: none, "), []);
    // Whole along Q there is nothing to slide over, and along P nothing to save.
    assert_eq!(slides_of("{P: 1}", ""), []);
}

#[test]
fn lists_json_and_results_hold_the_same_mapping() {
    let one = mappings(MAPPING);
    let list = mappings(&format!("- {MAPPING}\n- {MAPPING}\n"));
    assert_eq!(list, [one.clone(), one.clone()].concat());
    let value: serde_yaml::Value = serde_yaml::from_str(MAPPING).expect("YAML");
    let json = serde_json::to_string_pretty(&value).expect("JSON");
    assert_eq!(mappings(&json), one);
    let row = format!("{{\"name\": \"conv2_2\", \"cycles\": 3, \"mapping\": {json}}}");
    assert_eq!(mappings(&row), one);
    let result = format!(
        "{{\"deepmatrix\": \"0.1.0\", \"layers\": [{{\"name\": \"relu\"}}, {{\"name\": \"conv2_2\", \"mapping\": null}}, {{\"name\": \"conv2_2\", \"pass\": \"forward\", \"cycles\": 3, \"mapping\": {json}}}]}}"
    );
    assert_eq!(mappings(&result), one);
}

#[test]
fn nest_gives_the_order_of_all_nodes() {
    let nest = "nest: [sram.weight, sram.input, registers.output, sram.output, registers.input, registers.weight]";
    let deep = MAPPING.replace("{layer", &format!("{{{nest}, layer"));
    let read = mappings(&deep);
    assert_eq!(
        read[0].1.order[2],
        Node {
            level: 3,
            role: Role::Output
        }
    );
    assert_eq!(
        read[0].1.extents[2],
        PerDim::planar([1, 1, 1, 1, 3, 1, 1, 1])
    );
}

#[test]
fn mappings_of_phases_say_which_one() {
    let hardware = hardware("inputs/tiny/tiny-hw.yaml");
    let network = network("tests/cmd/files/up.yaml");
    let levels = "levels: [{memory: sram, order: [input, weight, output], tiles: {}}, {array: pe, spatial: {}}]";
    let mapping = |phase: &str| format!("{{layer: up, phase: {phase}, {levels}}}");
    let read = |text: &str| {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        fs::write(file.path(), text).expect("writable");
        read::mappings(file.path(), &network, &hardware)
    };
    let (one, other) = (mapping("[0, 1]"), mapping("[1, 0]"));
    let of = |text: &str| -> Vec<Option<Vec<u64>>> {
        let read = read(text).unwrap_or_else(|e| panic!("{e}"));
        let phases = read.iter().map(|(of, _)| of.phase);
        phases
            .map(|phase| Some(phase?.numbers().collect()))
            .collect()
    };
    assert_eq!(of(&one), [Some(vec![0, 1])]);
    // A whole result: the row has no mapping of its own, its phases do.
    let result = format!(
        "{{\"layers\": [{{\"name\": \"up\", \"phases\": [{{\"name\": \"up\", \"mapping\": {one}}}, {{\"name\": \"up\", \"mapping\": {other}}}, {{\"name\": \"up\"}}]}}]}}"
    );
    assert_eq!(of(&result), [Some(vec![0, 1]), Some(vec![1, 0])]);
    let row = format!(
        "{{\"name\": \"up\", \"phases\": [{{\"mapping\": {other}}}, {{\"name\": \"up\"}}]}}"
    );
    assert_eq!(of(&row), [Some(vec![1, 0])]);
    let error = |phase: &str| {
        let error = read(&mapping(phase)).expect_err("an error").to_string();
        error.rsplit_once(": ").map(|e| e.1.to_owned())
    };
    assert_eq!(
        error("[2, 0]").as_deref(),
        Some(
            "the layer has no such phase; give row and column of the output modulo the strides, such as `[0, 1]`, after the depth where there are several in depth, up to [1, 2]"
        )
    );
    assert_eq!(
        error("[0, 2]").as_deref(),
        Some("no tap reaches this phase, so it has no mapping; leave it out")
    );
    let whole = read(&format!("{{layer: up, {levels}}}"))
        .expect_err("an error")
        .to_string();
    assert!(
        whole.contains("phase: is missing; give row and column"),
        "{whole}"
    );
    let other = read(&format!("{{layer: conv, phase: [0, 0], {levels}}}")).expect_err("an error");
    assert!(
        other
            .to_string()
            .contains("not computed phase by phase; leave it out"),
        "{other}"
    );
}

#[test]
fn a_dimension_that_does_not_index_the_operand_is_a_cut_of_its_own() {
    let cut = MAPPING.replace("weight: {K: 32, R: 2}", "weight: {K: 32, R: 2, P: 60}");
    let read = mappings(&cut);
    assert_eq!(
        read[0].1.extents[0],
        PerDim::planar([1, 1, 32, 128, 60, 1, 2, 3])
    );
}

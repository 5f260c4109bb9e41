//! Every hardware file maps real layers, and the independent check accepts what is found.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use deepmatrix::check::check;
use deepmatrix::exact::{SolveOptions, TieBreak, solve};
use deepmatrix::problem::{LayerKind, LoopNest};
use deepmatrix::read::{self, NetworkOptions};
use rayon::prelude::*;

fn nests(network: &str) -> Vec<(String, LoopNest)> {
    let path = format!("inputs/networks/{network}.yaml");
    let network = read::network(Path::new(&path), &NetworkOptions::default())
        .unwrap_or_else(|e| panic!("{e}"));
    let layers = network.layers.into_iter();
    let nests = layers.filter_map(|l| match l.kind {
        LayerKind::MultiplyAccumulate(nest) => {
            Some((format!("{} {}", network.name, l.name), *nest))
        }
        _ => None,
    });
    nests.collect()
}

#[test]
fn every_hardware_file_maps_real_layers() {
    let mut files: Vec<PathBuf> = fs::read_dir("inputs/hardware")
        .expect("the hardware files")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|own| own == "yaml"))
        .collect();
    files.sort();
    assert!(files.len() >= 12);
    let layers: Vec<(String, LoopNest)> = ["alexnet", "gpt2_decode"]
        .into_iter()
        .flat_map(nests)
        .take(14)
        .collect();
    let wrong: Vec<String> = files
        .par_iter()
        .flat_map_iter(|file| layers.iter().map(move |layer| (file, layer)))
        .filter_map(|(file, (name, nest))| {
            let hardware = read::hardware(file).unwrap_or_else(|e| panic!("{e}"));
            let options = SolveOptions {
                time_limit: Some(Duration::from_millis(200)),
                tie_break: TieBreak::All,
                ..SolveOptions::default()
            };
            let what = match solve(nest, &hardware, &options).best {
                Some((mapping, cost)) => check(nest, &hardware, &mapping, &cost).err()?.to_string(),
                None => "no mapping".to_owned(),
            };
            Some(format!("{name} on {}: {what}", hardware.name))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

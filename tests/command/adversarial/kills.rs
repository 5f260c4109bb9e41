//! An end by kill -9 at any time: in a sweep, in a memory plan, and while results and caches are written.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use super::run::{self, CONTENT, Case, Fault, PLAN, PRECIOUS, Ran};

pub const GROUP: &str = "kills";

/// Programs that are killed in each way.
const KILLS: usize = 25;

/// All kills, with what was wrong after each.
pub fn all(seed: u64) -> Vec<(Case, Ran)> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut all = sweeps(&mut random);
    all.extend(results(&mut random));
    all
}

fn case(what: &str, command: &str) -> Case {
    let words: Vec<&str> = command.split(' ').collect();
    Case::of(GROUP, what, &words)
}

/// Starts the command and kills it after a time; whether it had ended before.
fn kill(folder: &Path, arguments: &[String], after: Duration) -> bool {
    let mut child = run::command(folder, arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    std::thread::sleep(after);
    let ended = child.try_wait().expect("a child").is_some();
    // Of a child that has ended nothing is left to kill.
    let _ = child.kill();
    child.wait().expect("a child");
    ended
}

/// The points of a sweep without the times that they took.
fn points(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("points/points.jsonl")).unwrap_or_default();
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut points: Vec<Value> = lines.map(|point| point["vary"].clone()).collect();
    points.sort_by_key(ToString::to_string);
    points
}

const SWEEP: &str = "sweep network.yaml hardware.yaml --vary sram.capacity_bytes=64..256:x2 --vary batch=1,2 -o points --jobs 1";

/// A sweep that is killed again and again goes on each time, and ends with the points of one that was not.
fn sweeps(random: &mut ChaCha8Rng) -> Vec<(Case, Ran)> {
    let whole = tempfile::tempdir().expect("a folder");
    run::prepare(whole.path());
    let case = case("a sweep", SWEEP);
    run::run(whole.path(), &case.arguments);
    let expected = points(whole.path());
    let csv = fs::read(whole.path().join("points/points.csv")).expect("a file");
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path();
    run::prepare(folder);
    let mut all = Vec::new();
    for _ in 0..KILLS {
        let before = points(folder);
        kill(
            folder,
            &case.arguments,
            Duration::from_millis(random.random_range(5..120)),
        );
        let mut ran = Ran::default();
        let kept = points(folder);
        if !before.iter().all(|point| kept.contains(point)) {
            ran.faults
                .push((Fault::Lost, "a finished point".to_owned()));
        }
        all.push((case.clone(), ran));
    }
    let mut ran = run::run(folder, &case.arguments);
    if ran.status != Some(0) || points(folder) != expected {
        ran.faults
            .push((Fault::Other, format!("{}{}", ran.stdout, ran.stderr)));
    }
    if fs::read(folder.join("points/points.csv")).ok() != Some(csv) {
        ran.faults
            .push((Fault::Other, "another points.csv".to_owned()));
    }
    all.push((case, ran));
    all
}

/// A result file is the old one or a whole new one, and a cache that was being written still works.
fn results(random: &mut ChaCha8Rng) -> Vec<(Case, Ran)> {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path();
    run::prepare(folder);
    let mut all = Vec::new();
    for command in [
        "solve network.yaml hardware.yaml @plan --format json -o precious.json",
        "solve network.yaml hardware.yaml @plan --no-cache --format json -o precious.json",
        "list networks --format json -o precious.json",
        "compare network.yaml hardware.yaml --mappers greedy --jobs 1 --format json -o precious.json",
    ] {
        let command = command.replace("@plan", PLAN);
        let case = case("a result", &command);
        // Kills fall on all of a run, the writing at its end too.
        let whole = run::run(folder, &case.arguments).took;
        for _ in 0..KILLS {
            fs::write(folder.join(PRECIOUS), CONTENT).expect("writable");
            let _ = fs::remove_dir_all(folder.join("cache"));
            let part = random.random_range(0.0..1.2);
            kill(folder, &case.arguments, whole.mul_f64(part));
            let mut ran = Ran::default();
            let text = fs::read_to_string(folder.join(PRECIOUS)).unwrap_or_default();
            if serde_json::from_str::<Value>(&text).is_err() {
                ran.faults.push((Fault::Lost, format!("{text:.200}")));
            }
            all.push((case.clone(), ran));
        }
        // With what the killed ones left of a cache.
        let mut ran = run::run(folder, &case.arguments);
        if ran.status != Some(0) {
            ran.faults.push((Fault::Other, ran.stderr.clone()));
        }
        all.push((case, ran));
    }
    all
}

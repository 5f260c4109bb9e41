//! Runs a reader on many broken files: it must not panic, take long or use much memory.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Time of this thread after which an input is slow: the machine may have other work.
const SLOW: Duration = Duration::from_secs(5);

/// Memory that one small file may take beyond what the files before it took.
const LARGE_BYTES: u64 = 512 << 20;

/// Runs `one` with a generator for each seed; the seeds at which it panics, is slow or takes much
/// memory. Each is the seed of a generator, so that it can be repeated alone.
#[expect(
    clippy::print_stdout,
    reason = "the number of files is what a long run is asked for"
)]
pub fn run(
    seeds: impl Iterator<Item = u64>,
    until: Instant,
    mut one: impl FnMut(&mut ChaCha8Rng),
) -> Vec<(u64, String)> {
    let (mut wrong, mut count, mut slowest) = (Vec::new(), 0, Duration::ZERO);
    for seed in seeds {
        if Instant::now() > until {
            break;
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let before = start_of_peak();
        let start = ThreadTime::now();
        let ran = catch_unwind(AssertUnwindSafe(|| one(&mut rng)));
        let (time, memory) = (start.elapsed(), peak().saturating_sub(before));
        slowest = slowest.max(time);
        let what = if ran.is_err() {
            "panics".to_owned()
        } else if time > SLOW {
            format!("takes {time:?}")
        } else if memory > LARGE_BYTES {
            format!("takes {memory} bytes")
        } else {
            String::new()
        };
        if !what.is_empty() {
            println!("seed {seed} {what}");
            wrong.push((seed, what));
        }
        count += 1;
    }
    println!("{count} files, the slowest in {slowest:?}");
    wrong
}

/// Starts the measurement of the largest resident memory anew; its value now, in bytes.
fn start_of_peak() -> u64 {
    // Linux forgets the peak where 5 is written; elsewhere memory is not watched.
    let _ = fs::write("/proc/self/clear_refs", "5");
    peak()
}

/// The largest resident memory in bytes, 0 where the system does not say it.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kib.unwrap_or(0) << 10
}

/// A whole number of the environment, such as `FUZZ_SECONDS`.
pub fn number(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.map_or(default, |text| text.parse().expect("a whole number"))
}

/// The seeds and the end of a long run: from `FUZZ_SEED`, for `FUZZ_SECONDS`.
pub fn long() -> (std::ops::RangeFrom<u64>, Instant) {
    let until = Instant::now() + Duration::from_secs(number("FUZZ_SECONDS", 60));
    (number("FUZZ_SEED", 1 << 32).., until)
}

/// Bytes of a file changed at random places.
pub fn mutated(good: &[u8], rng: &mut impl Rng) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..rng.random_range(1..6) {
        let at = rng.random_range(0..bytes.len());
        match rng.random_range(0..6) {
            0 => bytes[at] ^= 1 << rng.random_range(0..8),
            1 => bytes[at] = rng.random(),
            2 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][rng.random_range(0..5)],
            3 => {
                bytes.remove(at);
            }
            4 => bytes.insert(at, rng.random()),
            _ => {
                let end = (at + rng.random_range(1..20)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                let to = rng.random_range(0..bytes.len());
                bytes.splice(to..to, part);
            }
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
    bytes
}

//! Constants of memory plans that were chosen, each with its unit, its reason and the measurement that chose it.

use std::time::Duration;

use crate::engine::tuning::tuning;

tuning! {
    PLAN_GAP: f64 = 1e-4;
        "relative";
        "A plan's program ends at this gap, unless another one is asked for.";
        "not by itself";
    PACKING_LIMIT: Duration = Duration::from_secs(10);
        "time";
        "One search for addresses takes no more.";
        "results/residency: all plans' blocks were placed in less";
    WHOLE_ENDS: u32 = 10;
        "percent of the time limit";
        "After it no program of any modes runs.";
        "not by itself";
    TIME_ENDS: u32 = 75;
        "percent of the time limit";
        "After it no program of least time runs.";
        "not by itself";
    TIES_END: u32 = 90;
        "percent of the time limit";
        "After it no program that breaks ties runs.";
        "not by itself";
    ALL_ENDS: u32 = 100;
        "percent of the time limit";
        "After it no search for addresses runs.";
        "none";
    ROUNDING: f64 = 1e-7;
        "of a row";
        "A plan violates a row only by more.";
        "none: a hundred times HiGHS's tolerance";
    TOLERANCE: f64 = 1e-7;
        "relative";
        "HiGHS's bound on a plan may be wrong by so much: it is lowered by it.";
        "none: a hundred times HiGHS's tolerance, and a tenth of what a claim leaves open";
    START_OBJECTIVE: f64 = 1e4;
        "objective";
        "The plan that a search starts with has this objective: others are counted in its parts.";
        "not by itself";
    SHRINK: u64 = 64;
        "inverse part of the capacity";
        "So much is given up at a time where a plan has no addresses.";
        "not by itself";
    MOST_CUTS: usize = 8;
        "cuts";
        "So many are tried before capacity is given up.";
        "not by itself";
    GRACE: Duration = Duration::from_millis(500);
        "time";
        "What the addresses of rules' plans may take beyond a limit or an interrupt, all together: without it the result could be far worse than a plan that is known.";
        "not by itself";
}

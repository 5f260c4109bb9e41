//! Constants of columns that were chosen, each with its unit, its reason and the measurement that chose it.

use crate::engine::tuning::tuning;

tuning! {
    LONG_WINDOW: u64 = 5_000;
        "outputs times taps";
        "Beyond, the rows of a single column may take long, and time is looked at for each.";
        "not by itself";
    MOST_CHAINS: usize = 200_000;
        "chains of a pair of parts";
        "Beyond, a layer is given up: some hundred bytes each.";
        "none";
    MOST_WHOLE: usize = 200_000;
        "columns of a group";
        "Beyond, a group comes in two parts where energy counts.";
        "not by itself";
    MOST_INNER: usize = 50_000;
        "inner parts";
        "A dimension with more has too many chains to be counted, and comes in parts.";
        "not by itself";
    TOLD_APART: u64 = 64;
        "extents, and tiles";
        "Up to this intervals of outer parts have one number of tiles each; between they are an eighth wide.";
        "results/scaling: keeps a dimension of 25,088 below 400 intervals";
}

//! Constants of the layer program that were chosen, each with its unit, its reason and the measurement that chose it.

use crate::engine::tuning::tuning;

tuning! {
    MOST_COLUMNS: usize = 400_000;
        "columns of a group";
        "Beyond, a layer is given up while pairs of parts are written out: some hundred bytes each.";
        "none";
    MOST_LOOKED_AT: usize = 300_000;
        "pairs of parts";
        "After so many looked at they are taken to be too many to be written out yet.";
        "not by itself";
    SLACK: f64 = 1e-9;
        "relative";
        "Limits of the layer's rows are wider by so much, for the rounding of logarithms.";
        "none: the exact evaluation decides";
    MOST_SIDES: usize = 16;
        "combinations of sides";
        "Beyond, each transfer takes the time of its parent's side, which bounds it from below.";
        "not by itself";
    ROUNDING: f64 = 1e-9;
        "logarithm of the objective";
        "Prices of boxes are compared within this.";
        "none: a hundredth of the gap of 1e-7 at which a relaxation has converged";
    START: usize = 4;
        "columns of a group";
        "A relaxation over halved boxes starts with so many of the cheapest.";
        "not by itself";
}

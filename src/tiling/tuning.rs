//! Constants of tilings that were chosen, each with its unit, its reason and the measurement that chose it.

use crate::engine::tuning::tuning;

tuning! {
    LONGEST: u64 = 12;
        "extent; outputs, and taps";
        "Dimensions, and windows, with no more are cut a third time: part of the space, which results name.";
        "cuts of longer ones are too many to list; what they may save is not known";
    LOOKED_AT: usize = 25;
        "chains for each that may be kept";
        "A list is given up as too long after so many looked at.";
        "not by itself";
    MOST_PARTNERS: u64 = 16;
        "outputs, or taps";
        "Chains of an irregular window's dimension are not compared where the partner dimension is longer: the blocks of partners grow with its square.";
        "not by itself";
    MOST_KNOWN: usize = 1 << 18;
        "counts of rows";
        "A table of rows is emptied where it holds more: some 15 MB.";
        "none";
    SHORT_KERNEL: u64 = 16;
        "taps";
        "Kernels of no more are kept whole above the array when a first mapping is looked for.";
        "not by itself";
    FEW_LONGEST: u64 = 40;
        "extent";
        "Dimensions of no more are written out in whole chains from the start.";
        "results/vgg: bounds over parts of shorter ones are no sooner";
    MANY_CHAINS: u64 = 2_000_000;
        "chains, about";
        "After a short search over parts dimensions with no more are written out in whole chains too.";
        "results/vgg, with PARTS_NODES";
    BOXES_LONGEST: u64 = 6;
        "extent";
        "Beside boxes, dimensions of no more are written out in whole chains.";
        "not by itself";
    BOXES_CHAINS: u64 = 2_000;
        "chains, about";
        "The same of dimensions with no more chains.";
        "not by itself";
}

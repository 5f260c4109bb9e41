//! Rules by which chains of one dimension are left out of lists, parts and boxes
//! (`formulations/pruning.md`).

use crate::engine::switches::switches;

switches! {
    /// Rules of chains that can be switched off; the optimum is the same without them.
    Switches {
        /// No spatial factor with which as many elements have nothing to do as with a smaller one.
        "PRU1" needless_factors;
        /// One dimension uses the first of several equal axes most.
        "PRU2" equal_axes;
        /// No extent whose tile alone exceeds a memory.
        "PRU3" capacity;
        /// A dimension of all operands is cut into the smallest tiles, or those that fill the array,
        /// or not at all.
        "PRU4" never_reused;
        /// The outermost extent is no larger than the multiple of the next one in that gives as few
        /// tiles.
        "PRU5" outermost_multiples;
        /// Of chains with the same inner extents and as many outermost tiles none that another one
        /// can stand for.
        "PRU6" same_tiles;
        /// No chain that is nowhere smaller than another one with as many tiles.
        "PRU7" dominance;
        /// No chain with a third cut that another one can stand for.
        "PRU8" third_cuts;
        /// No third cut at a multiple of the next extent in.
        "PRU9" third_multiples;
        /// No cut at a slot that no operand may use.
        "PRU10" unused_slots;
        /// No pair of chains of a window whose factors do not fit on their axis together.
        "PRU11" axis_pairs;
        /// An inner part's factors only with outer extents that are worth them.
        "PRU12" factor_need;
        /// As `outermost_multiples`, for the outermost and the last extent above the array of a
        /// chain that is written out from parts.
        "PRU13" part_multiples;
        /// As `same_tiles`, among the chains of two parts.
        "PRU14" part_same_tiles;
        /// As `dominance`, among the chains of two parts where energy counts.
        "PRU15" part_dominance;
        /// As `outermost_multiples`, for the chains of boxes.
        "PRU16" box_multiples;
    }
}

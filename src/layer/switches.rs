//! Rules by which the layer program leaves out pairs of parts and boxes (`formulations/pruning.md`).

use crate::engine::switches::switches;

switches! {
    /// Rules of the layer program that can be switched off; the optimum is the same without them.
    Switches {
        /// No pair of parts that do not fit together.
        "PRU17" couplings;
        /// No pair of parts that together cost more than the bound leaves.
        "PRU18" pair_prices;
        /// No chain of such a pair whose own price is more than the bound leaves.
        "PRU19" chain_prices;
        /// No box that costs more than the bound leaves.
        "PRU20" box_prices;
    }
}

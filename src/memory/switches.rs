//! Rules by which modes of a plan are left out (`formulations/pruning.md`).

use crate::engine::switches::switches;

switches! {
    /// Rules of modes that can be switched off; plans take the same time without them.
    Switches {
        /// No mode that is nowhere better than another one.
        "PRU35" mode_dominance;
        /// No smaller memory where nothing fits in a larger one.
        "PRU36" smaller_memories;
    }
}

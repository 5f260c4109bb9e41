//! Rules by which classes are left out (`formulations/pruning.md`).

use crate::engine::switches::switches;

switches! {
    /// Rules of classes that can be switched off; the optimum is the same without them.
    Switches {
        /// Of windows that mirror each other the first one is slid along.
        "PRU21" equal_windows;
        /// Of a memory of shared tiles only the node of the stationary operand, and that of an input
        /// that slides, stands above nodes of memories further out.
        "PRU22" shared_orders;
        /// A memory without a capacity has no single buffers.
        "PRU23" endless_doubling;
    }
}

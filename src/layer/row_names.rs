//! The names of the rows that every layer program has, whatever the layer; `engine::assembly`
//! writes the rows.

use crate::engine::RowNames;

/// [LAY1] min z, the logarithm of the cycles; over all classes Σ z[c], all but one of which are 0.
const OBJECTIVE: &str = "LAY1_log_cycles";

/// [LAY2] a = log constant + Σ log value · x (+ the chord of s): a term is a product over groups.
const TERM: &str = "LAY2";

/// [LAY3] Σ x[g,j] over j = y: each group picks one column.
const GROUP: &str = "LAY3";

/// [LAY4] s = Σ log visits · x, the logarithm of the visits that a chord of partial sums needs;
/// where the program covers some visits only, s lies between their logarithms.
const ARGUMENT: &str = "LAY4_visits";

/// [LAY11] Σ y[c] = 1: one class is chosen.
const PIECE: &str = "LAY11_class";

/// The names of all of them.
pub const ROW_NAMES: RowNames = RowNames {
    objective: OBJECTIVE,
    term: TERM,
    group: GROUP,
    argument: ARGUMENT,
    piece: PIECE,
};

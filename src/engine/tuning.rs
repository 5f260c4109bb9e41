//! The engine's constants that were chosen, each with its unit, the reason for it, and the
//! measurement that chose it; what was never measured by itself says so. None of them decides
//! what is found optimal, only how soon.

/// A constant that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constant {
    /// Its name.
    pub name: &'static str,
    /// Its value, as it is written in the code.
    pub value: &'static str,
    /// What it counts.
    pub unit: &'static str,
    /// What it is for.
    pub reason: &'static str,
    /// The measurement that chose it.
    pub measured: &'static str,
}

/// Makes constants, and a table `TUNING` of them all.
macro_rules! tuning {
    ($($name:ident: $type:ty = $value:expr; $unit:literal; $reason:literal; $measured:literal;)*) => {
        $(
            #[doc = concat!($reason, "\n\nUnit: ", $unit, ". Measured: ", $measured, ".")]
            pub const $name: $type = $value;
        )*

        /// All constants of this table.
        pub const TUNING: &[$crate::engine::tuning::Constant] = &[$(
            $crate::engine::tuning::Constant {
                name: stringify!($name),
                value: stringify!($value),
                unit: $unit,
                reason: $reason,
                measured: $measured,
            }
        ),*];
    };
}
pub(crate) use tuning;

tuning! {
    ENUMERATED_COLUMNS: usize = 30_000;
        "columns tried";
        "A node whose choices take more columns to enumerate is split instead.";
        "not by itself; 48 to 73 % of the time of two shared memories with cores went into enumerations of this length that failed";
    EVALUATION: usize = 30;
        "columns tried";
        "One more evaluation of a choice takes about as long as trying so many columns, so that a part with many solutions for a choice is split rather than enumerated.";
        "results/scaling: eight levels with five memories, conv3_2, 13.5 s to 3.2 s, with at most 200 orders for each choice";
    SHORT_SHARE: f64 = 0.5;
        "part of the memory allowed";
        "A search of few nodes ends where it holds more: the next search needs the rest.";
        "not by itself";
    HEAVY_SHARE: f64 = 0.4;
        "part of the memory allowed";
        "Where more is held, the nodes that hold most of it come first.";
        "results/energy: VGG-16 conv5_1 and fc7 ended by time instead of memory";
    FAR_OFF: f64 = 0.2;
        "share of what a node's bound lacks";
        "A chord whose error weighs more is split before the rest of the part is decided.";
        "results/energy: conv5_1 on shared-32x32, gap 1.89 % to 1.44 % together with chains not listed";
    NEARLY_EXACT: f64 = 0.02;
        "share of what a node's bound lacks";
        "A chord whose error weighs less is not split: columns are.";
        "results/energy, together with FAR_OFF";
    LEAST_CHORD: f64 = 1e-8;
        "logarithm of the objective";
        "A chord that is off by less is exact, whatever the bound lacks.";
        "none: far below the gap of 1e-6 to which an optimum is proved";
    PRICING_ROUNDS: usize = 60;
        "masters solved";
        "A relaxation ends after so many, converged or not; its bound holds in every round.";
        "not by itself; most relaxations end after 3 to 15";
    FULL_ROUNDS: usize = 200;
        "masters solved";
        "The same where a relaxation is solved for its own sake.";
        "not by itself";
    HOPELESS: f64 = 0.15;
        "share of what the relaxation lacks to the target";
        "A relaxation whose gap is a smaller share will not reach the target: the node is split.";
        "not by itself";
    CLOSED_GAP: f64 = 1e-7;
        "logarithm of the objective";
        "A relaxation whose gap is smaller has converged.";
        "none: a tenth of the gap to which an optimum is proved";
    TANGENT: f64 = 1e-6;
        "logarithm";
        "A row of a relaxation that is violated by more gets a tangent there.";
        "none: HiGHS keeps rows to 1e-7";
    PENALTY: f64 = 200.0;
        "logarithm of the objective for each e-fold of excess";
        "A master may exceed a constant limit at this price, so that it is always feasible; prices of such rows stay below it.";
        "none: larger than the logarithm of any objective";
    ROUNDING: f64 = 1e-10;
        "relative";
        "A Lagrangian bound is lowered by so much for the rounding of sums of a few hundred logarithms.";
        "none: a few hundred times the precision of a double, with room";
    ANYTHING: f64 = 1e6;
        "logarithm of the objective";
        "No program has a larger objective, so that no bound above it cuts anything off.";
        "none";
    LARGEST_PRUNED: usize = 4_000;
        "columns of a group";
        "Dominance is quadratic: larger groups are left as they are.";
        "results/vgg: dominance took starved conv3_2 to 28 s; beyond 4,000 columns it was of no use";
    LEAST_VARIANCE: f64 = 1e-9;
        "price times squared logarithm";
        "A fractional point whose variance is smaller tells no columns apart.";
        "results/energy: splitting ties took 36,161 nodes of conv4_1a without moving the bound";
    ROUNDED_COLUMNS: usize = 3;
        "columns of a group";
        "Rounding combines so many of the largest columns.";
        "not by itself";
    ROUNDED_CHOICES: usize = 243;
        "choices";
        "Rounding looks at no more combinations: three columns in each of five groups.";
        "not by itself";
    ROUNDED_TRIES: usize = 8;
        "choices";
        "Rounding tries the best of them as solutions, no more.";
        "not by itself";
    VIOLATION: f64 = 1e-8;
        "logarithm";
        "A choice of HiGHS that violates a row by more gets the row's tangent.";
        "none: above HiGHS's tolerance of 1e-9";
    CHORD: f64 = 1e-8;
        "logarithm";
        "A chord further off at a choice of HiGHS is split there.";
        "none: above HiGHS's tolerance of 1e-9";
    SLACK: f64 = 1e-7;
        "logarithm of the objective";
        "Objectives of HiGHS so far above the goal are still looked at: more than its tolerances add up to.";
        "none";
    CONTRADICTION: f64 = 1e-6;
        "logarithm of the objective";
        "HiGHS is contradicted by what differs by more.";
        "a false optimum of HiGHS was off by 0.2689 (the module comment of opinion)";
    NEAR: f64 = 1e-3;
        "logarithm of the objective";
        "A known choice so far above the goal is still allowed when HiGHS is asked again, and must be found.";
        "not by itself";
    TOLERANCE: f64 = 1e-9;
        "of rows, bounds and integrality";
        "HiGHS's tolerance: rows are equations of logarithms up to 50, and optima are told apart to 1e-6.";
        "results/solvers: at less some small models fail";
    GAP: f64 = 1e-9;
        "of an objective, absolute";
        "HiGHS stops at this gap.";
        "none: as its tolerance";
    ATTEMPTS: [(bool, f64); 3] = [(true, TOLERANCE), (true, 1e-8), (false, TOLERANCE)];
        "presolve, and tolerance";
        "Where HiGHS fails with one, the next is tried. With presolve its optima are exact more often.";
        "results/solvers: at 1e-9 alone it fails on some small models";
    OTHERS: [(bool, f64); 3] = [(false, 1e-8), (false, TOLERANCE), (true, 1e-7)];
        "presolve, and tolerance";
        "The same where HiGHS is asked for another opinion: otherwise than the first time.";
        "not by itself";
    NO_SHARE: f64 = 1e-9;
        "share of a column";
        "A column with less is not in a master's point: less than HiGHS's tolerance.";
        "none";
    SAME: f64 = 1e-9;
        "logarithm";
        "Ranges of arguments are wider by so much, and one that is narrower is a point; an enumeration exceeds rows and its target by as much.";
        "none: above the rounding of sums of a few logarithms, and the exact evaluation decides";
    NEAR_END: f64 = 1e-6;
        "logarithm";
        "A range is split in its middle where the point is nearer to an end.";
        "not by itself";
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_constant_says_what_it_counts_why_and_by_which_measurement() {
        for own in TUNING {
            let texts = [own.name, own.value, own.unit, own.reason, own.measured];
            assert!(texts.iter().all(|text| !text.is_empty()), "{own:?}");
        }
        assert_eq!(
            (TUNING[0].name, TUNING[0].value),
            ("ENUMERATED_COLUMNS", "30_000")
        );
    }
}

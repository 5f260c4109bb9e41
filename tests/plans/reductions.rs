//! HiGHS's reductions lose no plan.

use std::path::Path;

use deepmatrix::engine::highs_file::FileModel;

/// A training step's program of which presolve of HiGHS 1.16 removed the optimum, 9,986.4, and
/// called 9,993.2 optimal; without presolve all seeds find it.
#[test]
fn the_optimum_of_a_training_step_is_not_reduced_away() {
    let model =
        FileModel::read(Path::new("tests/plans/files/reduced.mps")).expect("HiGHS reads it");
    let found = model.solve().expect("an optimum").objective;
    assert!((found - 9_986.401_881_073_64).abs() < 1e-5, "{found}");
}

//! Reads a model file through HiGHS and solves it: what was written can be read by others.
#![allow(
    unsafe_code,
    reason = "the C interface of HiGHS; every pointer stays inside this file"
)]

use std::ffi::{CStr, CString, c_char, c_void};
use std::path::Path;

use super::hand_over::{ATTEMPTS, FAULTY_RULES, GAP};

/// A model that HiGHS read from a file.
#[derive(Debug)]
pub struct FileModel {
    highs: *mut c_void,
}

/// The solution of a model file.
#[derive(Clone, Debug)]
pub struct FileSolution {
    /// The optimum.
    pub objective: f64,
    /// The value of every variable, with its name.
    pub values: Vec<(String, f64)>,
}

/// The code of HiGHS's model status "optimal".
const OPTIMAL: i32 = 7;

impl FileModel {
    /// Reads an LP or MPS file; `None` if HiGHS does not accept it without warning.
    #[must_use]
    pub fn read(path: &Path) -> Option<Self> {
        let file = CString::new(path.to_str()?).ok()?;
        // SAFETY: Highs_create returns a fresh instance, which Drop destroys.
        let model = Self {
            highs: unsafe { highs_sys::Highs_create() },
        };
        model.set_integer(c"output_flag", 0);
        model.set_integer(c"threads", 1);
        model.set_number(c"mip_rel_gap", 0.0);
        model.set_number(c"mip_abs_gap", GAP);
        // Presolve without the rule that `hand_over` says more of.
        model.set_integer(c"presolve_rule_off", FAULTY_RULES);
        // SAFETY: as above.
        let status = unsafe { highs_sys::Highs_readModel(model.highs, file.as_ptr()) };
        (status == highs_sys::STATUS_OK).then_some(model)
    }

    fn set_number(&self, option: &CStr, value: f64) {
        // SAFETY: the instance lives, the option's name ends with a zero byte.
        unsafe { highs_sys::Highs_setDoubleOptionValue(self.highs, option.as_ptr(), value) };
    }

    /// Sets presolve and tolerances, and forgets what an earlier attempt found.
    fn prepare(&self, presolve: bool, tolerance: f64) {
        self.set_number(c"mip_feasibility_tolerance", tolerance);
        self.set_number(c"primal_feasibility_tolerance", tolerance);
        let presolve = if presolve { c"on" } else { c"off" };
        // SAFETY: the instance lives, all texts end with a zero byte.
        unsafe {
            highs_sys::Highs_setStringOptionValue(
                self.highs,
                c"presolve".as_ptr(),
                presolve.as_ptr(),
            );
            highs_sys::Highs_clearSolver(self.highs);
        }
    }

    fn set_integer(&self, option: &CStr, value: i32) {
        // SAFETY: the instance lives, the option's name ends with a zero byte.
        unsafe {
            highs_sys::Highs_setBoolOptionValue(self.highs, option.as_ptr(), value);
            highs_sys::Highs_setIntOptionValue(self.highs, option.as_ptr(), value);
        }
    }

    /// The names of the rows.
    #[must_use]
    pub fn row_names(&self) -> Vec<String> {
        // SAFETY: the instance lives.
        let rows = unsafe { highs_sys::Highs_getNumRow(self.highs) };
        (0..rows)
            .map(|row| {
                // SAFETY: the index is in range, and the buffer as long as HiGHS asks for.
                name(|buffer| unsafe { highs_sys::Highs_getRowName(self.highs, row, buffer) })
            })
            .collect()
    }

    /// The names of the variables.
    #[must_use]
    pub fn column_names(&self) -> Vec<String> {
        // SAFETY: the instance lives.
        let columns = unsafe { highs_sys::Highs_getNumCol(self.highs) };
        (0..columns)
            .map(|column| {
                // SAFETY: the index is in range, and the buffer as long as HiGHS asks for.
                name(|buffer| unsafe { highs_sys::Highs_getColName(self.highs, column, buffer) })
            })
            .collect()
    }

    /// Solves it, in another way where HiGHS fails; `None` if it finds no optimum in any.
    #[must_use]
    pub fn solve(&self) -> Option<FileSolution> {
        ATTEMPTS.iter().find_map(|&(presolve, tolerance)| {
            self.prepare(presolve, tolerance);
            self.run()
        })
    }

    fn run(&self) -> Option<FileSolution> {
        let (columns, rows) = (self.column_names(), self.row_names());
        let (mut values, mut duals) = (vec![0.0; columns.len()], vec![0.0; columns.len()]);
        let (mut activities, mut row_duals) = (vec![0.0; rows.len()], vec![0.0; rows.len()]);
        // SAFETY: the instance lives, and the arrays have a place for every column and row.
        let (status, objective) = unsafe {
            highs_sys::Highs_run(self.highs);
            highs_sys::Highs_getSolution(
                self.highs,
                values.as_mut_ptr(),
                duals.as_mut_ptr(),
                activities.as_mut_ptr(),
                row_duals.as_mut_ptr(),
            );
            (
                highs_sys::Highs_getModelStatus(self.highs),
                highs_sys::Highs_getObjectiveValue(self.highs),
            )
        };
        (status == OPTIMAL).then(|| FileSolution {
            objective,
            values: columns.into_iter().zip(values).collect(),
        })
    }
}

impl Drop for FileModel {
    fn drop(&mut self) {
        // SAFETY: the instance was created by Highs_create and is not used any more.
        unsafe { highs_sys::Highs_destroy(self.highs) }
    }
}

/// A name that HiGHS writes into a buffer.
fn name(write: impl FnOnce(*mut c_char) -> i32) -> String {
    const LENGTH: usize = highs_sys::kHighsMaximumStringLength as usize + 1;
    let mut buffer: [c_char; LENGTH] = [0; LENGTH];
    write(buffer.as_mut_ptr());
    buffer[LENGTH - 1] = 0;
    // SAFETY: the buffer ends with a zero byte.
    unsafe { CStr::from_ptr(buffer.as_ptr()) }
        .to_string_lossy()
        .into_owned()
}

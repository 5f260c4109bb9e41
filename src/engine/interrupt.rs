//! Lets a flag stop HiGHS: it is asked now and then while HiGHS solves.
#![allow(
    unsafe_code,
    reason = "the C interface of HiGHS; the flag outlives every call that may read it"
)]

use std::ffi::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicBool, Ordering};

use highs::SolvedModel;
use highs_sys::{
    HighsCallbackDataIn, HighsCallbackDataOut, kHighsCallbackIpmInterrupt,
    kHighsCallbackMipInterrupt, kHighsCallbackSimplexInterrupt,
};

/// Solves a model until it is done or the flag is set.
pub(super) fn solve(model: highs::Model, flag: &AtomicBool) -> Option<SolvedModel> {
    let mut model = model;
    let kinds = [
        kHighsCallbackSimplexInterrupt,
        kHighsCallbackIpmInterrupt,
        kHighsCallbackMipInterrupt,
    ];
    let data = std::ptr::from_ref(flag).cast_mut().cast::<c_void>();
    // SAFETY: the instance lives; the flag is borrowed until the solve below has ended and the
    // callbacks are stopped, and `stop` only reads it.
    unsafe {
        highs_sys::Highs_setCallback(model.as_mut_ptr(), Some(stop), data);
        for kind in kinds {
            highs_sys::Highs_startCallback(model.as_mut_ptr(), kind);
        }
    }
    let mut solved = model.try_solve().ok()?;
    // SAFETY: as above; from here on nothing points to the flag.
    unsafe {
        for kind in kinds {
            highs_sys::Highs_stopCallback(solved.as_mut_ptr(), kind);
        }
        highs_sys::Highs_setCallback(solved.as_mut_ptr(), None, std::ptr::null_mut());
    }
    Some(solved)
}

/// Tells HiGHS whether to stop.
unsafe extern "C" fn stop(
    _kind: c_int,
    _message: *const c_char,
    _out: *const HighsCallbackDataOut,
    answer: *mut HighsCallbackDataIn,
    flag: *mut c_void,
) {
    // SAFETY: HiGHS passes the pointer that `solve` gave it, and an answer that may be null.
    let (flag, answer) = unsafe { (flag.cast::<AtomicBool>().as_ref(), answer.as_mut()) };
    if let (Some(flag), Some(answer)) = (flag, answer) {
        answer.user_interrupt = c_int::from(flag.load(Ordering::Relaxed));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::time::{Duration, Instant};

    use crate::engine::hand_over::{HighsStatus, Settings, solve_with};
    use crate::engine::named::{Named, Relation};

    /// Market splits: hopeless for branch and bound.
    fn hopeless() -> Named {
        let mut model = Named::new("cost");
        let mut number: u64 = 12345;
        let items: Vec<usize> = (0..40).map(|i| model.binary(&format!("x{i}"))).collect();
        for row in 0..5 {
            let mut factors = Vec::new();
            let mut sum = 0.0;
            for &item in &items {
                number = number
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let weight = f64::from(u32::try_from((number >> 33) % 100).unwrap_or(0));
                factors.push((item, weight));
                sum += weight;
            }
            let over = model.continuous(&format!("o{row}"), (0.0, f64::INFINITY), 1.0);
            let under = model.continuous(&format!("u{row}"), (0.0, f64::INFINITY), 1.0);
            factors.extend([(over, -1.0), (under, 1.0)]);
            model.row(
                &format!("r{row}"),
                factors,
                Relation::Equal,
                (sum / 2.0_f64).floor(),
            );
        }
        model
    }

    #[test]
    fn a_flag_stops_the_solver() {
        let flag = Arc::new(AtomicBool::new(false));
        let own = Arc::clone(&flag);
        let setter = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            own.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        let begin = Instant::now();
        let settings = Settings {
            limit: Some(Duration::from_secs(60)),
            interrupt: Some(flag),
            ..Settings::default()
        };
        let outcome = solve_with(&hopeless(), &settings);
        assert_eq!(outcome.status, HighsStatus::Interrupted);
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "{:?}",
            begin.elapsed()
        );
        assert!(setter.join().is_ok());
    }
}

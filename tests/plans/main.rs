//! Memory plans and addresses.

#[path = "../schedules/mod.rs"]
mod schedules;

mod check_plans;
mod packing_cases;
mod plan_laws;
mod residency;

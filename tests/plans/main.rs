//! Memory plans and addresses.

#[path = "../schedules/mod.rs"]
mod schedules;

mod check_plans;
mod fused;
mod fused_online;
mod fused_stages;
mod more_is_no_slower;
mod packing_cases;
mod plan_laws;
mod reductions;
mod residency;
mod views;

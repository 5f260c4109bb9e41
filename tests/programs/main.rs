//! Pages, golden files, inputs and derived programs say the same; the layers of the code.

#[path = "../schedules/all_plans.rs"]
mod all_plans;

mod autograd;
mod formulations;
mod formulations_residency;
mod inputs;
mod layering;
mod networks;
mod training_graph;

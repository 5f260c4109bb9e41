//! Pages, golden files, inputs and derived programs say the same; the layers of the code.

#[path = "../schedules/all_plans.rs"]
mod all_plans;
#[path = "../onnx_files/mod.rs"]
mod onnx_files;

mod autograd;
mod autograd_layer;
mod autograd_operators;
mod circles;
mod files;
mod formulations;
mod formulations_residency;
mod fuzz;
mod glossary;
mod inputs;
mod layering;
mod networks;
mod networks_imported;
mod onnx;
mod onnx_broken;
mod onnx_operators;
mod pages;
mod pruning;
mod training_graph;
mod tuning;
mod yaml_broken;

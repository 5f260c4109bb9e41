//! Laws that every result keeps to, and the independent checks of results.

#[path = "../cases/mod.rs"]
mod cases;
#[expect(dead_code, reason = "the exactness tests use the rest")]
#[path = "../exhaustive/mod.rs"]
mod exhaustive;
#[path = "../mappings/mod.rs"]
mod mappings;
#[path = "../restricted/mod.rs"]
mod restricted;

mod bounds;
mod certificates;
mod check_random;
mod check_restrictions;
mod check_unit;
mod compare_laws;
mod dataflow_designs;
mod dataflows;
mod dominated;
mod laws;
mod laws_features;
mod local_search;
mod monotone;
mod objectives;
mod pareto;
mod phases;
mod study;

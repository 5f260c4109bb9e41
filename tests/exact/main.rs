//! The solver, its bounds and its columns against exhaustive searches of tiny problems.

#[path = "../cases/mod.rs"]
mod cases;
#[path = "../exhaustive/mod.rs"]
mod exhaustive;
#[path = "../literal/mod.rs"]
mod literal;
#[expect(dead_code, reason = "the laws use the rest")]
#[path = "../mappings/mod.rs"]
mod mappings;

mod backward;
mod boxes;
mod energy_parts;
mod exactness;
mod exactness_backward;
mod exactness_features;
mod exactness_resident;
mod exactness_wide;
mod exhaustive_cost;
mod exhaustive_general;
mod exhaustive_rules;
mod literal_cases;
mod literal_nest;
mod machine;
mod methods;
mod monolith;
mod optimum;
mod pruning_lists;
mod prunings;
mod published;
mod reference;
mod resident_laws;
mod resident_rules;
mod seeds;
mod switches;
mod third_gaps;
mod tiny;
mod tree;

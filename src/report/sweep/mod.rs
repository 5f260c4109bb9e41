//! Reports of sweeps: a CSV record for each point, and pictures.

pub mod csv;

//! The `deepmatrix` command.

fn main() {}

//! What the commands print, in `tests/cmd/*.trycmd` and the README.
//!
//! `TRYCMD=overwrite cargo test --release --test command cmd` writes them anew; times are `[..]`.

#[test]
fn commands_print_what_they_should() {
    let program = std::path::PathBuf::from(env!("CARGO_BIN_EXE_deepmatrix"));
    let cache = tempfile::tempdir().expect("a folder");
    trycmd::TestCases::new()
        .env("XDG_CACHE_HOME", cache.path().to_string_lossy())
        .register_bin("deepmatrix", program.clone())
        .register_bin("./x", program)
        .case("tests/cmd/*.trycmd")
        .case("README.md");
}

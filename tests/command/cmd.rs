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

/// The job of `results/job`: its commands run one after the other in a folder of their own.
#[test]
fn the_job_prints_what_its_page_says() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("results/job/README.md");
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("job.md");
    std::fs::copy(&page, &copy).expect("a page");
    // With both of these, commands run in a copy of the first, which is empty.
    for beside in ["job.in", "job.out"] {
        std::fs::create_dir(folder.path().join(beside)).expect("a folder");
    }
    let program = std::path::PathBuf::from(env!("CARGO_BIN_EXE_deepmatrix"));
    trycmd::TestCases::new()
        .env(
            "XDG_CACHE_HOME",
            folder.path().join("cache").to_string_lossy(),
        )
        .register_bin("deepmatrix", program)
        .case(copy.to_string_lossy().as_ref())
        .run();
    if std::env::var_os("TRYCMD").is_some_and(|how| how == "overwrite") {
        std::fs::copy(&copy, &page).expect("writable");
    }
}

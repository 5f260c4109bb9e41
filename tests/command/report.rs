//! The HTML report of a sweep: all pictures there, nothing loaded, no errors in a browser.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Names under which Chromium is installed.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The pictures of a sweep over capacity, bandwidth and mode.
const PICTURES: [&str; 9] = [
    "roofline",
    "utilization",
    "sensitivity-sram.capacity_bytes",
    "sensitivity-dram.bandwidth_bytes_per_cycle",
    "limits",
    "pareto-sram",
    "pareto-energy",
    "loop-nest",
    "buffers",
];

fn report(folder: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .args(["sweep", "inputs/tiny/tiny.yaml", "inputs/tiny/tiny-hw.yaml"])
        .args(["--vary", "sram.capacity_bytes=64..512:x2"])
        .args(["--vary", "dram.bandwidth_bytes_per_cycle=1,4"])
        .args(["--vary", "mode=inference,training", "-o"])
        .arg(folder.join("sweep"))
        .arg("--report")
        .arg(folder.join("report.html"))
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    fs::read_to_string(folder.join("report.html")).expect("the report")
}

#[test]
fn the_report_has_all_pictures_and_needs_nothing_else() {
    let folder = TempDir::new().expect("a folder");
    let text = report(folder.path());
    for name in PICTURES {
        assert!(text.contains(&format!("<section id=\"{name}\">")), "{name}");
        let file = folder.path().join(format!("report-pictures/{name}.svg"));
        let svg = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(text.contains(svg.trim()), "{name}");
    }
    assert_eq!(text.matches("<svg").count(), PICTURES.len());
    assert!(!text.contains("<script") && !text.contains("src="));
    let links = text.split("href=\"").skip(1);
    assert!(
        links
            .into_iter()
            .all(|link| link.starts_with('#') || link.starts_with("data:"))
    );
}

#[test]
fn a_browser_shows_the_report_without_errors() {
    let works = |name: &&str| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    let Some(browser) = BROWSERS.into_iter().find(works) else {
        eprintln!("skipped: Chromium is not installed (Debian's package `chromium`)");
        return;
    };
    let folder = TempDir::new().expect("a folder");
    report(folder.path());
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
        ])
        .arg(format!(
            "--user-data-dir={}",
            folder.path().join("profile").display()
        ))
        .args(["--virtual-time-budget=2000", "--dump-dom"])
        .arg(folder.path().join("report.html"))
        .output()
        .expect("the browser starts");
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{log}");
    assert!(!log.contains("CONSOLE"), "{log}");
    assert_eq!(dom.matches("<svg").count(), PICTURES.len());
    assert_eq!(dom.matches("</section>").count(), PICTURES.len());
}

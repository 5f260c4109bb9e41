//! The HTML reports of a run and of a sweep: all pictures there, nothing loaded, and in a browser no errors,
//! while `report/drive.js` points at marks, types, sorts, searches and zooms.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Names under which Chromium is installed.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The pictures of a sweep over capacity, bandwidth and mode.
const SWEEP: [&str; 9] = [
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

/// The pictures on the page of one run.
const RUN: [&str; 4] = ["memory-map", "roofline", "loop-nest", "buffers"];

fn deepmatrix(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .args(arguments)
        .args(["inputs/tiny/tiny.yaml", "inputs/tiny/tiny-hw.yaml"])
        .arg("--report")
        .arg(folder.join("report.html"))
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    fs::read_to_string(folder.join("report.html")).expect("the report")
}

fn sweep(folder: &Path) -> String {
    let to = folder.join("sweep").display().to_string();
    let arguments = [
        "sweep",
        "--vary",
        "sram.capacity_bytes=64..512:x2",
        "--vary",
        "dram.bandwidth_bytes_per_cycle=1,4",
        "--vary",
        "mode=inference,training",
        "-o",
        &to,
    ];
    deepmatrix(folder, &arguments)
}

fn run(folder: &Path) -> String {
    deepmatrix(folder, &["solve", "--mode", "training"])
}

/// Every picture is on the page as in its own file, and the page needs nothing else.
fn is_whole(folder: &Path, text: &str, pictures: &[&str]) {
    for name in pictures {
        assert!(text.contains(&format!("<section id=\"{name}\">")), "{name}");
        let file = folder.join(format!("report-pictures/{name}.svg"));
        let svg = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(text.contains(svg.trim()), "{name}");
    }
    // Some are drawn for narrow screens, too.
    let narrow = text.matches("<figure class=\"narrow\">").count();
    assert!(narrow > 0);
    assert_eq!(text.matches("<svg").count(), pictures.len() + narrow);
    for section in text.split("<section id=\"").skip(1) {
        let (name, section) = section.split_once('"').expect("a name");
        let narrow = section.split("<figure class=\"narrow\">").nth(1);
        let width = narrow.and_then(|own| own.split(" width=\"").nth(1)?.split('"').next());
        let Some(width) = width else { continue };
        // A map of many points is as wide as it must be; others fit a screen of 390 pixels.
        let width: u32 = width.parse().expect("pixels");
        assert!(width <= 364 || name == "utilization", "{name}: {width}");
    }
    assert!(!text.contains("src=") && !text.contains("@import") && !text.contains("url("));
    assert!(text.contains("default-src 'none'"));
    let links = text.split("href=\"").skip(1);
    assert!(
        links
            .into_iter()
            .all(|link| link.starts_with('#') || link.starts_with("data:"))
    );
}

#[test]
fn the_report_of_a_sweep_has_all_pictures_and_needs_nothing_else() {
    let folder = TempDir::new().expect("a folder");
    let text = sweep(folder.path());
    is_whole(folder.path(), &text, &SWEEP);
}

#[test]
fn the_report_of_a_run_has_the_answer_all_layers_and_all_pictures() {
    let folder = TempDir::new().expect("a folder");
    let text = run(folder.path());
    is_whole(folder.path(), &text, &RUN);
    assert!(folder.path().join("report-pictures/limits.svg").exists());
    // The answer is the terminal's, and the table has every row with its cycles in the planned step.
    let output = Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .args(["solve", "--mode", "training", "--format", "json"])
        .args(["inputs/tiny/tiny.yaml", "inputs/tiny/tiny-hw.yaml"])
        .output()
        .expect("the program starts");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let cycles = json["total"]["cycles"].as_u64().expect("cycles");
    let answer = format!("{},{:03} cycles", cycles / 1000, cycles % 1000);
    assert!(text.contains(&answer), "{answer}");
    for row in json["layers"].as_array().expect("rows") {
        let name = row["name"].as_str().expect("a name");
        let cycles = &row["planned_cycles"];
        let own = text.split(&format!("<tbody data-name=\"{name}\"")).nth(1);
        let own = own.unwrap_or_else(|| panic!("{name} is not in the table"));
        let own = own.split('>').next().unwrap_or_default();
        assert!(own.contains(&format!("data-cycles=\"{cycles}\"")), "{own}");
    }
    for band in ["forward", "backward", "update"] {
        assert!(text.contains(&format!("data-label=\"{band}\"")), "{band}");
    }
}

/// A number as pictures show it.
fn grouped(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1000), number % 1000),
    }
}

/// The map of utilization and what limits layers show the planned step where there is one, and say which.
#[test]
fn pictures_of_a_sweep_show_planned_steps_or_layers_alone() {
    for (more, said, planned) in [
        (
            &[][..],
            ["in the planned step", "cycles in the planned step"],
            true,
        ),
        (
            &["--no-memory-plan"],
            ["of each layer alone", "cycles of each layer alone"],
            false,
        ),
    ] {
        let folder = TempDir::new().expect("a folder");
        let to = folder.path().join("sweep");
        let vary = ["sweep", "--vary", "sram.capacity_bytes=128..512:x2", "-o"];
        let to = to.to_str().expect("a path");
        let page = deepmatrix(folder.path(), &[&vary[..], &[to], more].concat());
        let words = if planned {
            "in the planned step"
        } else {
            "mapped alone"
        };
        assert!(
            page.contains(&format!("each row a layer, {words}.")),
            "{words}"
        );
        let roofline = page.contains(", in the planned step, the larger");
        assert_eq!(roofline, planned, "what the roofline shows");
        let file = |name: &str| {
            let path = folder.path().join("report-pictures").join(name);
            fs::read_to_string(path).expect("a picture")
        };
        let (map, limits) = (file("utilization.svg"), file("limits.svg"));
        assert!(map.contains(&format!(">{}<", said[0])), "{map}");
        assert!(limits.contains(&format!(">{}<", said[1])), "{limits}");
        let journal = fs::read_to_string(folder.path().join("sweep/points.jsonl"));
        let mut differ = 0;
        for line in journal.expect("a journal").lines() {
            let point: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let layers = point["layers"].as_array().expect("layers");
            let moved = layers.iter().map(|own| own["planned_outer_bytes"].as_u64());
            let moved: Option<u64> = moved.sum();
            // Each layer's is rounded up.
            let all = point["planned"]["outer_bytes"].as_u64();
            let near = all
                .zip(moved)
                .map(|(all, sum)| (all..=all + 9).contains(&sum));
            assert_eq!(near, planned.then_some(true), "{all:?} {moved:?}");
            for layer in point["layers"].as_array().expect("layers") {
                let is_named = layer["planned_bottleneck"].is_string();
                assert_eq!(is_named, planned, "{layer}");
                let alone = layer["cycles"].as_u64().expect("cycles");
                let own = layer["planned_cycles"].as_u64().unwrap_or(alone);
                if layer["box_macs"] == 0 {
                    continue;
                }
                differ += usize::from(own != alone);
                let cycles = format!("\n{} cycles, ", grouped(own));
                assert!(map.contains(&cycles), "{cycles}: {map}");
            }
        }
        assert_eq!(differ > 0, planned, "the plan changes nothing");
    }
}

#[test]
fn names_are_text_in_a_report() {
    let folder = TempDir::new().expect("a folder");
    let own = fs::read_to_string("inputs/tiny/tiny.yaml").expect("a network");
    let odd = own.replace("name: conv,", "name: '<script>alert(1)</script>\"x',");
    assert_ne!(own, odd);
    let network = folder.path().join("odd.yaml");
    fs::write(&network, odd).expect("writable");
    let output = Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .arg("solve")
        .arg(&network)
        .args(["inputs/tiny/tiny-hw.yaml", "--report"])
        .arg(folder.path().join("report.html"))
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = fs::read_to_string(folder.path().join("report.html")).expect("the report");
    assert_eq!(text.matches("<script").count(), 1);
    assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;x"));
}

/// The name of a browser that is installed.
fn browser() -> Option<&'static str> {
    let works = |name: &&str| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    BROWSERS.into_iter().find(works)
}

/// What is said where none is.
const NO_BROWSER: &str = "skipped: Chromium is not installed (Debian's package `chromium`)";

/// What a browser shows of a page that is driven, and what it says meanwhile.
fn shown(browser: &str, folder: &Path, page: &str) -> (String, String) {
    let driven = folder.join("driven.html");
    let original = serde_json::to_string(page).expect("JSON");
    let original = original.replace('<', "\\u003c");
    let script = format!(
        "<script>const original = {original};\n{}</script></body>",
        include_str!("report/drive.js")
    );
    fs::write(&driven, page.replace("</body>", &script)).expect("writable");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            "--window-size=1300,900",
        ])
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .args(["--virtual-time-budget=8000", "--dump-dom"])
        .arg(driven)
        .output()
        .expect("the browser starts");
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{log}");
    (dom, log)
}

/// A page is driven without an error, and does so many things at least; `false` without a browser.
fn works(page: fn(&Path) -> String, least: usize) -> bool {
    let Some(browser) = browser() else {
        return false;
    };
    let folder = TempDir::new().expect("a folder");
    let (dom, log) = shown(browser, folder.path(), &page(folder.path()));
    assert!(!log.contains("CONSOLE"), "{log}");
    let lines = dom.split("<pre id=\"driven\">").nth(1);
    let lines = lines.and_then(|own| own.split("</pre>").next());
    let lines = lines.unwrap_or_else(|| panic!("the page was not driven: {log}"));
    assert!(lines.ends_with("\ndone\n"), "{lines}");
    let wrong: Vec<&str> = lines
        .lines()
        .filter(|own| own.starts_with("FAILED"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let done = lines.lines().filter(|own| own.starts_with("ok ")).count();
    assert!(done >= least, "{done} checks: {lines}");
    true
}

#[test]
fn a_browser_shows_the_report_of_a_run_without_errors() {
    if !works(run, 60) {
        eprintln!("{NO_BROWSER}");
    }
}

#[test]
fn a_browser_shows_the_report_of_a_sweep_without_errors() {
    if !works(sweep, 40) {
        eprintln!("{NO_BROWSER}");
    }
}

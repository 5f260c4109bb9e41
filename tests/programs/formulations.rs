//! The pages of `formulations/` say what the code does: identifiers, golden files and the tiny
//! instance's optimum agree.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use deepmatrix::classes::class::Class;
use deepmatrix::columns::group::ColumnGroup;
use deepmatrix::columns::groups::all_columns;
use deepmatrix::cost::bound::lower_bounds;
use deepmatrix::cost::evaluate;
use deepmatrix::engine::assembly::assemble;
use deepmatrix::engine::hand_over::{self, HighsStatus};
use deepmatrix::engine::highs_file::FileModel;
use deepmatrix::engine::lp_file::lp_text;
use deepmatrix::engine::named::Relation;
use deepmatrix::engine::piece::Piece;
use deepmatrix::engine::{Node, Program};
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::layer::monolith::{Monolith, choices, classes, monolith};
use deepmatrix::layer::{self, Layer};
use deepmatrix::layer::{decode, names};
use deepmatrix::problem::goal::{FEWEST_CYCLES, Goal, Measure};
use deepmatrix::problem::{
    AccessEnergy, Dim, Hardware, LayerKind, Level, LoopNest, PerDim, Window,
};
use deepmatrix::read::{self, NetworkOptions};
use deepmatrix::tiling::limits::WholeChains;
use deepmatrix::tiling::site::Site;
use deepmatrix::tiling::tile_space::TileSpace;

/// The class of the golden file with one class.
const CLASS: &str = "IOW";
/// Logarithms agree to within this.
const NEAR: f64 = 1e-7;

/// The instance of the page.
struct Tiny {
    nest: LoopNest,
    hardware: Hardware,
    columns: Vec<ColumnGroup>,
}

impl Tiny {
    fn new() -> Self {
        let (network, hardware) = (
            Path::new("inputs/tiny/layer.yaml"),
            Path::new("inputs/tiny/layer-hw.yaml"),
        );
        let network = read::network(network, &NetworkOptions::default()).expect("a network");
        let hardware = read::hardware(hardware).expect("hardware");
        let LayerKind::MultiplyAccumulate(nest) = &network.layers[0].kind else {
            panic!("multiply-accumulates");
        };
        Self::of(nest.as_ref().clone(), hardware)
    }

    fn of(nest: LoopNest, hardware: Hardware) -> Self {
        let columns = all_columns(
            &Site::new(&nest, &hardware),
            TileSpace::All,
            WholeChains::FEW,
        );
        Self {
            nest,
            hardware,
            columns,
        }
    }

    /// The instance with so long a dimension that its columns come in parts.
    fn long() -> Self {
        let tiny = Self::new();
        let mut extents = PerDim::all(1);
        extents[Dim::K] = 41;
        let nest = LoopNest::forward(extents, [Window::NONE; Window::COUNT], tiny.nest.precision);
        Self::of(nest, tiny.hardware)
    }

    fn site(&self) -> Site<'_> {
        Site::new(&self.nest, &self.hardware)
    }

    fn layer<'a>(&'a self, site: &'a Site<'a>) -> Layer<'a> {
        Layer {
            site,
            columns: &self.columns,
            lower_bound: lower_bounds(&self.nest, &self.hardware).best(),
            goal: &FEWEST_CYCLES,
            energy_unit: 1.0,
            switches: layer::Switches::ALL,
        }
    }

    fn classes(&self) -> Vec<Class> {
        classes(&self.nest, &self.hardware)
    }

    fn class(&self) -> Class {
        let named = |c: &Class| names::class(&self.hardware, c) == CLASS;
        self.classes().into_iter().find(named).expect("the class")
    }

    /// The instance where a byte costs 10 pJ outside and 1 pJ in the buffer.
    fn with_energy() -> Self {
        let Self {
            nest, mut hardware, ..
        } = Self::new();
        for (level, pj_per_byte) in [(0, 10.0), (1, 1.0)] {
            if let Level::Memory(memory) = &mut hardware.levels[level] {
                memory.energy = AccessEnergy {
                    read_pj_per_byte: Some(pj_per_byte),
                    write_pj_per_byte: Some(pj_per_byte),
                };
            }
        }
        Self::of(nest, hardware)
    }

    /// The program of one class, without a switch, tangents at every integer point.
    fn one_class_for(&self, goal: &Goal) -> Monolith {
        let site = self.site();
        let layer = Layer {
            goal,
            ..self.layer(&site)
        };
        let mut one = monolith(&layer, vec![self.class()], true).expect("whole chains");
        one.pieces[0].label.clear();
        one.complete();
        one
    }

    fn one_class(&self) -> Monolith {
        let one = self.one_class_for(&FEWEST_CYCLES);
        assert_eq!(
            one.pieces.len(),
            1,
            "two numbers of visits: the chord is exact"
        );
        one
    }

    /// The program of all classes, tangents at every integer point.
    fn all_classes(&self) -> Monolith {
        let mut all =
            monolith(&self.layer(&self.site()), self.classes(), true).expect("whole chains");
        all.complete();
        all
    }

    /// The program of one class over parts of chains.
    fn parts(&self) -> Piece {
        let program = layer::program(&self.layer(&self.site()), &self.class());
        let node = Node::new((), program, 0.0);
        let mut piece = Piece::new(0, node.program, node.active, node.imposed);
        piece.labels = Some(names::labels(&self.hardware, &self.columns).into());
        piece
    }

    /// The cycles of a choice in a class, by exact evaluation.
    fn cycles(&self, class: &Class, choice: &[u32]) -> Option<u128> {
        let mapping = decode::mapping(&self.nest, &self.hardware, &self.columns, class, choice);
        let cost = evaluate(&self.nest, &self.hardware, &mapping).ok()?;
        Some(cost.cycles)
    }
}

/// What the file of energies minimises: energy, of mappings that move at most 18 bytes outside.
fn least_energy() -> Goal {
    Goal {
        minimise: Measure::Energy,
        limits: vec![(Measure::Traffic, 8.0 * 18.0)],
    }
}

/// The files that the code writes today.
fn goldens() -> Vec<(&'static str, String)> {
    let comment = |text: &str| {
        vec![
            format!("formulations/layer.md, inputs/tiny/layer.yaml on layer-hw.yaml: {text}"),
            "The objective is the natural logarithm of the cycles.".to_owned(),
        ]
    };
    let tiny = Tiny::new();
    let (one, all) = (tiny.one_class(), tiny.all_classes());
    let long = Tiny::long();
    let parts = assemble(&[long.parts()], f64::INFINITY).0;
    let energy = Tiny::with_energy().one_class_for(&least_energy());
    vec![
        (
            "layer.lp",
            lp_text(
                &one.model().0,
                &comment("class IOW, tangents at every integer point"),
            ),
        ),
        (
            "layer-classes.lp",
            lp_text(
                &all.model().0,
                &comment("all classes, tangents at every integer point"),
            ),
        ),
        (
            "layer-parts.lp",
            lp_text(
                &parts,
                &comment("41 x 1 x 1 in parts, class IOW, one tangent for each term"),
            ),
        ),
        (
            "layer-energy.lp",
            lp_text(
                &energy.model().0,
                &[
                    "formulations/layer.md, inputs/tiny/layer.yaml on layer-hw.yaml at 10 and 1 pJ a byte: class IOW,",
                    "least energy of what moves at most 18 bytes outside, tangents at every integer point",
                    "The objective is the natural logarithm of the energy in pJ.",
                ]
                .map(str::to_owned),
            ),
        ),
    ]
}

fn golden(name: &str) -> PathBuf {
    Path::new("formulations/golden").join(name)
}

/// What stands between two marks, everywhere in a text, where it is an identifier.
fn identifiers(text: &str, before: &str, after: &[char]) -> BTreeSet<String> {
    text.split(before)
        .skip(1)
        .filter_map(|rest| rest.split(after).next())
        .filter(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
        .map(|number| format!("LAY{number}"))
        .collect()
}

fn sources(folder: &str) -> String {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|f| fs::read_to_string(f).expect("a file"))
        .collect()
}

/// The number before ` cycles` in the page's sentence that begins with `mark`.
fn stated(page: &str, mark: &str) -> u128 {
    let sentence = page
        .split(mark)
        .nth(1)
        .expect("the page states the optimum");
    let words = sentence
        .split(" cycles")
        .next()
        .expect("a number of cycles");
    words
        .trim()
        .trim_start_matches("**")
        .parse()
        .expect("a number")
}

#[expect(clippy::cast_precision_loss, reason = "few cycles")]
fn ln(cycles: u128) -> f64 {
    (cycles as f64).ln()
}

#[test]
fn page_code_and_golden_files_have_the_same_identifiers() {
    let page = fs::read_to_string("formulations/layer.md").expect("the page");
    let in_page = identifiers(&page, "\n| LAY", &[' ']);
    let code = sources("src/layer") + &sources("src/engine");
    let in_code = identifiers(&code, "[LAY", &[']']);
    let files: String = goldens().into_iter().map(|g| g.1).collect();
    let in_files = identifiers(&files, "\n LAY", &['_']);
    assert_eq!(in_page, in_code, "page and doc comments");
    assert_eq!(in_page, in_files, "page and golden files");
}

#[test]
fn golden_files_are_what_the_code_writes() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut different = Vec::new();
    for (name, text) in goldens() {
        if fs::read_to_string(golden(name)).ok().as_ref() != Some(&text) {
            fs::write(folder.join(name), text).expect("a writable folder");
            different.push(name);
        }
    }
    let folder = folder.display();
    assert!(
        different.is_empty(),
        "{different:?} differ from those in {folder}: read the differences"
    );
}

#[test]
fn highs_reads_the_golden_files_and_finds_the_stated_optima() {
    let page = fs::read_to_string("formulations/layer.md").expect("the page");
    let (tiny, long) = (Tiny::new(), Tiny::long());
    let models = [
        (
            "layer.lp",
            tiny.one_class().model().0,
            "The optimum of class IOW is ",
        ),
        (
            "layer-classes.lp",
            tiny.all_classes().model().0,
            "The optimum of all classes is ",
        ),
        (
            "layer-parts.lp",
            assemble(&[long.parts()], f64::INFINITY).0,
            "The bound over parts is ",
        ),
    ];
    for (name, model, mark) in models {
        let file = FileModel::read(&golden(name)).expect("a file that HiGHS reads");
        let rows: Vec<&str> = model.rows().iter().map(|r| r.name.as_str()).collect();
        assert_eq!(file.row_names(), rows, "{name}");
        let solution = file.solve().expect("an optimum");
        let expected = ln(stated(&page, mark));
        assert!(
            (solution.objective - expected).abs() < NEAR,
            "{name}: {}",
            solution.objective
        );
    }
}

#[test]
fn the_file_of_energies_has_the_stated_optimum_of_brute_force() {
    let page = fs::read_to_string("formulations/layer.md").expect("the page");
    let tiny = Tiny::with_energy();
    let class = tiny.class();
    let program = tiny.one_class_for(&least_energy());
    let costs = choices(&program.pieces[0].active)
        .into_iter()
        .filter_map(|choice| {
            let mapping =
                decode::mapping(&tiny.nest, &tiny.hardware, &tiny.columns, &class, &choice);
            let cost = evaluate(&tiny.nest, &tiny.hardware, &mapping).ok()?;
            least_energy().allows(&cost).then_some(cost.energy_pj)?
        });
    let least = costs.fold(f64::INFINITY, f64::min);
    let file = FileModel::read(&golden("layer-energy.lp")).expect("a file that HiGHS reads");
    let optimum = file.solve().expect("an optimum").objective.exp();
    assert!((optimum - least).abs() < 1e-6 * least, "{optimum} {least}");
    let stated = format!("is **{least} pJ**: [golden/layer-energy.lp](golden/layer-energy.lp)");
    assert!(page.contains(&stated), "the page does not say {stated}");
}

#[test]
fn the_optimum_is_that_of_brute_force_and_of_the_decoded_mapping() {
    let page = fs::read_to_string("formulations/layer.md").expect("the page");
    let tiny = Tiny::new();
    let all = monolith(&tiny.layer(&tiny.site()), tiny.classes(), false).expect("whole chains");
    let (mut best, mut least) = (u128::MAX, u128::MAX);
    for piece in &all.pieces {
        let class = &all.classes[piece.origin];
        for choice in choices(&piece.active) {
            let cycles = tiny.cycles(class, &choice);
            let program = piece.program.objective_at(&choice);
            assert_eq!(
                cycles.is_some(),
                program.is_some(),
                "{} {choice:?}",
                piece.label
            );
            if let (Some(cycles), Some(objective)) = (cycles, program) {
                // A class counts every visit; the nest may keep a tile that another class keeps too.
                assert!(
                    cycles <= rounded_up(objective),
                    "{} {choice:?}",
                    piece.label
                );
                best = best.min(cycles);
                least = least.min(rounded_up(objective));
            }
        }
    }
    assert_eq!(best, least, "mappings and programs");
    let solution = solve(&tiny.nest, &tiny.hardware, &SolveOptions::default());
    assert_eq!(solution.best.map(|b| b.1.cycles), Some(best));
    assert_eq!(stated(&page, "The optimum of all classes is "), best);
}

/// The cycles of an objective: those of ports are rounded up, and no less than any mapping's.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "few cycles"
)]
fn rounded_up(objective: f64) -> u128 {
    (objective.exp() - 1e-9).ceil() as u128
}

#[test]
fn cuts_exclude_infeasible_points_and_no_others() {
    let tiny = Tiny::new();
    for one in [tiny.one_class(), tiny.all_classes()] {
        let (model, layout) = one.model();
        for (number, piece) in one.pieces.iter().enumerate() {
            let program: &Program = &piece.program;
            for choice in choices(&piece.active) {
                let mut fixed = model.clone();
                for x in layout.binaries(number, &choice) {
                    fixed.row("chosen", vec![(x, 1.0)], Relation::Equal, 1.0);
                }
                let outcome = hand_over::solve(&fixed, None);
                match program
                    .objective_at(&choice)
                    .filter(|_| in_range(piece, &choice))
                {
                    None => assert_eq!(outcome.status, HighsStatus::Infeasible, "{choice:?}"),
                    Some(z) => assert!((outcome.objective - z).abs() < NEAR, "{choice:?}"),
                }
            }
        }
    }
}

/// Whether a choice belongs to a piece that covers some numbers of visits only.
fn in_range(piece: &Piece, choice: &[u32]) -> bool {
    let ranges = piece.ranges().into_iter().enumerate();
    ranges.into_iter().all(|(argument, range)| {
        let visits = ln(piece.argument_at(argument, choice).into());
        range.low - 1e-9 <= visits && visits <= range.high + 1e-9
    })
}

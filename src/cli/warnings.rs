//! Every message beside the result: errors of single layers, warnings and hints.

use std::fmt;

use super::fold::{name, names};
use super::messages::{self, Severity};

/// A message on standard error.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Notice {
    /// A layer has no mapping.
    NoMapping {
        /// Layer.
        layer: String,
        /// Which memory, and by how much.
        reason: String,
    },
    /// The independent checker refuses a result.
    CheckFailed {
        /// Layer.
        layer: String,
        /// What is wrong.
        what: String,
    },
    /// A result has too many tiles for the independent checker.
    NotChecked {
        /// Layer.
        layer: String,
        /// Tiles that the check would list.
        tiles: u128,
    },
    /// A mapping that someone wrote is none of its layer.
    BadMapping {
        /// Layer.
        layer: String,
        /// What is wrong.
        what: String,
    },
    /// An input file is wrong.
    BadFile(String),
    /// The search stopped before the proof.
    NotProved {
        /// Layer.
        layer: String,
        /// Gap in percent; `None` where there is no mapping yet.
        gap_percent: Option<f64>,
        /// Why it stopped.
        reason: String,
    },
    /// Something was taken for granted of a node of an imported model.
    Assumed {
        /// The node.
        node: String,
        /// What.
        what: String,
    },
    /// There is no memory plan, as some layers have no mapping.
    NoMemoryPlan {
        /// These layers.
        missing: Vec<String>,
    },
    /// There is no memory plan, which nobody asked for by name.
    PlanLeftOut {
        /// Why.
        why: String,
    },
    /// The run was interrupted.
    Interrupted {
        /// Layers with a mapping.
        found: usize,
        /// Layers of the run.
        layers: usize,
    },
    /// Streamed operations have no lanes to run on.
    NoVectorUnit {
        /// Hardware.
        hardware: String,
    },
    /// Some energies are given and others are not.
    PartialEnergy {
        /// Hardware.
        hardware: String,
        /// Where they are missing.
        missing: Vec<String>,
    },
    /// A line of a sweep was being written when it was stopped.
    TornLine {
        /// File.
        file: String,
    },
    /// A sweep goes on where it was stopped.
    Resumed {
        /// Points that are there already.
        finished: usize,
        /// Points of the sweep.
        points: usize,
    },
    /// A sweep was interrupted.
    SweepInterrupted {
        /// Points that are finished.
        finished: usize,
        /// Points of the sweep.
        points: usize,
    },
    /// Solutions could not be kept for other runs.
    CacheNotWritten {
        /// Why.
        what: String,
    },
    /// A point of a sweep is in no folder.
    MissingPoint {
        /// Its values.
        point: String,
    },
    /// More points are in no folder.
    MoreMissingPoints {
        /// How many more.
        more: usize,
    },
    /// A shard is not finished.
    UnfinishedShard {
        /// `i/n`.
        shard: String,
        /// Points that are missing.
        missing: usize,
    },
    /// Blocks have no addresses.
    NoAddresses {
        /// File.
        file: String,
        /// Why, and what would help.
        reason: String,
    },
    /// The search for addresses stopped before it knew whether there are any.
    AddressesUnknown {
        /// File.
        file: String,
    },
    /// The least capacity in which blocks have addresses.
    LeastCapacity {
        /// File.
        file: String,
        /// Bytes.
        capacity: u64,
        /// What no capacity is below.
        bound: u64,
    },
    /// Fewer jobs run than were asked for.
    JobsCapped {
        /// Asked for.
        asked: usize,
        /// What runs.
        given: usize,
    },
    /// A layer is mapped, or a point of a sweep.
    Finished {
        /// Layer or point.
        what: String,
        /// How it went.
        how: String,
    },
    /// Mappings are shown in tables only.
    ShowMappingNeedsTable,
    /// Constraints cannot be checked alone.
    ConstraintsAlone {
        /// File.
        file: String,
    },
    /// A mapping cannot be checked alone.
    MappingAlone {
        /// File.
        file: String,
    },
}

impl Notice {
    /// Whether it says that something asked for is wrong or not done.
    pub(super) fn is_failure(&self) -> bool {
        self.severity() == Severity::Error
    }

    /// Writes the message; standard error that cannot be written is no reason to stop.
    pub(super) fn show(&self) {
        messages::show(self.severity(), &self.text());
    }

    /// The message without its severity.
    pub(super) fn text(&self) -> String {
        match self {
            Notice::NoMapping { layer, reason } => {
                format!("{}: no mapping exists: {reason}", name(layer))
            }
            Notice::CheckFailed { layer, what } => format!(
                "{}: internal error, the result failed its check and is withdrawn: {what}",
                name(layer)
            ),
            Notice::NotChecked { layer, tiles } => format!(
                "{}: not checked independently, for which {tiles} tiles would be listed; its cost is what the evaluator computes",
                name(layer)
            ),
            Notice::BadMapping { layer: own, what }
            | Notice::Assumed { node: own, what }
            | Notice::Finished {
                what: own,
                how: what,
            } => format!("{}: {what}", name(own)),
            Notice::BadFile(what) => what.clone(),
            Notice::NotProved {
                layer,
                gap_percent,
                reason,
            } => not_proved(layer, *gap_percent, reason),
            Notice::NoMemoryPlan { missing } => no_memory_plan(missing),
            Notice::PlanLeftOut { why } => {
                format!("the layers alone, without a memory plan: {why}")
            }
            Notice::Interrupted { found, layers } => {
                format!("interrupted; {found} of {layers} layers have a mapping so far")
            }
            Notice::NoVectorUnit { hardware } => format!(
                "{} gives no `vector: {{lanes: …}}`, so streamed operations are bound by bandwidth alone",
                name(hardware)
            ),
            Notice::PartialEnergy { hardware, missing } => format!(
                "{} gives no energy for {}; it counts as zero",
                name(hardware),
                missing.join(", ")
            ),
            Notice::TornLine { .. }
            | Notice::Resumed { .. }
            | Notice::SweepInterrupted { .. }
            | Notice::CacheNotWritten { .. }
            | Notice::MissingPoint { .. }
            | Notice::MoreMissingPoints { .. }
            | Notice::UnfinishedShard { .. } => self.sweep_text(),
            Notice::NoAddresses { file, reason } => format!("{file}: no addresses exist: {reason}"),
            Notice::AddressesUnknown { file } => format!(
                "{file}: the search stopped before it found addresses or proved that there are none; give it more time"
            ),
            Notice::LeastCapacity {
                file,
                capacity,
                bound,
            } if capacity == bound => {
                format!("{file}: the least capacity is {capacity} bytes, which is proved")
            }
            Notice::LeastCapacity {
                file,
                capacity,
                bound,
            } => format!(
                "{file}: {capacity} bytes are enough, and at least {bound} are needed; give it more time for the proof"
            ),
            Notice::JobsCapped { asked, given } => format!(
                "--jobs {asked}: {given} run, which is all that the cores of this machine have use for"
            ),
            Notice::ShowMappingNeedsTable => {
                "--show-mapping is for tables; the JSON result holds every mapping".to_owned()
            }
            Notice::ConstraintsAlone { file } => format!(
                "{file}: constraints are checked against layers: give one network and one hardware file as well"
            ),
            Notice::MappingAlone { file } => format!(
                "{file}: a mapping is checked against its layer: give one network and one hardware file as well"
            ),
        }
    }

    /// The messages of sweeps.
    fn sweep_text(&self) -> String {
        match self {
            Notice::TornLine { file } => format!(
                "{file}: the last line has no end and is dropped: its point was being written when the sweep was stopped"
            ),
            Notice::Resumed { finished, points } => format!(
                "{finished} of {points} points are finished already (--no-resume begins anew)"
            ),
            Notice::SweepInterrupted { finished, points } => format!(
                "interrupted; {finished} of {points} points are finished, and the same command goes on"
            ),
            Notice::CacheNotWritten { what } => {
                format!("solutions are not kept for other runs: {what}")
            }
            Notice::MissingPoint { point } => format!("{point}: this point is missing"),
            Notice::MoreMissingPoints { more } => format!("{more} more points are missing"),
            Notice::UnfinishedShard { shard, missing } => {
                format!("shard {shard} has {missing} points left: run it again")
            }
            _ => String::new(),
        }
    }

    fn severity(&self) -> Severity {
        match self {
            Notice::NoMapping { .. }
            | Notice::CheckFailed { .. }
            | Notice::BadMapping { .. }
            | Notice::BadFile(_)
            | Notice::NoAddresses { .. }
            | Notice::ConstraintsAlone { .. }
            | Notice::MappingAlone { .. } => Severity::Error,
            Notice::NotProved { .. }
            | Notice::Assumed { .. }
            | Notice::NotChecked { .. }
            | Notice::AddressesUnknown { .. }
            | Notice::NoMemoryPlan { .. }
            | Notice::PlanLeftOut { .. }
            | Notice::Interrupted { .. }
            | Notice::NoVectorUnit { .. }
            | Notice::PartialEnergy { .. }
            | Notice::TornLine { .. }
            | Notice::SweepInterrupted { .. }
            | Notice::CacheNotWritten { .. }
            | Notice::MissingPoint { .. }
            | Notice::MoreMissingPoints { .. }
            | Notice::JobsCapped { .. }
            | Notice::UnfinishedShard { .. } => Severity::Warning,
            Notice::ShowMappingNeedsTable
            | Notice::LeastCapacity { .. }
            | Notice::Resumed { .. } => Severity::Hint,
            Notice::Finished { .. } => Severity::Note,
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity().word(), self.text())
    }
}

/// Which layers have no mapping, so that there is no memory plan.
fn no_memory_plan(missing: &[String]) -> String {
    let (number, shown) = (missing.len(), names(missing));
    format!("no memory plan: {number} layers have no mapping ({shown})")
}

fn not_proved(layer: &str, gap_percent: Option<f64>, reason: &str) -> String {
    let layer = name(layer);
    match gap_percent {
        Some(gap) => {
            format!(
                "{layer}: not proved optimal, the optimum has at most {gap:.2} % fewer cycles: {reason}"
            )
        }
        None => format!("{layer}: no mapping found: {reason}"),
    }
}

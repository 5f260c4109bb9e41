//! Why no mapping keeps to a restriction: which dataflows and fixed parts leave none.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::problem::dataflow::{is_innermost_storage, names};
use crate::problem::{Dataflow, Fixed, Hardware, LoopNest};

use super::existence::has_mapping;
use super::options::SolveOptions;
use super::tuning::CONFLICT_TIME as LONGEST;

/// A part of the restriction that can be dropped: the hardware's dataflows, or one fixed entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Dataflow,
    Fixed(usize),
}

/// One sentence that names what leaves no mapping; `None` where there is no restriction, or where
/// there is no mapping without it either, a search ended before that was known, or the time since
/// `started` is up.
pub(super) fn reason(
    operation: &LoopNest,
    hardware: &Hardware,
    options: &SolveOptions,
    started: Instant,
) -> Option<String> {
    let case = Case {
        operation,
        hardware,
        options,
        unknown: Cell::new(false),
        end: (options.time_limit).and_then(|limit| started.checked_add(limit)),
    };
    let mut rules: Vec<Rule> = (0..options.fixed.len()).map(Rule::Fixed).collect();
    if !hardware.dataflow.is_empty() {
        rules.insert(0, Rule::Dataflow);
    }
    if rules.is_empty() || !case.is_possible(&[]) {
        return None;
    }
    let without = |rule: &Rule| -> Vec<Rule> {
        let others = rules.iter().filter(|other| *other != rule);
        others.copied().collect()
    };
    let needed: Vec<Rule> = (rules.iter().copied())
        .filter(|rule| rules.len() == 1 || case.is_possible(&without(rule)))
        .collect();
    let sentence = match needed.as_slice() {
        [] => {
            let conflict = case.conflict(&rules);
            format!(
                "none {}, and others of the constraints leave none either",
                case.phrases(&conflict)
            )
        }
        [only] => format!(
            "none {}{}; without that there is one",
            case.phrases(&[*only]),
            case.hint(*only)
        ),
        several => format!(
            "none {}; without any one of these there is one",
            case.phrases(several)
        ),
    };
    let is_known = !case.unknown.get() && case.left() != Some(Duration::ZERO);
    is_known.then_some(sentence)
}

/// What was to be solved.
struct Case<'a> {
    operation: &'a LoopNest,
    hardware: &'a Hardware,
    options: &'a SolveOptions,
    /// Whether a search for a mapping ended before it knew: then nothing is said of what leaves none.
    unknown: Cell<bool>,
    /// When the layer's time is up.
    end: Option<Instant>,
}

impl Case<'_> {
    /// The time that is left, if it is limited.
    fn left(&self) -> Option<Duration> {
        self.end
            .map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// Whether some mapping keeps to these rules alone, as far as that is found in time.
    fn is_possible(&self, rules: &[Rule]) -> bool {
        let mut hardware = self.hardware.clone();
        if !rules.contains(&Rule::Dataflow) {
            hardware.dataflow.clear();
        }
        let all = self.options.fixed.iter().enumerate();
        let fixed: Vec<Fixed> = all
            .filter(|(i, _)| rules.contains(&Rule::Fixed(*i)))
            .map(|(_, own)| own.clone())
            .collect();
        let limit = self.left().map_or(LONGEST, |left| left.min(LONGEST));
        let options = SolveOptions {
            fixed: Arc::new(fixed),
            time_limit: Some(limit),
            ..self.options.clone()
        };
        let found = has_mapping(self.operation, &hardware, &options);
        self.unknown.set(self.unknown.get() || found.is_none());
        found.unwrap_or(false)
    }

    /// Some of the rules that leave no mapping together, none of them too many.
    fn conflict(&self, rules: &[Rule]) -> Vec<Rule> {
        let mut left = rules.to_vec();
        for rule in rules {
            let others: Vec<Rule> = left.iter().copied().filter(|r| r != rule).collect();
            if !others.is_empty() && !self.is_possible(&others) {
                left = others;
            }
        }
        left
    }

    /// What mappings would do: `is weight_stationary and keeps to c.yaml:1`.
    fn phrases(&self, rules: &[Rule]) -> String {
        let mut parts = Vec::new();
        if rules.contains(&Rule::Dataflow) {
            let all = names(&self.hardware.dataflow).replace(',', " or ");
            parts.push(format!("is {all}"));
        }
        let entries: Vec<&str> = rules
            .iter()
            .filter_map(|rule| match rule {
                Rule::Fixed(index) => Some(self.options.fixed[*index].name.as_str()),
                Rule::Dataflow => None,
            })
            .collect();
        if !entries.is_empty() {
            parts.push(format!("keeps to {}", entries.join(" and ")));
        }
        parts.join(" and ")
    }

    /// What is in the way of a dataflow, where that is plain.
    fn hint(&self, rule: Rule) -> String {
        let [only] = self.hardware.dataflow.as_slice() else {
            return String::new();
        };
        let role = only.stationary();
        let inner = || {
            let memories = self.hardware.memories();
            memories.filter(|(level, _)| is_innermost_storage(self.hardware, *level))
        };
        let kept = inner().any(|(_, memory)| memory.may_keep(role));
        if rule != Rule::Dataflow {
            return String::new();
        }
        if kept {
            return row_hint(*only);
        }
        let all: Vec<&str> = inner().map(|(_, memory)| memory.name.as_str()).collect();
        match all.as_slice() {
            [] => " (no memory keeps tiles)".to_owned(),
            [one] => format!(" ({one} does not hold {role})"),
            _ => format!(" (none of {} holds {role})", all.join(", ")),
        }
    }
}

fn row_hint(dataflow: Dataflow) -> String {
    let rows = dataflow == Dataflow::RowStationary;
    let hint = if rows {
        " (whole rows of the kernel, S, stay in the innermost storage)"
    } else {
        ""
    };
    hint.to_owned()
}

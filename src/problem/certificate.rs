//! What a claim rests on: a value, a bound, what closed everything else, and what was left out.
//!
//! [`Status::Optimal`] and [`Status::Infeasible`] come from a [`Certificate`] and from nowhere
//! else: results hold certificates, and say what they prove when they are asked. A bound above the
//! value that it bounds is no certificate but an error ([`FalseBound`]).

use thiserror::Error;

use super::goal::Measure;
use super::status::{Proof, Status};

pub use super::amount::{Amount, TOLERANCE};
pub use super::evidence::{Closing, Evidence, Skipped};

/// A bound above the value that it bounds: one of them is wrong.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("internal error: a bound of {bound} {unit} lies above a mapping of {value} {unit}")]
pub struct FalseBound {
    value: Amount,
    bound: Amount,
    unit: &'static str,
}

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Claim {
    /// Something with this value, and nothing below the bound.
    Found { value: Amount, bound: Amount },
    /// There is nothing at all.
    Nothing,
    /// Nothing is known but a bound.
    Open { bound: Amount },
}

/// A claim with what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    measure: Measure,
    claim: Claim,
    evidence: Evidence,
}

impl Certificate {
    /// Something was found that has `value`, and nothing in the space has less than `bound`.
    ///
    /// # Errors
    /// The bound is above the value, or no number.
    pub fn found(
        measure: Measure,
        value: Amount,
        bound: Amount,
        evidence: Evidence,
    ) -> Result<Self, FalseBound> {
        let bound = bound.below(value).ok_or(FalseBound {
            value,
            bound,
            unit: measure.unit(),
        })?;
        Ok(Self {
            measure,
            claim: Claim::Found { value, bound },
            evidence,
        })
    }

    /// There is nothing: so far as all is closed, and else nothing is known.
    #[must_use]
    pub fn nothing(measure: Measure, evidence: Evidence) -> Self {
        Self {
            measure,
            claim: Claim::Nothing,
            evidence,
        }
    }

    /// Nothing was found, and nothing has less than `bound`.
    #[must_use]
    pub fn open(measure: Measure, bound: Amount, evidence: Evidence) -> Self {
        Self {
            measure,
            claim: Claim::Open { bound },
            evidence,
        }
    }

    /// Work of `value` that can be done in one way only.
    #[must_use]
    pub fn only_way(measure: Measure, value: Amount) -> Self {
        Self {
            measure,
            claim: Claim::Found {
                value,
                bound: value,
            },
            evidence: Evidence::closed([Closing::OnlyWay]),
        }
    }

    /// What stands for a claim that was contradicted: nothing is proved, and the error is told.
    #[must_use]
    pub fn contradicted(measure: Measure, error: &FalseBound) -> Self {
        let told = Skipped::Contradicted(error.to_string());
        let evidence = Evidence::default().without([told]);
        Self::open(measure, Amount::Whole(0), evidence)
    }

    /// The claim of something made of parts, the sums of theirs: `total` has what was found and
    /// its bound, where all parts have something.
    ///
    /// # Errors
    /// The bound of the total is above it.
    pub fn of_parts(
        measure: Measure,
        parts: &[&Certificate],
        total: Option<(Amount, Amount)>,
    ) -> Result<Self, FalseBound> {
        let impossible = parts.iter().find(|c| c.status() == Status::Infeasible);
        if let Some(impossible) = impossible {
            return Ok((*impossible).clone());
        }
        let mut evidence = Evidence::default();
        for own in parts.iter().map(|part| &part.evidence) {
            evidence = evidence.and(own);
            if own.closed_by().is_empty() && own.skipped().is_empty() {
                evidence = evidence.without([Skipped::NotStarted]);
            }
        }
        let known = |part: &&&Certificate| matches!(part.claim, Claim::Found { .. });
        match total.filter(|_| parts.iter().all(|part| known(&part))) {
            Some((value, bound)) => Self::found(measure, value, bound, evidence),
            None => Ok(Self::open(measure, Amount::Whole(0), evidence)),
        }
    }

    /// The same claim without a proof of what was left out.
    #[must_use]
    pub fn without(self, skipped: Skipped) -> Self {
        Self {
            evidence: self.evidence.without([skipped]),
            ..self
        }
    }

    /// The same claim, made among what another one is about: it rests on the other one's evidence too.
    #[must_use]
    pub fn resting_on(self, before: &Self) -> Self {
        Self {
            evidence: self.evidence.and(&before.evidence),
            ..self
        }
    }

    /// What it proves.
    #[must_use]
    pub fn status(&self) -> Status {
        let complete = self.evidence.is_complete();
        match self.claim {
            Claim::Found { value, bound } if complete && bound.meets(value) => Status::Optimal,
            Claim::Found { .. } => Status::Feasible,
            Claim::Nothing if complete => Status::Infeasible,
            Claim::Nothing | Claim::Open { .. } => Status::Unknown,
        }
    }

    /// What was measured.
    #[must_use]
    pub fn measure(&self) -> Measure {
        self.measure
    }

    /// The value of what was found.
    #[must_use]
    pub fn value(&self) -> Option<Amount> {
        match self.claim {
            Claim::Found { value, .. } => Some(value),
            Claim::Nothing | Claim::Open { .. } => None,
        }
    }

    /// What nothing in the space has less of.
    #[must_use]
    pub fn bound(&self) -> Option<Amount> {
        match self.claim {
            Claim::Found { bound, .. } | Claim::Open { bound } => Some(bound),
            Claim::Nothing => None,
        }
    }

    /// The relative gap between the value and the bound: (value - bound) / value; `None` where
    /// nothing was found.
    #[must_use]
    pub fn gap(&self) -> Option<f64> {
        let Claim::Found { value, bound } = self.claim else {
            return None;
        };
        let difference = match (value, bound) {
            (Amount::Whole(value), Amount::Whole(bound)) => Amount::Whole(value - bound).real(),
            _ => value.real() - bound.real(),
        };
        Some(if value.real() > 0.0 {
            difference / value.real()
        } else {
            0.0
        })
    }

    /// What it rests on.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The error that it stands for, if it does.
    #[must_use]
    pub fn contradiction(&self) -> Option<&str> {
        self.evidence
            .skipped()
            .iter()
            .find_map(|skipped| match skipped {
                Skipped::Contradicted(what) => Some(what.as_str()),
                _ => None,
            })
    }

    /// The kind of proof, in one word: what took most.
    #[must_use]
    pub fn proof(&self) -> Proof {
        let has = |closing: Closing| self.evidence.closed_by().contains(&closing);
        let simple = [
            (Closing::Monotone, Proof::Monotone),
            (Closing::LowerBound, Proof::LowerBound),
            (Closing::LeastFootprints, Proof::LowerBound),
            (Closing::FewestSteps, Proof::Enumeration),
            (Closing::OnlyWay, Proof::Enumeration),
        ];
        let known = |closing: &Closing| simple.iter().any(|own| own.0 == *closing);
        if !self.evidence.closed_by().iter().all(known) {
            return Proof::Milp;
        }
        let first = simple.into_iter().find(|own| has(own.0));
        first.map_or(Proof::LowerBound, |own| own.1)
    }
}

/// The claim of a search for fewest cycles that did not begin: a bound for any mapping.
#[must_use]
pub fn not_begun(lower_bound_cycles: u128) -> Certificate {
    let evidence = Evidence::closed([Closing::LowerBound]).without([Skipped::NotStarted]);
    Certificate::open(Measure::Cycles, Amount::Whole(lower_bound_cycles), evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycles(value: u128, bound: u128, evidence: Evidence) -> Result<Certificate, FalseBound> {
        let (value, bound) = (Amount::Whole(value), Amount::Whole(bound));
        Certificate::found(Measure::Cycles, value, bound, evidence)
    }

    fn closed() -> Evidence {
        Evidence::closed([Closing::Lagrangian])
    }

    #[test]
    fn a_bound_above_its_value_is_no_certificate() {
        let error = cycles(75_457, 76_801, closed()).expect_err("a false bound");
        assert_eq!(
            error.to_string(),
            "internal error: a bound of 76801 cycles lies above a mapping of 75457 cycles"
        );
        let told = Certificate::contradicted(Measure::Cycles, &error);
        assert_eq!(told.status(), Status::Unknown);
        assert!(told.contradiction().is_some());
        for bound in [f64::NAN, f64::INFINITY, 10.1] {
            let found = Certificate::found(
                Measure::Energy,
                Amount::Real(10.0),
                Amount::Real(bound),
                closed(),
            );
            assert!(found.is_err(), "{bound}");
        }
    }

    #[test]
    fn a_bound_proves_what_is_within_one_part_in_a_million() {
        let status = |value, bound| cycles(value, bound, closed()).expect("a bound").status();
        assert_eq!(status(964, 964), Status::Optimal);
        assert_eq!(status(964, 963), Status::Feasible);
        assert_eq!(status(999_999, 999_998), Status::Feasible);
        assert_eq!(status(1_000_000, 999_999), Status::Optimal);
        assert_eq!(status(u128::MAX, u128::MAX - (1 << 64)), Status::Optimal);
        assert_eq!(status(u128::MAX, 0), Status::Feasible);
        let real = |bound| {
            let (value, bound) = (Amount::Real(10.0), Amount::Real(bound));
            Certificate::found(Measure::Energy, value, bound, closed()).map(|c| c.status())
        };
        assert_eq!(real(10.0 * (1.0 - 0.9e-6)), Ok(Status::Optimal));
        assert_eq!(real(10.0 * (1.0 - 1.1e-6)), Ok(Status::Feasible));
        assert_eq!(real(10.0 * (1.0 + 1e-12)), Ok(Status::Optimal), "rounding");
    }

    #[test]
    fn gaps_are_parts_of_the_value() {
        let gap = |value, bound| cycles(value, bound, closed()).map(|own| own.gap());
        assert_eq!(gap(200, 150), Ok(Some(0.25)));
        assert_eq!(gap(0, 0), Ok(Some(0.0)));
        let open = Certificate::open(Measure::Cycles, Amount::Whole(5), closed());
        assert_eq!(open.gap(), None);
    }

    #[test]
    fn nothing_is_proved_where_something_was_skipped_or_nothing_closed_it() {
        let left = || closed().without([Skipped::Unevaluated(1)]);
        let status = |found: Result<Certificate, FalseBound>| found.map(|c| c.status());
        assert_eq!(status(cycles(5, 5, closed())), Ok(Status::Optimal));
        assert_eq!(status(cycles(5, 5, left())), Ok(Status::Feasible));
        assert_eq!(
            status(cycles(5, 5, Evidence::default())),
            Ok(Status::Feasible)
        );
        let none = |evidence| Certificate::nothing(Measure::Cycles, evidence).status();
        assert_eq!(none(closed()), Status::Infeasible);
        assert_eq!(none(left()), Status::Unknown);
        assert_eq!(none(Evidence::default()), Status::Unknown);
    }

    #[test]
    fn parts_prove_no_more_than_the_weakest() {
        let part = |value, bound| cycles(value, bound, closed()).expect("a bound");
        let weak = cycles(
            7,
            5,
            closed().without([Skipped::Left("the time limit".into())]),
        );
        let (one, weak) = (part(5, 5), weak.expect("a bound"));
        let sum = |parts: &[&Certificate], value, bound| {
            let total = Some((Amount::Whole(value), Amount::Whole(bound)));
            Certificate::of_parts(Measure::Cycles, parts, total).map(|c| c.status())
        };
        assert_eq!(sum(&[&one, &one], 10, 10), Ok(Status::Optimal));
        assert_eq!(sum(&[&one, &weak], 12, 10), Ok(Status::Feasible));
        assert_eq!(sum(&[&one, &weak], 12, 12), Ok(Status::Feasible), "a limit");
        assert!(sum(&[&one, &one], 10, 11).is_err());
        let none = Certificate::nothing(Measure::Cycles, closed());
        assert_eq!(sum(&[&one, &none, &weak], 0, 0), Ok(Status::Infeasible));
        let unknown = Certificate::nothing(Measure::Cycles, Evidence::default());
        assert_eq!(sum(&[&one, &unknown], 5, 5), Ok(Status::Unknown));
        assert_eq!(sum(&[], 0, 0), Ok(Status::Feasible), "nothing closed it");
    }

    #[test]
    fn the_proof_is_named_after_what_took_most() {
        let proof = |by: &[Closing]| {
            let evidence = Evidence::closed(by.iter().copied());
            cycles(5, 5, evidence).map(|c| c.proof())
        };
        assert_eq!(proof(&[Closing::OnlyWay]), Ok(Proof::Enumeration));
        assert_eq!(
            proof(&[Closing::OnlyWay, Closing::LowerBound]),
            Ok(Proof::LowerBound)
        );
        assert_eq!(
            proof(&[Closing::LowerBound, Closing::Lagrangian]),
            Ok(Proof::Milp)
        );
    }
}

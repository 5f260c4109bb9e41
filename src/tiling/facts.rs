//! What is true of a chain, yes or no, fact by fact: as many as there are.

use smallvec::SmallVec;

/// Answers to one list of questions, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    words: SmallVec<[u64; 2]>,
    answers: usize,
}

impl Facts {
    /// Adds the answer to the next question.
    pub fn push(&mut self, is_true: bool) {
        let bit = self.answers % 64;
        if bit == 0 {
            self.words.push(0);
        }
        if let Some(last) = self.words.last_mut() {
            *last |= u64::from(is_true) << bit;
        }
        self.answers += 1;
    }

    /// Whether all that is true of another one, asked the same, is true of this one.
    #[must_use]
    pub fn has_all_of(&self, other: &Self) -> bool {
        self.answers == other.answers
            && (self.words.iter().zip(&other.words)).all(|(own, others)| own & others == *others)
    }
}

impl FromIterator<bool> for Facts {
    fn from_iter<I: IntoIterator<Item = bool>>(answers: I) -> Self {
        let mut facts = Self::default();
        answers.into_iter().for_each(|answer| facts.push(answer));
        facts
    }
}

impl Extend<bool> for Facts {
    fn extend<I: IntoIterator<Item = bool>>(&mut self, answers: I) {
        answers.into_iter().for_each(|answer| self.push(answer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_one_of_many_facts_counts() {
        let only = |n: usize| -> Facts { (0..300).map(|i| i == n).collect() };
        let all: Facts = (0..300).map(|_| true).collect();
        for n in 0..300 {
            assert!(all.has_all_of(&only(n)) && only(n).has_all_of(&only(n)));
            assert!(!only(n).has_all_of(&only((n + 1) % 300)), "{n}");
            assert!(!only(n).has_all_of(&all));
        }
        assert!(!all.has_all_of(&Facts::default()), "asked something else");
    }
}

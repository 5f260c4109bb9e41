//! Sets of elements of a tensor, and intervals.

/// A set of elements, each named by its place in row-major order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Elements {
    words: Vec<u64>,
}

impl Elements {
    /// No element of a tensor of `size` elements.
    #[must_use]
    pub fn none(size: usize) -> Self {
        Self {
            words: vec![0; size.div_ceil(64)],
        }
    }

    pub fn insert(&mut self, element: usize) {
        self.words[element / 64] |= 1 << (element % 64);
    }

    /// All elements, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let all = 0..64 * self.words.len();
        all.filter(|&e| self.words[e / 64] & (1 << (e % 64)) != 0)
    }

    /// How many elements there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.words.iter().map(|w| u64::from(w.count_ones())).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&w| w == 0)
    }

    /// Adds all of `other`.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine |= theirs;
        }
    }

    /// What is here and not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let pairs = self.words.iter().zip(&other.words);
        Self {
            words: pairs.map(|(a, b)| a & !b).collect(),
        }
    }

    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.without(other).is_empty()
    }
}

/// The integers from `from` up to, but without, `to`. All empty intervals mean
/// the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval {
    pub from: i64,
    pub to: i64,
}

impl Interval {
    pub const EMPTY: Interval = Interval { from: 0, to: 0 };

    /// From 0 to `extent`.
    #[must_use]
    pub fn whole(extent: usize) -> Self {
        Self {
            from: 0,
            to: signed(extent),
        }
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.from >= self.to
    }

    #[must_use]
    pub fn len(self) -> usize {
        usize::try_from(self.to - self.from).unwrap_or(0)
    }

    /// The least interval that contains both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        Self {
            from: self.from.min(other.from),
            to: self.to.max(other.to),
        }
    }

    /// What lies within `0..extent`.
    #[must_use]
    pub fn cut(self, extent: usize) -> Self {
        let cut = Self {
            from: self.from.max(0),
            to: self.to.min(signed(extent)),
        };
        if cut.is_empty() { Self::EMPTY } else { cut }
    }
}

/// An extent as a coordinate.
pub(crate) fn signed(extent: usize) -> i64 {
    i64::try_from(extent).expect("an extent fits a coordinate")
}

/// All index vectors below `limits`, the last index fastest.
#[must_use]
pub fn indices(limits: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for &limit in limits {
        let longer = |prefix: &Vec<usize>| {
            let prefix = prefix.clone();
            (0..limit).map(move |i| [prefix.as_slice(), &[i]].concat())
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

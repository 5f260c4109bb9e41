//! Factors and extents among which heuristics choose.

/// The divisors of a number, in order.
#[must_use]
pub fn divisors(n: u64) -> Vec<u64> {
    (1..=n).filter(|d| n.is_multiple_of(*d)).collect()
}

/// The prime factors of a number, in order, each as often as it divides it.
#[must_use]
pub fn prime_factors(mut n: u64) -> Vec<u64> {
    let mut found = Vec::new();
    let mut p = 2;
    while p * p <= n {
        while n.is_multiple_of(p) {
            found.push(p);
            n /= p;
        }
        p += 1;
    }
    if n > 1 {
        found.push(n);
    }
    found
}

/// The extents ⌈n/k⌉: of all extents with as many tiles the smallest, in order.
#[must_use]
pub fn even_extents(n: u64) -> Vec<u64> {
    let mut found: Vec<u64> = Vec::new();
    let mut extent = n;
    while extent > 1 {
        found.push(extent);
        // The fewest tiles that need a smaller extent.
        let tiles = n.div_ceil(extent - 1);
        extent = n.div_ceil(tiles);
    }
    found.push(1);
    found.reverse();
    found
}

/// The natural logarithm of a number of at least 1.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "heuristics compare it; costs are computed exactly"
)]
pub fn log(n: u64) -> f64 {
    (n.max(1) as f64).ln()
}

/// The whole number nearest to a positive one, at least 1.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped between 1 and 2^32"
)]
pub fn nearest(x: f64) -> u64 {
    x.round().clamp(1.0, 4_294_967_296.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_and_extents() {
        assert_eq!(divisors(12), [1, 2, 3, 4, 6, 12]);
        assert_eq!(prime_factors(360), [2, 2, 2, 3, 3, 5]);
        assert!(prime_factors(1).is_empty());
        assert_eq!(even_extents(10), [1, 2, 3, 4, 5, 10]);
        assert_eq!(even_extents(1), [1]);
        for n in 1..200 {
            let mut expected: Vec<u64> = (1..=n).map(|k: u64| n.div_ceil(k)).collect();
            expected.sort_unstable();
            expected.dedup();
            assert_eq!(even_extents(n), expected, "{n}");
        }
    }
}

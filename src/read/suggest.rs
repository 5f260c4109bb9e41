//! "Did you mean …" for keys and names.

/// Longer words are not compared: they are no misspelling of a key.
const LONGEST_WORD: usize = 64;

/// The candidate that `word` most likely misspells, if one is near enough.
pub(super) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    let allowed = (word.chars().count() / 3).max(1);
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let near = candidates
        .iter()
        .copied()
        .filter(|c| c.len() <= LONGEST_WORD)
        .map(|c| (distance(word, c), c))
        .filter(|&(edits, c)| edits <= allowed && edits < c.chars().count())
        .min_by_key(|&(edits, _)| edits)
        .map(|(_, c)| c);
    near.or_else(|| candidates.into_iter().find(|c| same_quantity(word, c)))
}

/// At most so many names are suggested.
const FEW: usize = 3;

/// The candidates within half a word's edits, the nearest first; of a word that begins others, these.
pub(super) fn near_names<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    let allowed = (word.chars().count() / 2).max(1);
    let mut near: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter(|c| word.len() <= LONGEST_WORD && c.len() <= LONGEST_WORD)
        .map(|c| (distance(word, c), c))
        .filter(|&(edits, c)| edits <= allowed || (!word.is_empty() && c.starts_with(word)))
        .collect();
    near.sort_by_key(|&(edits, _)| edits);
    near.truncate(FEW);
    near.into_iter().map(|(_, c)| c).collect()
}

/// The candidates that are most like `word`, nearest first, of equally near ones the first.
pub(super) fn nearest<'a>(word: &str, candidates: &[&'a str], most: usize) -> Vec<&'a str> {
    let mut all: Vec<(usize, &str)> = (candidates.iter().copied())
        .map(|c| (distance(word, c), c))
        .collect();
    all.sort_by_key(|&(edits, _)| edits);
    all.into_iter().take(most).map(|(_, c)| c).collect()
}

/// Whether both are keys of one quantity in different units, such as `capacity_kb` and `capacity_bytes`.
fn same_quantity(a: &str, b: &str) -> bool {
    match (a.split_once('_'), b.split_once('_')) {
        (Some((a, _)), Some((b, _))) => a == b,
        _ => false,
    }
}

fn distance(a: &str, b: &str) -> usize {
    strsim::damerau_levenshtein(&a.to_lowercase(), &b.to_lowercase())
}

/// `did you mean …?`, or the list of what is allowed.
pub(super) fn hint(word: &str, allowed: &[&str]) -> String {
    match closest(word, allowed.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use {}", list(allowed)),
    }
}

/// "`a`", "`a` or `b`", "one of `a`, `b`, `c`".
pub(super) fn list(allowed: &[&str]) -> String {
    let quoted: Vec<String> = allowed.iter().map(|a| format!("`{a}`")).collect();
    match quoted.len() {
        0..=2 => quoted.join(" or "),
        _ => format!("one of {}", quoted.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspellings_find_their_word() {
        assert_eq!(closest("stirde", ["kernel", "stride"]), Some("stride"));
        assert_eq!(closest("n", ["N", "K"]), Some("N"));
        assert_eq!(closest("colour", ["kernel", "stride"]), None);
        assert_eq!(closest("X", ["N", "K"]), None);
        let keys = ["capacity_bytes", "energy_pj_per_byte"];
        assert_eq!(closest("capacity_kb", keys), Some("capacity_bytes"));
    }
}

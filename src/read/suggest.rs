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
    candidates
        .into_iter()
        .filter(|c| c.len() <= LONGEST_WORD)
        .map(|c| (distance(word, c), c))
        .filter(|&(edits, c)| edits <= allowed && edits < c.chars().count())
        .min_by_key(|&(edits, _)| edits)
        .map(|(_, c)| c)
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
    }
}

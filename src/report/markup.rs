//! Text within HTML and SVG.

/// Text in which nothing is taken for markup, in attributes neither.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_is_taken_for_markup() {
        assert_eq!(
            escape("<script> & \"x\" onload='y'"),
            "&lt;script&gt; &amp; &quot;x&quot; onload='y'"
        );
    }
}

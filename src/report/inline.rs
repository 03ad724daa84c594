//! Text as part of a line of Markdown on GitHub, which searches the rendered page, except code, for
//! [mentions and references][references], emoji and formulas.
//!
//! [references]: https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls

use std::fmt::Write;

use crate::text::visible;

/// How many characters of a string are shown.
const MAX_TEXT_CHARS: usize = 500;

pub(crate) fn truncated(text: &str) -> String {
    let mut chars = text.chars();
    let mut short: String = chars.by_ref().take(MAX_TEXT_CHARS).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// A text as part of a line of Markdown or a cell of a table. What is between backticks becomes
/// code, the rest plain text.
pub(crate) fn cell(text: &str) -> String {
    let text = truncated(visible(text).trim());
    let parts: Vec<&str> = text.split('`').collect();
    let mut safe = String::new();
    for (index, part) in parts.iter().enumerate() {
        match (index % 2, index + 1 < parts.len()) {
            (0, _) => push_plain(&mut safe, part),
            (_, true) => safe.push_str(&code(part)),
            // A single backtick.
            (_, false) => push_plain(&mut safe, &format!("`{part}")),
        }
    }
    safe
}

/// A text as code. A backtick, which would end it, and a vertical bar, which would end a cell, are
/// between two pieces of code.
pub(crate) fn code(text: &str) -> String {
    let mut code = String::new();
    for part in text.split_inclusive(['`', '|']) {
        let plain = part.trim_end_matches(['`', '|']);
        if !plain.is_empty() {
            let _ = write!(code, "`{plain}`");
        }
        push_plain(&mut code, &part[plain.len()..]);
    }
    code
}

/// A text without code.
pub(super) fn plain(text: &str) -> String {
    let mut safe = String::new();
    push_plain(&mut safe, text);
    safe
}

/// Adds plain text. What Markdown interprets becomes numeric entities, which are text to every
/// parser. What GitHub interprets – mentions (`@user`), references (`#1`, `GH-1`), addresses
/// (`a@b.example`, `www.example.com`, `https://…`), emoji (`:tada:`) and formulas (`$x$`) – does not
/// cross the end of an element, so an empty element interrupts it.
fn push_plain(safe: &mut String, text: &str) {
    let ends_with = |safe: &str, end: &str| {
        let start = safe.len().saturating_sub(end.len());
        safe.get(start..)
            .is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let is_inside = chars.peek().is_some_and(|next| !next.is_whitespace());
        match char {
            '`' | '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '@' | '#' | '$' => {
                let _ = write!(safe, "&#{};", u32::from(char));
            }
            // Even `www.` before an element becomes a link.
            '.' if ends_with(safe, "www") => safe.push_str("<wbr>."),
            _ => safe.push(char),
        }
        if matches!(char, '@' | '#' | '$')
            || (char == ':' && is_inside)
            || (char == '-' && ends_with(safe, "gh-"))
        {
            safe.push_str("<wbr>");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn what_github_would_interpret_is_interrupted_and_sentences_are_not() {
        assert_eq!(
            cell("@me o/r#1 GH-1 :tada: a@b.example $x$ www.a.example https://a.example"),
            "&#64;<wbr>me o/r&#35;<wbr>1 GH-<wbr>1 :<wbr>tada: a&#64;<wbr>b.example &#36;<wbr>x&#36;<wbr> \
             www<wbr>.a.example https:<wbr>//a.example"
        );
        let sentence = "UTF-8 (ISO 3166-1): unknown method `a_*b`; don't write \"x\".";
        assert_eq!(cell(sentence), sentence);
    }
}

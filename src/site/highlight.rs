//! Syntax colours: enough to tell comments, strings and names of fields from the rest.

use std::fmt::Write;

use minijinja::HtmlEscape;

/// Source code as HTML. Comments (class `c`), strings (`s`) and names of JSON fields (`k`) are
/// elements. `language` is that of a sample, or `json`.
pub(crate) fn highlighted(source: &str, language: &str) -> String {
    let mut html = String::with_capacity(source.len() * 2);
    let (mut plain, mut at) = (0, 0);
    while let Some(next) = source[at..].find(['#', '/', '"', '\'', '`']) {
        at += next;
        let before = source[..at].chars().next_back();
        let Some((class, length)) = token(&source[at..], before, language) else {
            at += 1;
            continue;
        };
        let [left, text] = [&source[plain..at], &source[at..at + length]].map(HtmlEscape);
        // Writing to a string cannot fail.
        let _ = write!(html, "{left}<span class=\"{class}\">{text}</span>");
        at += length;
        plain = at;
    }
    html + &HtmlEscape(&source[plain..]).to_string()
}

/// The class and length in bytes of the comment or string at the start of a text. `before` is the
/// character before it.
fn token(text: &str, before: Option<char>, language: &str) -> Option<(&'static str, usize)> {
    let (comment, quotes): (&str, &[&str]) = match language {
        "json" | "html" => ("\0", &["\""]),
        "python" => ("#", &["\"\"\"", "\"", "'"]),
        "shell" | "ruby" => ("#", &["\"", "'"]),
        // In Rust, a single quote also begins a lifetime.
        "rust" => ("//", &["\""]),
        _ => ("//", &["\"", "'", "`"]),
    };
    if text.starts_with(comment) && before.is_none_or(char::is_whitespace) {
        return Some(("c", text.find('\n').unwrap_or(text.len())));
    }
    let quote = quotes.iter().find(|quote| text.starts_with(**quote))?;
    let mut end = quote.len();
    while !text[end..].starts_with(quote) {
        let mut chars = text[end..].chars();
        let char = chars.next()?;
        let is_escape = char == '\\' && !(language == "shell" && *quote == "'");
        let escaped = if is_escape {
            chars.next().map_or(0, char::len_utf8)
        } else {
            0
        };
        end += char.len_utf8() + escaped;
    }
    end += quote.len();
    let is_name = language == "json" && text[end..].starts_with(':');
    Some((if is_name { "k" } else { "s" }, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_strings_and_names_are_elements_and_everything_is_escaped() {
        for (language, source, html) in [
            (
                "json",
                r#"{"a": "<\"b"}"#,
                "{<span class=\"k\">&quot;a&quot;</span>: <span class=\"s\">&quot;&lt;\\&quot;b&quot;</span>}",
            ),
            (
                "shell",
                "x=$# # '<\n'\\'",
                "x=$# <span class=\"c\"># &#x27;&lt;</span>\n<span class=\"s\">&#x27;\\&#x27;</span>",
            ),
            (
                "rust",
                "<'a> // b",
                "&lt;&#x27;a&gt; <span class=\"c\">&#x2f;&#x2f; b</span>",
            ),
            (
                "python",
                "\"\"\"a\"b\"\"\"",
                "<span class=\"s\">&quot;&quot;&quot;a&quot;b&quot;&quot;&quot;</span>",
            ),
            ("go", "\"ü", "&quot;ü"),
        ] {
            assert_eq!(highlighted(source, language), html);
        }
    }
}

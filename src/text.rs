//! Values and names as parts of sentences.

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

use crate::unicode::{is_invisible, is_variation_selector};

/// How many characters of a value are quoted.
const QUOTED_CHARS: usize = 80;

/// A value in backticks, safe to print: control and format characters are escaped, and a long
/// value is truncated with `…`.
pub(crate) fn quote(value: &str) -> String {
    let mut quoted = String::from("`");
    let mut chars = value.chars();
    for char in chars.by_ref().take(QUOTED_CHARS) {
        push_visible(&mut quoted, char);
    }
    if chars.next().is_some() {
        quoted.push('…');
    }
    quoted.push('`');
    quoted
}

/// A word of a command line, in quotes where a shell would change it.
pub(crate) fn shell_word(word: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "._/+@-".contains(char);
    let word = visible(word);
    match word.chars().all(is_plain) && !word.is_empty() {
        true if word.starts_with('-') => format!("./{word}"),
        true => word,
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// A text that is safe to print on one line of a terminal: every character that would move the
/// cursor, change colours or reorder the line is escaped as `\u{…}`.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        push_visible(&mut shown, char);
    }
    shown
}

/// Lines that are safe to print; see [`visible`].
pub(crate) fn visible_lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}

/// Text in which nothing is a [workflow command][docs] for the runner of GitHub Actions, which reads
/// them in the output of a step: `::command` at the start of a line, also after spaces, and the older
/// `##[command]` anywhere. A line begins after any character that a runner, a terminal or a browser
/// takes for a line end.
///
/// [docs]: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
pub(crate) fn without_commands(text: &str) -> String {
    let text = without_old_commands(text);
    let mut safe = String::with_capacity(text.len());
    let mut is_start = true;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        safe.push(char);
        if is_start && char == ':' && chars.peek() == Some(&':') {
            safe.push(' ');
        }
        // `is_start` comes first: few characters are at the start of a line, and looking up the others is slow.
        let stays_at_start = is_start && (char.is_whitespace() || is_hidden(char));
        is_start = stays_at_start || is_line_end(char);
    }
    safe
}

/// A text in which the runner finds no command in the older format. The newer commands in it stay.
pub(crate) fn without_old_commands(text: &str) -> String {
    text.replace("##[", "##(")
}

/// JSON in which nothing is a workflow command; see [`without_commands`]. Its characters can only be
/// inside strings, where JSON can escape them.
pub(crate) fn json_without_commands(json: &str) -> String {
    json.replace("##[", r"#\u0023[")
        .replace('\u{85}', r"\u0085")
        .replace('\u{2028}', r"\u2028")
        .replace('\u{2029}', r"\u2029")
}

/// Whether .NET, a terminal or a browser takes a character for a line end.
fn is_line_end(char: char) -> bool {
    matches!(
        char,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Items with commas between them, in lines of at most 66 characters, so that they fit into 80
/// columns of a report.
pub(crate) fn list(items: &[String]) -> String {
    let mut text = String::new();
    let mut width = 0;
    for (index, item) in items.iter().enumerate() {
        let length = item.chars().count() + 2;
        if index > 0 {
            text.push_str(if width + length > 66 { ",\n" } else { ", " });
        }
        width = if width + length > 66 {
            length
        } else {
            width + length
        };
        text.push_str(item);
    }
    text
}

/// A text in which every hidden character is replaced with a visible one of the same length in
/// bytes, so that offsets stay valid. Tabs and line ends stay.
pub(crate) fn masked(text: &str) -> Cow<'_, str> {
    let is_masked = |char: char| is_hidden(char) && !matches!(char, '\t' | '\n' | '\r');
    if !text.contains(is_masked) {
        return Cow::Borrowed(text);
    }
    let mask = |char: char| match char.len_utf8() {
        _ if !is_masked(char) => char,
        1 => '?',
        2 => '¿',
        3 => '\u{fffd}',
        _ => '🯄',
    };
    text.chars().map(mask).collect()
}

/// Whether a character would move the cursor, change colours, reorder the line, or cannot be seen.
pub(crate) fn is_hidden(char: char) -> bool {
    is_invisible(char) && !is_variation_selector(char)
}

fn push_visible(out: &mut String, char: char) {
    if is_hidden(char) {
        // Writing into a string does not fail.
        let _ = write!(out, "{}", char.escape_default());
    } else {
        out.push(char);
    }
}

/// Values as an enumeration: `` `a`, `b` and `c` ``.
pub(crate) fn enumerate<'a>(
    values: impl IntoIterator<Item = &'a str>,
    conjunction: &str,
) -> String {
    join(
        &values.into_iter().map(quote).collect::<Vec<_>>(),
        conjunction,
    )
}

/// Parts as an enumeration: `a, b and c`.
pub(crate) fn join(parts: &[String], conjunction: &str) -> String {
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {conjunction} {last}", rest.join(", ")),
    }
}

/// The end of a sentence about an unknown code: similar codes with their names, as
/// `` ; did you mean `gb` (United Kingdom)? ``, or nothing.
pub(crate) fn alternatives(near: &[(String, String)]) -> String {
    let named = near
        .iter()
        .map(|(code, name)| format!("{} ({})", quote(code), visible(name)));
    match named.collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        named => format!("; did you mean {}?", join(named, "or")),
    }
}

/// A noun with its indefinite article, chosen by its first letter.
pub(crate) fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {noun}")
}

/// The candidate that is most similar to a word, if one is similar enough.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    closest(&word.to_lowercase(), candidates)
        .1
        .into_iter()
        .next()
}

/// The candidates that differ least from a word, if they are similar enough: the number of
/// differing letters, and the candidates.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> (usize, Vec<&'a str>) {
    let length = word.chars().count();
    let mut least = 0;
    let mut near = Vec::new();
    for candidate in candidates {
        // A code of two letters has nothing in common with a word that differs by one letter.
        let most = match length {
            _ if candidate.len() < 3 => 0,
            0..8 => 1,
            _ => 2,
        };
        // The distance is at least this; computing it for a long word takes long.
        if candidate.chars().count().abs_diff(length) > most {
            continue;
        }
        let distance = strsim::damerau_levenshtein(word, candidate);
        if distance > most {
            continue;
        }
        if near.is_empty() || distance < least {
            least = distance;
            near.clear();
        }
        if distance == least {
            near.push(candidate);
        }
    }
    (least, near)
}

/// A number with its noun: `1 file`, `2,532 files`.
pub(crate) fn count(number: usize, singular: &str, plural: &str) -> String {
    format!(
        "{} {}",
        thousands(number),
        if number == 1 { singular } else { plural }
    )
}

/// A number with commas between groups of three digits: `2,532`.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A human-readable number of bytes, in units of 1000: `512 B`, `3.1 MB`.
pub(crate) fn size(bytes: usize) -> String {
    let (unit, name) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (1_000.0, "kB"),
        _ => (1_000_000.0, "MB"),
    };
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let scaled = bytes as f64 / unit;
    format!("{scaled:.1} {name}")
}

/// Replaces ranges of bytes, each with a text. If ranges overlap, the first one counts.
pub(crate) fn replace(text: &str, mut replacements: Vec<(Range<usize>, String)>) -> String {
    replacements.sort_by_key(|(range, _)| range.start);
    let mut replaced = String::with_capacity(text.len());
    let mut at = 0;
    for (range, by) in replacements {
        if let Some(kept) = text.get(at..range.start)
            && range.end <= text.len()
        {
            replaced.push_str(kept);
            replaced.push_str(&by);
            at = range.end;
        }
    }
    replaced.push_str(text.get(at..).unwrap_or_default());
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_value_cannot_control_the_terminal() {
        assert_eq!(quote("a\u{1b}[31m\u{202e}b\n"), r"`a\u{1b}[31m\u{202e}b\n`");
    }

    #[test]
    fn no_line_of_a_text_is_a_workflow_command() {
        for end in [
            '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
        ]
        .map(String::from)
        .iter()
        .chain(["\r\n".to_owned()].iter())
        {
            for space in ["", " ", "\t", "\u{3000}", "\u{feff}"] {
                assert_eq!(
                    without_commands(&format!("::a::b{end}{space}::error::x")),
                    format!(": :a::b{end}{space}: :error::x")
                );
            }
        }
        assert_eq!(without_commands("a ::b ##[group]x"), "a ::b ##(group]x");
        // Nothing that is not a command changes, and nothing becomes one.
        for text in ["a::b", "x : :y", ":", "", "1 :: 2", "`::`"] {
            assert_eq!(without_commands(text), text);
        }
        assert_eq!(without_commands(":::x"), ": ::x");
        assert_eq!(without_commands("###[x]"), "###(x]");
    }

    #[test]
    fn a_masked_text_keeps_its_length() {
        assert_eq!(masked("é\tx\r\n"), "é\tx\r\n");
        let text = "a\u{1b}\u{9b}\u{202e}\u{e0041}b";
        assert_eq!(masked(text), "a?¿\u{fffd}🯄b");
        assert_eq!(masked(text).len(), text.len());
    }

    #[test]
    fn a_long_value_is_cut() {
        assert_eq!(
            quote(&"x".repeat(1 << 20)).chars().count(),
            QUOTED_CHARS + 3
        );
    }

    #[test]
    fn an_enumeration_reads_as_a_sentence() {
        assert_eq!(enumerate(["a"], "and"), "`a`");
        assert_eq!(enumerate(["a", "b", "c"], "or"), "`a`, `b` or `c`");
    }

    #[test]
    fn only_a_similar_candidate_is_suggested() {
        let methods = ["sms", "totp", "custom-software"];
        assert_eq!(nearest("topt", methods), Some("totp"));
        assert_eq!(nearest("TOTP", methods), Some("totp"));
        assert_eq!(nearest("custom software", methods), Some("custom-software"));
        assert_eq!(nearest("fingerprint", methods), None);
        assert_eq!(nearest("email", ["retail"]), None);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(count(1, "file", "files"), "1 file");
        assert_eq!(count(2532, "file", "files"), "2,532 files");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(3_140_000), "3.1 MB");
    }

    #[test]
    fn replacements_come_in_any_order_and_the_first_of_two_that_overlap_counts() {
        let by = |range, text: &str| (range, text.to_owned());
        let replacements = vec![by(4..6, "E"), by(0..2, ""), by(5..8, "!"), by(9..99, "!")];
        assert_eq!(replace("abcdefgh", replacements), "cdEgh");
    }
}

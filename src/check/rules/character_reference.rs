use super::prose::{Place, texts};
use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::text::quote;

/// The maximum length of a character reference between `&` and `;`; the longest name has 31.
const MAX_REFERENCE_BYTES: usize = 32;

rule! {
    /// Finds HTML character references, such as `&quot;` or `&#39;`, in names, notes and URLs. Those of
    /// letters, such as `&Auml;`, are only warnings.
    ///
    /// ## Why
    ///
    /// Entries are plain text, so people would see `&amp;` instead of `&`. Programs that decode
    /// references before they parse the file fail at `&quot;`.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Smith &amp; Sons": { "domain": "smith.example", … } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Smith & Sons": { "domain": "smith.example", … } }
    /// ```
    CHARACTER_REFERENCE = "character-reference", Error, Output, fix: None, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let texts = texts(context).map(|text| (text.place, text.value));
    let urls = context
        .urls()
        .map(|(field, url)| (Place::Field(field), url));
    let mut problems = Vec::new();
    for (place, text) in texts.chain(urls) {
        let Some((reference, is_harmful)) = reference(text) else {
            continue;
        };
        let message = format!("HTML character reference {}", quote(reference));
        let help = "Write the character itself.";
        let problem = Problem::new(place.location(context), message, help);
        problems.push(match is_harmful {
            true => problem,
            false => problem.warning(),
        });
    }
    problems
}

/// An HTML character reference in a text, and whether it may represent a special character of JSON
/// or HTML. The first such reference is preferred; otherwise the first reference is used.
fn reference(text: &str) -> Option<(&str, bool)> {
    let mut first = None;
    for (start, _) in text.match_indices('&') {
        let Some(name) = reference_name(&text[start + 1..]) else {
            continue;
        };
        let is_harmful = name.starts_with('#')
            || ["quot", "amp", "apos", "lt", "gt"]
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known));
        let reference = (&text[start..start + name.len() + 2], is_harmful);
        if is_harmful {
            return Some(reference);
        }
        first = first.or(Some(reference));
    }
    first
}

/// The name of a character reference, or `#` and its number, if a text after `&` begins with one.
fn reference_name(text: &str) -> Option<&str> {
    let mut bytes = text.bytes().take(MAX_REFERENCE_BYTES + 1);
    let name = &text[..bytes.position(|byte| byte == b';')?];
    let letters = name.strip_prefix('#').unwrap_or(name);
    let is_reference =
        !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_reference.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn character_references_are_found() {
        for (text, found) in [
            ("A &amp; B", Some(("&amp;", true))),
            ("https://a.example/?b&c&quot;d", Some(("&quot;", true))),
            ("it&#39;s", Some(("&#39;", true))),
            ("it&#x27;s", Some(("&#x27;", true))),
            ("&Auml;rztebank", Some(("&Auml;", false))),
            ("&Auml; &amp; &Ouml;", Some(("&amp;", true))),
            ("A & B; C", None),
            ("AT&T", None),
            ("https://a.example/?b=1&c=2;d", None),
            ("&;", None),
            ("&é;", None),
        ] {
            assert_eq!(reference(text), found, "{text}");
        }
    }
}

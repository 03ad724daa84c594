use isolang::{Language, languages};

use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::source::Location;
use crate::text::{alternatives, quote};

rule! {
    /// Finds a `language` of `contact` that is no language code of ISO 639-1.
    ///
    /// ## Why
    ///
    /// Whoever writes to the site has to know in which language. The codes of languages are not
    /// those of countries: Japanese is `ja`, Swedish is `sv`.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "contact": { "email": "support@example.com", "language": "jp" }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "contact": { "email": "support@example.com", "language": "ja" }
    /// ```
    UNKNOWN_LANGUAGE = "unknown-language", Error, Output, fixable: false, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let contact = context.entry.fields.get("contact").and_then(|it| it.as_object());
    let Some(code) = contact.and_then(|it| it.get("language")).and_then(|it| it.as_str()) else {
        return Vec::new();
    };
    // Any other form is the business of `schema`.
    let is_code = code.len() == 2 && code.bytes().all(|it| it.is_ascii_lowercase());
    if !is_code || Language::from_639_1(code).is_some() {
        return Vec::new();
    }
    let location = Location::Value(context.entry.pointer_to("contact/language"));
    let message = format!("{} is no language code{}", quote(code), alternatives(&near(code)));
    let help = "Languages are two-letter codes of ISO 639-1, which are not those of countries.";
    vec![Problem::new(location, message, help)]
}

/// The languages that a code was probably meant for, each with its code: those that differ in the
/// second letter.
fn near(code: &str) -> Vec<(String, String)> {
    let of_first_letter = |language: &Language| {
        let own = language.to_639_1()?;
        let is_near = own.as_bytes().first() == code.as_bytes().first();
        is_near.then(|| (own.to_owned(), language.to_name().to_owned()))
    };
    let mut near: Vec<_> = languages().filter_map(|it| of_first_letter(&it)).collect();
    near.sort();
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_was_meant_is_among_the_near_ones() {
        for (code, meant) in [("jp", "ja"), ("cz", "cs"), ("dk", "da"), ("sw", "sv"), ("ua", "uk")]
        {
            let near = near(code);
            assert!(near.iter().any(|(it, _)| it == meant), "{code}: {near:?}");
        }
    }
}

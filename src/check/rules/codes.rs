//! Rules about two-letter codes of ISO standards.

use isolang::{Language, languages};
use rust_iso3166::{ALL, CountryCode, from_alpha2};
use serde_json::Value;

use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::source::Location;
use crate::text::{alternatives, quote};

rule! {
    /// Finds regions that are not country codes of ISO 3166-1.
    ///
    /// ## Why
    ///
    /// Websites show a site to people in its regions. A site in a nonexistent region is never shown.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "regions": ["uk"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "regions": ["gb"]
    /// ```
    UNKNOWN_REGION = "unknown-region", Error, Output, fixable: false, Entry(regions)
}

rule! {
    /// Finds a `language` in `contact` that is not a language code of ISO 639-1.
    ///
    /// ## Why
    ///
    /// People who write to the site need to know in which language. Language codes differ from country
    /// codes: Japanese is `ja`, Swedish is `sv`.
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
    UNKNOWN_LANGUAGE = "unknown-language", Error, Output, fixable: false, Entry(language)
}

/// Whether a value has the form of a code; `schema` reports any other.
fn is_code(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|it| it.is_ascii_lowercase())
}

fn regions(context: &EntryContext<'_>) -> Vec<Problem> {
    let problem = |(index, region): (usize, &Value)| {
        let region = region.as_str()?;
        let code = region.strip_prefix('-').unwrap_or(region);
        if !is_code(code) || from_alpha2(&code.to_uppercase()).is_some() {
            return None;
        }
        let pointer = format!("{}/{index}", context.entry.pointer_to("regions"));
        let near = alternatives(&near_countries(code));
        let message = format!("unknown country code {}{near}", quote(code));
        let help = "Regions are two-letter country codes (ISO 3166-1) in lower case.";
        Some(Problem::new(Location::Value(pointer), message, help))
    };
    context.entry.array("regions").iter().enumerate().filter_map(problem).collect()
}

fn language(context: &EntryContext<'_>) -> Vec<Problem> {
    let code = context.contact("language");
    let code = code.filter(|it| is_code(it) && Language::from_639_1(it).is_none());
    let problem = |code| {
        let near = alternatives(&near_languages(code));
        let message = format!("unknown language code {}{near}", quote(code));
        let help = "Languages are two-letter codes (ISO 639-1), which differ from country codes.";
        Problem::new(context.value_of("contact/language"), message, help)
    };
    code.map(problem).into_iter().collect()
}

/// Countries that were probably meant by a code, each with its code.
fn near_countries(code: &str) -> Vec<(String, String)> {
    let swapped: String = code.chars().rev().collect();
    let is_near = |country: &&CountryCode| {
        let name = country.name.to_lowercase();
        let initials = name.split_whitespace().filter_map(|word| word.chars().next());
        country.alpha2.eq_ignore_ascii_case(&swapped)
            || name.starts_with(code)
            || initials.take(2).eq(code.chars())
    };
    let near = ALL.iter().filter(is_near).take(4);
    near.map(|it| (it.alpha2.to_lowercase(), it.name.to_owned())).collect()
}

/// Languages with the same first letter, each with its code.
fn near_languages(code: &str) -> Vec<(String, String)> {
    let near = |language: Language| {
        let own = language.to_639_1().filter(|own| own.as_bytes()[..1] == code.as_bytes()[..1])?;
        Some((own.to_owned(), language.to_name().to_owned()))
    };
    let mut near: Vec<_> = languages().filter_map(near).collect();
    near.sort();
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_country_that_was_meant_is_among_the_near_ones() {
        for (code, meant) in [("uk", "gb"), ("ja", "jp"), ("sp", "es"), ("su", "us"), ("sw", "se")]
        {
            let near = near_countries(code);
            assert!(near.iter().any(|(it, _)| it == meant), "{code}: {near:?}");
        }
    }

    #[test]
    fn the_language_that_was_meant_is_among_the_near_ones() {
        for (code, meant) in [("jp", "ja"), ("cz", "cs"), ("dk", "da"), ("sw", "sv"), ("ua", "uk")]
        {
            let near = near_languages(code);
            assert!(near.iter().any(|(it, _)| it == meant), "{code}: {near:?}");
        }
    }
}

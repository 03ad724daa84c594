//! Rules about two-letter codes of ISO standards.

use isolang::Language;
use rust_iso3166::{ALL, CountryCode, from_alpha2};

use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::schema::Meant;
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
    UNKNOWN_REGION = "unknown-region", Error, Output, fix: Safe, Entry(regions)
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
    UNKNOWN_LANGUAGE = "unknown-language", Error, Output, fix: Safe, Entry(language)
}

/// Whether a value has the form of a code; `schema` reports any other.
fn is_code(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn regions(context: &EntryContext<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, region) in context.entry.array("regions").iter().enumerate() {
        let Some(region) = region.as_str() else {
            continue;
        };
        let code = region.strip_prefix('-').unwrap_or(region);
        if !is_code(code) || from_alpha2(&code.to_uppercase()).is_some() {
            continue;
        }
        let sign = &region[..region.len() - code.len()];
        problems.push(unknown(
            "country",
            (sign, code),
            &Meant::country(code),
            || alternatives(&near_countries(code)),
            format!("{}/{index}", context.entry.pointer_to("regions")),
            "Regions are two-letter country codes (ISO 3166-1) in lower case.",
        ));
    }
    problems
}

fn language(context: &EntryContext<'_>) -> Vec<Problem> {
    let Some(code) = context.contact("language") else {
        return Vec::new();
    };
    if !is_code(code) || Language::from_639_1(code).is_some() {
        return Vec::new();
    }
    vec![unknown(
        "language",
        ("", code),
        &Meant::language(code),
        String::new,
        context.entry.pointer_to("contact/language"),
        "Languages are two-letter codes (ISO 639-1), which differ from country codes.",
    )]
}

/// A problem with a code, which may have a sign in front; `near` is the end of the sentence if
/// nothing is known of the code.
fn unknown(
    noun: &str,
    (sign, code): (&str, &str),
    meant: &Meant,
    near: impl Fn() -> String,
    pointer: String,
    help: &str,
) -> Problem {
    let question = match meant.words.is_empty() && meant.note.is_none() {
        true => near(),
        false => meant.question(),
    };
    let message = format!("unknown {noun} code {}{question}", quote(code));
    let problem = Problem::new(
        Location::Value(pointer),
        message,
        meant.note.unwrap_or(help),
    );
    match meant.answer() {
        Some(answer) => problem.replaced(&format!("{sign}{code}"), &format!("{sign}{answer}")),
        None => problem,
    }
}

/// Countries whose names a code begins or abbreviates, each with its code.
fn near_countries(code: &str) -> Vec<(String, String)> {
    let near = ALL.iter().filter(|country| is_near(code, country)).take(4);
    near.map(|country| (country.alpha2.to_lowercase(), country.name.to_owned()))
        .collect()
}

/// Whether a code begins or abbreviates the name of a country.
fn is_near(code: &str, country: &CountryCode) -> bool {
    let name = country.name.to_lowercase();
    let initials = name
        .split_whitespace()
        .filter_map(|word| word.chars().next());
    name.starts_with(code) || initials.take(2).eq(code.chars())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_country_that_was_meant_is_among_the_near_ones() {
        for (code, meant) in [("ja", "jp"), ("sp", "es"), ("sw", "se")] {
            let near = near_countries(code);
            assert!(
                near.iter().any(|(code, _)| code == meant),
                "{code}: {near:?}"
            );
        }
    }
}

use serde_json::Value;

use super::entry_path::meant;
use super::one_site_per_file::Grouping;
use crate::address::{has_known_tld, is_domain};
use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::schema::Violation;
use crate::source::Location;
use crate::text::quote;

/// Definitions of the entry schema that other rules report.
const REPORTED_ELSEWHERE: [&str; 8] = [
    "tfa-or-contact",
    "needs-tfa",
    "custom-method-list",
    "custom-software-list",
    "custom-hardware-list",
    "mixed-regions",
    "category",
    "text",
];

rule! {
    /// Finds unknown fields, missing fields, and invalid values.
    ///
    /// ## Why
    ///
    /// Many programs parse the published files strictly. One invalid value, and a password manager
    /// shows nothing.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example": { "domian": "Example.com", "tfa": "topt", "categories": [] } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "tfa": ["totp"], "categories": ["email"], … } }
    /// ```
    SCHEMA = "schema", Error, Output, fix: Safe, File(check)
}

rule! {
    /// Finds categories that the directory does not have. The built-in categories are those of the 2FA
    /// Directory. To replace them, write `schemas/categories.json` in the directory's folder, with
    /// items such as `"email": { "title": "Email" }`.
    ///
    /// ## Why
    ///
    /// Websites show sites by category. A site with an unknown category is shown nowhere.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "categories": ["emails"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "categories": ["email"]
    /// ```
    UNKNOWN_CATEGORY = "unknown-category", Error, Output, fix: Safe, File(|file| {
        let violations = file.violations.iter();
        violations.filter(|violation| violation.definition == "category").map(Problem::from).collect()
    })
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    let sites = context.value().and_then(Value::as_object);
    if sites.is_some_and(|sites| Grouping::of(sites) != Grouping::Sites) {
        return Vec::new();
    }
    let is_reported_elsewhere = |definition: &str| match definition {
        // The number of sites.
        "" => true,
        _ => REPORTED_ELSEWHERE.contains(&definition),
    };
    let violations = context.violations.iter();
    violations
        .filter(|violation| !is_reported_elsewhere(&violation.definition))
        .filter(|violation| !is_about_url(context, violation))
        .map(|violation| meant_domain(context, violation).unwrap_or_else(|| violation.into()))
        .collect()
}

/// The problem with a main domain that the name of the file shows how to correct.
fn meant_domain(context: &FileContext<'_>, violation: &Violation) -> Option<Problem> {
    let Location::Value(pointer) = &violation.location else {
        return None;
    };
    let is_main = violation.definition == "domain" && pointer.ends_with("/domain");
    if !is_main || violation.fix.is_some() {
        return None;
    }
    let text = context.value()?.pointer(pointer)?.as_str()?;
    let domain = meant(&context.file.path, text)?;
    let location = violation.location.clone();
    let (wrong, right) = (quote(text), quote(domain));
    if has_another_domain(text, domain) {
        let message = format!("{wrong} is more than one domain");
        let help =
            format!("Write only {right} in `domain`, and the others in `additional-domains`.");
        return Some(Problem::new(location, message, help));
    }
    let message = format!("{wrong} is not a domain; did you mean {right}?");
    let help = format!("The file is named `{domain}.json`. Use the domain {right}.");
    Some(Problem::new(location, message, help).replaced(text, domain))
}

/// Whether a text contains a domain other than this one, which can also be a public suffix.
fn has_another_domain(text: &str, domain: &str) -> bool {
    let mut words = text.split(|char: char| !char.is_ascii_alphanumeric() && !"-._".contains(char));
    words.any(|word| word != domain && is_domain(word) && has_known_tld(word))
}

/// Whether `invalid-url` reports a violation, because the value is a string.
fn is_about_url(context: &FileContext<'_>, violation: &Violation) -> bool {
    let Location::Value(pointer) = &violation.location else {
        return false;
    };
    let value = context.value().and_then(|value| value.pointer(pointer));
    violation.definition == "address" && value.is_some_and(Value::is_string)
}
